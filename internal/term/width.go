package term

// Text in columns: measured, cut, padded and broken.

import (
	"strings"
	"unicode/utf8"
)

const ellipsis = "…"

// Width is how many columns s may take on any terminal, without its styles; of several lines it is that of the widest. See
// runeWidth for what a character counts.
func Width(s string) int {
	if firstUnsafe(s) == len(s) {
		return len(s)
	}
	widest, w := 0, 0
	for i := 0; i < len(s); {
		if s[i] == '\n' {
			widest, w = max(widest, w), 0
		}
		size, columns := piece(s[i:])
		i, w = i+size, w+columns
	}
	return max(widest, w)
}

// piece is the size and width of the first character of s, or of the style that begins it.
func piece(s string) (size, width int) {
	if s[0] == '\x1b' {
		return style(s), 0
	}
	r, size := utf8.DecodeRuneInString(s)
	return size, runeWidth(r)
}

// style is the length of the escape sequence that s begins with. Clean text has none but those of a Style.
func style(s string) int {
	if !strings.HasPrefix(s, "\x1b[") {
		return 1
	}
	for i := 2; i < len(s); i++ {
		if s[i] >= 0x40 && s[i] <= 0x7e {
			return i + 1
		}
	}
	return len(s)
}

// fitting is how many bytes of s, from its beginning, take at most width columns. Characters that may be drawn as one are
// kept together, unless they are wider than a line.
func fitting(s string, width int) int {
	i, w, whole := 0, 0, 0
	var last rune
	for i < len(s) {
		size, columns := piece(s[i:])
		r, _ := utf8.DecodeRuneInString(s[i:])
		if r < 0x300 || !continues(last, r) {
			whole = i
		}
		if w += columns; w > width {
			if whole > 0 {
				return whole
			}
			break
		}
		i, last = i+size, r
	}
	return i
}

// Cut shortens the line s to width columns, the last of them an ellipsis. Styles stay closed. A width of 0 or less is
// unlimited.
func Cut(s string, width int) string {
	if width <= 0 || len(s) <= width && firstUnsafe(s) == len(s) {
		return s
	}
	if firstUnsafe(s) == len(s) {
		return s[:width-1] + ellipsis
	}
	if fitting(s, width) == len(s) {
		return s
	}
	end := fitting(s, width-1)
	rest := s[end:]
	s = s[:end] + ellipsis
	for rest != "" {
		size, _ := piece(rest)
		if rest[0] == '\x1b' {
			s += rest[:size]
		}
		rest = rest[size:]
	}
	return s
}

// CutMiddle is Cut in the middle, for text without styles: half of what is left is the beginning, the rest is the end.
func CutMiddle(s string, width int) string {
	if width <= 0 || fitting(s, width) == len(s) {
		return s
	}
	head := fitting(s, (width-1)/2)
	room, rest := width-1-Width(s[:head]), s[head:]
	for left, last := Width(rest), rune(0); rest != ""; {
		size, columns := piece(rest)
		r, _ := utf8.DecodeRuneInString(rest)
		if left <= room && (r < 0x300 || !continues(last, r)) {
			break
		}
		rest, left, last = rest[size:], left-columns, r
	}
	return s[:head] + ellipsis + rest
}

// Pad fills s with spaces up to width columns. It never shortens.
func Pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-Width(s), 0))
}

// PadLeft is Pad with the spaces in front, for numbers.
func PadLeft(s string, width int) string {
	return strings.Repeat(" ", max(width-Width(s), 0)) + s
}

// Wrap breaks s into lines of at most width columns, at spaces where there are any, else behind dots and the like, and keeps styles. A width of 0 or less
// breaks at newlines only.
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

