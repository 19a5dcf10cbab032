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

// segments makes a line, or several where it is wider than the page: what does not fit beside its name stands below it, so that it can be
// copied, and only what is wider than a line is broken, behind a space where there is one. Of one text mostPieces lines are shown. No line loses
// anything of a text, so that the text is what its lines are together, without their indents.
func (p *page) segments(line []segment) []string {
	total := 0
	for _, s := range line {
		total += term.Width(s.text)
	}
	if p.width <= 0 || total <= p.width {
		size := 0
		for _, s := range line {
			size += len(s.text)
		}
		var b strings.Builder
		b.Grow(size)
		for _, s := range line {
			b.WriteString(p.paint(s))
		}
		return []string{b.String()}
	}
	l := broken{page: p}
	if len(line) > 0 && strings.Trim(line[0].text, " ") == "" {
		l.indent = min(len(line[0].text), p.width/2)
		line = line[1:]
	}
	l.begin(l.indent)
	for i, s := range line {
		after := 0 // what must stand on the same line
		if i+1 < len(line) && line[i+1].kind == kindPlain {
			after = term.Width(strings.TrimRight(line[i+1].text, " "))
		}
		l.add(s, after)
	}
	return append(l.lines, l.line.String())
}

// broken is a line that goes on in others.
type broken struct {
	*page
	indent int
	lines  []string
	line   strings.Builder // the present one
	used   int             // its columns
	from   int             // of them, its indent
}

func (l *broken) begin(indent int) {
	l.line.Reset()
	l.line.WriteString(strings.Repeat(" ", indent))
	l.used, l.from = indent, indent
}

func (l *broken) next() {
	l.lines = append(l.lines, l.line.String())
	l.begin(l.below())
}

// below is the indent of the lines below the first.
func (l *broken) below() int {
	const step = 2
	return min(l.indent+step, l.width/2)
}

// add adds a segment that needs some columns more behind it.
func (l *broken) add(s segment, after int) {
	if l.used+term.Width(s.text)+after > l.width && l.used > l.from && s.kind != kindPlain {
		l.next()
		last := &l.lines[len(l.lines)-1]
		*last = strings.TrimRight(*last, " ") // between a name and its value
	}
	const mostPieces = 8
	room := max(l.width-max(l.used, l.below())-after, 1)
	pieces := term.ChunkWords(s.text, room)
	if len(pieces) > mostPieces {
		pieces[mostPieces-1] = term.Cut(strings.Join(pieces[mostPieces-1:], ""), room)
		pieces = pieces[:mostPieces]
	}
	for i, piece := range pieces {
		if i > 0 {
			l.next()
		}
		l.line.WriteString(l.paint(segment{piece, s.kind}))
		l.used += term.Width(piece)
	}
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
	at   int // offset of the present line in the body
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
	v.keep, v.at = v.p.room(offset), offset
	const deepest, step = 20, "  "
	v.put(strings.Repeat(step, min(depth, deepest)), kindPlain)
}

// flush ends the present line.
func (v *jsonView) flush() {
	if v.keep {
		v.p.addAll(v.p.segments(v.line), v.at)
	} else {
		v.p.total++
	}
	v.line = v.line[:0]
}
