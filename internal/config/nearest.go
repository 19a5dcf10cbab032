package config

import (
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// nearest is the valid name that was probably meant, "" when none is near.
func nearest(s string, valid []string) string {
	const longest = 64
	best, least := "", 0
	fold := strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(s))
	if fold == "" || len(fold) > longest {
		return ""
	}
	for _, v := range valid {
		d := distance(fold, strings.ToLower(v))
		if most := max(1, min(len(fold), len(v))/3); d <= most && (best == "" || d < least) {
			best, least = v, d
		}
	}
	return best
}

// distance counts the edits between two short texts; two swapped neighbours are one edit.
func distance(a, b string) int {
	prev, cur, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range cur {
		cur[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			d := cur[j]
			if a[i] != b[j] {
				d++
			}
			d = min(d, cur[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, prev[j-1]+1)
			}
			next[j+1] = d
		}
		prev, cur, next = cur, next, prev
	}
	return cur[len(b)]
}

// didYouMean hints at the nearest name, else at all of them.
func didYouMean(err error, near string, valid []string) error {
	if near != "" {
		return fault.Hint(err, "did you mean %s?", fault.Word(near))
	}
	if len(valid) == 0 {
		return err
	}
	return fault.Hint(err, "use one of: %s", fault.List(valid))
}