// wrapLine breaks at spaces: a flag or a URL broken at its hyphens could not be copied. Only a word wider than a line is broken otherwise.
// Spaces at the beginning and between words stay, those at a break go.
func wrapLine(s string, width int) []string {
	var lines []string
	line, used := "", 0
	for s = strings.TrimRight(s, " "); s != ""; {
		word := strings.TrimLeft(s, " ")
		gap := len(s) - len(word)
		word = unbroken(word, width)
		s = s[gap+len(word):]
		w := Width(word)
		switch {
		case used+gap+w <= width, strings.TrimSpace(line) == "" && gap+1 < width/2: // what is indented may be broken, its indent not
			line, used = line+strings.Repeat(" ", gap)+word, used+gap+w
		case line == "":
			line, used = word, w
		default:
			lines = append(lines, line)
			line, used = word, w
		}
		if used > width {
			for end := broken(line, width); end < len(line); end = broken(line, width) {
				lines, line = append(lines, line[:end]), line[end:]
			}
			used = Width(line)
		}
	}
	return append(lines, line)
}

// broken is how many bytes of s, which may be a word wider than a line, a line of width columns takes: up to its last joint, unless that
// leaves most of the line empty. A joint has a letter or digit behind it, so that nothing is taken apart that may be drawn as one.
func broken(s string, width int) int {
	const joints = "./_-:,;&="
	end := fitting(s, width)
	if end == 0 { // a character wider than the line
		end, _ = piece(s)
	}
	for at := end; at > 0 && end < len(s); at-- {
		if isWord(s[at]) && strings.IndexByte(joints, s[at-1]) >= 0 {
			if 2*Width(s[:at]) >= width {
				return at
			}
			break
		}
	}
	return end
}

func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// unbroken is what s begins with and a line of width columns keeps together: a word or, where they fit, a number and its unit, or the words
// of a command of this program, up to the end of the clause.
func unbroken(s string, width int) string {
	const program, ends = "whctl", ";,:)"
	word, rest, more := strings.Cut(s, " ")
	if unit, _, _ := strings.Cut(rest, " "); more && strings.Trim(word, ".0123456789") == "" && len(word)+1+Width(unit) <= width {
		return s[:len(word)+1+len(unit)]
	}
	columns := len(program)
	if word != program || columns > width {
		return word
	}
	for end := len(word); ; end += len(word) {
		if end == len(s) || strings.ContainsAny(word[len(word)-1:], ends) {
			return s[:end]
		}
		if word, _, _ = strings.Cut(s[end+1:], " "); word == "" {
			return s[:end]
		}
		end++
		if columns += 1 + Width(word); columns > width { // no more is looked at: a text of many commands would be read once for each
			return program
		}
	}
}

// Chunk breaks s into lines of at most width columns, wherever the width ends, and loses no character, not even a space. A
// width of 0 or less gives one line.
func Chunk(s string, width int) []string { return chunks(s, width, fitting) }

// ChunkWords is Chunk that breaks behind a space where that leaves no more than half of a line empty. The space stays at the end of its line.
func ChunkWords(s string, width int) []string { return chunks(s, width, fittingWords) }

// chunks breaks s into lines, of which fit says how many bytes of a text one takes.
func chunks(s string, width int, fit func(string, int) int) []string {
	if width <= 0 || Width(s) <= width {
		return []string{s}
	}
	var lines []string
	for s != "" {
		end := fit(s, width)
		if end == 0 { // a character wider than the line
			end, _ = piece(s)
		}
		lines = append(lines, s[:end])
		s = s[end:]
	}
	return lines
}

// fittingWords is fitting up to the last space with a word behind it, unless that leaves most of the line empty.
func fittingWords(s string, width int) int {
	end := fitting(s, width)
	if end == len(s) {
		return end
	}
	at := strings.LastIndexByte(s[:end], ' ') + 1
	if s[at] == ' ' { // of several spaces none begins a line
		at = strings.LastIndexByte(strings.TrimRight(s[:at], " "), ' ') + 1
	}
	if next, _ := utf8.DecodeRuneInString(s[at:]); at == 0 || continues(' ', next) || 2*Width(s[:at]) < width {
		return end
	}
	return at
}
