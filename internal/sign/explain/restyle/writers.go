package restyle

// The libraries that write JSON.

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/jsonbytes"
)

const maxLost = 1 << 20 // bytes of a body whose form is looked at

// Rounded is an integer of the body that JavaScript seems to have rounded, when all that are long enough look so: above 2^53
// it keeps 17 digits and writes zeros for the others. "" when there is none.
func Rounded(b []byte) string {
	const long, most, least = 18, 17, 16 // digits
	if len(b) > maxLost {
		return ""
	}
	w, ok := Parse(b)
	if !ok {
		return ""
	}
	found := ""
	for _, l := range w.lex {
		text := string(b[l.start:l.end])
		digits := strings.TrimPrefix(text, "-")
		if l.kind != jsonbytes.Number || len(digits) < long || strings.ContainsAny(digits, ".eE") {
			continue
		}
		if n := len(strings.TrimRight(digits, "0")); n > most || n < least || jsNumber(l.text(b)) != text {
			return ""
		}
		found = text
	}
	return found
}

func (l *lexeme) text(b []byte) []byte { return b[l.start:l.end] }

// writer is a library that writes JSON, known by its form.
type writer struct {
	name, raw string // and how its users get at the raw bytes
	layout    string
	spelling  string
	number    func([]byte) string
	integers  bool   // it changes integers too, those beyond 2^53
	js        bool   // names that are numbers stand first, as JavaScript has them
	unused    bool   // nobody verifies what it writes
	trims     string // what its JSON holds that no other library writes, where a framework trims texts before; "": none does
}

func writers() []writer {
	return []writer{
		{"JSON.stringify (Node.js)", "in Express express.raw() before express.json()", "compact", "unescaped", jsNumber, true, true, false, ""},
		{"json.dumps (Python)", "request.get_data() in Flask, request.body in Django, await request.body() in FastAPI", "python", "ascii", pythonNumber, false, false, false, ""},
		{"json_encode (PHP)", "file_get_contents('php://input'), in Laravel $request->getContent()", "compact", "php", phpNumber, false, false, false, `\/`},
		{"json.Marshal (Go) or to_json (Rails)", "io.ReadAll(r.Body) in Go, request.raw_post in Rails", "compact", "html", jsNumber, true, false, false, ""},
		{"System.Text.Json (.NET)", "Request.Body after Request.EnableBuffering()", "compact", "dotnet", asWritten, false, false, false, ""},
		{"Gson (Java)", "@RequestBody byte[] in Spring", "compact", "gson", asWritten, false, false, false, ""},
		{"Jackson's pretty printer (Java)", "@RequestBody byte[] in Spring", "jackson", "unescaped", asWritten, false, false, true, ""},
	}
}

func asWritten(text []byte) string { return string(text) }

// Author tells which library may have written a body after it was signed, and what it may have changed that cannot be tried: one
// that writes JSON exactly as the body is. "" when there is none.
func Author(b []byte) string {
	if len(b) > maxLost {
		return ""
	}
	w, ok := Parse(b)
	if !ok {
		return ""
	}
	integers, fractions := false, false
	for _, l := range w.lex {
		fraction := bytes.ContainsAny(l.text(b), ".eE")
		integers, fractions = integers || l.kind == jsonbytes.Number && !fraction && isLong(l.text(b)), fractions || l.kind == jsonbytes.Number && fraction
	}
	for _, lib := range writers() {
		changed := fractions || integers && lib.integers
		if (changed || lib.trims != "" && bytes.Contains(b, []byte(lib.trims))) && bytes.Equal(w.Write(lib.style()), b) {
			out := "it is exactly as " + lib.name + " writes JSON"
			if changed {
				out += ", and numbers that it changed (10.50 to 10.5) cannot be tried"
			}
			if lib.trims != "" {
				out += ", and blanks at the ends of texts, which Laravel trims, cannot be tried"
			}
			return out
		}
	}
	return ""
}

// Unclosed says whether a text begins as a JSON object or array and ends in the middle of it.
func Unclosed(b []byte) bool {
	if len(b) == 0 || b[0] != '{' && b[0] != '[' {
		return false
	}
	depth := 0
	for t := range jsonbytes.Tokens(b) {
		switch t.Kind {
		case jsonbytes.Cut:
			return true
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth <= 0 {
			return false
		}
	}
	return true
}

// isLong says whether an integer is beyond 2^53, up to which a float holds each.
func isLong(digits []byte) bool {
	const most = 1 << 53
	n, err := strconv.ParseInt(string(digits), 10, 64)
	return err != nil || n > most || n < -most
}

func (w *writer) style() Style {
	st := Style{num: numbering{write: w.number}}
	for _, lay := range layouts() {
		if lay.id == w.layout {
			st.lay = lay
		}
	}
	for _, sp := range spellings() {
		if sp.id == w.spelling {
			st.sp = sp
		}
	}
	return st
}
