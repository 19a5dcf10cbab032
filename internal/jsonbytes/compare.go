package jsonbytes

// How two texts differ, as bytes and as JSON.

import (
	"bytes"
	"hash/maphash"
	"slices"
	"strings"
)

const (
	// MaxChanges is how many changes a comparison holds. It counts the others.
	MaxChanges = 200
	// maxValues is how many values of a text are compared. It bounds memory: both may come from a stranger.
	maxValues = 500_000
)

// Comparison says how a new text differs from an old one.
type Comparison struct {
	Equal   bool     // byte for byte
	At      int      // the first byte that differs, from 0; where one text goes on, the length of the other; -1: none
	Sizes   [2]int   // bytes of the old text and of the new one
	JSON    Compared // whether the values of both were compared
	Changes []Change // of values, at most MaxChanges: in the order of the old text, in each object what is new last
	More    int      // changes beyond those
	Written []Way    // how the same values are written differently, each way once, in the order of the constants
}

// SameJSON says whether both are JSON with the same values. They may be written differently.
func (c *Comparison) SameJSON() bool { return c.JSON == AsJSON && len(c.Changes) == 0 }

// Compared says whether texts were compared as JSON.
type Compared string

// The answers.
const (
	AsJSON   Compared = "json"
	NotJSON  Compared = "not_json"  // one of them is not JSON
	TooLarge Compared = "too_large" // one of them has more values than are compared
)

// Change is one value that was added, removed or changed.
type Change struct {
	Path Path // empty for the whole text
	Kind ChangeKind
	Old  []byte // JSON as it is written; nil where the value is new
	New  []byte // JSON as it is written; nil where the value is gone
}

// ChangeKind says what became of a value.
type ChangeKind string

// The kinds.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// Way is a way in which the same JSON is written differently.
type Way string

// The ways.
const (
	KeyOrder      Way = "key_order"
	WhiteSpace    Way = "white_space"
	Escapes       Way = "escapes"         // characters of strings or keys, in one text as \u0041 or \/
	ByteOrderMark Way = "byte_order_mark" // one text begins with it
)

// Compare compares two texts. Numbers are compared as they are written, so 1 and 1.0 differ. Strings and keys are compared as
// the characters that they stand for. Of keys that stand more than once in an object, the first is compared with the first.
// Elements of arrays that are the same at the beginning and the end are left out, the others are compared by their places.
// The result points into the texts.
func Compare(before, after []byte) Comparison {
	c := Comparison{At: firstDifference(before, after), Sizes: [2]int{len(before), len(after)}}
	c.Equal = c.At < 0
	seed := maphash.MakeSeed()
	old, was := newTree(before, seed)
	now, is := newTree(after, seed)
	switch {
	case was == AsJSON && is == AsJSON:
		c.JSON = AsJSON
	case was == NotJSON || is == NotJSON:
		c.JSON = NotJSON
	default:
		c.JSON = TooLarge
	}
	if c.JSON != AsJSON || c.Equal {
		return c
	}
	d := differ{old: old.text, now: now.text, c: &c}
	d.values(&old.root, &now.root)
	if bytes.HasPrefix(before, []byte(bom)) != bytes.HasPrefix(after, []byte(bom)) {
		d.written(ByteOrderMark)
	}
	if spaces(old.text) != spaces(now.text) || len(c.Changes) == 0 && len(c.Written) == 0 {
		d.written(WhiteSpace)
	}
	order := []Way{KeyOrder, WhiteSpace, Escapes, ByteOrderMark}
	slices.SortFunc(c.Written, func(a, b Way) int { return slices.Index(order, a) - slices.Index(order, b) })
	return c
}

func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) == len(b) {
		return -1
	}
	return n
}

// spaces counts each kind of white space outside of strings.
func spaces(text []byte) (n [4]int) {
	at := 0
	count := func(gap []byte) {
		for _, ch := range gap {
			n[strings.IndexByte(" \t\n\r", ch)]++
		}
	}
	for t := range Tokens(text) {
		count(text[at:t.Start])
		at = t.End
	}
	count(text[at:])
	return n
}

