package verifier

// The steps that read the time and compare it with the clock.

import (
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// time reads the time of a message and looks at its window.
func (b *builder) time() {
	t := b.s.Timestamp
	switch {
	case t == nil:
	case t.Copy != "":
		b.copied(t)
	default:
		if len(t.Header) > 0 {
			b.header("timestamp", t.Header)
		} else if t.Item == "" { // or else it was read with the signature
			b.lookup("timestamp", "timestamp.json", t.JSON, t.Form)
		}
		b.window("timestamp")
	}
}

// copied looks at a time in a header that is not signed, and its copy in the body that is.
func (b *builder) copied(t *scheme.TimestampSpec) {
	if len(t.Header) != 1 || b.p.Uses[scheme.PieceTime] {
		b.cannot("timestamp.copy")
		return
	}
	b.uses["headers"] = true
	b.lookup("copied", "timestamp.copy", t.Copy, "")
	b.loop("each time", func() { b.window("sent at") }, "name", literal(t.Header[0]))
}

// window looks at a time. Without a window it must be a time all the same.
func (b *builder) window(of variable) {
	t := b.s.Timestamp
	if whole := t.Tolerance.Seconds; whole != float64(int64(whole)) {
		b.cannot("timestamp.tolerance")
	}
	with := places{"time", of, "digits", "15", "tolerance", strconv.FormatFloat(t.Tolerance.Seconds, 'f', -1, 64)}
	unit := t.Unit
	layout, ok := strings.CutPrefix(unit, scheme.UnitLayout)
	switch {
	case ok:
		unit = "layout"
		with = append(with, b.layout(layout)...)
	case unit == scheme.UnitSeconds:
		with = append(with, "digits", "12") // more would be beyond the year 9999: milliseconds in the place of seconds
	}
	if !t.Tolerance.Off {
		b.do("time "+unit, with...)
		b.do("window "+t.Window, with...)
		return
	}
	if unit == scheme.UnitMillis || unit == scheme.UnitAuto || unit == scheme.UnitSeconds {
		unit = "digits"
	}
	b.do("shape "+unit, with...)
}

// conversions are those of strftime as Go, PHP and Java have them, and as a regular expression.
const conversions = `
a Mon D EEE [A-Z][a-z]{2}
b Jan M MMM [A-Z][a-z]{2}
d 02 d dd [0-9]{2}
m 01 m MM [0-9]{2}
Y 2006 Y uuuu [0-9]{4}
H 15 H HH [0-9]{2}
M 04 i mm [0-9]{2}
S 05 s ss [0-9]{2}
Z MST T zzz (UTC|GMT|Z)
`

// layout is a layout of strftime in the ways that the languages write it.
func (b *builder) layout(text string) places {
	text = strings.NewReplacer("%T", "%H:%M:%S", "%F", "%Y-%m-%d").Replace(text)
	var out [5]string
	var used string
	for i := 0; i < len(text); i++ {
		c := text[i : i+1]
		row := []string{c, c, c, c, c}
		switch {
		case c == "%" && i+1 < len(text):
			i++
			_, rest, known := strings.Cut(conversions, "\n"+text[i:i+1]+" ")
			line, _, _ := strings.Cut(rest, "\n")
			if row = strings.Fields(line); !known {
				b.cannot("timestamp.unit")
				return nil
			}
			row = append(row, "(?<"+text[i:i+1]+">"+row[3]+")")
			used += text[i : i+1]
		case scheme.IsWordByte(c[0]):
			row = []string{c, `\` + c, "'" + c + "'", c, c}
		case !strings.Contains(" ,:-", c):
			b.cannot("timestamp.unit")
			return nil
		}
		for j := range out {
			out[j] += row[j]
		}
	}
	month := phrase("moment m")
	if strings.Contains(used, "b") {
		month, used = "moment b", used+"m"
	}
	for _, part := range "dmYHMS" {
		if !strings.ContainsRune(used, part) {
			b.cannot("timestamp.unit")
		}
	}
	return places{
		"moment", month, "named", out[4], "strftime", literal(text), "go layout", literal(out[0]), "php layout", out[1],
		"java layout", literal(strings.ReplaceAll(out[2], "''", "")), "pattern", out[3],
	}
}
