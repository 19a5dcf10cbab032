package jsonbytes

// Changes of one value in a body.

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Edit is one change of a JSON body: a path and the JSON value to put there. ParseEdit and SetString make one.
type Edit struct {
	Path string // as it was written

	segs  Path
	value []byte
}

// ParseEdit reads "path=value". The value is taken as JSON when it is JSON and as a string otherwise, so that 5, true,
// null, {"a":1} and "5" have their types and hello needs no quotes. The error is an *Error.
func ParseEdit(s string) (Edit, error) {
	at := assignment(s)
	if at < 0 {
		return Edit{}, &Error{Path: s, Problem: "no = between path and value"}
	}
	path, value := s[:at], s[at+1:]
	if !utf8.ValidString(value) {
		return Edit{}, &Error{Path: path, Problem: "the value is not UTF-8"}
	}
	var compact bytes.Buffer // without white space between tokens; each token stays as written
	if err := json.Compact(&compact, []byte(value)); err == nil {
		return newEdit(path, compact.Bytes())
	}
	return SetString(path, value)
}

// SetString makes the edit that puts a string at path, whatever the string looks like. In the path an equals sign
// needs no backslash. The error is an *Error.
func SetString(path, value string) (Edit, error) {
	if !utf8.ValidString(value) {
		return Edit{}, &Error{Path: path, Problem: "the value is not UTF-8"}
	}
	return newEdit(path, Quote(value))
}

func newEdit(text string, value []byte) (Edit, error) {
	segs, err := ParsePath(text)
	return Edit{Path: text, segs: segs, value: value}, err
}

// assignment returns the place of the first = outside of a key, or -1.
func assignment(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '=':
			return i
		}
	}
	return -1
}

// Apply makes the edits in order and returns a new body; the given one is left alone. Only the bytes of an edited
// value change: key order, white space and the way other values are written stay, and a new key comes last in its
// object. What is missing on the way is made: an object for a key, an array for [0] or [+]; null counts as missing. An index
// may reach one past the last element and then appends. Of a key that is there twice the last is edited, which is the
// one that parsers and Extract take. The error is an *Error.
func Apply(body []byte, edits []Edit) ([]byte, error) {
	out := bytes.Clone(body)
	if len(edits) == 0 {
		return out, nil
	}
	lead := len(body) - len(bytes.TrimPrefix(body, []byte(bom)))
	out = out[lead:]
	if !json.Valid(out) {
		return nil, &Error{Problem: "the body is not JSON, so no value in it can be set"}
	}
	for _, e := range edits {
		var err error
		if out, err = e.apply(out); err != nil {
			return nil, err
		}
	}
	if !json.Valid(out) { // every edit keeps it valid, save for the depth that parsers allow
		return nil, &Error{Problem: "the edited body would be nested too deeply"}
	}
	return slices.Concat(body[:lead], out), nil
}

// span is a piece of the body.
type span struct{ start, end int }

// apply makes one edit of a valid body.
func (e Edit) apply(body []byte) ([]byte, error) {
	if len(e.segs) == 0 {
		return nil, &Error{Problem: "the path is empty"}
	}
	c := &cursor{b: body}
	c.space()
	at := valueSpan(c)
	for n, seg := range e.segs {
		place, found, err := e.step(body, at, seg)
		if err != nil {
			return nil, err
		}
		if found {
			at = place
			continue
		}
		value, err := e.made(e.segs[n+1:])
		if err != nil {
			return nil, err
		}
		return insert(body, at, place, seg, value), nil
	}
	return splice(body, at, e.value), nil
}

// step goes from the value at into its child seg, or returns where that child would go.
func (e Edit) step(body []byte, at span, seg segment) (span, bool, error) {
	switch body[at.start] {
	case '{':
		if seg.bracket {
			return span{}, false, e.problem(seg, "an index, but there is an object and not an array")
		}
		place, found := findKey(body, at, seg.key)
		return place, found, nil
	case '[':
		return e.element(body, at, seg)
	case 'n': // null: the whole of it gives way to what is made
		return at, false, e.madeHere(seg)
	case '"':
		return span{}, false, e.problem(seg, "there is a string, and a string has no parts")
	case 't', 'f':
		return span{}, false, e.problem(seg, "there is a boolean, and a boolean has no parts")
	default:
		return span{}, false, e.problem(seg, "there is a number, and a number has no parts")
	}
}

