package restyle

// The parameters of Rails, which are the body and more.

import (
	"bytes"
	"slices"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// Unrails takes off what Rails adds to the members of a body: controller, action and format, and the copy of the members under the
// controller's name. False when it is not there. https://guides.rubyonrails.org/action_controller_overview.html#json-and-custom-parameters
func Unrails(b []byte) ([]byte, bool) {
	w, ok := Parse(b)
	if !ok || w.lex[0].kind != '{' {
		return nil, false
	}
	end := int(w.lex[0].pair)
	keys := w.asReceived(1, end)
	if !w.has(keys, `"controller"`) || !w.has(keys, `"action"`) {
		return nil, false
	}
	keys = slices.DeleteFunc(keys, func(k int) bool { return slices.Contains(railsNames(), string(w.text(k))) })
	keys = slices.DeleteFunc(keys, func(k int) bool { return w.copies(k, keys) })
	out := []byte{'{'}
	for n, k := range keys {
		if n > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, w.text(k)...), ':'), w.whole(k+2)...)
	}
	return append(out, '}'), true
}

// railsNames are those of the route.
func railsNames() []string { return []string{`"controller"`, `"action"`, `"format"`} }

// Lone says whether the text is an object with one member, of a name, that is a text.
func (w *Text) Lone(name string) bool {
	if w.lex[0].kind != '{' {
		return false
	}
	keys := w.asReceived(1, int(w.lex[0].pair))
	return len(keys) == 1 && w.has(keys, `"`+name+`"`)
}

func (w *Text) has(keys []int, name string) bool {
	return slices.ContainsFunc(keys, func(k int) bool { return string(w.text(k)) == name && w.lex[k+2].kind == jsonbytes.String })
}

// whole is the text of the value that begins at token i.
func (w *Text) whole(i int) []byte {
	if w.lex[i].pair > 0 {
		return w.b[w.lex[i].start:w.lex[w.lex[i].pair].end]
	}
	return w.text(i)
}

// copies says whether the value of a member is an object that holds nothing but members that stand beside it.
func (w *Text) copies(k int, keys []int) bool {
	open := k + 2
	if w.lex[open].kind != '{' {
		return false
	}
	inner := w.asReceived(open+1, int(w.lex[open].pair))
	return len(inner) > 0 && !slices.ContainsFunc(inner, func(in int) bool {
		return !slices.ContainsFunc(keys, func(k int) bool {
			return bytes.Equal(w.text(k), w.text(in)) && bytes.Equal(w.whole(k+2), w.whole(in+2))
		})
	})
}

// RailsText is the hash inside what Rails shows for parameters: #<ActionController::Parameters {…} permitted: false>.
func RailsText(b []byte) ([]byte, bool) {
	b = bytes.TrimSpace(b)
	inner, ok := bytes.CutPrefix(bytes.TrimPrefix(b, []byte("#")), []byte("<ActionController::Parameters "))
	if !ok {
		return nil, false
	}
	end := bytes.LastIndexByte(inner, '}')
	return inner[:end+1], end > 0
}

// Value is the JSON object or array in a text that has something before or after it; false when there is nothing else, or no such
// value.
func Value(b []byte) ([]byte, bool) {
	start := bytes.IndexAny(b, "{[")
	if start < 0 || len(b) > MaxBody {
		return nil, false
	}
	depth := 0
	for t := range jsonbytes.Tokens(b[start:]) {
		switch t.Kind {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth == 0 {
			rest := len(bytes.TrimSpace(b[:start])) + len(bytes.TrimSpace(b[start+t.End:]))
			return b[start : start+t.End], rest > 0
		}
	}
	return nil, false
}
