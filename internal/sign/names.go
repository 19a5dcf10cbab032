package sign

import (
	"slices"
	"strings"
)

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
	e := &r.scheme.Event
	for _, path := range slices.Concat(e.Type, e.ID, e.Time) {
		if name, ok := strings.CutPrefix(path, "header:"); ok {
			names = append(names, canonical(name))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// ProofHeaders returns the canonical names of the headers that carry signature, time and id.
func (r *Rules) ProofHeaders() []string {
	return slices.Concat(r.sigHeaders, r.timeHeaders, r.idHeaders)
}
