package render

import (
	"bytes"
	"strings"

	"github.com/whctl/whctl/internal/term"
)

// kind is how a piece of a line is coloured.
type kind byte

const (
	kindPlain kind = iota
	kindKey
	kindString
	kindNumber
	kindLiteral
)

// segment is clean text of one colour.
type segment struct {
	text string
	kind kind
}

// segments makes one line of them, cut to the page's width before it is coloured.
func (p *page) segments(line []segment) string {
	total := 0
	for _, s := range line {
		total += term.Width(s.text)
	}
	var b strings.Builder
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

// state is what the scanner may meet next.
type state byte

const (
	wantValue state = iota
	wantFirstKey
	wantKey
	wantColon
	wantFirstItem
	wantNext // a comma or the end of what is open
	wantEnd  // nothing but white space
)

// jsonView lays JSON out as it scans it. It never recurses and never rewrites a token: duplicate keys, huge numbers
// and odd escapes are shown as they came.
type jsonView struct {
	p     *page
	b     []byte
	pos   int
	state state
	stack []byte // the brackets that are open
	line  []segment
	keep  bool
}

// json fills the page when b is one JSON object or array, or the beginning of one when there is more than b.
// Else it returns false, and the page is to be reset.
func (p *page) json(b []byte) bool {
	p.reset()
	v := jsonView{p: p, b: b}
	v.keep = p.room(0)
	if bytes.HasPrefix(b, []byte("\ufeff")) { // to be seen: it breaks parsers and signatures
		v.put(`\ufeff`, kindPlain)
		v.pos = len("\ufeff")
	}
	v.space()
	if v.pos == len(b) || b[v.pos] != '{' && b[v.pos] != '[' {
		return false
	}
	for v.pos < len(b) {
		if !v.step() {
			// A token that the end of what was looked at cut in two is no error.
			if !p.more || v.pos < len(b) {
				p.reset()
				return false
			}
			break
		}
		v.space()
	}
	if v.state != wantEnd && !p.more {
		p.reset()
		return false
	}
	v.newline(-1)
	return true
}

// step takes one token. False means that it is not JSON, or, with pos at the end, that it ended too early.
func (v *jsonView) step() bool {
	c := v.b[v.pos]
	switch v.state {
	case wantFirstKey, wantKey:
		if c == '}' && v.state == wantFirstKey {
			return v.closeEmpty()
		}
		v.startItem()
		v.state = wantColon
		return c == '"' && v.str(kindKey)
	case wantColon:
		if c != ':' {
			return false
		}
		v.put(": ", kindPlain)
		v.pos++
		v.state = wantValue
		return true
	case wantFirstItem:
		if c == ']' {
			return v.closeEmpty()
		}
		v.startItem()
		return v.value(c)
	case wantNext:
		return v.next(c)
	case wantValue:
		return v.value(c)
	case wantEnd:
		return false
	default:
		return false
	}
}

// startItem begins a new line after the opening bracket.
func (v *jsonView) startItem() {
	if v.state == wantFirstKey || v.state == wantFirstItem {
		v.newline(len(v.stack))
	}
}

func (v *jsonView) next(c byte) bool {
	open := v.stack[len(v.stack)-1]
	switch {
	case c == ',':
		v.put(",", kindPlain)
		v.pos++
		v.newline(len(v.stack))
		v.state = wantValue
		if open == '{' {
			v.state = wantKey
		}
		return true
	case open == '{' && c == '}', open == '[' && c == ']':
		v.newline(len(v.stack) - 1)
		return v.closeEmpty()
	default:
		return false
	}
}

func (v *jsonView) closeEmpty() bool {
	v.put(string(rune(v.b[v.pos])), kindPlain)
	v.pos++
	v.stack = v.stack[:len(v.stack)-1]
	v.afterValue()
	return true
}

func (v *jsonView) afterValue() {
	v.state = wantNext
	if len(v.stack) == 0 {
		v.state = wantEnd
	}
}

func (v *jsonView) value(c byte) bool {
	switch {
	case c == '{' || c == '[':
		v.put(string(rune(c)), kindPlain)
		v.pos++
		v.stack = append(v.stack, c)
		v.state = wantFirstItem
		if c == '{' {
			v.state = wantFirstKey
		}
		return true
	case c == '"':
		v.afterValue()
		return v.str(kindString)
	case c == '-' || c >= '0' && c <= '9':
		v.afterValue()
		return v.word(kindNumber, validNumber)
	default:
		v.afterValue()
		return v.word(kindLiteral, func(s string) bool { return s == "true" || s == "false" || s == "null" })
	}
}

// word takes a number or a literal.
func (v *jsonView) word(k kind, valid func(string) bool) bool {
	start := v.pos
	for v.pos < len(v.b) && !strings.ContainsRune(" \t\r\n,:]}[{\"", rune(v.b[v.pos])) {
		v.pos++
	}
	text := string(v.b[start:v.pos])
	v.put(text, k)
	return v.pos == len(v.b) && v.p.more || valid(text)
}

// str takes a string with the quotes and escapes it came with. Raw control characters are not JSON.
func (v *jsonView) str(k kind) bool {
	start := v.pos
	for i := start + 1; i < len(v.b); i++ {
		switch c := v.b[i]; {
		case c == '"':
			v.pos = i + 1
			v.token(v.b[start:v.pos], k)
			return true
		case c < ' ':
			return false
		case c == '\\':
			i++
			if i < len(v.b) && strings.IndexByte(`"\/bfnrtu`, v.b[i]) < 0 {
				return false
			}
		}
	}
	v.pos = len(v.b)
	v.token(v.b[start:], k)
	return false
}

func (v *jsonView) space() {
	for v.pos < len(v.b) && strings.IndexByte(" \t\r\n", v.b[v.pos]) >= 0 {
		v.pos++
	}
}

// put adds to the present line, unless that will not be shown.
func (v *jsonView) put(text string, k kind) {
	if v.keep {
		v.line = append(v.line, segment{term.Clean(text), k})
	}
}

// token is put for a piece of the body, which may be large.
func (v *jsonView) token(b []byte, k kind) {
	if v.keep {
		v.put(string(b), k)
	}
}

// newline ends the present line and indents the next; a negative depth ends the last one.
func (v *jsonView) newline(depth int) {
	if v.keep {
		v.p.add(v.p.segments(v.line))
	} else {
		v.p.total++
	}
	v.line = v.line[:0]
	if depth < 0 {
		return
	}
	v.keep = v.p.room(v.pos)
	const deepest, step = 20, "  "
	v.put(strings.Repeat(step, min(depth, deepest)), kindPlain)
}

// validNumber is JSON's grammar of numbers.
func validNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole := digits(s)
	if whole == 0 || whole > 1 && s[0] == '0' {
		return false
	}
	s = s[whole:]
	if strings.HasPrefix(s, ".") {
		n := digits(s[1:])
		if n == 0 {
			return false
		}
		s = s[1+n:]
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		n := digits(s)
		return n > 0 && n == len(s)
	}
	return s == ""
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