// differ walks over two trees side by side.
type differ struct {
	old, now []byte
	c        *Comparison
	path     Path
}

func (d *differ) written(w Way) {
	if !slices.Contains(d.c.Written, w) {
		d.c.Written = append(d.c.Written, w)
	}
}

// change notes a change at the path. A nil node stands for nothing.
func (d *differ) change(old, now *node) {
	if len(d.c.Changes) == MaxChanges {
		d.c.More++
		return
	}
	ch := Change{Path: slices.Clone(d.path), Kind: Changed}
	if old == nil {
		ch.Kind = Added
	} else {
		ch.Old = old.in(d.old)
	}
	if now == nil {
		ch.Kind = Removed
	} else {
		ch.New = now.in(d.now)
	}
	d.c.Changes = append(d.c.Changes, ch)
}

// values compares two values in the same place.
func (d *differ) values(a, b *node) {
	switch {
	case a.kind != b.kind:
		d.change(a, b)
	case a.kind == '{':
		d.objects(a, b)
	case a.kind == '[':
		d.arrays(a, b)
	case a.sum != b.sum:
		d.change(a, b)
	case !bytes.Equal(a.in(d.old), b.in(d.now)):
		d.written(Escapes)
	}
}

func (d *differ) objects(a, b *node) {
	places := make(map[string][]int, len(b.kids)) // of each name in b, those that are not compared yet
	for i := range b.kids {
		name := characters(b.kids[i].name.in(d.now))
		places[name] = append(places[name], i)
	}
	last, met := -1, make([]bool, len(b.kids))
	for i := range a.kids {
		member := &a.kids[i]
		name := characters(member.name.in(d.old))
		d.path = append(d.path, segment{key: name})
		if left := places[name]; len(left) == 0 {
			d.change(member, nil)
		} else {
			other := &b.kids[left[0]]
			if left[0] < last {
				d.written(KeyOrder)
			}
			last, met[left[0]] = max(last, left[0]), true
			if !bytes.Equal(member.name.in(d.old), other.name.in(d.now)) {
				d.written(Escapes)
			}
			d.values(member, other)
			places[name] = left[1:]
		}
		d.path = d.path[:len(d.path)-1]
	}
	for i := range b.kids {
		if !met[i] {
			d.path = append(d.path, segment{key: characters(b.kids[i].name.in(d.now))})
			d.change(nil, &b.kids[i])
			d.path = d.path[:len(d.path)-1]
		}
	}
}

func (d *differ) arrays(a, b *node) {
	head := 0
	for n := min(len(a.kids), len(b.kids)); head < n && a.kids[head].sum == b.kids[head].sum; head++ {
		d.values(&a.kids[head], &b.kids[head])
	}
	endA, endB := len(a.kids), len(b.kids)
	for endA > head && endB > head && a.kids[endA-1].sum == b.kids[endB-1].sum {
		endA, endB = endA-1, endB-1
		d.values(&a.kids[endA], &b.kids[endB])
	}
	for i := head; i < max(endA, endB); i++ {
		d.path = append(d.path, segment{index: i, bracket: true})
		switch {
		case i >= endA:
			d.change(nil, &b.kids[i])
		case i >= endB:
			d.change(&a.kids[i], nil)
		default:
			d.values(&a.kids[i], &b.kids[i])
		}
		d.path = d.path[:len(d.path)-1]
	}
}

// characters is what stands between the quotes of a string, decoded. A surrogate without its other half stays an escape, with a
// byte before it that is in no text, so that it equals nothing but itself.
func characters(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		r, n, ok := Char(raw)
		switch {
		case ok:
			out = append(out, string(r)...)
		case raw[0] == '\\':
			n = min(len(raw), len(`\ud800`))
			out = append(out, 0xfe)
			out = append(out, bytes.ToLower(raw[:n])...)
		default:
			out = append(out, raw[:n]...)
		}
		raw = raw[n:]
	}
	return string(out)
}
