package event

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Set is one edit of a JSON body: a path and the JSON value to put there. ParseSet and SetString make one.
type Set struct {
	path  string
	segs  []segment
	value []byte
}

// Path is where the edit is made, as it was written.
func (s Set) Path() string { return s.path }

// SetError says what is wrong with an edit or a path.
type SetError struct {
	Path    string // as written, up to and including the part that is wrong; "" when it is about the whole
	Problem string // lower case, no full stop
}

// maxShown bounds how much of a path an error repeats.
const maxShown = 120

// Error is the path, quoted so that nothing in it can reach a terminal raw, and the problem.
func (e *SetError) Error() string {
	if e.Path == "" {
		return e.Problem
	}
	shown := e.Path
	if len(shown) > maxShown {
		shown = shown[:maxShown] + "…"
	}
	return strconv.QuoteToGraphic(shown) + ": " + e.Problem
}

// ParseSet reads "path=value". The value is taken as JSON when it is JSON and as a string otherwise, so that 5, true,
// null, {"a":1} and "5" have their types and hello needs no quotes. Steps of a path are parted by dots; items[0] or
// items.0 is an element, items[+] one more at the end. A dot, equals sign, bracket or backslash that belongs to a key
// has a backslash before it. The error is a *SetError.
func ParseSet(s string) (Set, error) {
	at := assignment(s)
	if at < 0 {
		return Set{}, &SetError{Path: s, Problem: "no = between path and value"}
	}
	path, value := s[:at], s[at+1:]
	if !utf8.ValidString(value) {
		return Set{}, &SetError{Path: path, Problem: "the value is not UTF-8"}
	}
	if raw := []byte(value); json.Valid(raw) {
		return newSet(path, compact(raw))
	}
	return SetString(path, value)
}

// SetString makes the edit that puts a string at path, whatever the string looks like. In the path an equals sign
// needs no backslash. The error is a *SetError.
func SetString(path, value string) (Set, error) {
	if !utf8.ValidString(value) {
		return Set{}, &SetError{Path: path, Problem: "the value is not UTF-8"}
	}
	return newSet(path, quote(value))
}

func newSet(path string, value []byte) (Set, error) {
	segs, err := parsePath(path)
	if err != nil {
		return Set{}, err
	}
	return Set{path: path, segs: segs, value: value}, nil
}

// assignment is where the first = stands that is no part of a key, or -1.
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

// compact drops white space between tokens and leaves each token as written. The text is known to be valid.
func compact(raw []byte) []byte {
	var out bytes.Buffer
	if err := json.Compact(&out, raw); err != nil {
		return raw
	}
	return out.Bytes()
}

// quote writes a string as JSON, with <, > and & as they are.
func quote(s string) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // cannot happen: a string always encodes, a buffer always takes it
		return []byte(`""`)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// quoteInside is a string as it stands between the quotes of JSON text.
func quoteInside(s string) string {
	return strings.TrimSuffix(strings.TrimPrefix(string(quote(s)), `"`), `"`)
}
