package explain

// Bodies inside others, as a table: what a queue, a gateway or a function wraps, and parts that were signed for the whole.

import (
	"encoding/base64"
	"html"

	"github.com/whctl/whctl/internal/sign/explain/restyle"
)

const (
	wrappedFix cure = "take the body out of what wraps it, and verify that; queues, gateways and functions hand bodies on inside JSON of their own"
	partFix    cure = "sign and verify the whole raw body, not what a parser made of a part of it; if a queue or a gateway put the body there, verify what it holds"
	// Express middleware such as xss-clean escapes every text of a parsed body.
	entitiesFix cure = "verify the raw bytes, before a filter against scripts (XSS) escapes what they hold"
)

// fewestCoded is how many characters of base64 are taken for a body.
const fewestCoded = 16

// envelopeRows are bodies inside the one that came, and this one inside an array.
func envelopeRows(in *received) []bodyRow {
	text, ok := in.json()
	if !ok {
		return nil
	}
	out := partRows(text, "", true)
	return append(out, bodyRow{"unwrapped", rankText, "the body was taken out of an array", "with [ and ] around the body", rawFix, always(func(b []byte) []byte {
		return append(append([]byte("["), b...), ']')
	})})
}

// partRows are the parts of a text, and those of texts inside it.
func partRows(text *restyle.Text, before string, deeper bool) []bodyRow {
	var out []bodyRow
	for _, p := range text.Parts() {
		p.Path = before + p.Path
		if !p.Quoted {
			out = append(out, objectRows(&p)...)
			continue
		}
		wrapped := func(words string, b []byte) {
			out = append(out, bodyRow{"wrapped", rankText, "the body is inside another one", "with " + words + " alone", wrappedFix, func(*received) ([]byte, bool) { return b, true }})
		}
		wrapped("the text of "+p.Path, p.Text)
		inner := p.Text
		if raw, err := base64.StdEncoding.DecodeString(string(p.Text)); err == nil && len(p.Text) >= fewestCoded {
			wrapped(p.Path+", decoded from base64,", raw)
			inner = raw
		}
		if nested, ok := restyle.Parse(inner); ok && deeper {
			out = append(out, partRows(nested, p.Path+" and in it ", false)...)
		}
	}
	return out
}

// objectRows are an object or array inside the body, as it stands and as it is usually written.
func objectRows(p *restyle.Part) []bodyRow {
	text, ok := restyle.Parse(p.Text)
	if !ok {
		return nil
	}
	var out []bodyRow
	for n, style := range text.Usual() {
		_, words := style.Words()
		out = append(out, bodyRow{
			"part", rankValue, "a part of the body was signed, and not the whole", "with " + p.Path + " alone" + when(n > 0, ", as "+words), partFix,
			func(*received) ([]byte, bool) { return text.Write(style), true },
		})
	}
	return out
}

// entityRows are bodies in which a filter wrote HTML entities.
func entityRows(*received) []bodyRow {
	return []bodyRow{{
		"entities", rankText, "characters of the body were turned into HTML entities", "with the characters that the entities stand for", entitiesFix,
		func(in *received) ([]byte, bool) {
			plain := html.UnescapeString(string(in.b))
			return []byte(plain), plain != string(in.b)
		},
	}}
}
