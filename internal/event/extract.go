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

// Places are those of a Spec, ready to be read.
type Places struct {
	typ, id, when, object []candidate
	paths                 []jsonbytes.Path
}

// candidate is a place where a value may stand: a header, or the index of a path.
type candidate struct {
	inHeader bool
	header   string
	path     int
}

// Places makes a Spec ready to be read. What is no path is left out.
func (s Spec) Places() *Places {
	p := &Places{}
	p.typ, p.id, p.when, p.object = p.add(s.Type), p.add(s.ID), p.add(s.Time), p.add(s.Object)
	return p
}

func (p *Places) add(places []string) (out []candidate) {
	for _, place := range places {
		if name, ok := strings.CutPrefix(place, headerPrefix); ok {
			out = append(out, candidate{inHeader: true, header: name})
		} else if path, err := jsonbytes.ParsePath(place); err == nil {
			out = append(out, candidate{path: len(p.paths)})
			p.paths = append(p.paths, path)
		}
	}
	return out
}

// Read reads an event's type, id, time and object from the headers (canonical names) and from the body's bytes, whatever
// Content-Type says. It never fails: each value that is missing is "".
//
// A value is there when it is a string, number (as written) or boolean that is not empty; null is not. The body need
// not be whole or right JSON: what stands before the first fault, within the first MiB, is read. Of a key that is
// there twice the last counts, as in most parsers, so that whctl and the receiver see the same event. Values are
// valid UTF-8; a type or time is cut to 256 bytes, an id or object that is longer counts as not there, because a cut one could
// make two events look like one.
func (p *Places) Read(header map[string][]string, body []byte) Info {
	found := jsonbytes.Find(body[:min(len(body), maxLook)], p.paths...)
	first := func(list []candidate, mayCut bool) string { return first(found, header, list, mayCut) }
	return Info{Type: first(p.typ, true), ID: first(p.id, false), Time: first(p.when, true), Object: first(p.object, false)}
}

// Extract is Read of a Spec that is read once.
func Extract(s Spec, header map[string][]string, body []byte) Info {
	return s.Places().Read(header, body)
}

// first returns the text of the first candidate that exists.
func first(found []jsonbytes.Scalar, header map[string][]string, list []candidate, mayCut bool) string {
	for _, c := range list {
		v, whole := c.value(found, header)
		if v != "" && (whole || mayCut) {
			return v
		}
	}
	return ""
}

// value is the text of a candidate, "" where it is not there, and whether it is all of it.
func (c candidate) value(found []jsonbytes.Scalar, header map[string][]string) (text string, whole bool) {
	if !c.inHeader {
		return found[c.path].Text(maxValue)
	}
	v := headerValue(header, c.header)
	if len(v) > maxValue || !utf8.ValidString(v) {
		return toValid(v)
	}
	return v, true
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
