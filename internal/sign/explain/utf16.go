package explain

// Text in UTF-16.

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/sign/explain/restyle"
)

// wide is a way to write text in UTF-16; the zero value leaves it in UTF-8.
type wide struct {
	id, words string
	order     byteOrder
	mark      bool // with a byte order mark in front
}

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

func widths() []wide {
	return []wide{
		{id: "utf16le", words: "in UTF-16, little end first, as .NET's Encoding.Unicode", order: binary.LittleEndian},
		{id: "utf16be", words: "in UTF-16, big end first", order: binary.BigEndian},
		{id: "utf16le.bom", words: "in UTF-16, little end first, with a byte order mark", order: binary.LittleEndian, mark: true},
		{id: "utf16be.bom", words: "in UTF-16, big end first, with a byte order mark", order: binary.BigEndian, mark: true},
	}
}

// append writes text in UTF-16, without the mark.
func (w *wide) append(out, text []byte) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		if r > 0xffff {
			high, low := utf16.EncodeRune(r)
			out = w.order.AppendUint16(out, uint16(high)) //nolint:gosec // surrogates have 16 bits
			r = low
		}
		out = w.order.AppendUint16(out, uint16(r)) //nolint:gosec // not above 0xffff here
	}
	return out
}

// write is text in UTF-16, with the mark if it has one.
func (w *wide) write(text []byte) []byte {
	out := make([]byte, 0, 2*len(text)+2)
	if w.mark {
		out = w.append(out, []byte("\ufeff"))
	}
	return w.append(out, text)
}

// read turns UTF-16 into UTF-8, without a mark; false when it is none.
func (w *wide) read(b []byte) ([]byte, bool) {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, w.order.Uint16(b[i:]))
	}
	if len(units) > 0 && units[0] == 0xfeff {
		units = units[1:]
	}
	text := utf16.Decode(units)
	out := make([]byte, 0, len(b))
	for _, r := range text {
		if r == utf8.RuneError || r == 0 {
			return nil, false
		}
		out = utf8.AppendRune(out, r)
	}
	return out, len(out) > 0
}

// wideRows are UTF-16 on one side and UTF-8 on the other.
func wideRows(*received) []bodyRow {
	const readTitle, readFix = "the body is in UTF-16, and UTF-8 was signed", "verify the bytes that the sender signed: nothing on the way may change the character set"
	const writtenTitle, writtenFix = "the body was signed in UTF-16, and is UTF-8", "sign the bytes that are sent: encode the body as UTF-8 on both sides"
	var read, written []bodyRow
	for _, w := range widths() {
		if !w.mark {
			read = append(read, bodyRow{"charset." + w.id, rankWideBody, readTitle, "with the body's UTF-16 written as UTF-8", readFix, func(in *received) ([]byte, bool) {
				if len(in.b) > restyle.MaxBody || len(in.b)%2 != 0 || bytes.IndexByte(in.b, 0) < 0 {
					return nil, false
				}
				return w.read(in.b)
			}})
		}
		written = append(written, bodyRow{"charset." + w.id + ".signed", rankWideSigned, writtenTitle, "with the body " + w.words, writtenFix, func(in *received) ([]byte, bool) {
			if len(in.b) > restyle.MaxBody || !utf8.Valid(in.b) || bytes.IndexByte(in.b, 0) >= 0 {
				return nil, false
			}
			return w.write(in.b), true
		}})
	}
	return append(read, written...)
}

// wideTexts: all that was signed in UTF-16, not the body alone.
func (t *textList) wideTexts() {
	first := t.out[0]
	if first.pre == "" && first.post == "" || first.noBody || !first.whole() || !utf8.Valid(t.s.m.Body) {
		return
	}
	for _, w := range widths() {
		v := first
		v.wide = &w
		v.pre, v.post = string(w.write([]byte(first.pre))), string(w.append(nil, []byte(first.post)))
		v.why = textMistake("charset."+w.id, rankWideText, "the signed text was encoded in UTF-16", "with all that is signed "+w.words, "sign bytes: encode text as UTF-8 (Encoding.UTF8 in .NET)")
		t.put(v)
	}
}
