package explain

// The bodies that are tried, made when they are needed.

import (
	"cmp"
	"hash/maphash"
	"iter"
	"slices"
	"strings"
)

// bodyVariant is one body that may have been signed.
type bodyVariant struct {
	why *mistake // nil: as received
	b   []byte   // nil when it was dropped to save memory
}

// bodyList makes the changed bodies one after the other, when they are needed. It leaves out those that come out the same, and
// holds them for the pairs as long as they are not too large together.
type bodyList struct {
	s     *search
	in    received
	edges []edgeRow
	asis  bodyVariant
	seed  maphash.Seed
	seen  map[uint64]bool
	made  []*bodyVariant
	pull  func() (bodyRow, bool)
	close func()
	held  int
	room  []byte // for bodies that are used once
}

const (
	maxHeld    = 32 << 20 // bytes of bodies that are held for the pairs
	mostLikely = 40       // bodies that pairs are built from
)

// bodies prepares the list; its close must be called.
func (s *search) bodies() *bodyList {
	_, query, _ := strings.Cut(cmp.Or(s.m.Target, s.m.URL), "?")
	in := received{b: s.m.Body, declared: isForm(s.m.Header), canonical: s.canonical(), query: query}
	l := &bodyList{s: s, in: in, edges: edgeRows(), asis: bodyVariant{b: s.m.Body}, seed: maphash.MakeSeed(), seen: map[uint64]bool{}}
	l.fresh(s.m.Body)
	l.pull, l.close = iter.Pull(l.in.rows())
	return l
}

// fresh says whether a body is new.
func (l *bodyList) fresh(b []byte) bool {
	h := maphash.Bytes(l.seed, b)
	if l.seen[h] {
		return false
	}
	l.seen[h] = true
	return true
}

// at gives the changed body of a number, or nil when there are not so many.
func (l *bodyList) at(i int) *bodyVariant {
	if last := len(l.made) - 1; i > last && last >= 0 && l.held > maxHeld {
		l.held -= len(l.made[last].b)
		l.made[last].b = nil
	}
	for len(l.made) <= i && !l.s.cutOff && len(l.made) < maxBodies {
		row, ok := l.pull()
		if !ok {
			return nil
		}
		b, can := row.edit(&l.in)
		if !can {
			continue
		}
		if !l.s.spend(len(b)) {
			return nil
		}
		if l.fresh(b) {
			l.made = append(l.made, &bodyVariant{why: row.mistake(), b: b})
			l.held += len(b)
		}
	}
	if i >= len(l.made) {
		return nil
	}
	return l.made[i]
}

// span gives the changed bodies of some numbers, those before end.
func (l *bodyList) span(start, end int) iter.Seq[*bodyVariant] {
	return func(yield func(*bodyVariant) bool) {
		for i := start; i < end; i++ {
			v := l.at(i)
			if v == nil || !yield(v) {
				return
			}
		}
	}
}

// compounds gives bodies with two changes: one in the text, one at its ends.
func (l *bodyList) compounds() iter.Seq[*bodyVariant] {
	return func(yield func(*bodyVariant) bool) {
		for _, v := range l.made {
			if len(v.b) > 0 && v.why.rank > rankEdge && v.why.rank < rankValue && !l.edged(v, yield) {
				return
			}
		}
	}
}

// edged gives a changed body with each change at its ends.
func (l *bodyList) edged(v *bodyVariant, yield func(*bodyVariant) bool) bool {
	for i := range l.edges {
		e := &l.edges[i]
		if !e.can(v.b) {
			continue
		}
		l.room = e.write(l.room[:0], v.b) // a pair's body is used once, so one buffer serves all
		if !l.s.spend(len(l.room)) {
			return false
		}
		if !l.fresh(l.room) {
			continue
		}
		two, end := *v.why, e.mistake()
		two.id += "+" + end.id
		two.title += ", and " + end.title
		two.evidence += " " + end.evidence
		two.rank += end.rank
		if !yield(&bodyVariant{why: &two, b: l.room}) {
			return false
		}
	}
	return true
}

// likely gives the changed bodies that pairs are built from: by rank, as long as they are not more work than so many times
// the body. Short ones cost little, and most of them are in.
func (l *bodyList) likely(times int) []*bodyVariant {
	sorted := slices.Clone(l.made)
	slices.SortStableFunc(sorted, func(a, b *bodyVariant) int { return cmp.Compare(a.why.rank, b.why.rank) })
	left := times * (len(l.asis.b) + 1)
	sorted = sorted[:min(len(sorted), mostLikely)]
	return slices.DeleteFunc(sorted, func(v *bodyVariant) bool {
		left -= len(v.b)
		return left < 0 && len(v.b) > 64 || v.b == nil
	})
}
