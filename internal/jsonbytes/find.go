package jsonbytes

// Values found in a body.

import (
	"bytes"
	"encoding/json"
	"slices"
)

// maxPaths is how many paths one pass over a body looks for.
const maxPaths = 64

// Scalar is a string, number or boolean as it stands in a body. The zero value stands for nothing.
type Scalar struct {
	raw    []byte // of a string what stands between its quotes
	quoted bool
	last   bool // a number or word that ends the body, so that more of it may be missing
}

// Text is the scalar's text, of at most limit bytes, and whether all of it fitted. It is valid UTF-8: what is not in a string
// becomes U+FFFD. A number or boolean is as written, and has no text where the body ends with it.
func (s Scalar) Text(limit int) (string, bool) {
	switch {
	case s.quoted:
		return unescape(s.raw, limit)
	case s.last:
		return "", false
	}
	return string(s.raw[:min(len(s.raw), limit)]), len(s.raw) <= limit
}

// Quoted says whether the scalar is a string.
func (s Scalar) Quoted() bool { return s.quoted }

// Exact is the scalar's text byte for byte, also what is not UTF-8. It is false when there is no scalar, when it has more
// than limit bytes, and when an escape in it is not one of JSON's.
func (s Scalar) Exact(limit int) (string, bool) {
	if s.raw == nil || len(s.raw) > limit {
		return "", false
	}
	if !s.quoted || bytes.IndexByte(s.raw, '\\') < 0 {
		return string(s.raw), true
	}
	var text string
	err := json.Unmarshal(slices.Concat([]byte(`"`), s.raw, []byte(`"`)), &text)
	return text, err == nil
}

// query is the paths looked for in one pass over a body, and what was found at each.
type query struct {
	paths []Path
	found []Scalar
}

// Find looks for scalars in one pass over a body and gives one for each path, in their order; null is none. It never fails:
// the body need not be whole or right JSON, and what stands before the first fault is read. Of a key that is there twice
// the last counts, as in most parsers. Paths beyond the 64th find nothing. It recurses no deeper than the longest path, and
// nothing is copied.
func Find(body []byte, paths ...Path) []Scalar {
	q := query{paths: paths[:min(len(paths), maxPaths)], found: make([]Scalar, len(paths))}
	if len(paths) > 0 {
		q.value(&cursor{b: bytes.TrimPrefix(body, []byte(bom))}, 0, 1<<len(q.paths)-1)
	}
	return q.found
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
			q.keep(here, Scalar{raw: raw, quoted: true})
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
		if !scalar(raw) {
			return false
		}
		if string(raw) != "null" {
			q.keep(here, Scalar{raw: raw, last: c.end()})
		}
		return !c.end()
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
		q.found[i] = Scalar{}
	}
	return here, below
}

func (q *query) keep(mask uint64, s Scalar) {
	for i := range q.found {
		if mask&(1<<i) != 0 {
			q.found[i] = s
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
		if !q.member(c, depth, q.matching(depth, mask, func(s segment) bool { return !s.bracket && sameKey(key, s.key) })) {
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
		below := q.matching(depth, mask, func(s segment) bool {
			index, ok := s.asIndex()
			return ok && index == n
		})
		if !q.member(c, depth, below) {
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

// matching are the paths of mask whose segment at depth is the one that is here.
func (q *query) matching(depth int, mask uint64, is func(segment) bool) uint64 {
	var out uint64
	for i, path := range q.paths {
		if bit := uint64(1) << i; mask&bit != 0 && is(path[depth]) {
			out |= bit
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
