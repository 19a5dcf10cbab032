package jsonbytes

// Where a value stands in JSON.

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxSegments bounds how deep a path may reach.
const maxSegments = 64

// appendIndex is the index of [+], one past the last element.
const appendIndex = -1

// Path says where a value stands in JSON. Steps are parted by dots; items[0] or items.0 is an element, items[+] one more
// at the end. A dot, equals sign, bracket or backslash that belongs to a key has a backslash before it.
type Path []segment

// Key is the path of one key of the outermost object, however it is spelled.
func Key(name string) Path { return Path{{key: name}} }

// String is the path for people, its steps parted by dots, as ParsePath reads it; all elements of an array are a star. A key without a character has no such text.
func (p Path) String() string {
	steps := make([]string, len(p))
	quote := strings.NewReplacer(`\`, `\\`, `.`, `\.`, `=`, `\=`, `[`, `\[`, `]`, `\]`)
	for i, s := range p {
		switch steps[i] = quote.Replace(s.key); {
		case s.every:
			steps[i] = "*"
		case s.bracket:
			steps[i] = strconv.Itoa(s.index)
		}
	}
	return strings.Join(steps, ".")
}

// Appends says whether the path has a [+], and so names nothing that is there.
func (p Path) Appends() bool {
	return slices.ContainsFunc(p, func(s segment) bool { return s.bracket && s.index == appendIndex })
}

// Error says what is wrong with an edit or a path.
type Error struct {
	Path    string // as written, up to and including the part that is wrong; "" when it is about the whole
	Problem string // lower case, no full stop
}

// maxShown bounds how much of a path an error repeats.
const maxShown = 120

// Error is the path, quoted so that nothing in it can reach a terminal raw, and the problem.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Problem
	}
	shown := e.Path
	if len(shown) > maxShown {
		shown = shown[:maxShown] + "…"
	}
	return strconv.QuoteToGraphic(shown) + ": " + e.Problem
}

// segment is one step of a path: a key, or an index in brackets. A key of plain digits is an index where it meets an array.
type segment struct {
	key     string
	index   int
	bracket bool
	every   bool // all elements of an array; only in a pattern
	end     int  // where it ends in the path's text, for errors
}

// asIndex is the element of an array that the segment names.
func (s segment) asIndex() (int, bool) {
	if s.bracket {
		return s.index, true
	}
	return digits(s.key)
}

// digits reads an index as it is written canonically. Nine digits are more than any body has elements.
func digits(s string) (int, bool) {
	if s == "" || len(s) > 9 || (len(s) > 1 && s[0] == '0') {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// ParsePath reads a path. The error is an *Error.
func ParsePath(text string) (Path, error) {
	if text == "" {
		return nil, &Error{Problem: "the path is empty"}
	}
	if !utf8.ValidString(text) {
		return nil, &Error{Path: text, Problem: "the path is not UTF-8"}
	}
	segs := make(Path, 0, 1+strings.Count(text, ".")+strings.Count(text, "["))
	for i := 0; i < len(text); {
		s, problem := nextSegment(text, i)
		if problem != "" {
			return nil, &Error{Path: text[:s.end], Problem: problem}
		}
		segs = append(segs, s)
		if len(segs) > maxSegments {
			return nil, &Error{Path: text[:s.end], Problem: "the path is more than " + strconv.Itoa(maxSegments) + " levels deep"}
		}
		i = s.end
		if i < len(text) && text[i] == '.' {
			if i++; i == len(text) {
				return nil, &Error{Path: text, Problem: "the key after the last dot is missing"}
			}
			if text[i] == '[' {
				return nil, &Error{Path: text[:i+1], Problem: "an index follows its array without a dot"}
			}
		}
	}
	return segs, nil
}

// nextSegment reads the segment at i; its end is set even when there is a problem.
func nextSegment(text string, i int) (segment, string) {
	if text[i] == '[' {
		return bracketSegment(text, i)
	}
	if i > 0 && text[i-1] == ']' {
		return segment{end: i}, "a dot or [ must follow ]"
	}
	var key strings.Builder
	for ; i < len(text); i++ {
		switch ch := text[i]; ch {
		case '.', '[':
			return keySegment(key.String(), i)
		case ']':
			return segment{end: i + 1}, `] without [; as part of a key it is written \]`
		case '\\':
			i++
			if i == len(text) || !strings.ContainsRune(`.=[]\`, rune(text[i])) {
				return segment{end: i}, `a backslash stands only before . = [ ] and another backslash`
			}
			key.WriteByte(text[i])
		default:
			key.WriteByte(ch)
		}
	}
	return keySegment(key.String(), i)
}

func keySegment(key string, end int) (segment, string) {
	if key == "" {
		return segment{end: end + 1}, "a key is empty"
	}
	return segment{key: key, end: end}, ""
}

func bracketSegment(text string, i int) (segment, string) {
	n := strings.IndexByte(text[i:], ']')
	if n < 0 {
		return segment{end: len(text)}, "[ without ]"
	}
	inside, end := text[i+1:i+n], i+n+1
	if inside == "+" {
		return segment{index: appendIndex, bracket: true, end: end}, ""
	}
	index, ok := digits(inside)
	if !ok {
		return segment{end: end}, "an index is a number such as [0], or [+] for one more element"
	}
	return segment{index: index, bracket: true, end: end}, ""
}
