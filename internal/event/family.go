package event

// The files of samples, one for each family of schemes.

import (
	"cmp"
	"embed"
	"regexp"
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
//	form: [a-z]+\.[a-z]+
//	tricky: invoice.paid
//	apart: command, shortcut
//	play customer-approved: invoice.paid, invoice.failed
//	== *
//	(the sample that others are like, see template.go)
//	== invoice.paid
//	== invoice.paid/late
//	…
//
// "complete: yes" says that the provider documents no other types, so that any other is a mistake. Otherwise a type without a
// sample is made of the envelope, the sample named *, if it has the form, a regular expression. "tricky" names the type whose
// tricky variant stands for all; without the line it is the first. "apart" names types that the provider sends to URLs of their own, so that no handler of the others
// gets them. "play" is a scenario. A name with a variant is that of an
// earlier type and one more word behind a slash.
const (
	sampleMark   = "== "
	completeLine = "complete: yes\n"
	envelopeName = "*"
	variantMark  = "/"
)

// family is what the schemes of one provider have in common.
type family struct {
	name      string
	complete  bool
	form      string // what the types look like; "" for anything
	tricky    string // the type whose tricky variant stands for all
	scenarios []Scenario
	apart     []string          // types that go to URLs of their own
	types     []string          // the others, in documented order
	names     []string          // the types, each before its variants
	texts     map[string]string // a sample for each of the names, and for the envelope
}

// Scenario is what happens to one customer, from its first state to its last.
type Scenario struct {
	Name  string
	Steps []string // names of samples, in order
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
// after the first dot, such as kyc.body and kyc, share theirs. What the provider sends to URLs of its own, such as Slack's commands, is
// not among them.
func SampleTypes(scheme string) []string {
	f, _ := familyOf(scheme)
	return f.types
}

// SampleNames lists the samples of a scheme: its types, each before its variants, such as kyc.status.changed/failed.
func SampleNames(scheme string) []string {
	f, _ := familyOf(scheme)
	return f.names
}

// IsSample says whether a scheme has a sample of this name. Each of its types has a tricky variant too.
func IsSample(scheme, name string) bool {
	f, _ := familyOf(scheme)
	return slices.Contains(f.names, name) || f.isType(strings.TrimSuffix(name, variantMark+Tricky))
}

// InForm says whether a name has the form that a scheme's types are known to have.
func InForm(scheme, name string) bool {
	f, _ := familyOf(scheme)
	return f.form != "" && f.formed(name)
}

// Variants lists the names of a type's samples with their variants.
func Variants(scheme, typ string) []string {
	f, _ := familyOf(scheme)
	return f.variants(typ)
}

// TrickyName names the sample of a scheme that shows whether a handler verifies the bytes that it got; "" for none.
func TrickyName(scheme string) string {
	f, _ := familyOf(scheme)
	if f.tricky == "" {
		return ""
	}
	return f.tricky + variantMark + Tricky
}

// Scenarios lists what a scheme's customers may go through.
func Scenarios(scheme string) []Scenario {
	f, _ := familyOf(scheme)
	return f.scenarios
}

// FindType lists the families of schemes that have a sample of an event type, sorted.
func FindType(typ string) []string {
	return familiesWith(func(f family) bool { return slices.Contains(f.types, typ) })
}

// FindScenario lists the families of schemes that have a scenario, sorted.
func FindScenario(name string) []string {
	return familiesWith(func(f family) bool {
		return slices.ContainsFunc(f.scenarios, func(s Scenario) bool { return s.Name == name })
	})
}

func familiesWith(has func(family) bool) []string {
	var out []string
	for _, name := range SampleSchemes() {
		if f, ok := loadFamily(name); ok && has(f) {
			out = append(out, name)
		}
	}
	return out
}

// TypeOf is the event type of a sample's name, which may have a variant.
func TypeOf(scheme, name string) string {
	f, _ := familyOf(scheme)
	return f.typeOf(name)
}

// CheckType says whether Build makes an event of this type, or of this type and variant. The error is an *UnknownTypeError.
func CheckType(scheme, typ string) error {
	f, ok := familyOf(scheme)
	return f.check(ok, scheme, typ)
}

// check refuses an unknown type if the family is complete. Otherwise it refuses what looks like a slip, and what has not the
// form of the provider's types, because the provider has more types than there are samples.
func (f family) check(known bool, scheme, name string) error {
	typ := strings.TrimSuffix(name, variantMark+Tricky)
	if !known || slices.Contains(f.names, typ) {
		return nil
	}
	e := &UnknownTypeError{Scheme: scheme, Type: name, Known: f.types}
	if of := f.typeOf(typ); of != typ {
		e.Variants = f.variants(of)
		e.Nearest = near.Slip(typ, e.Variants)
		return e
	}
	if !f.complete {
		e.Misformed = f.form != "" && !f.formed(typ)
		e.Nearest = near.Slip(typ, f.names)
		if e.Misformed && e.Nearest == "" {
			e.Nearest = cmp.Or(near.Word(typ, f.types), near.Part(typ, f.types))
		}
		if e.Nearest != "" || e.Misformed || typ == "" {
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

func (f family) formed(typ string) bool {
	return regexp.MustCompile("^(?:" + f.form + ")$").MatchString(typ)
}

// typeOf is the event type of a name, which may have a variant.
func (f family) typeOf(name string) string {
	if at := strings.LastIndex(name, variantMark); at > 0 && f.isType(name[:at]) && !f.isType(name) {
		return name[:at]
	}
	return name
}

func (f family) isType(name string) bool {
	return slices.Contains(f.types, name) || slices.Contains(f.apart, name)
}

// variants lists the names that a type has with its variants.
func (f family) variants(typ string) []string {
	var out []string
	tricky := typ + variantMark + Tricky
	for _, name := range f.names {
		if name != typ && name != tricky && f.typeOf(name) == typ {
			out = append(out, name)
		}
	}
	return append(out, tricky)
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
	f := family{name: name, texts: map[string]string{}}
	head, rest, _ := strings.Cut("\n"+text, "\n"+sampleMark)
	for line := range strings.Lines(strings.TrimPrefix(head, "\n") + "\n") {
		f.headLine(line)
	}
	for part := range strings.SplitSeq(rest, "\n"+sampleMark) {
		name, sample, found := strings.Cut(part, "\n")
		if !found {
			continue
		}
		f.texts[name] = sample
		if name == envelopeName {
			continue
		}
		f.names = append(f.names, name)
		if f.typeOf(name) == name && !slices.Contains(f.apart, name) {
			f.types = append(f.types, name)
		}
	}
	if f.tricky == "" && len(f.types) > 0 {
		f.tricky = f.types[0]
	}
	if all := f.tricky + variantMark + Tricky; f.texts[all] == "" && f.tricky != "" {
		f.names = slices.Insert(f.names, slices.Index(f.names, f.tricky)+1, all)
	}
	return f
}

// headLine reads a line before the first sample.
func (f *family) headLine(line string) {
	key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
	switch {
	case line == completeLine:
		f.complete = true
	case key == "form":
		f.form = value
	case key == "tricky":
		f.tricky = value
	case key == "apart":
		f.apart = strings.Split(value, ", ")
	default:
		if name, is := strings.CutPrefix(key, "play "); is {
			f.scenarios = append(f.scenarios, Scenario{name, strings.Split(value, ", ")})
		}
	}
}
