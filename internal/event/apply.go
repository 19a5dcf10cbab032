package event

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// ApplySets makes the edits in order and returns a new body; the given one is left alone. Only the bytes of an edited
// value change: key order, white space and the way other values are written stay, and a new key comes last in its
// object. What is missing on the way is made: an object for a key, an array for [0] or [+]; null counts as missing. An index
// may reach one past the last element and then appends. Of a key that is there twice the last is edited, which is the
// one that parsers and Extract take. The error is a *SetError.
func ApplySets(body []byte, sets []Set) ([]byte, error) {
	out := bytes.Clone(body)
	if len(sets) == 0 {
		return out, nil
	}
	bom := []byte("\xef\xbb\xbf")
	lead := len(body) - len(bytes.TrimPrefix(body, bom))
	out = out[lead:]
	if !json.Valid(out) {
		return nil, &SetError{Problem: "the body is not JSON, so no value in it can be set"}
	}
	for _, s := range sets {
		var err error
		if out, err = s.apply(out); err != nil {
			return nil, err
		}
	}
	if !json.Valid(out) { // every edit keeps it valid, save for the depth that parsers allow
		return nil, &SetError{Problem: "the edited body would be nested too deeply"}
	}
	return slices.Concat(body[:lead], out), nil
}

// span is a piece of the body, and the bytes to put around what replaces it.
type span struct{ start, end int }

// apply makes one edit of a valid body.
func (s Set) apply(body []byte) ([]byte, error) {
	if len(s.segs) == 0 {
		return nil, &SetError{Problem: "the path is empty"}
	}
	c := &cursor{b: body}
	c.space()
	at := valueSpan(c)
	for n, seg := range s.segs {
		place, found, err := s.step(body, at, seg)
		if err != nil {
			return nil, err
		}
		if found {
			at = place
			continue
		}
		value, err := s.made(s.segs[n+1:])
		if err != nil {
			return nil, err
		}
		return insert(body, at, place, seg, value), nil
	}
	return splice(body, at, s.value), nil
}

// step goes from the value at into its child seg. When there is none it says where one would be put.
func (s Set) step(body []byte, at span, seg segment) (span, bool, error) {
	switch body[at.start] {
	case '{':
		if seg.bracket {
			return span{}, false, s.problem(seg, "an index, but there is an object and not an array")
		}
		place, found := findKey(body, at, seg.key)
		return place, found, nil
	case '[':
		return s.element(body, at, seg)
	case 'n': // null: the whole of it gives way to what is made
		return at, false, s.madeHere(seg)
	case '"':
		return span{}, false, s.problem(seg, "there is a string, and a string has no parts")
	case 't', 'f':
		return span{}, false, s.problem(seg, "there is a boolean, and a boolean has no parts")
	default:
		return span{}, false, s.problem(seg, "there is a number, and a number has no parts")
	}
}

func (s Set) element(body []byte, at span, seg segment) (span, bool, error) {
	index, ok := seg.asIndex()
	if !ok {
		return span{}, false, s.problem(seg, "a key, but there is an array; its elements are written [0], or [+] for one more")
	}
	place, count := findIndex(body, at, index)
	switch {
	case index == appendIndex, index == count:
		return place, false, nil
	case index > count:
		return span{}, false, s.problem(seg, "past the end: the array has "+strconv.Itoa(count)+" elements; [+] adds one")
	default:
		return place, true, nil
	}
}

// madeHere says whether seg can be made where nothing is.
func (s Set) madeHere(seg segment) error {
	if seg.bracket && seg.index > 0 {
		return s.problem(seg, "past the end: there is no array yet, so its first element is [0] or [+]")
	}
	return nil
}

// made is the value wrapped in the objects and arrays that the remaining segments ask for.
func (s Set) made(rest []segment) ([]byte, error) {
	for _, seg := range rest {
		if err := s.madeHere(seg); err != nil {
			return nil, err
		}
	}
	value := s.value
	for _, seg := range slices.Backward(rest) {
		value = wrap(seg, value)
	}
	return value, nil
}

func (s Set) problem(seg segment, text string) error {
	return &SetError{Path: s.path[:seg.end], Problem: text}
}

// wrap is an object or array that holds only value.
func wrap(seg segment, value []byte) []byte {
	if seg.bracket {
		return slices.Concat([]byte("["), value, []byte("]"))
	}
	return slices.Concat([]byte("{"), quote(seg.key), []byte(":"), value, []byte("}"))
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
		item = append(item, quote(seg.key)...)
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
