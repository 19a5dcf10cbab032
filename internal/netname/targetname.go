package netname

// Names of targets, and their queries.

import "strings"

// CutName parts NAME=TARGET. name is "" when the text begins with no name and an equals sign, as when a target's query
// holds the first one; then target is all of it.
func CutName(s string) (name, target string) {
	name, target, found := strings.Cut(s, "=")
	if !found || !ValidName(name) {
		return "", s
	}
	return name, target
}

// ValidName says whether a text can be the name of a target: letters, digits, underscores and hyphens.
func ValidName(s string) bool {
	return s != "" && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// JoinQuery puts the parameters of two queries behind each other, each as it is written.
func JoinQuery(first, second string) string {
	if first == "" || second == "" || strings.HasSuffix(first, "&") {
		return first + second
	}
	return first + "&" + second
}
