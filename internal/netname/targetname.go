package netname

// Names of targets, and their queries.

import "strings"

// CutName splits NAME=TARGET. name is "" when the text does not begin with a name and an equals sign, such as a target whose query
// holds the first one; target is then all of it.
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

// JoinQuery joins the parameters of two queries, each as it is written.
func JoinQuery(first, second string) string {
	if first == "" || second == "" || strings.HasSuffix(first, "&") {
		return first + second
	}
	return first + "&" + second
}

// ShortTarget is a target's name or URL as people say it, without http:// and a bare slash.
func ShortTarget(label string) string {
	label = strings.TrimPrefix(label, "http://")
	if strings.Count(label, "/") == 1 || strings.HasPrefix(label, "https://") && strings.Count(label, "/") == 3 {
		label = strings.TrimSuffix(label, "/")
	}
	return label
}
