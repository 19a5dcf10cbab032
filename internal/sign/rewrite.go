package sign

import (
	"bytes"
	"strings"
)

// Rewriting is what one JSON library makes of a body when it parses it and writes it anew.
type Rewriting struct {
	Library string
	Raw     string // how its users get at the bytes as they came
	Same    bool   // the bytes come out as they were
	Was, Is string // what is changed first, with what stands around it
}

// Rewritings gives what the usual libraries make of a body, the commonest first; nothing when it is no JSON object or array.
func Rewritings(body []byte) []Rewriting {
	if len(body) > maxRestyle {
		return nil
	}
	lexemes, ok := lex(body)
	if !ok {
		return nil
	}
	w := restyler{b: body, lex: lexemes}
	w.survey()
	var out []Rewriting
	for _, lib := range writers() {
		if lib.layout == "jackson" {
			continue // its pretty form: nobody writes a body so to verify it
		}
		st := lib.style()
		if strings.HasPrefix(lib.name, "JSON.stringify") {
			st.order = jsOrder()
		}
		was, is, same := firstChange(body, w.write(st))
		out = append(out, Rewriting{Library: lib.name, Raw: lib.raw, Same: same, Was: was, Is: is})
	}
	return out
}

func jsOrder() ordering {
	for _, o := range orderings() {
		if o.js {
			return o
		}
	}
	return ordering{}
}

// firstChange is where two texts part, a few characters of both.
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

// RawBodyRecipes say how to get at the raw bytes of a request in the usual frameworks.
func RawBodyRecipes() []Recipe { return bodyRecipes() }
