package sign

// Signature headers that are lists.

import (
	"cmp"
	"maps"
	"strings"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// A signature header that is a list is read as strictly as the providers' own libraries read it: no blank is dropped, no item
// is empty, and each is a name with a value where the scheme writes names. A more lenient reader would say "valid" where the
// provider's library answers 400.

// oddities are what some libraries refuse in a list that is accepted here.
type oddities struct {
	noBlank bool // the blank that belongs to the separator is missing
	late    bool // the time does not stand first
}

// trimSeparator is a separator without the blank that follows it in some schemes.
func trimSeparator(sep string) string {
	return cmp.Or(strings.TrimSuffix(sep, " "), sep)
}

func (r *Rules) readSet(set string, p *parts) {
	index := len(p.times) - 1
	sep, seen := r.Scheme().Signature.Separator, false
	mark := trimSeparator(sep)
	blank := mark != sep
	for i, more := 0, true; more; i++ {
		item := set
		if more = false; sep != "" {
			item, set, more = strings.Cut(set, mark)
		}
		if blank && i > 0 {
			rest, has := strings.CutPrefix(item, " ")
			item, p.odd.noBlank = rest, p.odd.noBlank || !has
		}
		r.readTimeItem(item, i, index, p)
		it := r.firstItem(item)
		if seen {
			it = r.laterItem(item)
		}
		if p.malformed == NoDetail {
			p.malformed = r.itemForm(it)
		}
		if seen = seen || it.fits; it.fits && len(p.candidates) < maxCandidates {
			r.readCandidate(it.sig, index, p)
		}
	}
}

// readTimeItem notes the time of a set, if the item is one.
func (r *Rules) readTimeItem(item string, at, set int, p *parts) {
	if r.TimeItem == nil {
		return
	}
	ts, ok := r.TimeItem.Match(item)
	if !ok {
		return
	}
	if p.times[set].text != "" {
		p.malformed = ListTwoTimes // the libraries do not agree on which of them counts
	}
	p.times[set].text, p.odd.late = ts, p.odd.late || at > 0
}

// listItem is one item of a list.
type listItem struct {
	text  string
	sig   string // the signature in it
	fits  bool   // it has one
	known bool   // it is a signature without doubt: anything fits some patterns of later items
}

// firstItem reads an item that may be the first signature of its list.
func (r *Rules) firstItem(text string) listItem {
	sig, ok := r.Item.Match(text)
	return listItem{text, sig, ok, ok}
}

// laterItem reads an item behind the first signature, which some schemes write in another way.
func (r *Rules) laterItem(text string) listItem {
	it := r.firstItem(text)
	if it.fits || r.NextItem == nil {
		return it
	}
	it.sig, it.fits = r.NextItem.Match(text)
	var raw [maxSignature]byte
	it.known = it.fits && decodeSignature(raw[:], it.sig, r.Scheme().Signature.Encoding) > 0
	return it
}

// itemForm says what is wrong with one item of a list. In a list with blanks between, an empty item is a wide gap.
func (r *Rules) itemForm(it listItem) DetailCode {
	s := &r.Scheme().Signature
	switch {
	case s.Separator == "" || s.Separator == " ":
		return NoDetail
	case scheme.TrimBlanks(it.text) == "":
		return ListEmptyItem
	case scheme.TrimBlanks(it.text) != it.text:
		return ListBlanks
	case it.known || !r.named():
		return NoDetail
	}
	if n := strings.Count(it.text, "="); n == 0 || n > 1 && (s.Encoding == scheme.Hex || s.Encoding == scheme.UpperHex) {
		return ListBareItem
	}
	return NoDetail
}

// named says whether the items of a list are written as name=value.
func (r *Rules) named() bool {
	whole, _ := r.Item.Literal()
	return strings.Contains(whole, "=")
}

// oddWords says who refuses a list that is accepted here; "" when nobody does. The libraries are data of the scheme.
func (r *Rules) oddWords(p *parts, matched int) string {
	for _, one := range []struct {
		on        bool
		rule, why string
	}{
		{p.odd.noBlank, "blank", "a blank follows the separator"},
		{p.odd.late, "order", "the time stands first"},
		{len(p.candidates) > 1, "one", "it reads one signature only"},
		{matched > 0, "first", "it reads the first signature only"},
		{matched < len(p.candidates)-1, "last", "it reads the last signature only"},
	} {
		if who := r.Scheme().Signature.RefusedBy[one.rule]; who != "" && one.on {
			return "accepted here, refused by " + who + ": " + one.why
		}
	}
	return ""
}

// Mended gives the message with its list of signatures as the scheme's libraries read it. Fault says what is wrong with the
// list as it stands; false when nothing is.
func (r *Rules) Mended(m *Message, o *VerifyOptions) (clean Message, fault Detail, ok bool) {
	var p parts
	r.read(m, o, &p)
	if p.malformed == NoDetail || r.SignsInBody() {
		return Message{}, Detail{}, false
	}
	name, value := r.pick(m).choose(m.Header, r.SigHeaders)
	sep := r.Scheme().Signature.Separator
	var items []string
	for item := range strings.SplitSeq(value, trimSeparator(sep)) {
		item = scheme.TrimBlanks(item)
		if r.itemForm(r.laterItem(item)) == NoDetail {
			items = append(items, item)
		}
	}
	clean = *m
	clean.Header = maps.Clone(m.Header)
	clean.Header[name] = []string{strings.Join(items, sep)}
	return clean, Detail{Code: p.malformed, Place: Place{InHeader, name}}, true
}
