package restyle

// Parts of a JSON text that may be a whole body: what a queue or a gateway wrapped, and what code took out of it.

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// Part is an object, an array or a text inside a JSON text.
type Part struct {
	Path   string // such as Records[0].body
	Text   []byte // of a text, what stands between its quotes, decoded
	Quoted bool   // it is a text
}

// Bounds of what is looked for.
const (
	maxParts     = 24
	partDepth    = 4 // names and indexes to a text
	objectDepth  = 2 // and to an object, which is larger
	partElements = 3 // of an array
)

// Parts are those of a text that may have been a body: texts that begin as JSON does or have the name of a body, and what is an object or
// array not deep inside.
func (w *Text) Parts() []Part {
	var out []Part
	w.parts(&out, 0, "", 0)
	return out
}

func (w *Text) parts(out *[]Part, i int, path string, depth int) {
	l := w.lex[i]
	if len(*out) >= maxParts || depth > partDepth {
		return
	}
	switch l.kind {
	case jsonbytes.String:
		if text, ok := w.decoded(i); ok && depth > 0 && mayBeBody(path, text) {
			*out = append(*out, Part{path, text, true})
		}
		return
	case '{', '[':
	default:
		return
	}
	end := int(l.pair)
	if depth > 0 && depth <= objectDepth && end > i+1 {
		*out = append(*out, Part{Path: path, Text: w.b[l.start:w.lex[end].end]})
	}
	if l.kind == '{' {
		for _, m := range w.asReceived(i+1, end) {
			if name := w.text(m); w.lex[m].kind == jsonbytes.String && w.isName(m) && m+2 < end && plainName(name) {
				w.parts(out, m+2, strings.TrimPrefix(path+"."+string(name[1:len(name)-1]), "."), depth+1)
			}
		}
		return
	}
	for n, at := 0, i+1; at < end && n < partElements; n++ {
		w.parts(out, at, path+"["+strconv.Itoa(n)+"]", depth+1)
		at = w.skip(at) + 1
	}
}

// mayBeBody says whether a text of a JSON text may be a body.
func mayBeBody(path string, text []byte) bool {
	const shortest = 2
	name := strings.ToLower(path[strings.LastIndexByte(path, '.')+1:])
	return len(text) >= shortest && (text[0] == '{' || text[0] == '[' ||
		slices.Contains([]string{"body", "rawbody", "raw_body", "data", "payload", "message", "content", "value", "raw"}, name))
}

// decoded is what a JSON string stands for; false when it holds half a character.
func (w *Text) decoded(i int) ([]byte, bool) {
	text := w.text(i)
	text = text[1 : len(text)-1]
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, n, ok := jsonbytes.Char(text)
		if !ok {
			return nil, false
		}
		out, text = utf8.AppendRune(out, r), text[n:]
	}
	return out, true
}
