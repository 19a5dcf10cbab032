package sign

import (
	"mime"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A signature over a time and a body holds for the same bytes under a scheme without a time, when the sender moves the time
// into the body, the id or the URL. So where no key says which scheme is meant, a scheme that checks no time must not be
// used for a request that carries one.

// farAhead is how far in the future a message's time may be for schemes that look at age only, when the scheme was guessed: in
// another unit a time of long ago is one of the far future.
const farAhead = 24 * time.Hour

// ignoresTime says where a request carries a time that the verdict of these rules says nothing about, or is "".
func (r *Rules) ignoresTime(m *Message, candidates []*Rules, v *Verdict) string {
	off := r.hasTime && r.scheme.Timestamp.Tolerance.Off
	switch {
	case r.checksTime(m) && v.Skew >= -farAhead, off && v.Skew.Abs() <= defaultTolerance*time.Second:
		return ""
	case r.checksTime(m):
		return "the message's own time, which is far in the future"
	case off:
		return "the message's own time, which is not of now"
	}
	for _, c := range candidates {
		if where := c.carriesTime(m, r); where != "" {
			return where
		}
	}
	if where := bodyTime(m); where != "" {
		return where
	}
	return r.componentTime(m)
}

// checksTime says whether these rules look at a time that the signature covers.
func (r *Rules) checksTime(m *Message) bool {
	if !r.hasTime || r.scheme.Timestamp.Tolerance.Off {
		return false
	}
	if r.uses[tokTime] {
		return true
	}
	if r.copyPath != nil {
		_, ok := lookupJSON(m.Body, r.copyPath)
		return ok
	}
	for _, t := range r.content {
		if t.kind == tokHeader && slices.Contains(r.timeHeaders, t.text) || t.kind == tokJSON && slices.Equal(t.path, r.timePath) {
			return true
		}
	}
	return r.timePath != nil && r.uses[tokBody]
}

// carriesTime says where a request has the time of these rules, leaving out what the rules in use read themselves.
func (r *Rules) carriesTime(m *Message, used *Rules) string {
	if !r.hasTime {
		return ""
	}
	for _, h := range r.timeHeaders {
		if v := headerValue(m.Header, h); v != "" && !slices.Contains(used.timeHeaders, h) && r.isTime(v) {
			return "header " + h
		}
	}
	if i := slices.IndexFunc(r.sigHeaders, func(h string) bool { return r.hasTimeItem(headerValue(m.Header, h)) }); i >= 0 {
		return "header " + r.sigHeaders[i]
	}
	for _, path := range [][]string{r.timePath, r.copyPath} {
		if path == nil {
			continue
		}
		if v, ok := lookupJSON(m.Body, path); ok && r.isTime(v) {
			return "the body's " + strings.Join(path, ".")
		}
	}
	return ""
}

// hasTimeItem says whether one of the items of a signature header's value is a time.
func (r *Rules) hasTimeItem(value string) bool {
	if r.timeItem == nil || value == "" {
		return false
	}
	var p parts
	r.readValue(value, &p)
	return slices.ContainsFunc(p.times, func(t moment) bool { return t.text != "" && r.isTime(t.text) })
}

func (r *Rules) isTime(text string) bool {
	_, problem := r.clock.parse(text)
	return problem == ""
}

// componentTime looks at what is signed beside the body: an id, the end of the URL, a header.
func (r *Rules) componentTime(m *Message) string {
	if r.uses[tokID] {
		for _, h := range r.idHeaders {
			if holdsTime(headerValue(m.Header, h)) {
				return "header " + h
			}
		}
	}
	for _, t := range r.content {
		if t.kind == tokHeader && !slices.Contains(r.timeHeaders, t.text) && holdsTime(headerValue(m.Header, t.text)) {
			return "header " + t.text
		}
	}
	const tail = 48
	if r.uses[tokURL] && endsInTime(m.URL[max(0, len(m.URL)-tail):]) {
		return "the end of the URL"
	}
	return ""
}

// bodyTime looks at both ends of a body, outside of the JSON or XML that it holds, or a form that has JSON as a value.
func bodyTime(m *Message) string {
	const edge = 256
	b := m.Body
	front := string(b[:min(len(b), edge)])
	for _, open := range []string{"{", "[", "<", "%7B", "%7b", "%5B", "%5b"} {
		front, _, _ = strings.Cut(front, open)
	}
	if holdsTime(front) {
		return "the beginning of the body"
	}
	back := string(b[max(0, len(b)-edge):])
	for _, end := range []string{"}", "]", ">", "%7D", "%7d", "%5D", "%5d"} {
		if i := strings.LastIndex(back, end); i >= 0 {
			back = back[i+len(end):]
		}
	}
	if endsInTime(back) {
		return "the end of the body"
	}
	return ""
}

const timePattern = `(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}|[0-9]+)`

// holdsTime says whether a text has a time in it that begins a word.
func holdsTime(text string) bool {
	for _, at := range regexp.MustCompile(timePattern).FindAllStringIndex(text, -1) {
		if (at[0] == 0 || !isWordByte(text[at[0]-1])) && isMoment(text[at[0]:at[1]]) {
			return true
		}
	}
	return false
}

// endsInTime says whether a text ends in a time, perhaps with something short behind it such as a time zone.
func endsInTime(text string) bool {
	const behind = 16
	found := regexp.MustCompile(timePattern).FindAllStringIndex(text, -1)
	for _, at := range found {
		if isMoment(text[at[0]:at[1]]) && len(text)-at[1] <= behind {
			return true
		}
	}
	return false
}

// isMoment says whether digits, or a date, are a time of this century.
func isMoment(text string) bool {
	return strings.Contains(text, "-") || timeUnit(text) != ""
}

// isForm says whether a request's body is a form.
func isForm(header map[string][]string) bool {
	t, _, err := mime.ParseMediaType(headerValue(header, "Content-Type"))
	return err == nil && t == "application/x-www-form-urlencoded"
}
