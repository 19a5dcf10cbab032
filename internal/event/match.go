package event

import (
	"strconv"
	"strings"
)

// Match says whether a subscription pattern covers an event type: "*" covers all, "card.*" every type whose part
// before the first dot is card, anything else that very type. Case counts.
func Match(pattern, typ string) bool {
	if pattern == "*" {
		return true
	}
	if category, ok := category(pattern); ok {
		before, _, dot := strings.Cut(typ, ".")
		return dot && before == category
	}
	return pattern == typ
}

// PatternWarning says why a pattern with an asterisk in it is taken literally, lower case, no full stop; "" when it is
// not. Platforms document only "*" and "category.*".
func PatternWarning(pattern string) string {
	if pattern == "*" || !strings.Contains(pattern, "*") {
		return ""
	}
	if _, ok := category(pattern); ok {
		return ""
	}
	text := "pattern " + strconv.Quote(pattern) + " is taken literally: only * and CATEGORY.* are wildcards, where CATEGORY is the part before the first dot"
	first, _, _ := strings.Cut(pattern, ".")
	if first = strings.TrimRight(first, "*"); first != "" && !strings.Contains(first, "*") {
		text += "; did you mean " + strconv.Quote(first+".*")
	}
	return text
}

// category is what a category wildcard covers. It is one segment, without an asterisk of its own.
func category(pattern string) (string, bool) {
	name, ok := strings.CutSuffix(pattern, ".*")
	return name, ok && name != "" && !strings.ContainsAny(name, ".*")
}
