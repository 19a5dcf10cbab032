package scrub

// Texts in base64.

import (
	"bytes"
	"encoding/base64"
	"unicode/utf8"
)

const (
	mostEncoded  = 2  // how many times a text may be encoded in base64 and still be read
	leastEncoded = 12 // bytes
)

// encoded finds texts in base64 that hold what the rules name, and encodes them again without it.
func (s *Scrubber) encoded(v view, p part, add func(from, to int, with string)) {
	for i := 0; i < len(v.b); i++ {
		from := i
		for i < len(v.b) && base64Byte(v.b[i]) {
			i++
		}
		if i-from < leastEncoded {
			continue
		}
		to := i + len(v.b[i:min(i+2, len(v.b))]) - len(bytes.TrimLeft(v.b[i:min(i+2, len(v.b))], "="))
		if p.cut && to == len(v.b) {
			to -= (to - from) % 4 // what is left of the last quantum says nothing
		}
		encoding, text := decode(v.b[from:to])
		if encoding == nil {
			continue
		}
		if clean, n := s.replace(text, part{cut: p.cut && i == len(v.b), depth: p.depth + 1, found: p.found}); n > 0 {
			add(from, to, encoding.EncodeToString(clean))
		}
	}
}

func base64Byte(c byte) bool {
	return alphanumeric(c) || c == '+' || c == '/' || c == '-' || c == '_'
}

// decode reads a text in base64. It is nil for what is none: most words decode to bytes that nobody reads.
func decode(word []byte) (*base64.Encoding, []byte) {
	encoding := base64.StdEncoding
	if bytes.ContainsAny(word, "-_") {
		encoding = base64.URLEncoding
	}
	if len(word)%4 != 0 {
		encoding = encoding.WithPadding(base64.NoPadding)
	}
	text := make([]byte, encoding.DecodedLen(len(word)))
	n, err := encoding.Decode(text, word)
	if text = text[:n]; err != nil || !readable(text) {
		return nil, nil
	}
	return encoding, text
}

// readable says whether bytes are a text.
func readable(text []byte) bool {
	if !utf8.Valid(text) {
		return false
	}
	for _, c := range text {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}
