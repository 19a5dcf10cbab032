// Package near finds the word that a mistyped one most probably stands for.
package near

import (
	"slices"
	"strings"
)

// longest bounds the words that are compared, in bytes: what is longer was not mistyped.
const longest = 64

// Word returns the candidate that a mistyped word most probably stands for, or "" when none is close: one that begins with it,
// else one that differs by few letters, else one that it begins with. Case does not count.
func Word(word string, candidates []string) string {
	if len(word) > longest {
		return ""
	}
	if c := begun(word, candidates); c != "" {
		return c
	}
	best, bestCost := "", min(len(word)-1, max(1, (len(word)+1)/3)) // another letter is another word
	for _, c := range candidates {
		if cost := distance(strings.ToLower(word), strings.ToLower(c)); cost <= bestCost && (cost < bestCost || best == "") {
			best, bestCost = c, cost
		}
	}
	if best == "" {
		best = continued(word, candidates)
	}
	return best
}

// shortest is how many letters tell a word by its beginning.
const shortest = 3

// begun returns the shortest candidate that begins with the word.
func begun(word string, candidates []string) (best string) {
	for _, c := range candidates {
		if len(word) >= shortest && len(c) >= len(word) && strings.EqualFold(c[:len(word)], word) && (best == "" || len(c) < len(best)) {
			best = c
		}
	}
	return best
}

// continued returns the longest candidate that the word begins with.
func continued(word string, candidates []string) (best string) {
	for _, c := range candidates {
		if len(c) >= shortest && len(c) <= len(word) && strings.EqualFold(word[:len(c)], c) && len(c) > len(best) {
			best = c
		}
	}
	return best
}

// Slip returns the candidate that differs from a mistyped word by a letter or two at most, or "". Case does not count.
func Slip(word string, candidates []string) string {
	if len(word) < 2 || len(word) > longest {
		return ""
	}
	for _, c := range candidates {
		if distance(strings.ToLower(word), strings.ToLower(c)) <= min(2, len(word)/4) {
			return c
		}
	}
	return ""
}

// Part returns the first candidate that holds a word of three letters or more, or "".
func Part(word string, candidates []string) string {
	if i := slices.IndexFunc(candidates, func(c string) bool { return strings.Contains(c, word) }); i >= 0 && len(word) > 2 {
		return candidates[i]
	}
	return ""
}

// distance counts the edits (insert, delete, replace, swap of neighbours) between two words.
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
