// Package scrub replaces card numbers, mail addresses, tokens and named JSON values in what is recorded. The same value always has the
// same replacement under one key, and without the key no replacement can be found by trying values.
package scrub

import (
	"slices"
	"sort"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/jsonbytes"
)

// The rules.
const (
	Cards  = "cards"  // card numbers: 13 to 19 digits with the check digit of Luhn
	Email  = "email"  // mail addresses
	Bearer = "bearer" // bearer tokens, JSON web tokens, and keys that their prefix tells
	All    = "all"    // those three
	json   = "json:"  // the value at a path
)

// Rules are the names of the rules, for help and completion.
func Rules() []string { return []string{Cards, Email, Bearer, All, json} }

// Scrubber replaces what its rules name. It is safe for concurrent use.
type Scrubber struct {
	key   []byte
	finds []detector
	paths []jsonbytes.Path
	known []known // the longest first, as one may hold another
}

// New reads rules, several of which may stand in one text with commas between. The errors are usage faults that begin with from. key
// makes the replacements; nobody else may have it.
func New(from string, rules []string, key []byte) (*Scrubber, error) {
	s := &Scrubber{key: key}
	on := map[string]bool{}
	for _, text := range rules {
		if path, is := strings.CutPrefix(text, json); is {
			pattern, err := jsonbytes.ParsePattern(strings.TrimPrefix(path, "$."))
			if err != nil {
				return nil, fault.Hint(fault.Wrap(fault.Usage, err, "%s", from), "write it as json:customer.name or json:items[*].name")
			}
			s.paths = append(s.paths, pattern)
			continue
		}
		for rule := range strings.SplitSeq(text, ",") {
			switch rule {
			case All:
				on[Cards], on[Email], on[Bearer] = true, true, true
			case Cards, Email, Bearer:
				on[rule] = true
			default:
				return nil, fault.Hint(fault.New(fault.Usage, "%s: %s is no rule", from, fault.Quote(rule)), "the rules are cards, email, bearer, all, and json:PATH")
			}
		}
	}
	for _, d := range detectors() {
		if on[d.rule] {
			s.finds = append(s.finds, d)
		}
	}
	return s, nil
}

// Text is a text with what the rules name replaced.
func (s *Scrubber) Text(text string) string {
	out, _ := s.replace([]byte(text), part{})
	return string(out)
}

// known is a value that is replaced wherever it stands.
type known struct{ value, with string }

// knowing is a scrubber that replaces some values wherever they stand too.
func (s *Scrubber) knowing(values map[string]string) *Scrubber {
	if len(values) == 0 {
		return s
	}
	more := *s
	more.known = slices.Clone(s.known)
	for value, with := range values {
		more.known = append(more.known, known{value, with})
	}
	// sort.Slice, here and below: slices.SortFunc is compiled anew for each struct (docs/dependencies.md).
	sort.Slice(more.known, func(i, j int) bool {
		a, b := more.known[i].value, more.known[j].value
		return len(a) > len(b) || len(a) == len(b) && a < b
	})
	return &more
}

// part says what is known of a text that is scrubbed.
type part struct {
	cut   bool              // more came after it
	depth int               // how many times it was encoded
	found map[string]string // takes the values found at paths; nil: they are not wanted
}

// place is where a text is replaced.
type place struct {
	from, to int
	with     string
}

// replace gives a text with what the rules name replaced, and in how many places.
func (s *Scrubber) replace(text []byte, p part) ([]byte, int) {
	taken := taken{text: text}
	views := decoded(text)
	for _, v := range slices.Backward(views) {
		add := func(from, to int, with string) { taken.add(v.raw(from), v.raw(to), with) }
		s.named(v, p, add)
		s.values(v, add)
		for _, d := range s.finds {
			d.find(v.b, p.cut, func(from, to int) { add(from, to, d.replacement(s, v.b[from:to])) })
		}
		if p.depth < mostEncoded {
			s.encoded(v, p, add)
		}
	}
	return taken.spliced()
}

// values finds known values.
func (s *Scrubber) values(v view, add func(from, to int, with string)) {
	for _, k := range s.known {
		for at := range occurrences(v.b, k.value) {
			add(at, at+len(k.value), k.with)
		}
	}
}

// taken are the places of a text that are replaced. None of them overlaps another.
type taken struct {
	text   []byte
	used   []bool
	places []place
}

// add takes a place, unless a part of it is taken.
func (t *taken) add(from, to int, with string) {
	if t.used == nil {
		t.used = make([]bool, len(t.text))
	}
	if from >= to || slices.Contains(t.used[from:to], true) {
		return
	}
	for i := from; i < to; i++ {
		t.used[i] = true
	}
	t.places = append(t.places, place{from, to, with})
}

func (t *taken) spliced() ([]byte, int) {
	if len(t.places) == 0 {
		return t.text, 0
	}
	sort.Slice(t.places, func(i, j int) bool { return t.places[i].from < t.places[j].from })
	out, at := make([]byte, 0, len(t.text)), 0
	for _, p := range t.places {
		out = append(append(out, t.text[at:p.from]...), p.with...)
		at = p.to
	}
	return append(out, t.text[at:]...), len(t.places)
}
