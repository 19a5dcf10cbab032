package event

// The type, id, time and object of an event, read from a delivery.

import (
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// The bounds of Extract. Bodies are hostile: none of these grows with one.
const (
	maxLook  = 1 << 20 // bytes of the body looked at
	maxValue = 256     // bytes of a value
)

const headerPrefix = "header:"

// Extract reads an event's type, id, time and object from the headers (canonical names) and from the body's bytes, whatever
// Content-Type says. It never fails: each value that is missing is "".
//
// A value is there when it is a string, number (as written) or boolean that is not empty; null is not. The body need
// not be whole or right JSON: what stands before the first fault, within the first MiB, is read. Of a key that is
// there twice the last counts, as in most parsers, so that whctl and the receiver see the same event. Values are
// valid UTF-8; a type or time is cut to 256 bytes, an id or object that is longer counts as not there, because a cut one could
// make two events look like one.
func Extract(s Spec, header map[string][]string, body []byte) Info {
	var paths []jsonbytes.Path
	add := func(places []string) (out []candidate) {
		for _, place := range places {
			if name, ok := strings.CutPrefix(place, headerPrefix); ok {
				if v := headerValue(header, name); v != "" {
					out = append(out, candidate{header: v})
				}
				continue
			}
			if path, err := jsonbytes.ParsePath(place); err == nil {
				out = append(out, candidate{path: len(paths)})
				paths = append(paths, path)
			}
		}
		return out
	}
	typ, id, when, object := add(s.Type), add(s.ID), add(s.Time), add(s.Object)
	found := jsonbytes.Find(body[:min(len(body), maxLook)], paths...)
	return Info{Type: first(found, typ, true), ID: first(found, id, false), Time: first(found, when, true), Object: first(found, object, false)}
}

// candidate is a place where a value may stand: a header's value, or else the index of a path.
type candidate struct {
	header string
	path   int
}

// first returns the text of the first candidate that exists.
func first(found []jsonbytes.Scalar, list []candidate, mayCut bool) string {
	for _, c := range list {
		v, whole := c.header, len(c.header) <= maxValue
		switch {
		case v == "":
			v, whole = found[c.path].Text(maxValue)
		case !whole || !utf8.ValidString(v):
			v, whole = toValid(v)
		}
		if v != "" && (whole || mayCut) {
			return v
		}
	}
	return ""
}

// toValid cuts header text to valid UTF-8 of at most maxValue bytes, and reports whether all of it fitted.
func toValid(s string) (string, bool) {
	var out []byte
	for _, r := range s {
		if len(out)+utf8.RuneLen(r) > maxValue {
			return string(out), false
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out), true
}

func headerValue(header map[string][]string, name string) string {
	for key, values := range header {
		if strings.EqualFold(key, name) {
			for _, v := range values {
				if v = strings.TrimSpace(v); v != "" {
					return v
				}
			}
		}
	}
	return ""
}
