package render

// How JSON looks in a body.

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/term"
)

// kind says how a segment is coloured.
type kind byte

const (
	kindPlain kind = iota
	kindKey
	kindString
	kindNumber
	kindLiteral
)

// segment is clean text of one kind.
type segment struct {
	text string
	kind kind
}

// segments makes one line, cut to the page's width before it is coloured.
func (p *page) segments(line []segment) string {
	total := 0
	for _, s := range line {
		total += term.Width(s.text)
	}
	size := 0
	for _, s := range line {
		size += len(s.text)
	}
	var b strings.Builder
	b.Grow(size)
	for left := p.width; len(line) > 0; line = line[1:] {
		text, w := line[0].text, term.Width(line[0].text)
		if p.width > 0 && total > p.width && w >= left { // this one takes the ellipsis
			if w == left {
				text += " "
			}
			b.WriteString(p.paint(segment{term.Cut(text, left), line[0].kind}))
			break
		}
		left -= w
		b.WriteString(p.paint(line[0]))
	}
	return b.String()
}

func (p *page) paint(s segment) string {
	switch s.kind {
	case kindKey:
		return p.st.Key(s.text)
	case kindString:
		return p.st.Str(s.text)
	case kindNumber:
		return p.st.Num(s.text)
	case kindLiteral:
		return p.st.Lit(s.text)
	case kindPlain:
		return s.text
	default:
		return s.text
	}
}

// jsonView lays JSON out token by token. It never recurses, and it shows each token as it came: duplicate keys, huge numbers
// and odd escapes too.
type jsonView struct {
	p    *page
	b    []byte
	line []segment
	keep bool
}

// json fills the page when b is a JSON object or array, or the beginning of one when the body goes on behind b. Otherwise it
// returns false, and the page must be reset.
func (p *page) json(b []byte) bool {
	p.reset()
	v := jsonView{p: p, b: b, keep: p.room(0)}
	text := bytes.TrimPrefix(b, []byte("\ufeff"))
	if len(text) < len(b) { // show it: it breaks parsers and signatures
		v.put(`\ufeff`, kindPlain)
	}
	if text = bytes.TrimLeft(text, " \t\r\n"); len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return false
	}
	if p.more && !begins(text) || !p.more && !json.Valid(text) {
		return false
	}
	v.layOut(text, len(b)-len(text))
	return true
}

// begins says whether b is a JSON object or array, or the beginning of one.
func begins(b []byte) bool {
	d := json.NewDecoder(bytes.NewReader(b))
	var all json.RawMessage
	err := d.Decode(&all)
	if err == nil {
		_, err = d.Token()
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// layOut writes JSON that begins at offset in the body.
func (v *jsonView) layOut(text []byte, offset int) {
	whole := string(text)
	var open []byte // the brackets around this token
	var last byte   // the token before
	for t := range jsonbytes.Tokens(text) {
		first := last == '{' || last == '['
		switch ends := t.Kind == '}' || t.Kind == ']'; {
		case ends:
			if open = open[:len(open)-1]; !first {
				v.newline(len(open), offset+t.Start)
			}
		case first:
			v.newline(len(open), offset+t.Start)
		}
		k := kindPlain
		switch t.Kind {
		case jsonbytes.String, jsonbytes.Cut:
			if k = kindString; last == '{' || last == ',' && open[len(open)-1] == '{' {
				k = kindKey
			}
		case jsonbytes.Number:
			k = kindNumber
		case jsonbytes.Word:
			k = kindLiteral
		}
		v.put(whole[t.Start:t.End], k)
		switch last = t.Kind; last {
		case '{', '[':
			open = append(open, last)
		case ':':
			v.put(" ", kindPlain)
		case ',':
			v.newline(len(open), offset+t.End)
		}
	}
	v.flush()
}

// put adds to the present line, if that will be shown.
func (v *jsonView) put(text string, k kind) {
	if v.keep {
		v.line = append(v.line, segment{term.Clean(text), k})
	}
}

// newline ends the present line and indents the next, which begins at offset in the body.
func (v *jsonView) newline(depth, offset int) {
	v.flush()
	v.keep = v.p.room(offset)
	const deepest, step = 20, "  "
	v.put(strings.Repeat(step, min(depth, deepest)), kindPlain)
}

// flush ends the present line.
func (v *jsonView) flush() {
	if v.keep {
		v.p.add(v.p.segments(v.line))
	} else {
		v.p.total++
	}
	v.line = v.line[:0]
}
