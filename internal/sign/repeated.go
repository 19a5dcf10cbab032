package sign

// Headers that came twice.

import (
	"iter"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// Programs differ on a header that came twice: Go takes the first line, Node and WSGI join the lines with a comma, others take
// the last. So a message with a header of the scheme in two lines is refused, even when both are right: the signature, the time,
// the id, and those that name the event.

// Repeated names a header of the scheme that came twice; "" when none did. Joined says that both stand in one line, with a comma
// between.
func (r *Rules) Repeated(m *Message) (name string, joined bool) {
	for _, name := range r.Single {
		if HeaderCount(m.Header, name) > 1 {
			return name, false
		}
	}
	return r.joined(m), true
}

// cameTwice tells of it.
func cameTwice(name string, joined bool) Detail {
	if joined {
		return Detail{Code: CameJoined, Place: Place{InHeader, name}}
	}
	return Detail{Code: CameTwice, Place: Place{InHeader, name}}
}

// HeaderCount is how many lines of a header there are, whatever the case of its name.
func HeaderCount(header map[string][]string, name string) int {
	n := 0
	for k, v := range header {
		if len(k) == len(name) && strings.EqualFold(k, name) {
			n += len(v)
		}
	}
	return n
}

// joined names a header whose one line holds what came in two; "" is none.
func (r *Rules) joined(m *Message) string {
	for _, name := range r.SigHeaders {
		if v := scheme.HeaderValue(m.Header, name); v != "" && !r.Scheme().Signature.Repeated && r.twoSignatures(v) {
			return name
		}
	}
	for _, name := range r.TimeHeaders {
		if v := scheme.HeaderValue(m.Header, name); v != "" && twoWhole(v, func(part string) bool {
			_, err := r.Clock.Parse(part)
			return err == nil
		}) {
			return name
		}
	}
	for _, name := range r.IDHeaders {
		if v := scheme.HeaderValue(m.Header, name); v != "" && twoAlike(v, func(part string) bool { return part != "" }) {
			return name
		}
	}
	return ""
}

// twoSignatures says whether a value of the signature header is two of them.
func (r *Rules) twoSignatures(v string) bool {
	if r.sameOnly() {
		return twoAlike(v, r.isWhole)
	}
	return twoWhole(v, r.isWhole)
}

// sameOnly says whether only two equal halves show that a header came twice, because a comma may stand within one value.
func (r *Rules) sameOnly() bool {
	return r.Scheme().Algorithm == scheme.Token || r.Scheme().MessageSignature != nil || strings.HasPrefix(r.Scheme().Signature.Separator, ",") && r.TimeItem == nil
}

// isWhole says whether a text is a whole value of the signature header.
func (r *Rules) isWhole(text string) bool {
	if r.Proves() {
		return r.isWholeProof(text)
	}
	_, lead := r.Item.Literal()
	if mark := ","; r.Scheme().Signature.Separator == " " && strings.Contains(lead, mark) {
		for item := range strings.FieldsSeq(text) { // v1,SIGNATURE: a comma belongs to each item
			if before, after, _ := strings.Cut(item, mark); before == "" || after == "" || strings.Contains(after, mark) {
				return false
			}
		}
	}
	var p parts
	r.readValue(text, &p)
	return len(p.candidates) > 0 && p.malformed == NoDetail && (r.TimeItem == nil || !slices.ContainsFunc(p.times, func(t moment) bool { return t.text == "" }))
}

// twoWhole says whether a line is two whole values, or more, with a comma between.
func twoWhole(v string, whole func(string) bool) bool {
	for left, right := range halves(v) {
		if whole(left) && (whole(right) || twoWhole(right, whole)) {
			return true
		}
	}
	return false
}

// twoAlike says whether a line is one whole value twice, or more often, with a comma between.
func twoAlike(v string, whole func(string) bool) bool {
	for left, right := range halves(v) {
		again := strings.HasPrefix(right, left+",") && scheme.TrimBlanks(strings.ReplaceAll(right, left, "")) == ","
		if whole(left) && (left == right || again) {
			return true
		}
	}
	return false
}

// halves are what stands before and after each comma of a line. Those with nothing on one side are left out.
func halves(v string) iter.Seq2[string, string] {
	const most = 16 // commas that are looked at
	return func(yield func(string, string) bool) {
		for i, seen := 0, 0; seen < most; seen++ {
			n := strings.IndexByte(v[i:], ',')
			if n < 0 {
				return
			}
			left, right := scheme.TrimBlanks(v[:i+n]), scheme.TrimBlanks(v[i+n+1:])
			i += n + 1
			if left != "" && right != "" && !yield(left, right) {
				return
			}
		}
	}
}
