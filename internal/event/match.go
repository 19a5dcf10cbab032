package event

// Patterns of event types.

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/near"
)

// Match says whether a subscription pattern covers an event type: "*" covers all, "card.*" every type whose part
// before the first dot is card, anything else that very type. Case counts.
func Match(pattern, typ string) bool {
	if pattern == "*" {
		return true
	}
	if category, ok := Category(pattern); ok {
		before, _, dot := strings.Cut(typ, ".")
		return dot && before == category
	}
	return pattern == typ
}

// MatchAny says whether one of the patterns covers an event type. No patterns cover every type.
func MatchAny(patterns []string, typ string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return Match(p, typ) })
}

// MatchList is MatchAny for patterns as they were typed, separated by commas.
func MatchList(list, typ string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(p string) bool { return Match(strings.TrimSpace(p), typ) })
}

// SplitPatterns splits lists of patterns at their commas, which no event type has. It is false when a pattern is empty.
func SplitPatterns(lists []string) (patterns []string, ok bool) {
	for _, list := range lists {
		for part := range strings.SplitSeq(list, ",") {
			part = strings.TrimSpace(part)
			if part == "" {
				return nil, false
			}
			if !slices.Contains(patterns, part) {
				patterns = append(patterns, part)
			}
		}
	}
	return patterns, true
}

// CheckPattern reports whether a pattern covers a known event type of a scheme, and the nearest pattern if it covers none.
// all is true when the provider documents no other types. Every pattern is fine for a scheme without samples.
func CheckPattern(scheme, pattern string) (known, all bool, nearestTo string) {
	f, _ := familyOf(scheme)
	if len(f.types) == 0 || slices.ContainsFunc(f.types, func(typ string) bool { return Match(pattern, typ) }) {
		return true, f.complete, ""
	}
	categories := f.categories()
	switch {
	case strings.Contains(pattern, "*"):
		return false, f.complete, cmp.Or(near.Word(pattern, categories), near.Part(pattern, categories))
	case slices.Contains(categories, pattern+".*"):
		return false, f.complete, pattern + ".*"
	case !strings.Contains(pattern, "."):
		nearestTo = near.Slip(pattern+".*", categories)
	}
	return false, f.complete, cmp.Or(nearestTo, near.Word(pattern, f.types), near.Part(pattern, f.types))
}

// categories are the patterns that cover a category of a family's types each.
func (f family) categories() (out []string) {
	for _, typ := range f.types {
		if before, _, dot := strings.Cut(typ, "."); dot && !slices.Contains(out, before+".*") {
			out = append(out, before+".*")
		}
	}
	return out
}

// PatternWarning says why a pattern with an asterisk in it is taken literally, lower case, no full stop; "" when it is
// not. Platforms document only "*" and "category.*".
func PatternWarning(pattern string) string {
	if pattern == "*" || !strings.Contains(pattern, "*") {
		return ""
	}
	if _, ok := Category(pattern); ok {
		return ""
	}
	text := "pattern " + strconv.Quote(pattern) + " is taken literally: only * and CATEGORY.* are wildcards, where CATEGORY is the part before the first dot"
	first, _, _ := strings.Cut(pattern, ".")
	if first = strings.TrimRight(first, "*"); first != "" && !strings.Contains(first, "*") {
		text += "; did you mean " + strconv.Quote(first+".*")
	}
	return text
}

// Category is what a category wildcard covers. It is one segment, without an asterisk of its own.
func Category(pattern string) (string, bool) {
	name, ok := strings.CutSuffix(pattern, ".*")
	return name, ok && name != "" && !strings.ContainsAny(name, ".*")
}
