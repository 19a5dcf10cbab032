package event

import "strings"

// maxTyped bounds what is compared; a type that is longer than this is no slip of the finger.
const maxTyped = 64

// nearest is the known word most like the one typed, or "" when none is: few letters off, or the end of it left out.
func nearest(typed string, known []string) string {
	if typed == "" || len(typed) > maxTyped {
		return ""
	}
	typed = strings.ToLower(typed)
	best, least := "", 1+max(2, len(typed)/3)
	for _, word := range known {
		if d := distance(typed, strings.ToLower(word)); d < least {
			best, least = word, d
		}
	}
	if best != "" {
		return best
	}
	for _, word := range known {
		if len(typed) > 2 && strings.Contains(word, typed) {
			return word
		}
	}
	return ""
}

// slip is the known word that differs from the one typed by a letter or two at most, or "".
func slip(typed string, known []string) string {
	if len(typed) < 2 || len(typed) > maxTyped {
		return ""
	}
	for _, word := range known {
		if distance(strings.ToLower(typed), strings.ToLower(word)) <= min(2, len(typed)/4) {
			return word
		}
	}
	return ""
}

// distance is the number of bytes to insert, delete or replace to make a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
