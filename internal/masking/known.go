package masking

// Secrets that their prefix tells.

import (
	"iter"
	"strings"
)

// enough is how much follows the prefix of a real key. A prefix alone is a scheme's setting or a word.
const enough = 8

// keyPrefixes are the prefixes by which keys and tokens of this platform and of others name themselves.
func keyPrefixes() []string {
	return []string{
		"whk_", "whsec_", "whpk_", "whsk_", "whs_",
		"sk_live_", "sk_test_", "pk_live_", "pk_test_", "rk_live_", "rk_test_", "sk_", "rk_", "pk_",
		"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-",
		"xoxb-", "xoxp-", "xoxa-", "xoxs-", "xoxr-", "xoxe-", "xapp-", "shpss_", "shpat_", "shpca_", "shppa_",
		"rzp_live_", "rzp_test_", "sq0atp-", "sq0csp-", "sq0idp-", "EAAA", "AIza", "AKIA", "ASIA", "ya29.", "SG.", "npm_", "pypi-", "dop_v1_",
		"hf_", "lin_api_", "re_", "sbp_", "pdl_", "AGE-SECRET-KEY-", "dapi", "whpub_", "phx_", "phc_", "atlasv1.", "hvs.", "hvb.", "FLWSECK", "sntrys_",
	}
}

// Known says whether a text holds a key or a token of a form that nothing else has: a prefix of its own, a JSON web token, a
// private key, or what stands behind Bearer.
func Known(s string) bool {
	if strings.Contains(s, "-----BEGIN ") && strings.Contains(s, "PRIVATE KEY") {
		return true
	}
	for range Keys(s) {
		return true
	}
	for _, scheme := range []string{"Bearer ", "bearer ", "Basic "} {
		if _, after, found := strings.Cut(s, scheme); found && len(leading(after)) >= enough && !prose(leading(after)) {
			return true
		}
	}
	return false
}

// Keys gives where in a text each key or token begins and ends that a prefix of its own tells, or the form of a JSON web token.
func Keys(s string) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		prefixes := keyPrefixes()
		for _, w := range words(s) {
			if w.to-w.from <= enough { // no prefix and as much as follows it
				continue
			}
			if at := keyAt(s[w.from:w.to], prefixes); at >= 0 && !yield(w.from+at, w.to) {
				return
			}
		}
	}
}

// keyAt is where a known form of key begins in a word, or -1. It may come after a sign, as in NAME=KEY and DIR/KEY.
func keyAt(word string, prefixes []string) int {
	for i := range len(word) {
		if kindOf(rune(word[i])) == other || i > 0 && !strings.ContainsRune("/=.:-_", rune(word[i-1])) {
			continue
		}
		within := i > 0 && !strings.ContainsRune("/=:", rune(word[i-1]))
		if rest := word[i:]; jwt(rest) || worded(rest) || prefixed(rest, within, prefixes) {
			return i
		}
	}
	return -1
}

// prefixed says whether a word begins with a key's prefix and goes on like a key. Within a name a short prefix may be part of a
// word, such as the task_ of task_runner, so what follows must look random there.
func prefixed(word string, within bool, prefixes []string) bool {
	for _, p := range prefixes {
		rest, is := strings.CutPrefix(word, p)
		if !is {
			continue
		}
		rest = leading(rest)
		if len(rest) < enough || prose(rest) {
			continue
		}
		if !within || len(rest) >= longRun {
			return true
		}
	}
	return false
}

// worded says whether a word begins like a key or like a name, and goes on as only a key does.
func worded(word string) bool {
	const long = 16
	// Names of files and settings begin with these words too, so what follows must look random.
	for _, p := range []string{"sk-", "tok_", "token_", "token-", "key_", "key-", "secret_", "secret-", "pat_", "pwd_", "bearer_"} {
		if len(word) < len(p) || !strings.EqualFold(word[:len(p)], p) {
			continue
		}
		if rest := strings.ToLower(leading(word))[len(p):]; len(rest) >= long && changes(rest)*odd >= len(rest) {
			return true
		}
	}
	return false
}

// jwt says whether a word is a JSON web token: three parts, the first of which begins with {" in base64.
func jwt(word string) bool {
	return strings.HasPrefix(word, "eyJ") && len(word) >= 20
}

// leading is the beginning of a text, as far as a key may hold its characters.
func leading(s string) string {
	const most = 256 // enough to tell
	s = s[:min(len(s), most)]
	rest := strings.TrimLeftFunc(s, func(c rune) bool { return digestRune(c) || c == '=' || c == '.' })
	return strings.TrimSuffix(s, rest)
}

// prose says whether a word is one that people read: lower case letters in short groups, without a digit.
func prose(word string) bool {
	for part := range strings.FieldsFuncSeq(word, func(c rune) bool { return c == '_' || c == '-' || c == '.' || c == '/' || c == '=' }) {
		if len(part) > 14 || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz") != "" && strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return false
		}
	}
	return true
}
