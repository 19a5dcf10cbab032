package jsonbytes

// Keys that stand twice.

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Twice names a key that an object has twice on the way to one of some values; "" where there is none. Keys that differ in nothing but
// their case are the same: programs differ on which of two counts, and some of them do not tell the two apart. It recurses no deeper than
// the longest pattern.
func Twice(body []byte, patterns []Path) (key string) {
	lead := len(body) - len(bytes.TrimPrefix(body, []byte(bom)))
	d := doubles{c: cursor{b: body, i: lead}}
	d.value(patterns, 0)
	return d.key
}

// Begins says whether a body begins as a JSON object or list does.
func Begins(body []byte) bool {
	c := cursor{b: bytes.TrimPrefix(body, []byte(bom))}
	return c.space() && (c.b[c.i] == '{' || c.b[c.i] == '[')
}

// Valid says whether a body is one JSON text, with nothing behind it.
func Valid(body []byte) bool { return json.Valid(bytes.TrimPrefix(body, []byte(bom))) }

type doubles struct {
	c   cursor
	key string
}

// value reads the value that comes next, on the way of patterns whose first depth steps have matched. It is false when the search is
// over.
func (d *doubles) value(patterns []Path, depth int) bool {
	further := going(patterns, func(p Path) bool { return len(p) > depth })
	switch {
	case !d.c.space():
		return false
	case len(further) == 0:
		return d.c.skip()
	case d.c.take('{'):
		return d.object(further, depth)
	case d.c.take('['):
		return d.array(further, depth)
	default:
		return d.c.skip()
	}
}

func (d *doubles) object(patterns []Path, depth int) bool {
	if d.c.take('}') {
		return true
	}
	var seen []string
	for d.c.space() {
		key, ok := d.c.str()
		if !ok || !d.c.take(':') {
			return false
		}
		below := going(patterns, func(p Path) bool { return !p[depth].bracket && foldedKey(key, p[depth].key) })
		if len(below) > 0 {
			name := below[0][depth].key
			if slices.Contains(seen, name) {
				d.key = name
				return false
			}
			seen = append(seen, name)
		}
		if !d.value(below, depth+1) {
			return false
		}
		if !d.c.take(',') {
			return d.c.take('}')
		}
	}
	return false
}

func (d *doubles) array(patterns []Path, depth int) bool {
	if d.c.take(']') {
		return true
	}
	for n := 0; d.c.space(); n++ {
		below := going(patterns, func(p Path) bool {
			index, ok := p[depth].asIndex()
			return p[depth].every || ok && index == n
		})
		if !d.value(below, depth+1) {
			return false
		}
		if !d.c.take(',') {
			return d.c.take(']')
		}
	}
	return false
}

// foldedKey says whether a key as it stands in JSON text is the given one, whatever the case of its letters.
func foldedKey(raw []byte, key string) bool {
	if bytes.IndexByte(raw, '\\') < 0 {
		return bytes.EqualFold(raw, []byte(key))
	}
	const longest = 3 // bytes of a character that folds to one of one byte, as that of the unit kelvin does
	got, whole := unescape(raw, longest*len(key))
	return whole && bytes.EqualFold([]byte(got), []byte(key))
}
