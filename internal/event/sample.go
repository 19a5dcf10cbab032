package event

import (
	"crypto/rand"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

// samples holds a folder for each family of schemes: family.txt, and one file for each event type so that making one
// event reads no other. template.go has the form of such a file.
//
//go:embed samples
var samples embed.FS

// UnknownTypeError says that there is no sample of an event type.
type UnknownTypeError struct {
	Scheme    string
	Type      string
	Nearest   string   // the most similar type of this scheme, or ""
	Known     []string // the types this scheme has, in documented order; empty when it has none
	Elsewhere []string // families of other schemes that have this very type, sorted
}

// Error names the type and the scheme.
func (e *UnknownTypeError) Error() string {
	if len(e.Known) == 0 {
		return "there are no sample events for scheme " + strconv.Quote(e.Scheme)
	}
	return "there is no sample event " + strconv.Quote(e.Type) + " for scheme " + strconv.Quote(e.Scheme)
}

// SampleSchemes lists the families of schemes that have samples, sorted.
func SampleSchemes() []string {
	dirs, err := fs.ReadDir(samples, "samples")
	if err != nil {
		return nil
	}
	out := make([]string, 0, len(dirs))
	for _, d := range dirs {
		out = append(out, d.Name())
	}
	return out
}

// SampleTypes lists the event types that a scheme has samples of, in documented order. Schemes whose names differ only
// after the first dot, such as kyc.body and kyc, share theirs.
func SampleTypes(scheme string) []string {
	f, _ := familyOf(scheme)
	return f.types
}

// FindType lists the families of schemes that have a sample of an event type, sorted.
func FindType(typ string) []string {
	var out []string
	for _, scheme := range SampleSchemes() {
		if slices.Contains(SampleTypes(scheme), typ) {
			out = append(out, scheme)
		}
	}
	return out
}

// Build makes a fresh sample event: each call gives new ids and the time of the options. The error is an
// *UnknownTypeError, a *SetError, or that of the source of randomness.
func Build(scheme, typ string, o BuildOptions) (Sample, error) {
	f, ok := familyOf(scheme)
	if !ok || !slices.Contains(f.types, typ) {
		return Sample{}, unknownType(scheme, typ, f)
	}
	text, err := samples.ReadFile("samples/" + f.name + "/" + typ + ".txt")
	if err != nil {
		return Sample{}, fmt.Errorf("sample event %s: %w", typ, err)
	}
	s, err := expand(string(text), o.withDefaults())
	if err != nil {
		return Sample{}, fmt.Errorf("sample event %s: %w", typ, err)
	}
	return s.finish(f.spec, o.Sets)
}

// BuildGeneric makes an event of any type from a Spec alone, for schemes and types without a sample: type, id and time
// stand where the Spec says first, and everything else is made up. The errors are those of Build.
func BuildGeneric(spec Spec, typ string, o BuildOptions) (Sample, error) {
	o = o.withDefaults()
	s := Sample{
		Body: []byte("null"), Type: typ, ID: o.ID,
		Note: "the whole body is made up; only where type, id and time stand comes from the scheme",
	}
	if s.ID == "" {
		id, err := newUUID(o.Rand)
		if err != nil {
			return Sample{}, err
		}
		s.ID = id
	}
	s.put(spec.Type, typ)
	s.put(spec.ID, s.ID)
	s.put(spec.Time, o.Now.UTC().Format(milliseconds))
	for _, filler := range []string{"data.sample", "[0].sample"} {
		if s.edit(filler, []byte("true")) {
			break
		}
	}
	return s.finish(spec, o.Sets)
}

// Complete gives a body random text at those of the paths where it has nothing, for schemes that sign members of the body.
// A body that lacks none stays as it is, byte for byte. The error is a *SetError or that of the source of randomness.
func Complete(body []byte, paths []string, random io.Reader) ([]byte, error) {
	var sets []Set
	for _, path := range paths {
		if Extract(Spec{ID: []string{path}}, nil, body).ID != "" {
			continue
		}
		text, err := newUUID(random)
		if err != nil {
			return nil, err
		}
		set, err := SetString(path, strings.ReplaceAll(text, "-", ""))
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	if len(sets) == 0 {
		return body, nil
	}
	return ApplySets(body, sets)
}

// put writes a value to the first place of a list that takes it.
func (s *Sample) put(places []string, value string) {
	for _, place := range places {
		if name, ok := strings.CutPrefix(place, headerPrefix); ok {
			s.Fields = append(s.Fields, Field{name, value})
			return
		}
		if s.edit(place, quote(value)) {
			return
		}
	}
}

// edit makes one change if the body as it is allows it.
func (s *Sample) edit(path string, value []byte) bool {
	set, err := newSet(path, value)
	if err != nil {
		return false
	}
	body, err := ApplySets(s.Body, []Set{set})
	if err != nil {
		return false
	}
	s.Body = body
	return true
}

// finish makes the user's edits and reads type and id back, so that they are what a receiver will see.
func (s Sample) finish(spec Spec, sets []Set) (Sample, error) {
	body, err := ApplySets(s.Body, sets)
	if err != nil {
		return Sample{}, err
	}
	s.Body = body
	header := make(map[string][]string, len(s.Fields))
	for _, f := range s.Fields {
		header[f.Name] = append(header[f.Name], f.Value)
	}
	info := Extract(spec, header, body)
	if !onlyHeaders(spec.Type) {
		s.Type = info.Type
	}
	if !onlyHeaders(spec.ID) {
		s.follow(info.ID)
	}
	return s, nil
}

// follow takes over the id that an edit gave the event, also in the headers that repeat it.
func (s *Sample) follow(id string) {
	for i, f := range s.Fields {
		if s.ID != "" && f.Value == s.ID && id != "" {
			s.Fields[i].Value = id
		}
	}
	s.ID = id
}

// onlyHeaders says whether no edit of a body can change a value.
func onlyHeaders(places []string) bool {
	return !slices.ContainsFunc(places, func(p string) bool { return !strings.HasPrefix(p, headerPrefix) })
}

func (o BuildOptions) withDefaults() BuildOptions {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	return o
}

// family is what the schemes of one provider have in common.
type family struct {
	name  string
	types []string // in documented order
	spec  Spec
}

// familyOf finds a scheme's family: of its own name, or of what stands before the first dot.
func familyOf(scheme string) (family, bool) {
	switch scheme {
	case "legaltalent":
		scheme = "kyc"
	case "svix":
		scheme = "standard-webhooks"
	}
	if f, ok := loadFamily(scheme); ok {
		return f, true
	}
	before, _, _ := strings.Cut(scheme, ".")
	return loadFamily(before)
}

// loadFamily reads a family.txt: lines "name: value value…".
func loadFamily(name string) (family, bool) {
	if strings.Contains(name, "/") {
		return family{}, false
	}
	text, err := samples.ReadFile("samples/" + name + "/family.txt")
	if err != nil {
		return family{}, false
	}
	f := family{name: name}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ": ")
		switch words := strings.Fields(value); key {
		case "types":
			f.types = words
		case "type":
			f.spec.Type = words
		case "id":
			f.spec.ID = words
		case "time":
			f.spec.Time = words
		}
	}
	return f, true
}

func unknownType(scheme, typ string, f family) error {
	e := &UnknownTypeError{Scheme: scheme, Type: typ, Nearest: nearest(typ, f.types), Known: f.types}
	for _, name := range FindType(typ) {
		if name != f.name {
			e.Elsewhere = append(e.Elsewhere, name)
		}
	}
	return e
}
