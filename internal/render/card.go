package render

// One thing, a line for each of its values.

import (
	"fmt"
	"strings"

	"github.com/whctl/whctl/internal/term"
)

// Card describes one thing, a line for each name and value.
type Card struct {
	text  strings.Builder
	style term.Style
	names int
}

// NewCard makes an empty card whose names take so many columns.
func NewCard(style term.Style, names int) *Card { return &Card{style: style, names: names} }

// Row adds a line, unless the value is empty.
func (c *Card) Row(name, value string) {
	if value != "" {
		c.Line(c.style.Dim(fmt.Sprintf("%-*s", c.names, name)) + " " + value)
	}
}

// Line adds a line as it is.
func (c *Card) Line(text string) { c.text.WriteString(text + "\n") }

// String is all lines.
func (c *Card) String() string { return c.text.String() }
