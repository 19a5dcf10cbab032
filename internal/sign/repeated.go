package sign

import (
	"slices"
	"strings"
)

// A header that came twice is read differently by every program: Go takes the first line, Node and WSGI join the lines with
// a comma, others take the last. So a message in which a header of the scheme stands twice is refused, even when both are right:
// the signature, the time, the id, and what names the event.

// repeated names a header of the scheme that came twice; "" is none. Joined says that the two stand in one line, as a
// program logs them that has joined them.
func (r *Rules) repeated(m *Message) (name string, joined bool) {
	for _, name := range r.sigHeaders {
		if !r.scheme.Signature.Repeated && headerCount(m.Header, name) > 1 {
			return name, false
		}
	}
	for _, names := range [][]string{r.timeHeaders, r.idHeaders} {
		for _, name := range names {
			if headerCount(m.Header, name) > 1 {
				return name, false
			}
		}
	}
	for i := range r.require {
		if headerCount(m.Header, r.require[i].header) > 1 {
			return r.require[i].header, false
		}
	}
	for i := range r.content {
		if t := &r.content[i]; t.kind == tokHeader && headerCount(m.Header, t.text) > 1 {
			return t.text, false
		}
	}
	for _, name := range r.eventNames {
		if headerCount(m.Header, name) > 1 {
			return name, false
		}
	}
	return r.joined(m), true
}

// headerCount is how many lines of a header there are, whatever the case of its name.
func headerCount(header map[string][]string, name string) int {
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
	for _, name := range r.sigHeaders {
		if v := headerValue(m.Header, name); v != "" && !r.scheme.Signature.Repeated && splitsInTwo(v, r.isWhole, r.sameOnly()) {
			return name
		}
	}
	for _, name := range r.timeHeaders {
		if v := headerValue(m.Header, name); v != "" && splitsInTwo(v, func(part string) bool {
			_, problem := r.clock.parse(part)
			return problem == ""
		}, false) {
			return name
		}
	}
	for _, name := range r.idHeaders {
		if v := headerValue(m.Header, name); v != "" && splitsInTwo(v, func(part string) bool { return part != "" }, true) {
			return name
		}
	}
	return ""
}

// sameOnly says whether only two equal halves tell of a header that came twice: where a comma may stand within one value.
func (r *Rules) sameOnly() bool {
	return r.scheme.Algorithm == Token || strings.HasPrefix(r.scheme.Signature.Separator, ",") && r.timeItem == nil
}

// isWhole says whether a text is a whole value of the signature header.
func (r *Rules) isWhole(text string) bool {
	if mark := ","; r.scheme.Signature.Separator == " " && strings.Contains(r.item.lits[0], mark) {
		for item := range strings.FieldsSeq(text) { // v1,SIGNATURE: a comma belongs to each item
			if before, after, _ := strings.Cut(item, mark); before == "" || after == "" || strings.Contains(after, mark) {
				return false
			}
		}
	}
	var p parts
	r.readValue(text, &p)
	return len(p.cands) > 0 && p.ill == wellFormed && (r.timeItem == nil || !slices.ContainsFunc(p.times, func(t moment) bool { return t.text == "" }))
}

// splitsInTwo says whether a line is two whole values, or more, with a comma between.
func splitsInTwo(v string, whole func(string) bool, equal bool) bool {
	const most = 16 // commas that are looked at
	for i, seen := 0, 0; seen < most; seen++ {
		n := strings.IndexByte(v[i:], ',')
		if n < 0 {
			return false
		}
		left, right := trimBlanks(v[:i+n]), trimBlanks(v[i+n+1:])
		i += n + 1
		if !whole(left) || left == "" || right == "" {
			continue
		}
		if equal {
			if left == right || strings.HasPrefix(right, left+",") && trimBlanks(strings.ReplaceAll(right, left, "")) == "," {
				return true
			}
			continue
		}
		if whole(right) || splitsInTwo(right, whole, false) {
			return true
		}
	}
	return false
}

// repeatedWords are the detail of a refusal.
func repeatedWords(name string, joined bool) string {
	if joined {
		return "header " + name + " holds two values with a comma between: it came twice, and a proxy or middleware adds it"
	}
	return "header " + name + " came twice: a proxy or middleware adds it"
}

// repeatedFinding explains a header that came twice. It is certain when the message holds with one of the two alone.
func (r *Rules) repeatedFinding(m *Message, keys []Key, o *VerifyOptions) (Finding, bool) {
	name, joined := r.repeated(m)
	if name == "" {
		return Finding{}, false
	}
	f := Finding{
		ID: "header.twice", Title: "header " + name + " came twice: a proxy or middleware adds it again",
		Evidence: "there are " + itoa(int64(headerCount(m.Header, name))) + " lines of it; Go reads the first, Node joins them with a comma, and the provider's libraries refuse",
		Fix:      "look which proxy, tunnel or middleware adds " + name + ", and let the sender's alone pass",
	}
	if joined {
		f.Evidence = "its value is two values with a comma between, as Node and WSGI join a header that came twice"
	}
	for _, value := range onceEach(headerValues(m.Header, name)) {
		once := *m
		once.Header = make(map[string][]string, len(m.Header))
		for k, v := range m.Header {
			if !strings.EqualFold(k, name) {
				once.Header[k] = v
			}
		}
		once.Header[name] = []string{value}
		if v := r.Verify(&once, keys, *o); v.OK || v.Reason == TooOld || v.Reason == TooNew {
			f.Certain = true
		}
	}
	return f, true
}

// onceEach are the values that a header may have had before it was doubled.
func onceEach(values []string) []string {
	const most = 8
	out := values[:min(len(values), most):min(len(values), most)]
	for _, v := range values[:len(out)] {
		for i, c := range v {
			if c == ',' && len(out) < 2*most {
				out = append(out, trimBlanks(v[:i]))
			}
		}
	}
	return out
}
