package event

// The files of samples, one for each family of schemes.

import (
	"cmp"
	"embed"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/near"
)

// samples holds one file for each family of schemes, so that making one event reads no other family.
//
//go:embed samples/*.txt
var samples embed.FS

// A family's file in samples/ is text:
//
//	# comments, such as the pages the payloads are after
//	complete: yes
//	== invoice.paid
//	(the sample, see template.go)
//	== invoice.failed
//	…
//
// "complete: yes" says that the provider documents no other types, so that any other is a mistake.
const (
	sampleMark   = "== "
	completeLine = "complete: yes\n"
)

// family is what the schemes of one provider have in common.
type family struct {
	name     string
	complete bool
	types    []string // in documented order
	texts    []string // a sample for each of the types
}

// SampleSchemes lists the families of schemes that have samples, sorted.
func SampleSchemes() []string {
	files, err := samples.ReadDir("samples")
	if err != nil {
		return nil
	}
	out := make([]string, 0, len(files))
	for _, f := range files {
		out = append(out, strings.TrimSuffix(f.Name(), ".txt"))
	}
	slices.Sort(out) // by name without its ending
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
	for _, name := range SampleSchemes() {
		if f, ok := loadFamily(name); ok && slices.Contains(f.types, typ) {
			out = append(out, name)
		}
	}
	return out
}

// CheckType says whether Build makes an event of this type. The error is an *UnknownTypeError.
func CheckType(scheme, typ string) error {
	f, ok := familyOf(scheme)
	return f.check(ok, scheme, typ)
}

// check refuses an unknown type if the family is complete. Otherwise it refuses only what looks like a slip, because the
// provider has more types than there are samples.
func (f family) check(known bool, scheme, typ string) error {
	if !known || slices.Contains(f.types, typ) {
		return nil
	}
	e := &UnknownTypeError{Scheme: scheme, Type: typ, Known: f.types}
	if !f.complete {
		if e.Nearest = near.Slip(typ, f.types); e.Nearest != "" || typ == "" {
			return e
		}
		return nil
	}
	e.Nearest = cmp.Or(near.Word(typ, f.types), near.Part(typ, f.types))
	for _, name := range FindType(typ) {
		if name != f.name {
			e.Elsewhere = append(e.Elsewhere, name)
		}
	}
	return e
}

// familyOf finds a scheme's family by its name, or by the part before the first dot.
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

// loadFamily reads one family's file.
func loadFamily(name string) (family, bool) {
	if strings.Contains(name, "/") {
		return family{}, false
	}
	text, err := samples.ReadFile("samples/" + name + ".txt")
	if err != nil {
		return family{}, false
	}
	return parseFamily(name, string(text)), true
}

func parseFamily(name, text string) family {
	f := family{name: name}
	head, rest, _ := strings.Cut("\n"+text, "\n"+sampleMark)
	f.complete = strings.Contains(head+"\n", "\n"+completeLine)
	for part := range strings.SplitSeq(rest, "\n"+sampleMark) {
		typ, sample, found := strings.Cut(part, "\n")
		if found {
			f.types, f.texts = append(f.types, typ), append(f.texts, sample)
		}
	}
	return f
}
