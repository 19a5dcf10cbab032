package explain

// What an unknown provider may sign: times, ids and bodies in the usual orders.

import (
	"maps"
	"mime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// TimeUnit is the unit of a text that is a time of this century, or "".
func TimeUnit(text string) string {
	if n, err := scheme.ParseDigits(text); err == nil {
		switch {
		case n > 946684800 && n < 4102444800:
			return scheme.UnitSeconds
		case n > 946684800000 && n < 4102444800000:
			return scheme.UnitMillis
		}
		return ""
	}
	if _, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return scheme.UnitRFC3339
	}
	return ""
}

// IsTime says whether a text is a time: one that TimeUnit knows, or a number of microseconds or nanoseconds of our days, which no scheme
// can have.
func IsTime(text string) bool {
	n, err := strconv.ParseUint(text, 10, 63)
	return TimeUnit(text) != "" || err == nil && (ofOurDays(n/1e6) || ofOurDays(n/1e9))
}

// IsHexTime says whether a text is a number of seconds or milliseconds of our days in hex. Many ids that are none look so, and so only a
// whole id or header is asked about.
func IsHexTime(text string) bool {
	n, err := strconv.ParseUint(text, 16, 63)
	return err == nil && (ofOurDays(n) || ofOurDays(n/1e3))
}

// ofOurDays says whether a number of seconds since 1970 is of 2015 to 2034.
func ofOurDays(seconds uint64) bool { return seconds >= 1420070400 && seconds < 2051222400 }

// TimeHeader names a header that holds a time; "" when there is none. Units that no scheme can have count where the name speaks of a time:
// a number of 16 or 19 digits may also be the id of a trace.
func TimeHeader(header map[string][]string) string {
	if found := inferTimes(header); len(found) > 0 {
		return found[0].spec.Header[0]
	}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		text := scheme.TrimBlanks(scheme.HeaderValue(header, name))
		if (IsTime(text) || IsHexTime(text)) && !shadows(name) && namesTime(name) {
			return name
		}
	}
	return ""
}

// namesTime says whether a header's name speaks of a time.
func namesTime(name string) bool {
	return slices.ContainsFunc(strings.Split(strings.ToLower(name), "-"), func(word string) bool {
		return slices.Contains([]string{"time", "timestamp", "ts", "date", "epoch", "at"}, word)
	})
}

// inferTime is a time that a message carries.
type inferTime struct {
	spec    scheme.TimestampSpec
	text    string
	sigItem string // how the signature is written beside it where both are one item; ""
}

// inferID is a header that may be the message's id, or a nonce.
type inferID struct {
	spec scheme.IDSpec
	text string
}

// shadows says whether a header's name is another one to programs that turn dashes into underscores, as CGI and WSGI do.
func shadows(name string) bool { return strings.Contains(name, "_") }

func inferTimes(header map[string][]string) []inferTime {
	const most = 4
	var out []inferTime
	for _, name := range slices.Sorted(maps.Keys(header)) {
		text := scheme.TrimBlanks(scheme.HeaderValue(header, name))
		if unit := TimeUnit(text); unit != "" && len(out) < most && !shadows(name) {
			out = append(out, inferTime{spec: scheme.TimestampSpec{Header: scheme.Names{name}, Unit: unit}, text: text})
		}
	}
	return out
}

func inferIDs(header map[string][]string) []inferID {
	const most = 3
	var out []inferID
	for _, name := range slices.Sorted(maps.Keys(header)) {
		words := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == '-' || c == '_' })
		isID := func(w string) bool {
			return slices.Contains([]string{"id", "delivery", "nonce", "uuid", "salt", "random"}, w)
		}
		if slices.ContainsFunc(words, isID) && len(out) < most && !shadows(name) {
			out = append(out, inferID{scheme.IDSpec{Header: scheme.Names{name}}, scheme.HeaderValue(header, name)})
		}
	}
	return out
}

// contentForm is a content to try: its placeholders and what stands between them, each as a template writes it.
type contentForm []string

// The placeholders that forms are made of.
const (
	theID     = "{" + scheme.PieceID + "}"
	theTime   = "{" + scheme.PieceTime + "}"
	theBody   = "{" + scheme.PieceBody + "}"
	theURL    = "{" + scheme.PieceURL + "}"
	theMethod = "{" + scheme.PieceMethod + "}"
	theForm   = "{" + scheme.PieceForm + "}"
	theSecret = "{" + scheme.PieceSecret + "}"
)

// template is the form as a scheme has it.
func (c contentForm) template() string { return strings.Join(c, "") }

