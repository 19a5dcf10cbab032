package restyle

// What each JSON library changes in a body.

import "bytes"

// Rewriting is what one JSON library makes of a body when it parses and writes it.
type Rewriting struct {
	Library string
	Raw     string // how its users get at the bytes as they came
	Same    bool   // the bytes do not change
	Was, Is string // the first change, with the text around it
}

// Rewritings gives what the usual libraries make of a body, the commonest first; nothing when it is not a JSON object or array.
func Rewritings(body []byte) []Rewriting {
	w, ok := Parse(body)
	if !ok {
		return nil
	}
	var out []Rewriting
	for _, lib := range writers() {
		if lib.unused {
			continue
		}
		st := lib.style()
		st.order = ordering{js: lib.js}
		was, is, same := firstChange(body, w.Write(st))
		out = append(out, Rewriting{Library: lib.name, Raw: lib.raw, Same: same, Was: was, Is: is})
	}
	return out
}

// firstChange gives a few characters of both texts from where they differ.
func firstChange(was, is []byte) (before, after string, same bool) {
	if bytes.Equal(was, is) {
		return "", "", true
	}
	at := 0
	for at < len(was) && at < len(is) && was[at] == is[at] {
		at++
	}
	const left, right = 10, 14
	around := func(b []byte) string {
		return string(bytes.ToValidUTF8(b[max(at-left, 0):min(at+right, len(b))], nil))
	}
	return around(was), around(is), false
}
