package jsonbytes

// A text of JSON as a tree of places, for comparing.

import (
	"bytes"
	"encoding/json"
	"hash/maphash"
)

// tree is a text, without a byte order mark, and its value.
type tree struct {
	text []byte
	root node
}

// node is one value. Two values are the same when their sums are: white space, the order of keys and escapes do not count.
type node struct {
	span
	kind byte // { [ " 0 or w, as of a Token
	name span // of a member of an object: between the quotes of its key
	sum  uint64
	kids []node
}

func (s span) in(text []byte) []byte { return text[s.start:s.end] }

// planter makes trees.
type planter struct {
	c    cursor
	seed maphash.Seed
	left int // values that may still be made
}

// newTree reads a text.
func newTree(text []byte, seed maphash.Seed) (tree, Compared) {
	t := tree{text: bytes.TrimPrefix(text, []byte(bom))}
	if !json.Valid(t.text) { // which also bounds the depth
		return t, NotJSON
	}
	p := planter{c: cursor{b: t.text}, seed: seed, left: maxValues}
	p.c.space()
	t.root = p.value()
	if p.left < 0 {
		return tree{}, TooLarge
	}
	return t, AsJSON
}

// value reads the value that begins here, of valid JSON.
func (p *planter) value() node {
	p.left--
	n := node{span: span{start: p.c.i}}
	if p.left < 0 {
		return n
	}
	t, _ := p.c.next()
	n.kind, n.end = t.Kind, t.End
	switch t.Kind {
	case '{':
		p.members(&n)
	case '[':
		p.elements(&n)
	case String:
		n.sum = maphash.String(p.seed, `"`+characters(p.c.b[t.Start+1:t.End-1]))
	default:
		n.sum = maphash.Bytes(p.seed, n.in(p.c.b))
	}
	return n
}

func (p *planter) members(n *node) {
	var sums uint64
	times := map[string]uint64{} // how often a name came
	for !p.c.take('}') && p.left >= 0 {
		p.c.space()
		at := p.c.i
		raw, _ := p.c.str()
		p.c.take(':')
		p.c.space()
		kid := p.value()
		kid.name = span{at + 1, at + 1 + len(raw)}
		name := characters(raw)
		sums += p.mixed(maphash.String(p.seed, name), times[name], kid.sum) // a sum, as the order does not count
		times[name]++
		n.kids = append(n.kids, kid)
		p.c.take(',')
	}
	n.end, n.sum = p.c.i, p.mixed('{', sums, uint64(len(n.kids)))
}

func (p *planter) elements(n *node) {
	sums := uint64('[')
	for !p.c.take(']') && p.left >= 0 {
		p.c.space()
		kid := p.value()
		sums = p.mixed(sums, kid.sum, 0)
		n.kids = append(n.kids, kid)
		p.c.take(',')
	}
	n.end, n.sum = p.c.i, p.mixed(sums, uint64(len(n.kids)), 0)
}

// mixed makes one sum of three numbers.
func (p *planter) mixed(a, b, c uint64) uint64 { return maphash.Comparable(p.seed, [3]uint64{a, b, c}) }
