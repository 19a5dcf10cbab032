package journal

// A text that is searched for, and where it stands in bytes. Case does not count.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// needle is a text in all its spellings: as it was given, and as JSON and forms may write it.
type needle struct {
	spellings []spelling
	stored    []spelling // what a header with the text holds as it is stored; none: it must be decoded to know
}

// newNeedle makes a needle of a text that is not empty.
func newNeedle(text string) *needle {
	n := new(needle)
	for _, s := range spellingsOf(text) {
		n.spellings = append(n.spellings, newSpelling(s))
	}
	if piece := storedPiece(text); piece != "" {
		n.stored = []spelling{newSpelling(piece)}
	}
	return n
}

// spellingsOf gives the ways to write a text, each once.
func spellingsOf(text string) []string {
	marshaled, _ := json.Marshal(text) // nothing in it can fail
	html := string(marshaled[1 : len(marshaled)-1])
	plain := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(html)
	list := []string{text, plain, html, escapeRunes(plain), url.QueryEscape(text)}
	for _, s := range list[1:4] {
		list = append(list, strings.ReplaceAll(s, "/", `\/`)) // as PHP does
	}
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// escapeRunes writes all that is not ASCII as JSON can.
func escapeRunes(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// storedPiece is the longest part of a text that stands in the column of a header as it does in the header.
func storedPiece(text string) string {
	longest := ""
	for piece := range strings.FieldsFuncSeq(text, func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`"\<>&:`, r) }) {
		if len(piece) > len(longest) {
			longest = piece
		}
	}
	return strings.TrimSpace(longest) // a header's name and value have a space between them that is not stored
}

// index gives the first place of the text in b, or from below 0.
func (n *needle) index(b []byte) (from, to int) {
	from = -1
	for i := range n.spellings {
		if f, t := n.spellings[i].index(b); f >= 0 && (from < 0 || f < from) {
			from, to = f, t
		}
	}
	return from, to
}

// in says whether b holds the text.
func (n *needle) in(b []byte) bool {
	return slices.ContainsFunc(n.spellings, func(s spelling) bool {
		from, _ := s.index(b)
		return from >= 0
	})
}

// mayBeIn says whether a header may hold the text, from the way it is stored.
func (n *needle) mayBeIn(column []byte) bool {
	if len(n.stored) == 0 || len(column) > 0 && bytes.IndexByte(column[1:], '{') >= 0 { // a value in base64
		return true
	}
	from, _ := n.stored[0].index(column)
	return from >= 0
}

// spelling is one way to write a text.
type spelling struct {
	text    []byte // letters of ASCII are small
	anchor  int    // where its rarest byte stands
	low, up byte   // that byte, in both cases
	ascii   bool
}

// frequent are the bytes that deliveries are full of, the most frequent first.
const frequent = `e"0123a4t5i6o7n8s9rcdl:,bfupm_-h.g/kyvw{}jxq z`

func newSpelling(text string) spelling {
	s := spelling{text: []byte(text), ascii: true}
	rarest := -1
	for i, c := range s.text {
		s.ascii = s.ascii && c < utf8.RuneSelf
		s.text[i] = small(c)
		rank := strings.IndexByte(frequent, s.text[i])
		if rank < 0 {
			rank = len(frequent)
		}
		if rank > rarest {
			rarest, s.anchor = rank, i
		}
	}
	s.low = s.text[s.anchor]
	s.up = s.low
	if 'a' <= s.low && s.low <= 'z' {
		s.up -= 'a' - 'A'
	}
	return s
}

func small(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// index gives the first place in b, or from below 0. Most bytes are passed over as fast as memory is read.
func (s *spelling) index(b []byte) (from, to int) {
	if !s.ascii {
		return s.indexRunes(b)
	}
	after := len(s.text) - 1 - s.anchor
	low, up := -1, -1 // the next places of the anchor
	for at := s.anchor; at < len(b)-after; at++ {
		rest := b[at : len(b)-after]
		if low < at {
			low = next(rest, s.low, at)
		}
		if up < at {
			up = next(rest, s.up, at)
		}
		if at = min(low, up); at >= len(b)-after {
			break
		}
		if s.at(b[at-s.anchor:]) {
			return at - s.anchor, at + after + 1
		}
	}
	return -1, -1
}

// next is the place of a byte in what stands from at on, or one behind all.
func next(rest []byte, c byte, at int) int {
	if i := bytes.IndexByte(rest, c); i >= 0 {
		return at + i
	}
	return at + len(rest)
}

// at says whether b begins with the text, which has letters of ASCII only.
func (s *spelling) at(b []byte) bool {
	for i, c := range s.text {
		if small(b[i]) != c {
			return false
		}
	}
	return true
}

// indexRunes is index for a text with other letters.
func (s *spelling) indexRunes(b []byte) (from, to int) {
	if !slices.ContainsFunc(b, func(c byte) bool { return c >= utf8.RuneSelf }) {
		return -1, -1
	}
	for from = 0; from < len(b); {
		if n, is := sameLetters(b[from:], s.text); is {
			return from, from + n
		}
		_, size := utf8.DecodeRune(b[from:])
		from += size
	}
	return -1, -1
}

// sameLetters says whether b begins with text, and how many of its bytes that are.
func sameLetters(b, text []byte) (n int, same bool) {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		other, otherSize := utf8.DecodeRune(b[n:])
		if otherSize == 0 || r != other && unicode.ToLower(r) != unicode.ToLower(other) {
			return 0, false
		}
		text, n = text[size:], n+otherSize
	}
	return n, true
}
