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
	w := newWalk(body, sameKey)
	w.end = func(patterns []Path, depth int) (over, whole bool) {
		for _, p := range patterns {
			if len(p) == depth {
				start := w.c.i
				whole = w.c.skip()
				found(start, w.c.i)
				return true, whole
			}
		}
		return false, false
	}
	w.value(patterns, 0)
	return w.c.i
}
