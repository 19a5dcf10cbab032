package judge

// Times that a request carries and a verdict does not check.

import (
	"iter"
	"mime"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// A scheme may sign time and body one after the other. Whoever has such an old request can move the time into the body, the id
// or the URL: under a scheme without a time the same bytes hold for ever. So a scheme that checks no time is not guessed for a
// request that carries one.

// farAhead is how far in the future a message's time may be when the scheme was guessed and checks the age alone: an old time
// read in another unit is in the far future.
const farAhead = 24 * time.Hour

// ignoresTime says where a request carries a time that the verdict did not check, or is "".
func ignoresTime(r *sign.Rules, m *sign.Message, candidates []*sign.Rules, v *sign.Verdict) string {
	off := r.HasTime && r.Scheme().Timestamp.Tolerance.Off
	switch {
	case checksTime(r, m) && v.Skew >= -farAhead, off && v.Skew.Abs() <= scheme.DefaultTolerance*time.Second:
		return ""
	case checksTime(r, m):
		return "the message's own time, which is far in the future"
	case off:
		return "the message's own time, which is not the present"
	}
	for _, c := range candidates {
		if where := carriesTime(c, m, r); where != "" {
			return where
		}
	}
	if where := bodyTime(m); where != "" {
		return where
	}
	return componentTime(r, m)
}

// checksTime says whether these rules check a time that the signature covers.
func checksTime(r *sign.Rules, m *sign.Message) bool {
	if !r.HasTime || r.Scheme().Timestamp.Tolerance.Off {
		return false
	}
	if r.Uses[scheme.PieceTime] || r.Proves() {
		return true
	}
	if r.CopyPath != nil {
		_, ok := scheme.Lookup(m.Body, r.CopyPath)
		return ok
	}
	for _, t := range r.Content {
		if t.Kind == scheme.PieceHeader && slices.Contains(r.TimeHeaders, t.Text) || t.Kind == scheme.PieceJSON && r.TimePath != nil && slices.Equal(t.Path, r.TimePath) {
			return true
		}
	}
	return r.TimePath != nil && r.Uses[scheme.PieceBody]
}

// carriesTime says where a request has the time of these rules, except where the used rules read it.
func carriesTime(r *sign.Rules, m *sign.Message, used *sign.Rules) string {
	if !r.HasTime {
		return ""
	}
	for _, h := range r.TimeHeaders {
		if v := scheme.HeaderValue(m.Header, h); v != "" && !slices.Contains(used.TimeHeaders, h) && isTime(r, v) {
			return "header " + h
		}
	}
	if i := slices.IndexFunc(r.SigHeaders, func(h string) bool { return hasTimeItem(r, scheme.HeaderValue(m.Header, h)) }); i >= 0 {
		return "header " + r.SigHeaders[i]
	}
	for _, path := range []jsonbytes.Path{r.TimePath, r.CopyPath} {
		if path == nil {
			continue
		}
		if v, ok := scheme.Lookup(m.Body, path); ok && isTime(r, v) {
			return "the body's " + path.String()
		}
	}
	return ""
}

// hasTimeItem says whether one of the items of a signature header's value is a time.
func hasTimeItem(r *sign.Rules, value string) bool {
	return slices.ContainsFunc(r.ItemTimes(value), func(t string) bool { return t != "" && isTime(r, t) })
}

func isTime(r *sign.Rules, text string) bool {
	_, err := r.Clock.Parse(text)
	return err == nil
}

// componentTime looks for a time in what is signed beside the body: an id, the end of the URL, a header.
func componentTime(r *sign.Rules, m *sign.Message) string {
	if r.Uses[scheme.PieceID] {
		for _, h := range r.IDHeaders {
			if id := scheme.HeaderValue(m.Header, h); holdsTime(id) || isMoment(lastDigits(id)) || explain.IsHexTime(id) {
				return "header " + h
			}
		}
	}
	for _, t := range r.Content {
		if t.Kind != scheme.PieceHeader || slices.Contains(r.TimeHeaders, t.Text) {
			continue
		}
		if text := scheme.HeaderValue(m.Header, t.Text); holdsTime(text) || explain.IsHexTime(text) {
			return "header " + t.Text
		}
	}
	const tail = 48
	if r.Uses[scheme.PieceURL] && endsInTime(m.URL[max(0, len(m.URL)-tail):]) {
		return "the end of the URL"
	}
	return ""
}

// bodyTime looks for a time at both ends of a body, outside of the JSON or XML in it, which a form may have escaped. Outside of these
// nothing is the body's own, so a time counts wherever it stands there; in a body without them a time at its very end or beginning does.
func bodyTime(m *sign.Message) string {
	const edge, bare = 8 << 10, 256 // a URL may stand there too
	b := m.Body
	front, inside := string(b[:min(len(b), edge)]), false
	for _, open := range []string{"{", "[", "<", "%7B", "%7b", "%5B", "%5b"} {
		var found bool
		front, _, found = strings.Cut(front, open)
		inside = inside || found && len(open) == 1 // an escaped one is a form's
	}
	if holdsTime(front[:min(len(front), bare)]) || inside && (holdsTime(front) || endsInTime(front)) {
		return "the beginning of the body"
	}
	back, closed := string(b[max(0, len(b)-edge):]), false
	for _, end := range []string{"}", "]", ">", "%7D", "%7d", "%5D", "%5d"} {
		if i := strings.LastIndex(back, end); i >= 0 {
			back, closed = back[i+len(end):], closed || len(end) == 1
		}
	}
	if endsInTime(back) || closed && holdsTime(back) {
		return "the end of the body"
	}
	return ""
}

// The shapes of dates: 0 is any digit, A any capital, a any small letter, and T is T, t or a blank.
const (
	isoShape  = "0000-00-00T00:00"
	httpShape = "00 Aaa 0000 00:00:00"
)

// shaped says whether a text begins in a shape.
func shaped(text, shape string) bool {
	if len(text) < len(shape) {
		return false
	}
	for i := range len(shape) {
		c, ok := text[i], text[i] == shape[i]
		switch shape[i] {
		case '0':
			ok = c >= '0' && c <= '9'
		case 'A':
			ok = c >= 'A' && c <= 'Z'
		case 'a':
			ok = c >= 'a' && c <= 'z'
		case 'T':
			ok = c == 'T' || c == 't' || c == ' '
		}
		if !ok {
			return false
		}
	}
	return true
}

const digits = "0123456789"

// moments are the times in a text, as where each begins and ends: dates, and numbers that are times.
func moments(text string) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for end := 0; ; {
			next := strings.IndexAny(text[end:], digits)
			if next < 0 {
				return
			}
			at := end + next
			switch rest := text[at:]; {
			case shaped(rest, isoShape):
				end = at + len(isoShape)
			case shaped(rest, httpShape):
				end = at + len(httpShape)
			default:
				end = at + len(rest) - len(strings.TrimLeft(rest, digits))
			}
			if isMoment(text[at:end]) && !yield(at, end) {
				return
			}
		}
	}
}

