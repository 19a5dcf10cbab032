package scheme

// What people take for a scheme's key.

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Placeholders of the patterns of key.not, besides {*}.
const (
	pieceDigits = "digits" // of an id: maxDigits at most, because a key in hex may hold digits alone
	pieceHex    = "hex"
	maxDigits   = 24
)

// Taken says what a text is that was taken for the key, by the scheme's key.not: a noun with its article, such as "an API key". It is ""
// when no pattern fits. Of several the longest counts.
func (k *KeySpec) Taken(text string) string {
	patterns := slices.SortedFunc(maps.Keys(k.Not), func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	for _, pattern := range patterns {
		if pieces, bad := parseNot(pattern); bad == nil && matches(pieces, text) {
			return k.Not[pattern]
		}
	}
	return ""
}

// Same says whether two specs make the same bytes of every text.
func (k *KeySpec) Same(o *KeySpec) bool {
	return k.Encoding == o.Encoding && k.Prefix == o.Prefix && k.SigningPrefix == o.SigningPrefix
}

func parseNot(pattern string) ([]Piece, *templateError) {
	pieces, bad := parseTemplate(pattern, []string{PieceAny, pieceDigits, pieceHex})
	if bad != nil {
		return nil, bad
	}
	says, wild := false, 0
	for i, t := range pieces {
		if t.Kind != "" {
			wild++
		}
		if i > 0 && t.Kind != "" && pieces[i-1].Kind != "" {
			return nil, &templateError{problem: "two placeholders need text between them"}
		}
		says = says || t.Kind != PieceAny
	}
	switch {
	case !says:
		return nil, &templateError{problem: "fits every key: say what the text begins with, as in sk_{*}"}
	case wild > maxWildcards:
		return nil, &templateError{problem: "may hold " + strconv.Itoa(maxWildcards) + " placeholders at most"}
	}
	return pieces, nil
}

// matches says whether a text is as the pieces say, from its beginning to its end. A placeholder stands for one character at least.
// The work goes with the length of the text, whatever the pattern is.
func matches(pieces []Piece, text string) bool {
	const longest = 4 << 10 // bytes of a key's text
	if len(text) > longest {
		return false
	}
	reached := make([]bool, len(text)+1) // how much of the text the pieces so far may have taken
	reached[0] = true
	for _, t := range pieces {
		next, run := make([]bool, len(text)+1), 0
		for i := range len(text) {
			switch {
			case t.Kind != "" && !may(t.Kind, text[i]):
				run = 0
			case t.Kind != "" && reached[i]:
				run, next[i+1] = 1, true
			case t.Kind != "" && run > 0 && (t.Kind != pieceDigits || run < maxDigits):
				run, next[i+1] = run+1, true
			case t.Kind != "":
				run = 0
			case reached[i] && strings.HasPrefix(text[i:], t.Text):
				next[i+len(t.Text)] = true
			}
		}
		reached = next
	}
	return reached[len(text)]
}

// may says whether a placeholder may stand for a character.
func may(kind string, c byte) bool {
	switch kind {
	case pieceDigits:
		return '0' <= c && c <= '9'
	case pieceHex:
		return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
	default:
		return true
	}
}

func (c *parser) notKeys() {
	for _, pattern := range slices.Sorted(maps.Keys(c.p.scheme.Key.Not)) {
		if _, bad := parseNot(pattern); bad != nil {
			c.fail("key.not", Quote(pattern)+": "+bad.problem, bad.nearest)
		}
		if strings.TrimSpace(c.p.scheme.Key.Not[pattern]) == "" {
			c.fail("key.not", Quote(pattern)+" needs words that say what it is", "")
		}
	}
}
