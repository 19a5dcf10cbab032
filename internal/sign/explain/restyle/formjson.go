package restyle

// A form that was written as JSON, and the other way round.

import (
	"bytes"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// JSON gives the form as JSON, as the usual libraries read and write it.
func (f *Form) JSON() iter.Seq[Writing] {
	return func(yield func(Writing) bool) {
		if !utf8.Valid(f.text) {
			return
		}
		for _, o := range f.objects() {
			if !eachLibrary(o.text, func(text []byte, libraries []Writer) bool {
				return yield(Writing{Text: text, Writers: libraries, Words: o.words})
			}) {
				return
			}
		}
	}
}

// eachLibrary gives a JSON text as each library writes it, once for those that write the same.
func eachLibrary(text []byte, yield func(text []byte, libraries []Writer) bool) bool {
	t, ok := Parse(text)
	if !ok {
		return true
	}
	var texts [][]byte
	var libraries [][]Writer
	add := func(b []byte, name string) {
		i := slices.IndexFunc(texts, func(o []byte) bool { return bytes.Equal(o, b) })
		if i < 0 {
			i = len(texts)
			texts, libraries = append(texts, b), append(libraries, nil)
		}
		libraries[i] = append(libraries[i], Writer{Name: name})
	}
	for _, lib := range writers() {
		st := lib.style()
		st.order = ordering{js: lib.js}
		plain := t.Write(st)
		add(plain, lib.name)
		st.order = ordering{sorted: true}
		if sorted := t.Write(st); !bytes.Equal(sorted, plain) {
			add(sorted, lib.name+", sorted,")
		}
	}
	for i := range texts {
		if !yield(texts[i], libraries[i]) {
			return false
		}
	}
	return true
}

// object is a form's fields as a JSON object.
type object struct {
	words string
	text  []byte
}

// objects are the ways in which a form's fields become an object.
func (f *Form) objects() []object {
	last := once(f.pairs, true)
	out := []object{{"", flat(last, quoted)}}
	if f.repeated {
		out = append(
			out,
			object{"the first of its repeated fields alone", flat(once(f.pairs, false), quoted)},
			object{"its repeated fields as lists", lists(f.pairs, false)},
		)
	}
	if f.has.brackets {
		out = append(out, object{"its names with brackets as objects and lists", nested(f.pairs)})
	}
	if php := readByPHP(f.pairs); !slices.EqualFunc(php, f.pairs, samePair) {
		out = append(out, object{"as PHP reads it", nested(php)})
	}
	out = append(out, object{"each value in a list", lists(f.pairs, true)})
	if slices.ContainsFunc(last, func(p pair) bool { return p.value == "" }) {
		out = append(out, object{"its empty values as null", flat(last, func(s string) string { return when(s == "", "null") + when(s != "", quoted(s)) })})
	}
	return out
}

func quoted(s string) string { return string(jsonbytes.Quote(s)) }

// unquoted is the text of a JSON string.
func unquoted(raw []byte) string {
	if len(raw) < 2 || raw[0] != '"' {
		return string(raw)
	}
	var out []byte
	for raw = raw[1 : len(raw)-1]; len(raw) > 0; {
		r, n, ok := jsonbytes.Char(raw)
		if ok {
			out = utf8.AppendRune(out, r)
		} else {
			out = append(out, raw[:n]...)
		}
		raw = raw[n:]
	}
	return string(out)
}

func flat(pairs []pair, value func(string) string) []byte {
	out := []byte{'{'}
	for i := range pairs {
		out = append(append(append(append(out, when(i > 0, ",")...), quoted(pairs[i].name)...), ':'), value(pairs[i].value)...)
	}
	return append(out, '}')
}

// lists writes the values of a name in one list; all says whether those that stand alone are in one too.
func lists(pairs []pair, all bool) []byte {
	values := map[string][]string{}
	for i := range pairs {
		values[pairs[i].name] = append(values[pairs[i].name], quoted(pairs[i].value))
	}
	first := once(pairs, false)
	return flat(changed(first, func(p *pair) {
		list := values[p.name]
		p.value = list[0]
		if all || len(list) > 1 {
			p.value = "[" + strings.Join(list, ",") + "]"
		}
	}), func(s string) string { return s })
}

// node is a value that is read from names with brackets.
type node struct {
	text  string
	names []string // of an object or a list, in order
	of    map[string]*node
}

// nested reads names with brackets as qs and PHP do: a[b]=1 is {"a":{"b":"1"}}, a[]=1 is {"a":["1"]}.
func nested(pairs []pair) []byte {
	root := &node{of: map[string]*node{}}
	for i := range pairs {
		at := root
		for _, name := range path(pairs[i].name) {
			if name == "" {
				name = strconv.Itoa(len(at.names))
			}
			if at.of == nil {
				at.of = map[string]*node{}
			}
			if at.of[name] == nil {
				at.of[name] = &node{}
				at.names = append(at.names, name)
			}
			at = at.of[name]
		}
		at.text = pairs[i].value
	}
	return root.append(nil)
}

// path is a name's parts; the name itself where its brackets are not in pairs, or too many.
func path(name string) []string {
	const deepest = 5 // of qs
	base, rest, ok := strings.Cut(name, "[")
	if !ok || base == "" || !strings.HasSuffix(rest, "]") {
		return []string{name}
	}
	parts := strings.Split(strings.TrimSuffix(rest, "]"), "][")
	if len(parts) > deepest {
		return []string{name}
	}
	return append([]string{base}, parts...)
}

func (n *node) append(out []byte) []byte {
	if n.of == nil {
		return append(out, quoted(n.text)...)
	}
	list := true
	for i, name := range n.names {
		list = list && name == strconv.Itoa(i)
	}
	open, end := byte('{'), byte('}')
	if list {
		open, end = '[', ']'
	}
	out = append(out, open)
	for i, name := range n.names {
		if out = append(out, when(i > 0, ",")...); !list {
			out = append(append(out, quoted(name)...), ':')
		}
		out = n.of[name].append(out)
	}
	return append(out, end)
}

// FieldTexts gives the text of a form's fields that hold JSON, as they came and as the usual libraries write them.
func (f *Form) FieldTexts() iter.Seq2[string, Writing] {
	const most = 4 // fields
	return func(yield func(string, Writing) bool) {
		found := slices.DeleteFunc(slices.Clone(f.pairs), func(p pair) bool { return p.value == "" || p.value[0] != '{' && p.value[0] != '[' })
		for _, p := range found[:min(len(found), most)] {
			if !yield(p.name, Writing{Text: []byte(p.value)}) || !eachLibrary([]byte(p.value), func(text []byte, libraries []Writer) bool {
				return yield(p.name, Writing{Text: text, Writers: libraries})
			}) {
				return
			}
		}
	}
}

// Field is a form of one field.
func Field(name string, value []byte) *Form {
	return newForm(nil, []pair{{name: name, value: string(value)}})
}

// EachLibrary gives a JSON text as the usual libraries write it; nothing when it is none.
func EachLibrary(text []byte) iter.Seq[Writing] {
	return func(yield func(Writing) bool) {
		eachLibrary(text, func(b []byte, libraries []Writer) bool {
			return yield(Writing{Text: b, Writers: libraries})
		})
	}
}

// Forms are the forms that a JSON object may have been, one for each way to write lists; nothing when it is none, or too large.
func (w *Text) Forms() []*Form {
	if w.lex[0].kind != '{' || len(w.b) > maxForm || len(w.lex) > 4*maxPairs {
		return nil
	}
	var out []*Form
	for _, list := range []func(name string, i int) string{
		func(name string, _ int) string { return name },
		func(name string, _ int) string { return name + "[]" },
		func(name string, i int) string { return name + "[" + strconv.Itoa(i) + "]" },
	} {
		fl := flattener{w, list, nil}
		fl.members(0, "")
		same := func(o *Form) bool { return slices.EqualFunc(o.pairs, fl.pairs, samePair) }
		if len(fl.pairs) > 0 && !slices.ContainsFunc(out, same) {
			out = append(out, newForm(nil, fl.pairs))
		}
	}
	return out
}

// HoldsTexts says whether a JSON object holds nothing but texts, as one that was a form does.
func (w *Text) HoldsTexts() bool {
	return w.lex[0].kind == '{' && !slices.ContainsFunc(w.lex, func(l lexeme) bool {
		return l.kind == jsonbytes.Number || l.kind == jsonbytes.Word
	})
}

// flattener writes a JSON object as fields.
type flattener struct {
	*Text
	list  func(name string, i int) string
	pairs []pair
}

func (fl *flattener) members(i int, outer string) {
	for _, key := range fl.asReceived(i+1, int(fl.lex[i].pair)) {
		name := unquoted(fl.text(key))
		if outer != "" {
			name = outer + "[" + name + "]"
		}
		fl.field(key+2, name)
	}
}

func (fl *flattener) field(i int, name string) {
	switch fl.lex[i].kind {
	case '{':
		fl.members(i, name)
	case '[':
		for n, at := 0, i+1; at < int(fl.lex[i].pair); n++ {
			fl.field(at, fl.list(name, n))
			if at = fl.skip(at); at < int(fl.lex[i].pair) && fl.lex[at].kind == ',' {
				at++
			}
		}
	case jsonbytes.String:
		fl.pairs = append(fl.pairs, pair{name: name, value: unquoted(fl.text(i))})
	default:
		text := string(fl.text(i))
		fl.pairs = append(fl.pairs, pair{name: name, value: when(text != "null", text)})
	}
}

// Libraries names those that write a JSON text exactly as it is.
func Libraries(text []byte) (out []Writer) {
	eachLibrary(text, func(b []byte, libraries []Writer) bool {
		if bytes.Equal(b, text) {
			out = libraries
		}
		return out == nil
	})
	return out
}