// contentForms are the contents to try, without an id and with one.
type contentForms struct{ plain, withID []contentForm }

// separators stand between the parts of a content, the usual ones first.
func separators() []string { return []string{".", ":", "", ",", "|", "\n", "-", "_", " "} }

// orders puts the parts in every order, with each separator.
func orders(parts ...string) []contentForm {
	all := permutations(parts)
	out := make([]contentForm, 0, len(separators())*len(all))
	for _, sep := range separators() {
		for _, p := range all {
			form := make(contentForm, 0, 2*len(p))
			for _, part := range p {
				form = append(form, sep, part)
			}
			out = append(out, form[1:]) // without the first separator
		}
	}
	return out
}

// permutations are all orders of a few parts.
func permutations(parts []string) [][]string {
	if len(parts) <= 1 {
		return [][]string{parts}
	}
	var out [][]string
	for i, first := range parts {
		rest := slices.Delete(slices.Clone(parts), i, i+1)
		for _, p := range permutations(rest) {
			out = append(out, append([]string{first}, p...))
		}
	}
	return out
}

// untimedForms are those without a time.
func untimedForms(m *sign.Message) contentForms {
	f := contentForms{plain: []contentForm{{theBody}}, withID: orders(theID, theBody)}
	if m.URL != "" {
		f.plain = append(f.plain, contentForm{theURL, theBody}, contentForm{theBody, theURL}, contentForm{theURL, ".", theBody}, contentForm{theMethod, theURL, theBody})
		if isFormType(m.Header) {
			f.plain = append(f.plain, contentForm{theURL, theForm})
		}
	}
	return f
}

// timedForms are those with a time.
func timedForms(m *sign.Message) contentForms {
	f := contentForms{plain: orders(theTime, theBody), withID: orders(theID, theTime, theBody)}
	for _, version := range []string{"v0", "v1", "1"} {
		for _, sep := range []string{":", "."} {
			f.plain = append(f.plain, contentForm{version, sep, theTime, sep, theBody})
		}
	}
	if m.URL != "" {
		f.plain = append(
			f.plain,
			contentForm{theMethod, theURL, theBody, theTime}, contentForm{theTime, theMethod, theURL, theBody}, contentForm{theTime, ".", theURL, ".", theBody},
			contentForm{theURL, theTime, theBody}, contentForm{theTime, theURL, theBody}, contentForm{theURL, theBody, theTime},
		)
	}
	return f
}

func isFormType(header map[string][]string) bool {
	t, _, err := mime.ParseMediaType(scheme.HeaderValue(header, "Content-Type"))
	return err == nil && t == "application/x-www-form-urlencoded"
}

// inferText is a content, and what of it stands before and after the body.
type inferText struct {
	form          contentForm
	before, after string
	hasBody       bool
	time          *inferTime
	id            *inferID
}

// inferTexts are those that are tried with every place of a signature. They are written once for all of them.
type inferTexts struct {
	untimed []inferText
	moments [][]inferText // with each of the message's own times
	timed   contentForms  // with a time that stands beside the signature
}

func (f *inferring) allTexts(untimed, timed contentForms) *inferTexts {
	out := &inferTexts{untimed: f.texts(nil, untimed), timed: timed}
	for i := range f.moments {
		out.moments = append(out.moments, f.texts(&f.moments[i], timed))
	}
	return out
}

// texts are the forms as this message has them, those with an id once for each id. A nil time is for forms without one.
func (f *inferring) texts(t *inferTime, forms contentForms) []inferText {
	out := make([]inferText, 0, len(forms.plain)+len(f.ids)*len(forms.withID))
	values := map[string]string{theMethod: f.m.Method, theURL: f.m.URL}
	if t != nil {
		values[theTime] = t.text
	}
	for _, form := range forms.plain {
		out = append(out, f.text(form, values, t, nil))
	}
	for i := range f.ids {
		values[theID] = f.ids[i].text
		for _, form := range forms.withID {
			out = append(out, f.text(form, values, t, &f.ids[i]))
		}
	}
	return out
}

// text writes a form with these values of its placeholders.
func (f *inferring) text(form contentForm, values map[string]string, t *inferTime, id *inferID) inferText {
	out := inferText{form: form, time: t, id: id}
	for _, part := range form {
		if part == theBody {
			out.hasBody = true
			continue
		}
		text, placeholder := values[part]
		switch {
		case part == theForm:
			text, _ = sign.CanonicalForm(f.m.Body)
		case !placeholder:
			text = part
		}
		if out.hasBody {
			out.after += text
		} else {
			out.before += text
		}
	}
	return out
}
