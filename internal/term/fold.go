package term

// Lines that are too wide for a terminal.

import "strings"

// foldIndent stands before the rest of a folded line.
const foldIndent = "    "

// Fold breaks lines that are wider than width columns and indents what follows, so that remote text never begins a line.
// Left to itself, a terminal breaks such a line too, without the indent. A width of 0 or less is unlimited.
func Fold(text string, width int) string { return fold(text, width, Chunk) }

// FoldWords is Fold for sentences: it breaks at spaces where there are any.
func FoldWords(text string, width int) string { return fold(text, width, Wrap) }

func fold(text string, width int, divide func(string, int) []string) string {
	if width <= 0 {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if Width(line) > width {
			lines[i] = strings.Join(divide(line, max(width-len(foldIndent), 1)), "\n"+foldIndent)
		}
	}
	return strings.Join(lines, "\n")
}