func (e Edit) element(body []byte, at span, seg segment) (span, bool, error) {
	index, ok := seg.asIndex()
	if !ok {
		return span{}, false, e.problem(seg, "a key, but there is an array; its elements are written [0], or [+] for one more")
	}
	place, count := findIndex(body, at, index)
	switch {
	case index == appendIndex, index == count:
		return place, false, nil
	case index > count:
		elements := " elements"
		if count == 1 {
			elements = " element"
		}
		return span{}, false, e.problem(seg, "past the end: the array has "+strconv.Itoa(count)+elements+"; [+] adds one")
	default:
		return place, true, nil
	}
}

// madeHere says whether seg can be made where nothing is.
func (e Edit) madeHere(seg segment) error {
	if seg.bracket && seg.index > 0 {
		return e.problem(seg, "past the end: there is no array yet, so its first element is [0] or [+]")
	}
	return nil
}

// made is the value wrapped in the objects and arrays that the remaining segments ask for.
func (e Edit) made(rest []segment) ([]byte, error) {
	for _, seg := range rest {
		if err := e.madeHere(seg); err != nil {
			return nil, err
		}
	}
	value := e.value
	for _, seg := range slices.Backward(rest) {
		value = wrap(seg, value)
	}
	return value, nil
}

func (e Edit) problem(seg segment, text string) error {
	return &Error{Path: e.Path[:seg.end], Problem: text}
}

// wrap is an object or array that holds only value.
func wrap(seg segment, value []byte) []byte {
	if seg.bracket {
		return slices.Concat([]byte("["), value, []byte("]"))
	}
	return slices.Concat([]byte("{"), Quote(seg.key), []byte(":"), value, []byte("}"))
}

// insert puts a value that was missing at place, inside the container at parent, or instead of it where that is null.
func insert(body []byte, parent, place span, seg segment, value []byte) []byte {
	if place == parent {
		return splice(body, place, wrap(seg, value))
	}
	var item []byte
	if place.start > parent.start+1 { // after another one
		item = append(item, ',')
	}
	if body[parent.start] == '{' {
		item = append(item, Quote(seg.key)...)
		item = append(item, ':')
	}
	return splice(body, place, append(item, value...))
}

func splice(body []byte, at span, value []byte) []byte {
	return slices.Concat(body[:at.start], value, body[at.end:])
}

// valueSpan moves past the value that begins here and says where it stands.
func valueSpan(c *cursor) span {
	start := c.i
	c.skip()
	return span{start, c.i}
}

// findKey finds the last member with this key, or else the empty span right after the last member.
func findKey(body []byte, object span, key string) (span, bool) {
	c := &cursor{b: body[:object.end], i: object.start + 1}
	last := span{c.i, c.i}
	var hit span
	for c.space() && c.b[c.i] != '}' {
		raw, _ := c.str()
		c.take(':')
		c.space()
		last = valueSpan(c)
		if sameKey(raw, key) {
			hit = last
		}
		c.take(',')
	}
	if hit.end > 0 {
		return hit, true
	}
	return span{last.end, last.end}, false
}

// findIndex finds an element and counts the elements up to it; without it, the place is right after the last one.
func findIndex(body []byte, array span, index int) (span, int) {
	c := &cursor{b: body[:array.end], i: array.start + 1}
	last, count := span{c.i, c.i}, 0
	for c.space() && c.b[c.i] != ']' {
		last = valueSpan(c)
		if count++; count-1 == index {
			return last, count
		}
		c.take(',')
	}
	return span{last.end, last.end}, count
}

// Quote writes a string as JSON, with <, > and & as they are.
func Quote(s string) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // cannot happen: a string always encodes, a buffer always takes it
		return []byte(`""`)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
