package jsonbytes

// Going through JSON text along patterns.

import "bytes"

// walk goes to the values that patterns name, and passes over the others. It never recurses deeper than the longest pattern.
type walk struct {
	c cursor
	// same says whether a key as it stands in the text is that of a pattern.
	same func(raw []byte, key string) bool
	// end is asked at each value, with the patterns whose first depth steps have matched. over: it has read the value, or it ends the walk,
	// which goes on when whole.
	end func(patterns []Path, depth int) (over, whole bool)
	// members is called for each object, and gives what is called for each of its members that a pattern goes on in. That ends the walk
	// when it is false.
	members func() func(below []Path, depth int) bool
}

func newWalk(body []byte, same func(raw []byte, key string) bool) *walk {
	return &walk{
		c: cursor{b: body, i: len(body) - len(bytes.TrimPrefix(body, []byte(bom)))}, same: same,
		members: func() func([]Path, int) bool { return func([]Path, int) bool { return true } },
	}
}

// value reads the value that comes next, on the way of patterns whose first depth steps have matched. It is false when the text ends
// or makes no sense, or the walk is over.
func (w *walk) value(patterns []Path, depth int) bool {
	if !w.c.space() {
		return false
	}
	if over, whole := w.end(patterns, depth); over {
		return whole
	}
	further := going(patterns, func(p Path) bool { return len(p) > depth })
	switch {
	case len(further) == 0:
		return w.c.skip()
	case w.c.take('{'):
		return w.object(further, depth)
	case w.c.take('['):
		return w.array(further, depth)
	default:
		return w.c.skip()
	}
}

func (w *walk) object(patterns []Path, depth int) bool {
	if w.c.take('}') {
		return true
	}
	member := w.members()
	for w.c.space() {
		key, ok := w.c.str()
		if !ok || !w.c.take(':') {
			return false
		}
		below := going(patterns, func(p Path) bool { return !p[depth].bracket && w.same(key, p[depth].key) })
		if len(below) > 0 && !member(below, depth) || !w.value(below, depth+1) {
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
