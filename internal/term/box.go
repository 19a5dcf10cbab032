package term

// A frame around labelled values.

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Field is one labelled line of a Box.
type Field struct{ Label, Value string }

// Box puts labelled values below each other in a rounded frame of at most width columns (0: as wide as needed). Labels are
// aligned, long values are wrapped. The text must be clean and may be styled. No newline ends the result.
func (s Style) Box(title string, fields []Field, width int) string {
	const narrowest = 20 // for values; with less room the frame is left out
	room := boxRoom(fields, width)
	if width > 0 && room < narrowest {
		return s.list(title, fields, width)
	}
	lines, labels := make([]string, 0, len(fields)+1), labelWidth(fields)
	if title != "" {
		lines = append(lines, s.Bold(title))
	}
	for _, f := range fields {
		label := f.Label
		for _, value := range Wrap(f.Value, room) {
			lines = append(lines, Pad(s.Dim(label), labels+boxGap)+value)
			label = ""
		}
	}
	if !slices.ContainsFunc(lines, unsteady) {
		return s.frame(lines)
	}
	return s.list(title, fields, width)
}

// frame draws a rounded frame around lines.
func (s Style) frame(lines []string) string {
	widest := 0
	for _, line := range lines {
		widest = max(widest, Width(line))
	}
	edge := strings.Repeat("─", widest+2)
	var b strings.Builder
	b.WriteString(s.Edge("╭" + edge + "╮"))
	for _, line := range lines {
		b.WriteString("\n" + s.Edge("│") + " " + Pad(line, widest) + " " + s.Edge("│"))
	}
	b.WriteString("\n" + s.Edge("╰"+edge+"╯"))
	return b.String()
}

// unsteady says whether a terminal may draw s narrower than Width counts: it joins characters, or knows a symbol as a narrow one.
// The right side of a frame would be crooked.
func unsteady(s string) bool {
	var last rune
	for s != "" {
		size, _ := piece(s)
		if s[0] != '\x1b' {
			r, _ := utf8.DecodeRuneInString(s)
			if r >= 0x300 && (continues(last, r) || wide(r) && !unicode.IsLetter(r)) {
				return true
			}
			last = r
		}
		s = s[size:]
	}
	return false
}

// boxGap is the space between label and value.
const boxGap = 2

// boxRoom is how many columns are left for values.
func boxRoom(fields []Field, width int) int {
	const frame = 4 // border and padding, on both sides
	return width - frame - labelWidth(fields) - boxGap
}

// labelWidth is the width of the widest label.
func labelWidth(fields []Field) int {
	widest := 0
	for _, f := range fields {
		widest = max(widest, Width(f.Label))
	}
	return widest
}

// BoxHolds says whether Box shows the value of field i on one line.
func BoxHolds(fields []Field, i, width int) bool {
	return width <= 0 || Width(fields[i].Value) <= boxRoom(fields, width)
}

// list is Box without alignment and frame.
func (s Style) list(title string, fields []Field, width int) string {
	var lines []string
	if title != "" {
		lines = append(lines, s.Bold(Cut(title, width)))
	}
	for _, f := range fields {
		lines = append(lines, Wrap(s.Dim(f.Label+":")+" "+f.Value, width)...)
	}
	return strings.Join(lines, "\n")
}
