package jsonbytes

// Where the values stand that a pattern names.

import "bytes"

// ParsePattern reads a path in which [*] stands for every element of an array. The error is an *Error.
func ParsePattern(text string) (Path, error) {
	var path Path
	for i, part := range bytes.Split([]byte(text), []byte(everyElement)) {
		if i > 0 {
			if len(part) > 0 && part[0] == '.' {
				part = part[1:]
			} else if len(part) > 0 && part[0] != '[' {
				return nil, &Error{Path: text, Problem: "a dot or [ must follow ]"}
			}
			path = append(path, segment{bracket: true, every: true})
		}
		if len(part) == 0 {
			continue
		}
		steps, err := ParsePath(string(part))
		if err != nil {
			return nil, err
		}
		path = append(path, steps...)
	}
	switch {
	case len(path) == 0:
		return nil, &Error{Problem: "the path is empty"}
	case path.Appends():
		return nil, &Error{Path: text, Problem: "[+] names nothing that is there"}
	case len(path) > maxSegments:
		return nil, &Error{Path: text, Problem: "the path is too deep"}
	}
	return path, nil
}

// everyElement is how a pattern says every element of an array.
const everyElement = "[*]"

// Places hands found where each value begins and ends that a pattern names, in the order of the body, and gives how far it read: to the
// end of the first text of JSON, or to what makes no sense. The text need not be whole: a value that the end cut off goes to the end. Of
// a key that is there twice both count. It recurses no deeper than the longest pattern.
func Places(body []byte, patterns []Path, found func(start, end int)) (read int) {
	lead := len(body) - len(bytes.TrimPrefix(body, []byte(bom)))
	w := walk{c: cursor{b: body, i: lead}, found: found}
	w.value(patterns, 0)
	return w.c.i
}

type walk struct {
	c     cursor
	found func(start, end int)
}

// value reads the value that comes next, on the way of patterns whose first depth steps have matched. It is false when the text ends
// or makes no sense.
func (w *walk) value(patterns []Path, depth int) bool {
	if !w.c.space() {
		return false
	}
	start := w.c.i
	for _, p := range patterns {
		if len(p) == depth {
			whole := w.c.skip()
			w.found(start, w.c.i)
			return whole
		}
	}
	switch {
	case len(patterns) == 0:
		return w.c.skip()
	case w.c.take('{'):
		return w.object(patterns, depth)
	case w.c.take('['):
		return w.array(patterns, depth)
	default:
		return w.c.skip()
	}
}

func (w *walk) object(patterns []Path, depth int) bool {
	if w.c.take('}') {
		return true
	}
	for w.c.space() {
		key, ok := w.c.str()
		if !ok || !w.c.take(':') {
			return false
		}
		below := going(patterns, func(p Path) bool { return !p[depth].bracket && sameKey(key, p[depth].key) })
		if !w.value(below, depth+1) {
			return false
		}
		if !w.c.take(',') {
			return w.c.take('}')
		}
	}
	return false
}

func (w *walk) array(patterns []Path, depth int) bool {
	if w.c.take(']') {
		return true
	}
	for n := 0; w.c.space(); n++ {
		below := going(patterns, func(p Path) bool {
			index, ok := p[depth].asIndex()
			return p[depth].every || ok && index == n
		})
		if !w.value(below, depth+1) {
			return false
		}
		if !w.c.take(',') {
			return w.c.take(']')
		}
	}
	return false
}

// going are the patterns whose next step is the one that is here.
func going(patterns []Path, is func(Path) bool) (below []Path) {
	for _, p := range patterns {
		if is(p) {
			below = append(below, p)
		}
	}
	return below
}
