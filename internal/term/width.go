package term

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

const ellipsis = "…"

// Width is how many columns s takes, styles not counted: wide East Asian characters and emoji are two, combining
// marks none. For text of several lines it is the widest one's.
func Width(s string) int {
	if firstUnsafe(s) == len(s) {
		return len(s)
	}
	return lipgloss.Width(s)
}

// Cut shortens s to width columns, the last of them an ellipsis when something was cut; styles stay closed.
// A width of 0 or less means unlimited, as for IO.Width. s must be one line.
func Cut(s string, width int) string {
	if width <= 0 || len(s) <= width && firstUnsafe(s) == len(s) {
		return s
	}
	if firstUnsafe(s) == len(s) {
		return s[:width-1] + ellipsis
	}
	return ansi.Truncate(s, width, ellipsis)
}

// Pad fills s with spaces up to width columns. It never shortens.
func Pad(s string, width int) string {
	if n := width - Width(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}

// PadLeft is Pad with the spaces in front, for numbers.
func PadLeft(s string, width int) string {
	if n := width - Width(s); n > 0 {
		return strings.Repeat(" ", n) + s
	}
	return s
}

// Wrap breaks s into lines of at most width columns, at spaces where there are any; styles are kept. A width of 0
// or less breaks only at newlines.
func Wrap(s string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		if width > 0 && Width(line) > width {
			lines = append(lines, wrapLine(line, width)...)
		} else {
			lines = append(lines, line)
		}
	}
	return lines
}

// wrapLine breaks at spaces only: a flag or a URL broken at its hyphens could not be copied.
func wrapLine(s string, width int) []string {
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' }) {
		w := Width(word)
		if line != "" && used+1+w <= width {
			line, used = line+" "+word, used+1+w
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		if w > width {
			pieces := Chunk(word, width)
			lines = append(lines, pieces[:len(pieces)-1]...)
			word = pieces[len(pieces)-1]
			w = Width(word)
		}
		line, used = word, w
	}
	return append(lines, line)
}

// Chunk breaks s into lines of at most width columns wherever the width ends, losing no character, spaces included:
// for text whose every character matters. A width of 0 or less gives one line.
func Chunk(s string, width int) []string {
	if width <= 0 || Width(s) <= width {
		return []string{s}
	}
	pieces := strings.Split(ansi.Hardwrap(s, width, true), "\n")
	if strings.Contains(s, "\x1b") {
		return pieces
	}
	var lines []string
	for _, piece := range pieces {
		if Width(piece) > width { // characters that are drawn as one, in number without limit in some scripts
			lines = append(lines, split(piece, width)...)
			continue
		}
		lines = append(lines, piece)
	}
	return lines
}

// split breaks between any two characters, even those that are drawn as one.
func split(s string, width int) []string {
	var lines []string
	start, used := 0, 0
	for i, r := range s {
		w := Width(string(r))
		if used+w > width && i > start {
			lines = append(lines, s[start:i])
			start, used = i, 0
		}
		used += w
	}
	return append(lines, s[start:])
}
