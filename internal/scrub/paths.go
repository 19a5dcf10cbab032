package scrub

// Values of JSON that a rule names by their path.

import (
	"bytes"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// leastKnown is how many bytes a value has at least that is looked for in other places too. A shorter one is part of many words.
const leastKnown = 4

// named finds the values at the paths of the rules: in JSON, and in a form's field that holds JSON.
func (s *Scrubber) named(v view, p part, add func(from, to int, with string)) {
	if len(s.paths) == 0 {
		return
	}
	in := func(begin int) (read int) {
		return begin + jsonbytes.Places(v.b[begin:], s.paths, func(from, to int) {
			s.value(v.b[begin+from:begin+to], p, func(a, b int, with string) { add(begin+from+a, begin+from+b, with) })
		})
	}
	read := 0
	for before := -1; read > before && read < len(v.b); { // one text after another
		before, read = read, in(read)
	}
	read = 0
	for at := range occurrences(v.b, "=") {
		if at+1 < len(v.b) && (v.b[at+1] == '{' || v.b[at+1] == '[') && at >= read {
			read = in(at + 1)
		}
	}
}

// value replaces one value. A number stays a number and a text a text; a list or an object becomes a number. Nothing is left of true and false, of which one guess in two is
// right; null stays.
func (s *Scrubber) value(raw []byte, p part, add func(from, to int, with string)) {
	switch {
	case len(raw) == 0, string(raw) == "null":
	case string(raw) == "true", string(raw) == "false":
		add(0, len(raw), "null")
	case raw[0] == '"':
		inside := bytes.TrimPrefix(raw, []byte(`"`))
		end := len(raw)
		if len(inside) > 0 && inside[len(inside)-1] == '"' {
			inside, end = inside[:len(inside)-1], end-1
		}
		if text := unescaped(inside); len(text) > 0 && !isWord(text) {
			with := s.scalar(text)
			p.note(text, with)
			add(1, end, with)
		}
	case raw[0] == '{', raw[0] == '[':
		add(0, len(raw), s.number(raw)) // which needs no quotes, and so stands in JSON within a string too
	default:
		with := s.scalar(raw)
		p.note(raw, with)
		add(0, len(raw), with)
	}
}

// note remembers a value for the other places where it may stand.
func (p part) note(value []byte, with string) {
	if p.found != nil && len(value) >= leastKnown {
		p.found[string(value)] = with
	}
}

// unescaped is the inside of a JSON string as it reads. In a view that reads otherwise already it is the same.
func unescaped(inside []byte) []byte {
	if bytes.IndexByte(inside, '\\') < 0 {
		return inside
	}
	var out []byte
	for i := 0; i < len(inside); {
		r, n := escape(inside[i:])
		if n == 0 || inside[i] == '%' {
			out, n = append(out, inside[i]), 1
		} else {
			out = append(out, string(r)...)
		}
		i += n
	}
	return out
}
