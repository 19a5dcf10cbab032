package sign

// nearest returns the candidate that a mistyped word most probably meant, or "" when none is close.
func nearest(word string, candidates []string) string {
	best, bestCost := "", max(1, (len(word)+1)/3)
	if len(word) > 64 {
		return ""
	}
	for _, c := range candidates {
		if shorter := min(len(c), len(word)); shorter > 2 && lower(c[:shorter]) == lower(word[:shorter]) {
			return c
		}
		if cost := distance(lower(word), lower(c)); cost <= bestCost && (cost < bestCost || best == "") {
			best, bestCost = c, cost
		}
	}
	return best
}

// distance counts the edits (insert, delete, replace, swap of neighbours) between two short words.
func distance(a, b string) int {
	before := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	next := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}

func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
