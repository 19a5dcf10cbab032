package sign

// Sizes of the lists that pairs are built from, chosen so that a body of 10 KiB is searched through in well under
// 100 ms on one core. The lists are in order of likelihood.
const (
	pairBodies = 32
	pairKeys   = 14
	pairTexts  = 56
)

// singles changes one thing at a time.
func (s *search) singles(bodies *bodyList) {
	asis, text, digest := bodies.first(), &s.texts[0], &s.hash[0]
	for i := range s.keys {
		s.try(asis, &s.keys[i], text, digest)
	}
	for _, key := range s.baseKeys() {
		for i := range s.hash[1:] {
			s.try(asis, key, text, &s.hash[i+1])
		}
		for i := range s.texts[1:] {
			s.try(asis, key, &s.texts[i+1], digest)
		}
	}
	for body := range bodies.all() {
		for _, key := range s.baseKeys() {
			s.try(body, key, text, digest)
		}
		if s.cut {
			return
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
	asis, plain := bodies.first(), &s.texts[0]
	texts := s.texts[1:min(len(s.texts), pairTexts)]
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

// bodyPairs combines a changed body with each of the others, and with a second change of the body.
func (s *search) bodyPairs(bodies *bodyList, base []*keyVariant) {
	for body := range bodies.compounds() {
		for _, key := range base {
			s.try(body, key, &s.texts[0], &s.hash[0])
		}
	}
	n := 0
	for body := range bodies.all() {
		if n++; n > pairBodies || s.cut {
			return
		}
		for i := range s.keys[:min(len(s.keys), pairKeys)] {
			if s.keys[i].a != nil {
				s.try(body, &s.keys[i], &s.texts[0], &s.hash[0])
			}
		}
		for _, key := range base[:min(len(base), 2)] {
			for i := range s.texts[1:min(len(s.texts), pairTexts)] {
				s.try(body, key, &s.texts[i+1], &s.hash[0])
			}
			for i := range s.hash[1:] {
				s.try(body, key, &s.texts[0], &s.hash[i+1])
			}
		}
	}
}
