package scheme

// Members of a JSON body.

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

const (
	maxJSONScan  = 8 << 20 // bytes of a body that are looked at for {json:} and {form}
	maxJSONValue = 64 << 10
	maxPathDepth = 16
)

// parsePath cuts a JSON path such as a.b, items[0].id or [0].event into segments. A dot in a key is written \. .
func parsePath(s string) (path []string, problem string) {
	if s == "" {
		return nil, "a JSON path cannot be empty"
	}
	var seg strings.Builder
	afterIndex, pending := false, true
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			seg.WriteByte(s[i])
			pending = true
		case c == '.':
			if seg.Len() == 0 && !afterIndex {
				return nil, "the JSON path " + Quote(s) + " has an empty segment"
			}
			path = appendSegment(path, &seg)
			afterIndex, pending = false, true
		case c == '[':
			end := strings.IndexByte(s[i:], ']')
			if end < 0 || !isIndex(s[i+1:i+end]) {
				return nil, "the JSON path " + Quote(s) + " has a [ without an index such as [0]"
			}
			path = append(appendSegment(path, &seg), s[i+1:i+end])
			i += end
			afterIndex, pending = true, false
		default:
			if afterIndex {
				return nil, "the JSON path " + Quote(s) + " needs a dot after ]"
			}
			seg.WriteByte(c)
			pending = true
		}
	}
	if pending && seg.Len() == 0 {
		return nil, "the JSON path " + Quote(s) + " has an empty segment"
	}
	if path = appendSegment(path, &seg); len(path) > maxPathDepth {
		return nil, "the JSON path has more than 16 segments"
	}
	return path, ""
}

func appendSegment(path []string, seg *strings.Builder) []string {
	if seg.Len() == 0 {
		return path
	}
	path = append(path, seg.String())
	seg.Reset()
	return path
}

func isIndex(s string) bool {
	if s == "" || len(s) > 6 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Lookup finds a scalar in a JSON text without decoding the rest: a string's text, or a number, true or false as
// written. Of members with the same name the last counts, as in most parsers. Only the first 8 MiB are looked at.
func Lookup(body []byte, path []string) (string, bool) {
	s := jsonScan{b: bytes.TrimPrefix(body[:min(len(body), maxJSONScan)], []byte("\xef\xbb\xbf"))}
	for _, seg := range path {
		span, ok := s.member(seg)
		if !ok {
			return "", false
		}
		s = jsonScan{b: span}
	}
	s.space()
	return scalar(bytes.TrimRight(s.b[s.i:], " \t\r\n"))
}

func scalar(b []byte) (string, bool) {
	if len(b) == 0 || len(b) > maxJSONValue {
		return "", false
	}
	switch c := b[0]; {
	case c == '"':
		if bytes.IndexByte(b, '\\') < 0 && len(b) >= 2 {
			return string(b[1 : len(b)-1]), true
		}
		var text string
		if json.Unmarshal(b, &text) != nil {
			return "", false
		}
		return text, true
	case c == '-' || '0' <= c && c <= '9' || string(b) == "true" || string(b) == "false":
		return string(b), true
	default:
		return "", false
	}
}

// jsonScan walks over a JSON text without recursion, so that nesting costs nothing.
type jsonScan struct {
	b []byte
	i int
}

func (s *jsonScan) space() {
	for s.i < len(s.b) && (s.b[s.i] == ' ' || s.b[s.i] == '\t' || s.b[s.i] == '\n' || s.b[s.i] == '\r') {
		s.i++
	}
}

func (s *jsonScan) next() byte {
	s.space()
	if s.i >= len(s.b) {
		return 0
	}
	return s.b[s.i]
}

// member returns the text of the object member or array element named seg.
func (s *jsonScan) member(seg string) (span []byte, ok bool) {
	switch s.next() {
	case '{':
		return s.named(seg)
	case '[':
		if n, err := strconv.Atoi(seg); err == nil && n >= 0 {
			return s.numbered(n)
		}
	}
	return nil, false
}

// named finds an object's member; of several with the name the last.
func (s *jsonScan) named(name string) (span []byte, ok bool) {
	for s.i++; ; s.i++ {
		if s.next() == '}' {
			return span, ok
		}
		key, good := s.value()
		if !good || s.next() != ':' {
			return span, ok
		}
		s.i++
		v, good := s.value()
		if good && sameKey(key, name) {
			span, ok = v, true
		}
		if !good || s.next() != ',' {
			return span, ok
		}
	}
}

// numbered finds an array's element.
func (s *jsonScan) numbered(n int) (span []byte, ok bool) {
	for s.i++; ; s.i++ {
		v, good := s.value()
		switch {
		case !good:
			return nil, false
		case n == 0:
			return v, true
		case s.next() != ',':
			return nil, false
		}
		n--
	}
}

func sameKey(quoted []byte, name string) bool {
	if len(quoted) < 2 || quoted[0] != '"' {
		return false
	}
	if inner := quoted[1 : len(quoted)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner) == name
	}
	var key string
	return len(quoted) <= maxJSONValue && json.Unmarshal(quoted, &key) == nil && key == name
}

// value steps over one value and returns its text.
func (s *jsonScan) value() ([]byte, bool) {
	s.space()
	start, depth := s.i, 0
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case '"':
			if !s.skipString() {
				return nil, false
			}
			if depth == 0 {
				return s.b[start:s.i], true
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return s.b[start:s.i], s.i > start
			}
			depth--
			if depth == 0 {
				s.i++
				return s.b[start:s.i], true
			}
		case ',', ':':
			if depth == 0 {
				return s.b[start:s.i], s.i > start
			}
		}
		s.i++
	}
	return s.b[start:s.i], depth == 0 && s.i > start
}

func (s *jsonScan) skipString() bool {
	for i := s.i + 1; i < len(s.b); i++ {
		switch s.b[i] {
		case '\\':
			i++
		case '"':
			s.i = i + 1
			return true
		}
	}
	s.i = len(s.b)
	return false
}
