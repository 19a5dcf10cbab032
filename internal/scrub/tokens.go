package scrub

// Tokens that let their bearer in.

import (
	"bytes"

	"github.com/whctl/whctl/internal/masking"
)

const (
	leastToken = 6 // bytes; what is shorter is a word
	mostBlanks = 8
	mostLink   = 6 // bytes before a token in which a colon stands: "name": "token"
)

// findTokens finds what stands behind Bearer and Basic (RFC 6750, RFC 7617), values of access, refresh and id tokens (RFC 6749), JSON web
// tokens, and keys that a prefix of their own tells. A token that the end of the text cut off is found like any other.
func findTokens(b []byte, _ bool, found func(from, to int)) {
	for from, to := range masking.Keys(string(b)) {
		if webToken := bytes.HasPrefix(b[from:], []byte("eyJ")); !webToken || bytes.IndexByte(b[from:to], '.') > 0 { // else it is any JSON in base64
			found(from, to)
		}
	}
	low := lower(b)
	for _, name := range []string{"bearer", "basic"} {
		behind(b, low, name, " \t+", func(from, to int) {
			if link := b[from-1]; bytes.IndexByte([]byte(" \t+"), link) >= 0 && to-from >= leastToken && !words(b[from:to]) {
				found(from, to)
			}
		})
	}
	for _, name := range []string{"access_token", "refresh_token", "id_token", "accesstoken", "refreshtoken", "idtoken"} {
		behind(b, low, name, "\"' \t:=", func(from, to int) {
			if link := b[from-1]; link == '=' || link == '"' && bytes.IndexByte(b[from-mostLink:from], ':') >= 0 {
				found(from, to)
			}
		})
	}
}

// behind finds the tokens that stand behind a name, with bytes of links between.
func behind(b, low []byte, name, links string, found func(from, to int)) {
	read := 0
	for at := range occurrences(low, name) {
		if at < read {
			continue
		}
		from := skip(b, at+len(name), links)
		if read = tokenEnd(b, from); read > from && !isWord(b[from:read]) {
			found(from, read)
		}
	}
}

// lower is a text with small letters. It is as long as it was, which that of bytes is not.
func lower(b []byte) []byte {
	out := bytes.Clone(b)
	for i, c := range out {
		if c >= 'A' && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return out
}

// skip moves past some of the bytes of set.
func skip(b []byte, at int, set string) int {
	for n := 0; at < len(b) && n < mostBlanks && bytes.IndexByte([]byte(set), b[at]) >= 0; n++ {
		at++
	}
	return at
}

// tokenEnd is where a token that begins at from ends (RFC 6750, 2.1).
func tokenEnd(b []byte, from int) int {
	for from < len(b) && (alphanumeric(b[from]) || bytes.IndexByte([]byte("-._~+/=:%"), b[from]) >= 0) {
		from++
	}
	return from
}

// words says whether a text is a word that people read, as in "Basic Authentication": small letters behind the first.
func words(b []byte) bool {
	return !isDigit(b[0]) && len(bytes.Trim(b[1:], "abcdefghijklmnopqrstuvwxyz.")) == 0
}
