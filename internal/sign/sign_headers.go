package sign

import "strings"

// write puts the headers together.
func (s *signing) write(sigs []string) {
	r, spec := s.r, &s.r.scheme
	if len(r.idHeaders) > 0 {
		s.out.Fields = append(s.out.Fields, Field{spec.ID.Header[0], s.out.ID})
	}
	if len(r.timeHeaders) > 0 {
		s.out.Fields = append(s.out.Fields, Field{spec.Timestamp.Header[0], s.out.Timestamp})
	}
	s.out.Signature = s.value(sigs)
	switch {
	case r.sigPath != nil:
		s.out.Body = append(s.out.Body, Field{spec.Signature.JSON, s.out.Signature})
	case r.sigAny:
		for i := range sigs {
			s.out.Fields = append(s.out.Fields, Field{spec.Signature.Header[i], s.value(sigs[i : i+1])})
		}
		s.out.Signature = s.value(sigs[:1])
	default:
		s.out.Fields = append(s.out.Fields, Field{spec.Signature.Header[0], s.out.Signature})
	}
	for i := range r.require {
		var value strings.Builder
		for j := range r.require[i].value {
			value.WriteString(s.in.text(&r.require[i].value[j]))
		}
		s.out.Fields = append(s.out.Fields, Field{r.require[i].name, value.String()})
	}
}

// itemAt is the form of the i-th signature of a list.
func (r *Rules) itemAt(i int) *pattern {
	if i > 0 && r.nextItem != nil {
		return r.nextItem
	}
	return &r.item
}

// value is the signature header's value: items of all keys, in sets where the scheme has sets.
func (s *signing) value(sigs []string) string {
	r, spec := s.r, &s.r.scheme.Signature
	wild := func(i int) string { // Convoy numbers its schemes so
		if set := s.q.Params[tokAny]; set != "" {
			return set
		}
		return itoa(int64(i + 1))
	}
	set := func(sigs []string) string {
		items := make([]string, 0, len(sigs)+1)
		if r.timeItem != nil {
			items = append(items, r.timeItem.fill(s.out.Timestamp, wild(0)))
		}
		for i, sig := range sigs {
			items = append(items, r.itemAt(i).fill(sig, wild(i)))
		}
		return strings.Join(items, spec.Separator)
	}
	if spec.Sets == "" {
		return spec.Prefix + set(sigs)
	}
	sets := make([]string, len(sigs))
	for i := range sigs {
		sets[i] = set(sigs[i : i+1])
	}
	return spec.Prefix + strings.Join(sets, spec.Sets)
}
