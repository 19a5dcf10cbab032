package restyle

// How libraries write strings: which characters they escape, and how.

import (
	"bytes"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// spelling is how strings are written.
type spelling struct {
	id, words string
	asis      bool
	from      rune   // characters from here on as \u escapes; 0: none
	upper     bool   // those with capital hex digits
	slash     bool   // / as \/
	tag       bool   // / as \/ behind < only
	also      string // further characters as \u escapes
	alsoUpper bool   // those with capital hex digits
	rare      bool   // with compact JSON and the text's own white space only
}

const (
	beyondASCII = utf8.RuneSelf // the first character outside ASCII
	beyondBMP   = 0x10000       // the first that is two units of UTF-16
	netSpecial  = "<>&\"'+`\x7f"
)

// spellings are those of libraries, the commonest first. Meta: https://developers.facebook.com/docs/graph-api/webhooks/getting-started
// says "escaped unicode", and its senders escape / @ % < too. Jackson's UTF8JsonGenerator escapes what is a surrogate pair.
func spellings() []spelling {
	return []spelling{
		{asis: true},
		{id: "unescaped", words: "characters written as they are"},
		{id: "ascii", words: "characters outside ASCII escaped", from: beyondASCII},
		{id: "php", words: "slashes and characters outside ASCII escaped, as PHP does", from: beyondASCII, slash: true},
		{id: "slashes", words: "slashes escaped", slash: true},
		{id: "html", words: "<, > and & escaped, as Go and Rails do", also: "<>&\u2028\u2029"},
		{id: "gson", words: "<, >, &, = and ' escaped, as Java's Gson does", also: "<>&='\u2028\u2029"},
		{id: "dotnet", words: "characters escaped as .NET does", from: beyondASCII, upper: true, also: netSpecial, alsoUpper: true},
		{id: "ascii.upper", words: "characters outside ASCII escaped with capital hex digits", from: beyondASCII, upper: true},
		{id: "jackson", words: "characters beyond U+FFFF escaped with capital hex digits, the others as they are, as Java's Jackson does", from: beyondBMP, upper: true, rare: true},
		{id: "meta", words: "slashes, characters outside ASCII and @ escaped, as Meta does", from: beyondASCII, slash: true, also: "@", rare: true},
		{id: "meta.percent", words: "slashes, characters outside ASCII, @, % and < escaped, as Meta does", from: beyondASCII, slash: true, also: "@%<", alsoUpper: true, rare: true},
		{id: "php.hex", words: "slashes, characters outside ASCII, <, >, &, ' and \" escaped, as PHP's JSON_HEX flags and Symfony do", from: beyondASCII, slash: true, also: "<>&'\"", alsoUpper: true, rare: true},
		{id: "php.hex.plain", words: "<, >, &, ' and \" escaped as PHP's JSON_HEX flags do", also: "<>&'\"", alsoUpper: true, rare: true},
		{id: "newtonsoft", words: "<, >, &, ' and \" escaped, as Newtonsoft.Json does for HTML", also: "<>&'\"\u0085\u2028\u2029", rare: true},
		{id: "dotnet.all", words: "characters escaped as .NET does with all of Unicode's ranges allowed", from: beyondBMP, upper: true, also: netSpecial, alsoUpper: true, rare: true},
		{id: "pairs", words: "characters beyond U+FFFF escaped, the others as they are", from: beyondBMP, rare: true},
		{id: "org_json", words: "slashes behind < escaped, as Java's org.json does", tag: true, rare: true},
		{id: "html.ascii", words: "<, > and & and characters outside ASCII escaped", from: beyondASCII, also: "<>&", rare: true},
	}
}

// specials are groups of characters that some sender escapes for itself. A group is escaped whole or not at all.
func specials() []string { return []string{"<>", "&", "'", "=", "+", "%", "@", "`", "~", "#"} }

// own are spellings that escape some of the special characters of a text and belong to no library that is known here: each group by
// itself, all of them, and, of few, any of them.
func (w *Text) own() []spelling {
	const few = 5
	var there []string
	for _, group := range specials() {
		if strings.ContainsAny(w.notable, group) {
			there = append(there, group)
		}
	}
	var out []spelling
	for set := uint(1)<<len(there) - 1; set > 0; set-- {
		if n := bits.OnesCount(set); n > 1 && n < len(there)-1 && len(there) > few {
			continue
		}
		var groups []string
		for i, group := range there {
			if set>>i&1 == 1 {
				groups = append(groups, group)
			}
		}
		also := strings.Join(groups, "")
		words := listed(also) + " escaped"
		for _, upper := range []bool{false, true} {
			out = append(
				out,
				spelling{id: "own", words: words, also: also, alsoUpper: upper},
				spelling{id: "own", words: words + ", and slashes", also: also, alsoUpper: upper, slash: true},
				spelling{id: "own", words: words + ", and characters outside ASCII", also: also, alsoUpper: upper, upper: upper, from: beyondASCII},
				spelling{id: "own", words: words + ", and slashes and characters outside ASCII", also: also, alsoUpper: upper, slash: true, from: beyondASCII},
			)
		}
	}
	return out
}

// listed names characters: %, & and '.
func listed(chars string) string {
	names := strings.Split(chars, "")
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return chars
}

// notable are the characters by which spellings differ.
const notable = "/<>&'\"=+%@`~#\x7f\u0085\u2028\u2029"

// note adds what is notable in a string token: each of those characters once, and one for all others of its kind.
func (w *Text) note(text []byte) {
	if ascii(text) && !bytes.ContainsAny(text[1:len(text)-1], "\\/<>&'=+%@`~#\x7f") {
		return
	}
	before := rune(0)
	for text = text[1 : len(text)-1]; len(text) > 0; {
		r, n, ok := jsonbytes.Char(text)
		if text[0] == '\\' && n > 1 {
			w.escapes = w.escapes || text[1] == 'u' || text[1] == '/'
		}
		switch {
		case !ok:
		case r == '/' && before == '<':
			w.noted("</")
		case strings.ContainsRune(notable, r):
			w.noted(string(r))
		case r < ' ':
			w.noted("\x1f")
		case r >= beyondBMP:
			w.noted("\U0001f61a")
		case r >= utf8.RuneSelf:
			w.noted("\u00eb")
		}
		before, text = r, text[n:]
	}
}

func (w *Text) noted(chars string) {
	if !strings.Contains(w.notable, chars) {
		w.notable += chars
	}
}

// effect tells two spellings apart that do not write this text alike.
func (w *Text) effect(sp *spelling) string {
	switch {
	case !sp.asis:
		return string(sp.append(nil, []byte(`"`+w.notable+`"`)))
	case w.escapes:
		return ""
	default:
		plain := spelling{}
		return w.effect(&plain)
	}
}

// append writes a JSON string in a spelling.
func (sp *spelling) append(out, text []byte) []byte {
	out = append(out, '"')
	text = text[1 : len(text)-1]
	before := rune(0)
	for len(text) > 0 {
		r, n, ok := jsonbytes.Char(text)
		switch {
		case !ok:
			out = append(out, text[:n]...) // a lone surrogate or a byte that is not UTF-8: nobody agrees on those
		case r == '/' && sp.tag && before == '<':
			out = append(out, '\\', '/')
		default:
			out = sp.rune(out, r)
		}
		before, text = r, text[n:]
	}
	return append(out, '"')
}

// rune writes one character.
func (sp *spelling) rune(out []byte, r rune) []byte {
	switch {
	case 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == ' ':
		return utf8.AppendRune(out, r)
	case sp.also != "" && strings.ContainsRune(sp.also, r):
		return escape(out, r, sp.alsoUpper)
	case sp.from > 0 && r >= sp.from:
		return escape(out, r, sp.upper)
	case r == '"' || r == '\\':
		return append(out, '\\', byte(r))
	case r < ' ':
		if i := strings.IndexRune("\b\f\n\r\t", r); i >= 0 {
			return append(out, '\\', "bfnrt"[i])
		}
		return escape(out, r, sp.upper)
	case r == '/' && sp.slash:
		return append(out, '\\', '/')
	default:
		return utf8.AppendRune(out, r)
	}
}

func escape(out []byte, r rune, upper bool) []byte {
	units := []rune{r}
	if r > 0xffff {
		hi, lo := utf16.EncodeRune(r)
		units = []rune{hi, lo}
	}
	for _, u := range units {
		h := strconv.FormatUint(uint64(u), 16) //nolint:gosec // runes are not negative
		if upper {
			h = strings.ToUpper(h)
		}
		out = append(append(out, `\u0000`[:6-len(h)]...), h...)
	}
	return out
}

func ascii(b []byte) bool {
	return bytes.IndexFunc(b, func(c rune) bool { return c >= utf8.RuneSelf }) < 0
}
