package event

// Which sample an event is made of.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// Build makes a fresh sample event of a scheme whose type, id and time stand where the Spec says: each call gives new
// ids and the time of the options. The name is a type, or a type and one of its variants behind a slash. A type without a sample
// gets the provider's envelope and contents that are made up, and a Note that says so, unless CheckType refuses it. The error is an
// *UnknownTypeError, a *jsonbytes.Error, or that of the source of randomness.
func Build(scheme string, spec Spec, name string, o BuildOptions) (Sample, error) {
	f, known := familyOf(scheme)
	if err := f.check(known, scheme, name); err != nil && !o.Own.Has(name) {
		return Sample{}, err
	}
	typ, derived := strings.CutSuffix(name, variantMark+Tricky)
	if _, own := o.Own[name]; own || slices.Contains(f.names, name) && f.texts[name] != "" {
		typ, derived = name, false
	}
	s, err := f.make(scheme, spec, typ, o.withDefaults())
	if err != nil {
		return Sample{}, fmt.Errorf("sample event %s: %w", name, err)
	}
	if derived {
		s.makeTricky()
	}
	return s.finish(spec, o.Sets)
}

// make takes the sample of a name, or else the envelope, or else a sample of another type.
func (f family) make(scheme string, spec Spec, name string, o BuildOptions) (Sample, error) {
	own, is := o.Own[name]
	switch {
	case is:
		return f.own(spec, name, own, o)
	case f.texts[name] != "":
		return f.expand(name, f.typeOf(name), o)
	case f.texts[envelopeName] != "":
		s, err := f.expand(envelopeName, name, o)
		s.Note = f.lacks(name) + "the envelope is the provider's, and its contents are made up"
		return s, err
	case len(f.types) > 0:
		s, err := f.expand(f.types[0], f.types[0], o)
		if err == nil && !s.rename(spec, name) {
			err = &UnknownTypeError{Scheme: scheme, Type: name, Known: f.types}
		}
		s.Note = f.lacks(name) + "it is that of " + f.types[0] + " under another type, and its contents are made up"
		return s, err
	default:
		return generic(spec, name, o)
	}
}

// lacks begins the note of a sample whose type has none.
func (f family) lacks(typ string) string {
	return "there is no sample of " + strconv.Quote(typ) + " for " + f.name + ": "
}

// rename gives the sample another type, wherever it stands, and reports whether a receiver reads that one.
func (s *Sample) rename(spec Spec, typ string) bool {
	s.Type = typ
	for _, place := range spec.Type {
		name, is := strings.CutPrefix(place, headerPrefix)
		switch {
		case is && slices.ContainsFunc(s.Fields, func(f Field) bool { return f.Name == name }):
			s.setField(name, typ)
		case !is && Extract(Spec{Type: []string{place}}, nil, s.Body).Type != "":
			s.edit(jsonbytes.SetString(place, typ))
		}
	}
	was := Extract(spec, s.header(), s.Body).Type
	return was == typ || was == "" // in some bodies no type can be read
}

// generic makes an event from a Spec alone: type, id and time stand at the first place of the Spec, and the rest is
// made up.
func generic(spec Spec, typ string, o BuildOptions) (Sample, error) {
	s := Sample{
		Body: []byte("null"), Type: typ, ID: o.ID,
		Note: "the whole body is made up; only where type, id and time stand comes from the scheme",
	}
	if s.ID == "" {
		var err error
		if s.ID, err = NewUUID(o.Rand); err != nil {
			return Sample{}, err
		}
	}
	s.put(spec.Type, typ)
	s.put(spec.ID, s.ID)
	s.put(spec.Time, o.Now.UTC().Format(milliseconds))
	for _, filler := range []string{"data.sample=true", "[0].sample=true"} {
		if s.edit(jsonbytes.ParseEdit(filler)) {
			break
		}
	}
	return s, nil
}
