package verifier

// The steps that take the signature out of where it stands.

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// source reads the signature, or the signatures.
func (b *builder) source() {
	s := &b.s.Signature
	b.printable("signature.item", &b.p.Item)
	b.printable("signature.next_item", b.p.NextItem)
	b.printable("timestamp.item", b.p.TimeItem)
	switch {
	case b.p.SignsInBody():
		if b.p.Listed() || b.patterned() {
			b.cannot("signature.item")
		}
		b.lookup("signature", "signature.json", s.JSON, s.Form)
	case b.p.SigAny:
		b.many("headers of several")
	case s.Repeated:
		b.many("header repeated")
	case !b.p.Listed() && !b.patterned():
		b.header("signature", s.Header)
	default:
		b.do("form of")
		b.header("value", s.Header)
		if s.Separator == "," || s.Separator == ";" {
			b.do("no blanks", "blank", literal(s.Separator+" "))
		}
		if s.Sets == "" {
			b.list("value")
		}
	}
}

// printable refuses a pattern with characters that no header has: the end of a line would end the literal that the pattern stands in.
func (b *builder) printable(field string, p *scheme.Pattern) {
	if p != nil && strings.ContainsFunc(p.Fill("", ""), func(c rune) bool { return !unicode.IsPrint(c) }) {
		b.cannot(field)
	}
}

// patterned says whether something stands around a signature.
func (b *builder) patterned() bool {
	return b.s.Signature.Prefix != "" || b.s.Signature.Item != "{"+scheme.PieceSig+"}"
}

// many reads several values with a signature each, by a phrase.
func (b *builder) many(way string) {
	s := &b.s.Signature
	if b.p.Listed() || s.Prefix != "" || s.Repeated && len(s.Header) > 1 {
		b.cannot("signature.header")
	}
	if !b.patterned() {
		b.headers(way, "signatures", s.Header)
		return
	}
	b.headers(way, "values", s.Header)
	b.take("pick", "values", "signatures", &b.p.Item)
}

// list goes from a value to its signatures, or its signature.
func (b *builder) list(from variable) {
	s := &b.s.Signature
	if s.Prefix != "" {
		b.do("strip", "from", from, "as", variable("list"), "lead", literal(s.Prefix))
		from = "list"
	}
	if !b.p.Listed() {
		b.take("strip", from, "signature", &b.p.Item)
		return
	}
	separator, way := s.Separator, "split"
	if bare := strings.TrimSuffix(separator, " "); bare != "" && bare != separator {
		separator, way = bare, "split trimmed"
	}
	items := variable("items")
	bare := b.p.TimeItem == nil && s.Item == "{"+scheme.PieceSig+"}"
	if bare {
		items = "signatures"
	}
	b.do(way, "from", from, "as", items, "separator", literal(separator))
	if b.p.TimeItem != nil {
		b.take("pick", "items", "times", b.p.TimeItem)
		b.do("only", "from", variable("times"), "as", variable("timestamp"))
	}
	switch {
	case bare:
	case b.p.NextItem == nil:
		b.take("pick", "items", "signatures", &b.p.Item)
	default:
		lead, pattern := shape(&b.p.Item)
		if next, other := shape(b.p.NextItem); pattern+next+other != "" {
			b.cannot("signature.next_item")
		}
		b.do("pick next", "lead", literal(lead), "shown", "“"+comment(lead)+"”")
	}
}

// take takes what stands in the wanted place of a text, or of those that have the form.
func (b *builder) take(way string, from, as variable, p *scheme.Pattern) {
	lead, pattern := shape(p)
	if pattern != "" {
		way += " pattern"
	}
	b.do(way, "from", from, "as", as, "lead", literal(lead), "pattern", pattern, "pattern literal", literal(pattern))
}

// shape is what stands before the wanted part of a pattern, or as a regular expression the whole of one that is not so simple.
func shape(p *scheme.Pattern) (lead, pattern string) {
	const wanted, wild = "\x00", "\x01"
	text := p.Fill(wanted, wild)
	if lead, tail, _ := strings.Cut(text, wanted); tail == "" && !strings.Contains(lead, wild) {
		return lead, ""
	}
	var out strings.Builder
	last := strings.LastIndexAny(text, wanted+wild)
	for i, c := range text {
		lazy := "?"
		if i == last {
			lazy = ""
		}
		switch {
		case string(c) == wanted:
			out.WriteString("(.*" + lazy + ")")
		case string(c) == wild:
			out.WriteString(".*" + lazy)
		case c < utf8.RuneSelf && !isWord(c) && !strings.ContainsRune("=-_:,; ", c):
			out.WriteString(bracketed(c))
		default:
			out.WriteRune(c)
		}
	}
	return "", out.String()
}

// bracketed is a character inside of brackets, where no language takes it for anything else, or else by its number: some end a class, a
// pattern or a literal.
func bracketed(c rune) string {
	if strings.ContainsRune("\\^[]/'\"`#", c) {
		return `\x` + strconv.FormatInt(int64(c), 16)
	}
	return "[" + string(c) + "]"
}
