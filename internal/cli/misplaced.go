package cli

// Secrets that were typed in the wrong place. No message may quote them.

import (
	"regexp"
	"slices"
	"strings"
)

// misplaced returns the arguments that no message may quote: secrets given by value, and what is not a name where the name
// of a secret belongs. People type the secret instead of its file's name, and a pass phrase looks like words.
func misplaced(args []string) []string {
	var found []string
	flag := ""
	for _, arg := range args {
		value := arg
		name, given, is := strings.Cut(arg, "=")
		switch {
		case strings.HasPrefix(arg, "-") && len(arg) > 1 && flag == "":
			if !is {
				flag = strings.TrimLeft(arg, "-")
				continue
			}
			flag, value = strings.TrimLeft(name, "-"), given
		case strings.HasPrefix(arg, "--"):
			flag, value = strings.TrimLeft(name, "-"), given // the flag before took no value
			if !is {
				continue
			}
		}
		if scheme, rest, bound := strings.Cut(value, "="); bound && strings.HasPrefix(flag, "secret-") && fileName(scheme) {
			value = rest // SCHEME=FILE
		}
		if unfit(flag, value) {
			found = append(found, value)
		}
		flag = ""
	}
	return found
}

// unfit says whether a flag's value must not be quoted. Without a flag it is an argument.
func unfit(flag, value string) bool {
	switch {
	case flag == "secret", flag == "verify-token":
		return !ownWord(value)
	case slices.Contains([]string{"secret-file", "token-file", "sandbox-token", "key-file", "headers-file"}, flag):
		return !fileName(value)
	case flag == "secret-env":
		return !variableName(value)
	case slices.Contains([]string{
		"name", "header", "H", "metadata", "metadata-json", "set", "jq", "match", "filter", "notify", "probe", "secret-command", "fail-if", "respond",
	}, flag):
		return false // free text, which may be many words
	default:
		return phrase(value)
	}
}

// phrase is a text of many words, as a pass phrase is, where a word or a name belongs.
func phrase(s string) bool {
	return strings.Count(s, " ") >= 3 && !strings.ContainsAny(s, "/\\.{}()[]")
}

// fileName says whether a text reads like the name of a file: with a folder or an ending, or short and without many digits.
func fileName(s string) bool {
	const shortest, short = 8, 20
	if strings.ContainsAny(s, `/\`) || regexp.MustCompile(`\.[A-Za-z0-9]{1,8}$`).MatchString(s) {
		return true
	}
	digits := len(regexp.MustCompile(`[0-9]`).FindAllString(s, 2))
	return (len(s) <= shortest || len(s) <= short && digits < 2) && !strings.Contains(s, " ")
}

// variableName says whether a text reads like the name of an environment variable.
func variableName(s string) bool {
	const short, long = 20, 64
	capital := strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
	return len(s) <= short || capital && len(s) <= long
}

// ownWord says whether a secret is a word of this program's own messages: masking it would make them unreadable, and a word
// that anyone would guess is no secret.
func ownWord(s string) bool {
	return slices.Contains([]string{"secret", "signature", "webhook", "webhooks", "password", "example", "sandbox", "profile", "token", "whctl"}, s)
}
