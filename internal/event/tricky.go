package event

// Samples that a handler which parses a body and re-encodes it gets wrong.

import (
	"bytes"
	"strings"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// Tricky is the variant of every type whose bytes come out otherwise when a JSON parser has read the body and a writer has
// written it anew: blanks between the tokens, a number that ends in zero, letters as they are and as escapes, an escaped slash,
// surrogate pairs. A handler that verifies the bytes which it got takes it.
const Tricky = "tricky"

// trickyNote tells what a tricky sample is for.
const trickyNote = "the layout and some contents of a tricky sample are made up: a handler that verifies the raw bytes takes it, and one that re-encodes the body does not"

// makeTricky adds a member that is hard to write as it was, and has the body laid out so.
func (s *Sample) makeTricky() {
	s.tricky = true
	if s.Note != "" { // that there is no sample of the type, say
		s.Note += "; "
	}
	s.Note += trickyNote
	if s.form {
		s.edit(jsonbytes.SetString("sample", "10.50 Zoë Müller 🎉 a/b~c*"))
		return
	}
	const odd = `sample={"amount":10.50,"name":"Zoë Müller 🎉","escaped":"caf\u00e9 \ud83c\udf89","path":"a/b\/c"}`
	if !s.edit(jsonbytes.ParseEdit(odd)) {
		s.edit(jsonbytes.ParseEdit("[0]." + odd))
	}
}

// spaced puts blanks between the tokens of JSON, two after every other comma.
func spaced(body []byte) []byte {
	var out bytes.Buffer
	commas := 0
	for t := range jsonbytes.Tokens(body) {
		if t.Kind == '}' || t.Kind == ']' {
			out.WriteByte(' ')
		}
		out.Write(body[t.Start:t.End])
		switch t.Kind {
		case ',':
			commas++
			out.WriteString(strings.Repeat(" ", 1+commas%2))
		case ':', '{', '[':
			out.WriteByte(' ')
		}
	}
	return out.Bytes()
}

// oddForm writes the escapes of a form in another way that every reader takes: a blank as %20, and small hexadecimal digits.
func oddForm(form []byte) []byte {
	var out bytes.Buffer
	for i := 0; i < len(form); i++ {
		switch c := form[i]; {
		case c == '+':
			out.WriteString("%20")
		case c == '%' && i+2 < len(form):
			out.WriteString(strings.ToLower(string(form[i : i+3])))
			i += 2
		default:
			out.WriteByte(c)
		}
	}
	return out.Bytes()
}
