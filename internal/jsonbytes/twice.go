package jsonbytes

// Keys that stand twice.

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Twice is the path, as a pattern, of a key that an object has twice on the way to one of some values; "" where there is none. Keys that
// differ in nothing but their case are the same: programs differ on which of two counts, and some of them do not tell the two apart. It
// recurses no deeper than the longest pattern.
func Twice(body []byte, patterns []Path) (path string) {
	w := newWalk(body, foldedKey)
	w.end = func([]Path, int) (over, whole bool) { return false, false }
	w.members = func() func([]Path, int) bool {
		var seen []string
		return func(below []Path, depth int) bool {
			name := below[0][depth].key
			if slices.Contains(seen, name) {
				path = below[0][:depth+1].String()
				return false
			}
			seen = append(seen, name)
			return true
		}
	}
	w.value(patterns, 0)
	return path
}

// OtherCase is the path, as a pattern, of a key on the way to one of some values that stands there in another case; "" where there is none.
// Some programs take it for the key that the pattern has.
func OtherCase(body []byte, patterns []Path) (path string) {
	other := false // a key was such a one, and the walk ends there
	w := newWalk(body, func(raw []byte, key string) bool {
		same := foldedKey(raw, key)
		other = other || same && !sameKey(raw, key)
		return same
	})
	w.end = func([]Path, int) (over, whole bool) { return false, false }
	w.members = func() func([]Path, int) bool {
		return func(below []Path, depth int) bool {
			if other {
				path = below[0][:depth+1].String()
			}
			return !other
		}
	}
	w.value(patterns, 0)
	return path
}

// Begins says whether a body begins as a JSON object or list does.
func Begins(body []byte) bool {
	c := cursor{b: bytes.TrimPrefix(body, []byte(bom))}
	return c.space() && (c.b[c.i] == '{' || c.b[c.i] == '[')
}

// Valid says whether a body is one JSON text, with nothing behind it.
func Valid(body []byte) bool { return json.Valid(bytes.TrimPrefix(body, []byte(bom))) }

// foldedKey says whether a key as it stands in JSON text is the given one, whatever the case of its letters.
func foldedKey(raw []byte, key string) bool {
	if bytes.IndexByte(raw, '\\') < 0 {
		return bytes.EqualFold(raw, []byte(key))
	}
	const longest = 3 // bytes of a character that folds to one of one byte, as that of the unit kelvin does
	got, whole := unescape(raw, longest*len(key))
	return whole && bytes.EqualFold([]byte(got), []byte(key))
}