// holdsTime says whether a text has a date, or a word of it begins with a time. Twitch writes the date right behind an id.
func holdsTime(text string) bool {
	for i := range len(text) {
		if shaped(text[i:], isoShape) {
			return true
		}
	}
	for at := range moments(text) {
		if at == 0 || !scheme.IsWordByte(text[at-1]) {
			return true
		}
	}
	return false
}

// endsInTime says whether a text ends in a time, with at most a few bytes after it, such as a time zone.
func endsInTime(text string) bool {
	const behind = 16
	for _, end := range moments(text) {
		if len(text)-end <= behind {
			return true
		}
	}
	return false
}

// lastDigits are those that a text ends in: a time may follow an id with nothing between.
func lastDigits(text string) string { return text[len(strings.TrimRight(text, digits)):] }

// isMoment says whether a text is a date, of whatever year, or digits that are a time.
func isMoment(text string) bool {
	return strings.ContainsAny(text, "-:") || explain.IsTime(text)
}

// isForm says whether a request's body is a form, and nothing else by a second Content-Type.
func isForm(header map[string][]string) bool {
	types := scheme.HeaderValues(header, "Content-Type")
	if len(types) != 1 {
		return false
	}
	t, _, err := mime.ParseMediaType(types[0])
	return err == nil && t == "application/x-www-form-urlencoded"
}
