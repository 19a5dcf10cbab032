package explain

// What a body shows of what happened to it, where only a trace is left, as a table. None of it is certain.

import (
	"bytes"
	"strings"
	"unicode/utf8"

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
		s.bodyHint("body.numbers.rounded", "numbers of the body were probably rounded",
			when(rounded != "", "it holds "+rounded+", which has the zeros that JavaScript leaves of an integer above 2^53"), rawFix),
		{ID: "body.shortened", Title: "the body is probably not whole", Evidence: s.shortened(), Fix: wholeFix},
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
