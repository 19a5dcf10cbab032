package explain

// What a body shows of what happened to it, where only a trace is left, as a table. None of it is certain.

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain/restyle"
	"github.com/whctl/whctl/internal/sign/scheme"
)

const (
	firstFix  cure = "something read it before it came here: take the raw bytes first, and hand them on"
	unzipFix  cure = "verify before anything decompresses the body"
	wholeFix       = "copy all of it: logs and dashboards often show its beginning only"
	maxTraced      = 1 << 20 // bytes of a body that traces are looked for in
)

// bodyHints are the hints that a body gives. A row without evidence is left out by hints.
func (s *search) bodyHints() []Finding {
	body := s.m.Body
	unzipped := strings.EqualFold(scheme.HeaderValue(s.m.Header, "Content-Encoding"), "gzip") && len(body) > 0 && !bytes.HasPrefix(body, []byte("\x1f\x8b"))
	lost := bytes.Contains(body, []byte("\uFFFD")) || bytes.Contains(bytes.ToLower(body[:min(len(body), maxTraced)]), []byte(`\ufffd`))
	rounded, marks := restyle.Rounded(body), questionMarked(body)
	return []Finding{
		s.bodyHint("body.empty", "the body is empty", s.emptied(), firstFix),
		s.bodyHint("body.length", "the body is not the one that was sent", s.otherLength(), bytesFix),
		s.bodyHint("body.coding.undone", "the body was decompressed on its way", when(unzipped, "Content-Encoding says gzip, and the body is not gzip"), unzipFix),
		s.bodyHint("body.charset.lost", "bytes of the body were lost", when(lost, "it holds replacement characters (U+FFFD), which stand where text was decoded wrongly"), bytesFix),
		s.bodyHint("body.charset.ascii", "characters of the body were probably lost",
			when(marks != "", "it holds "+marks+": where text is written as ASCII, question marks stand for other characters"), bytesFix),
		s.bodyHint("body.form.decoded", "the form was probably decoded before it was verified", s.decodedForm(), formFix),
		s.bodyHint("body.form.as_json.signed", "the form was probably parsed and written as JSON", s.formFields(), formJSONFix),
		s.bodyHint("body.stand_in", "the body was lost before it came here", when(standIn(body), "it is the text "+string(body)+", which programs write for what is no text"), firstFix),
		s.bodyHint("body.numbers.rounded", "numbers of the body were probably rounded",
			when(rounded != "", "it holds "+rounded+", which has the zeros that JavaScript leaves of an integer above 2^53"), rawFix),
		{
			ID: "body.form.multipart", Title: "the multipart form is not whole, so no field of it can be read", Evidence: s.multipart(),
			Fix: "give all of its bytes, and the Content-Type that came with them: its boundary stands between the parts and at the end",
		},
		{ID: "body.shortened", Title: "the body is probably not whole", Evidence: s.shortened(), Fix: wholeFix},
	}
}

// decodedForm says how a form is seen to be no longer URL-encoded.
func (s *search) decodedForm() string {
	b := s.m.Body
	if !isForm(s.m.Header) || len(b) > maxTraced || !bytes.Contains(b, []byte("=")) {
		return ""
	}
	if _, ok := restyle.Parse(b); ok {
		return ""
	}
	raw := bytes.ContainsFunc(bytes.TrimSpace(b), func(c rune) bool { return c == ' ' || c >= utf8.RuneSelf })
	return when(raw, "it holds blanks or characters outside ASCII, which a form has as + and %XX")
}

// multipart says that a multipart form, as forms with attached files are, cannot be read.
func (s *search) multipart() string {
	missing := s.v.Reason == sign.MissingSignature && s.r.SigForm != ""
	if !missing || !scheme.IsMultipart(s.m.Header) || scheme.IsWholeForm(s.m.Header, s.m.Body) {
		return ""
	}
	return "Content-Type says multipart, and it does not have one boundary, or the body does not end with that, or has something that programs read in different ways"
}

// formFields says that the field of a form which holds the signature stands in JSON.
func (s *search) formFields() string {
	if s.v.Reason != sign.MissingSignature || s.r.SigForm == "" {
		return ""
	}
	text, ok := scheme.Lookup(s.m.Body, jsonbytes.Key(s.r.SigForm))
	return when(ok && hasDigest(text), "its "+s.r.SigForm+" stands where the form has it, and not where the provider's JSON has it")
}

// standIn says whether a body is what a program writes for something that has no text.
func standIn(b []byte) bool {
	switch string(b) {
	case "[object Object]", "[object Promise]", "[object ReadableStream]", "[object FormData]", "[object ArrayBuffer]", "[object Blob]", "undefined", "None", "Array":
		return true
	default:
		return false
	}
}

// bodyHint is a finding that no certain way of changing the body explains, with what to do about a body and the recipes for that.
func (s *search) bodyHint(id, title, evidence string, c cure) Finding {
	f := Finding{ID: id, Title: title, Evidence: evidence, Fix: s.o.Source.fix(c)}
	if f.Fix != string(c) {
		f.Title = s.o.Source.blame + title
	}
	f.Recipes, f.RecipesLeft = s.o.Source.recipes()
	return f
}

// questionMarked is a word in which question marks stand among letters, or two of them, as they do for characters outside ASCII; "" when
// there is none. In a URL other characters stand beside them.
func questionMarked(b []byte) string {
	if len(b) > maxTraced || bytes.IndexByte(b, '?') < 0 || !ascii(b) {
		return ""
	}
	const longest = 32
	apart := func(c rune) bool { return strings.ContainsRune(" \t\r\n\",:{}[]()<>\\", c) }
	for word := range bytes.FieldsFuncSeq(b, apart) {
		inner := bytes.IndexByte(word, '?')
		switch {
		case inner < 0 || len(word) > longest || bytes.ContainsFunc(word, func(c rune) bool { return c != '?' && !isLetter(c) }):
		case bytes.Contains(word, []byte("??")), inner > 0 && inner < len(word)-1:
			return string(word)
		}
	}
	return ""
}

func isLetter(c rune) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// shortened says how a body is seen to be what a log shows of it. What came off a connection is whole.
func (s *search) shortened() string {
	b := bytes.TrimSpace(s.m.Body)
	if s.o.Source.sender || len(b) == 0 || len(b) > maxTraced || !utf8.Valid(b) {
		return ""
	}
	const least = 20 // characters of a text that somebody would shorten
	for _, end := range []string{"...", "…", "[truncated]", "(truncated)"} {
		if bytes.HasSuffix(b, []byte(end)) {
			return "it ends in " + end + " where more has to follow"
		}
		if at := bytes.Index(b, []byte(end+`"`)); at >= 0 && at-bytes.LastIndexByte(b[:at], '"') > least {
			return "a text in it ends in " + end + " as if there were more"
		}
	}
	for _, mark := range []string{"[Object]", "[Array]"} {
		if bytes.Contains(b, []byte(mark)) {
			return "it holds " + mark + ", which Node.js shows for what is nested deeper"
		}
	}
	return when(restyle.Unclosed(b), "its JSON is not closed")
}
