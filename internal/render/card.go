package render

// One thing, a line for each of its values.

import (
	"strings"

	"github.com/whctl/whctl/internal/term"
)

// Card describes one thing, a line for each name and value.
type Card struct {
	rows  []cardRow
	style term.Style
	names int
}

// cardRow is a name and its value, or a line as it is where the name is "".
type cardRow struct {
	name, value string
	whole       bool // the line is not broken
}

// NewCard makes an empty card whose names take so many columns.
func NewCard(style term.Style, names int) *Card { return &Card{style: style, names: names} }

// Row adds a line, unless the value is empty.
func (c *Card) Row(name, value string) {
	if value != "" {
		c.rows = append(c.rows, cardRow{name: name, value: value})
	}
}

// Key adds a line with a key, which people copy: it is never broken.
func (c *Card) Key(name, value string) {
	c.rows = append(c.rows, cardRow{name: name, value: value, whole: true})
}

// Line adds a line as it is.
func (c *Card) Line(text string) { c.rows = append(c.rows, cardRow{value: text}) }

// String is all lines.
func (c *Card) String() string { return c.text(0) }

// Print writes the card to Out. What is wider than the terminal goes on below, values beside their names.
func (c *Card) Print(t *term.IO) error { return Whole(t, c.text(t.Width())) }

func (c *Card) text(width int) string {
	const narrowest = 20 // for values beside their names
	room := width - c.names - 1
	if room < narrowest {
		room = 0
	}
	var b strings.Builder
	for _, row := range c.rows {
		name := c.style.Dim(term.Pad(row.name, c.names))
		switch {
		case row.name == "":
			b.WriteString(term.FoldWords(row.value, width) + "\n")
		case row.whole:
			b.WriteString(name + " " + row.value + "\n")
		case room == 0:
			b.WriteString(term.FoldWords(name+" "+row.value, width) + "\n")
		default:
			for _, line := range term.Wrap(row.value, room) {
				b.WriteString(name + " " + line + "\n")
				name = strings.Repeat(" ", c.names)
			}
		}
	}
	return b.String()
}
