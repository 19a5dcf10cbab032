package sign

import (
	"hash/maphash"
	"iter"
)

// bodyVariant is one body that may have been signed.
type bodyVariant struct {
	a    *assumption // nil: as received
	b    []byte
	make func() []byte // for those that are made when needed
}

func (v *bodyVariant) bytes() []byte {
	if v.make != nil {
		return v.make()
	}
	return v.b
}

// bodyList makes the bodies one after the other, leaves out those that come out the same, and keeps them for the pairs
// as long as they are not too large together.
type bodyList struct {
	s    *search
	seed maphash.Seed
	seen map[uint64]bool
	made []*bodyVariant // in order; complete once all has run through
	done bool
	kept int
}

const maxKept = 32 << 20 // bytes of bodies that are kept for the pairs

func (s *search) bodies() *bodyList {
	l := &bodyList{s: s, seed: maphash.MakeSeed(), seen: map[uint64]bool{}}
	l.seen[maphash.Bytes(l.seed, s.m.Body)] = true
	return l
}

// first is the body as received.
func (l *bodyList) first() *bodyVariant { return &bodyVariant{b: l.s.m.Body} }

// fresh says whether a body has not been there before.
func (l *bodyList) fresh(b []byte) bool {
	h := maphash.Bytes(l.seed, b)
	if l.seen[h] {
		return false
	}
	l.seen[h] = true
	return true
}

// all gives each changed body once, likely ones first.
func (l *bodyList) all() iter.Seq[*bodyVariant] {
	return func(yield func(*bodyVariant) bool) {
		for _, v := range l.made {
			if !yield(v) {
				return
			}
		}
		if l.done {
			return
		}
		l.generate(func(a *assumption, b []byte) bool {
			if !l.s.spend(len(b)) {
				return false
			}
			if !l.fresh(b) {
				return true
			}
			v := &bodyVariant{a: a, b: b}
			if l.kept += len(b); l.kept <= maxKept && len(l.made) < maxCompounds {
				l.made = append(l.made, v)
			}
			return yield(v)
		})
		l.done = true
	}
}

// compounds gives bodies with two changes: one in the text, one at its ends.
func (l *bodyList) compounds() iter.Seq[*bodyVariant] {
	return func(yield func(*bodyVariant) bool) {
		for _, v := range l.made {
			if len(v.b) == 0 || len(v.a.id) > 12 && v.a.id[:12] == "body.newline" {
				continue
			}
			for _, e := range edges(v.b) {
				if !l.s.spend(len(e.b)) {
					return
				}
				if !l.fresh(e.b) {
					continue
				}
				both := *v.a
				both.id += "+" + e.a.id
				both.title += ", and " + e.a.title
				both.evidence += " " + e.short
				both.rank += e.a.rank
				if !yield(&bodyVariant{a: &both, b: e.b}) {
					return
				}
			}
		}
	}
}
