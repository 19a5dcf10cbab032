package sign

import "slices"

// Headers returns the canonical names of all headers that the scheme reads: those of signature, time and id, those it
// covers or requires, and those that tell of the event.
func (r *Rules) Headers() []string {
	names := r.ProofHeaders()
	for _, t := range r.content {
		if t.kind == tokHeader {
			names = append(names, t.text)
		}
	}
	for i := range r.require {
		names = append(names, r.require[i].header)
	}
	names = append(names, r.eventNames...)
	slices.Sort(names)
	return slices.Compact(names)
}

// ProofHeaders returns the canonical names of the headers that carry signature, time and id.
func (r *Rules) ProofHeaders() []string {
	return slices.Concat(r.sigHeaders, r.timeHeaders, r.idHeaders)
}
