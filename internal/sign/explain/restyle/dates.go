package restyle

// Dates in texts, which libraries read and write anew: with another number of digits behind the second, and another way to write UTC.

import (
	"strings"
	"time"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// dateForm is a way to write a date of a JSON text.
type dateForm struct {
	words  string
	digits int    // behind the second; asWrittenDigits and noZeros are none of those
	utc    string // how UTC is written; "": the zone as it stands
}

const (
	asWrittenDigits = -1
	noZeros         = -2 // as many as are not zero
)

// dateForms are those of libraries. Json.NET and Java's Instant drop zeros, JavaScript and Rails write milliseconds, Python writes
// microseconds, and +00:00 for Z.
func dateForms() []dateForm {
	return []dateForm{
		{"milliseconds in the date", 3, ""},
		{"no zeros behind the second in the date", noZeros, ""},
		{"microseconds in the date", 6, ""},
		{"Z for +00:00 in the date", asWrittenDigits, "Z"},
		{"+00:00 for Z in the date", asWrittenDigits, "+00:00"},
		{"milliseconds and Z in the date", 3, "Z"},
		{"no zeros behind the second, and Z, in the date", noZeros, "Z"},
		{"microseconds and +00:00 in the date", 6, "+00:00"},
		{"microseconds and Z in the date", 6, "Z"},
		{"milliseconds and +00:00 in the date", 3, "+00:00"},
		{"no zeros behind the second, and +00:00, in the date", noZeros, "+00:00"},
		{"seven digits behind the second in the date", 7, ""},
	}
}

const dateID = "date.anew"

// dateKinds are the changes of dates.
func dateKinds() []valueKind {
	var out []valueKind
	for _, form := range dateForms() {
		out = append(out, valueKind{
			id: dateID, title: "a date was written anew, as Json.NET, Python and others do that read dates out of JSON", words: form.words,
			was: func(w *Text, i int) (text, end string) {
				if w.lex[i].kind != jsonbytes.String || w.isName(i) {
					return "", ""
				}
				return form.write(string(w.text(i))), ""
			},
		})
	}
	return out
}

// write gives a quoted date in this form; "" when it is none, or has that form already.
func (f *dateForm) write(quoted string) string {
	const second, longest = len("2006-01-02T15:04:05"), len(`"2006-01-02T15:04:05.123456789+00:00"`)
	if len(quoted) > longest || len(quoted) < second+len(`"Z"`) || quoted[5] != '-' {
		return ""
	}
	text := quoted[1 : len(quoted)-1]
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return ""
	}
	rest := text[second:]
	digits := rest[:len(rest)-len(strings.TrimLeft(rest, ".0123456789"))]
	zone := rest[len(digits):]
	if f.utc != "" {
		text, zone = at.UTC().Format("2006-01-02T15:04:05"), f.utc
	}
	out := `"` + text[:second] + f.fraction(digits) + zone + `"`
	return when(out != quoted, out)
}

// fraction writes what stands between second and zone.
func (f *dateForm) fraction(digits string) string {
	bare := strings.TrimRight(strings.TrimPrefix(digits, "."), "0")
	switch {
	case f.digits == asWrittenDigits:
		return digits
	case f.digits == noZeros && bare == "":
		return ""
	case f.digits < len(bare):
		return "." + bare // no digit that counts is left out
	default:
		return "." + bare + strings.Repeat("0", f.digits-len(bare))
	}
}
