package event

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// The bounds of Extract. Bodies are hostile: none of these grows with one.
const (
	maxLook  = 1 << 20 // bytes of the body looked at
	maxValue = 256     // bytes of a value
	maxPaths = 64      // JSON paths of one Spec
)

const headerPrefix = "header:"

// Extract reads an event's type, id and time from the headers (canonical names) and from the body's bytes, whatever
// Content-Type says. It never fails: each value that is not there is "", whatever became of the others.
//
// A value is there when it is a string, number (as written) or boolean that is not empty; null is not. The body need
// not be whole or right JSON: what stands before the first fault, within the first MiB, is read. Of a key that is
// there twice the last counts, as in most parsers, so that whctl and the receiver see the same event. Values are
// valid UTF-8; a type or time is cut to 256 bytes, an id that is longer counts as not there, because a cut one could
// make two events look like one.
func Extract(s Spec, header map[string][]string, body []byte) Info {
	var q query
	typ, id, when := q.add(s.Type, header), q.add(s.ID, header), q.add(s.Time, header)
	q.scan(body)
	return Info{Type: q.first(typ, true), ID: q.first(id, false), Time: q.first(when, true)}
}

// query is the JSON paths looked for in one pass over a body, and what was found at each.
type query struct {
	paths [][]segment
	found []found
}

// found is a scalar in the body: nothing is copied until it is known to be the one.
type found struct {
	raw    []byte
	quoted bool
}

// candidate is a place where a value may stand: a header's value, or else a path of the query.
type candidate struct {
	header string
	path   int
}

// add notes the places of one list in their order. Those after a header that is there are kept too: an id in it may
// turn out to be too long to count.
func (q *query) add(places []string, header map[string][]string) []candidate {
	var out []candidate
	for _, place := range places {
		if name, ok := strings.CutPrefix(place, headerPrefix); ok {
			if v := headerValue(header, name); v != "" {
				out = append(out, candidate{header: v})
			}
			continue
		}
		segs, err := parsePath(place)
		if err != nil || len(q.paths) == maxPaths {
			continue
		}
		out = append(out, candidate{path: len(q.paths)})
		q.paths = append(q.paths, segs)
	}
	return out
}

// first is the first candidate that is there, as text.
func (q *query) first(list []candidate, mayCut bool) string {
	for _, c := range list {
		v, whole := c.header, len(c.header) <= maxValue
		switch {
		case v == "":
			v, whole = q.found[c.path].text()
		case !whole || !utf8.ValidString(v):
			v, whole = toValid(v)
		}
		if v != "" && (whole || mayCut) {
			return v
		}
	}
	return ""
}

func (f found) text() (string, bool) {
	if f.quoted {
		return unescape(f.raw, maxValue)
	}
	if len(f.raw) > maxValue {
		return string(f.raw[:maxValue]), false
	}
	return string(f.raw), true
}

// toValid makes remote header text valid UTF-8 of at most maxValue bytes and says whether all of it fitted.
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

func (q *query) scan(body []byte) {
	q.found = make([]found, len(q.paths))
	if len(q.paths) == 0 {
		return
	}
	body = bytes.TrimPrefix(body[:min(len(body), maxLook)], []byte("\xef\xbb\xbf"))
	q.value(&cursor{b: body}, 0, 1<<len(q.paths)-1)
}

// value reads the value that comes next, where the first depth segments of the paths in mask have matched. Only
// containers on the way to a path are entered, so it recurses no deeper than the longest path. It returns false when
// the text ends or makes no sense.
func (q *query) value(c *cursor, depth int, mask uint64) bool {
	here, below := q.split(depth, mask)
	if !c.space() {
		return false
	}
	switch c.b[c.i] {
	case '"':
		raw, ok := c.str()
		if ok {
			q.keep(here, found{raw: raw, quoted: true})
		}
		return ok
	case '{', '[':
		if below == 0 {
			return c.skip()
		}
		if c.b[c.i] == '{' {
			return q.object(c, depth, below)
		}
		return q.array(c, depth, below)
	default:
		raw := c.token()
		if c.end() || !scalar(raw) { // at the very end a number may have been cut off
			return false
		}
		if string(raw) != "null" {
			q.keep(here, found{raw: raw})
		}
		return true
	}
}

// split forgets what an earlier value in the same place had given, and says which paths of mask end here and which go on.
func (q *query) split(depth int, mask uint64) (here, below uint64) {
	for i := range q.paths {
		bit := uint64(1) << i
		switch {
		case mask&bit == 0:
			continue
		case len(q.paths[i]) == depth:
			here |= bit
		default:
			below |= bit
		}
		q.found[i] = found{}
	}
	return here, below
}

func (q *query) keep(mask uint64, f found) {
	for i := range q.found {
		if mask&(1<<i) != 0 {
			q.found[i] = f
		}
	}
}

func (q *query) object(c *cursor, depth int, mask uint64) bool {
	c.i++
	if c.take('}') {
		return true
	}
	for c.space() {
		key, ok := c.str()
		if !ok || !c.take(':') {
			return false
		}
		if !q.member(c, depth, q.withKey(depth, mask, key)) {
			return false
		}
		if !c.take(',') {
			return c.take('}')
		}
	}
	return false
}

func (q *query) array(c *cursor, depth int, mask uint64) bool {
	c.i++
	if c.take(']') {
		return true
	}
	for n := 0; c.space(); n++ {
		if !q.member(c, depth, q.withIndex(depth, mask, n)) {
			return false
		}
		if !c.take(',') {
			return c.take(']')
		}
	}
	return false
}

func (q *query) member(c *cursor, depth int, mask uint64) bool {
	if mask == 0 {
		return c.skip()
	}
	return q.value(c, depth+1, mask)
}

func (q *query) withKey(depth int, mask uint64, raw []byte) uint64 {
	var out uint64
	for i, path := range q.paths {
		if bit := uint64(1) << i; mask&bit != 0 && !path[depth].bracket && sameKey(raw, path[depth].key) {
			out |= bit
		}
	}
	return out
}

func (q *query) withIndex(depth int, mask uint64, n int) uint64 {
	var out uint64
	for i, path := range q.paths {
		if bit := uint64(1) << i; mask&bit != 0 {
			if index, ok := path[depth].asIndex(); ok && index == n {
				out |= bit
			}
		}
	}
	return out
}

// scalar says whether a token is a JSON literal or looks like a number.
func scalar(raw []byte) bool {
	switch string(raw) {
	case "":
		return false
	case "true", "false", "null":
		return true
	}
	for i, ch := range raw {
		digit := '0' <= ch && ch <= '9'
		if !digit && (i == 0 && ch != '-' || bytes.IndexByte([]byte("+-.eE"), ch) < 0) {
			return false
		}
	}
	return true
}
