package sign

// Sizes of the lists that pairs are built from, chosen so that a body of 10 KiB is searched through in well under
// 100 ms on one core. The lists are in order of likelihood.
const (
	pairBodies = 32
	pairKeys   = 14
	pairTexts  = 56
)

// singles changes one thing at a time: the likeliest of each kind first, so that a large body, for which the work does
// not last, gets those; then the others.
func (s *search) singles(bodies *bodyList) {
	const likelyKeys, likelyTexts, likelyHashes, likelyBodies = 12, 12, 3, 20
	s.oneChange(bodies, [4][2]int{{0, likelyKeys}, {1, likelyTexts}, {1, likelyHashes}, {0, likelyBodies}})
	if !s.cut {
		s.done = "the common mistakes were tried, rarer ones were not"
	}
	const all = 1 << 30
	s.oneChange(bodies, [4][2]int{{likelyKeys, all}, {likelyTexts, all}, {likelyHashes, all}, {likelyBodies, all}})
}

// oneChange tries spans of keys, texts, digests and bodies, each by itself.
func (s *search) oneChange(bodies *bodyList, spans [4][2]int) {
	asis, text, digest := &bodies.asis, &s.texts[0], &s.hash[0]
	for i := spans[0][0]; i < min(spans[0][1], len(s.keys)); i++ {
		s.try(asis, &s.keys[i], text, digest)
	}
	for _, key := range s.baseKeys() {
		for i := spans[1][0]; i < min(spans[1][1], len(s.texts)); i++ {
			s.try(asis, key, &s.texts[i], digest)
		}
		for i := spans[2][0]; i < min(spans[2][1], len(s.hash)); i++ {
			s.try(asis, key, text, &s.hash[i])
		}
	}
	for body := range bodies.span(spans[3][0], spans[3][1]) {
		for _, key := range s.baseKeys() {
			s.try(body, key, text, digest)
		}
	}
}

// baseKeys are the keys as they were given, without anything assumed about them.
func (s *search) baseKeys() []*keyVariant {
	var out []*keyVariant
	for i := range s.keys {
		if s.keys[i].a == nil {
			out = append(out, &s.keys[i])
		}
	}
	return out
}

// pairs changes two things at a time: what is cheap and likely first.
func (s *search) pairs(bodies *bodyList) {
	s.done = "every single mistake was tried, not every two of them together"
	asis, plain := &bodies.asis, &s.texts[0]
	texts := s.pairTexts()
	keys := s.keys[:min(len(s.keys), pairKeys)]
	base := s.baseKeys()
	s.bodyPairs(bodies, base)
	for i := range keys {
		for j := range texts {
			if keys[i].a != nil {
				s.try(asis, &keys[i], &texts[j], &s.hash[0])
			}
		}
		for j := range s.hash[1:] {
			if keys[i].a != nil {
				s.try(asis, &keys[i], plain, &s.hash[j+1])
			}
		}
	}
	for _, key := range base[:min(len(base), 2)] {
		for i := range texts {
			for j := range s.hash[1:] {
				s.try(asis, key, &texts[i], &s.hash[j+1])
			}
		}
	}
}

// pairTexts are the texts that pairs are built from. Those in UTF-16, which stand at the end, cost twice as much as others.
func (s *search) pairTexts() []textVariant {
	texts := s.texts[1:min(len(s.texts), pairTexts)]
	for len(texts) > 0 && texts[len(texts)-1].wide != nil {
		texts = texts[:len(texts)-1]
	}
	return texts
}

// bodyPairs combines a changed body with each of the others, and with a second change of the body.
func (s *search) bodyPairs(bodies *bodyList, base []*keyVariant) {
	texts := s.pairTexts()
	for body := range bodies.compounds() {
		for _, key := range base {
			s.try(body, key, &s.texts[0], &s.hash[0])
		}
	}
	for _, body := range bodies.likely(pairBodies) {
		for i := range s.keys[:min(len(s.keys), pairKeys)] {
			if s.keys[i].a != nil {
				s.try(body, &s.keys[i], &s.texts[0], &s.hash[0])
			}
		}
		for _, key := range base[:min(len(base), 2)] {
			for i := range texts {
				s.try(body, key, &texts[i], &s.hash[0])
			}
			for i := range s.hash[1:] {
				s.try(body, key, &s.texts[0], &s.hash[i+1])
			}
		}
	}
}
