package term

import "strings"

// foldIndent stands before what was folded.
const foldIndent = "    "

// Fold breaks lines that are wider than the terminal, wherever that ends, and indents what is left of them, so that what
// others wrote never begins a line. A terminal would break them as well, and begin its next line with whatever comes there.
// A width of 0 or less is unlimited.
func Fold(text string, width int) string { return fold(text, width, Chunk) }

// FoldWords is Fold for sentences: it breaks at spaces, so that words and commands stay whole where they can.
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
