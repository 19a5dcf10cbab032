package craft

// The words of a command line for Windows' cmd, as the program gets them. Nothing is expanded or run.

import "strings"

// forCmd says whether a command line is written for cmd: a caret stands before a quote or ends a line.
func forCmd(line string) bool {
	return strings.Contains(line, `^"`) || strings.Contains(line, "^\n") || strings.Contains(line, "^\r\n")
}

// cmdWords divides a command line as cmd and the C runtime of a program do, one after the other. Chrome and Firefox copy commands in
// which all quotes have a caret and each backslash stands twice; there two are one.
func cmdWords(line string) ([]shellWord, error) {
	text, ends := withoutCarets(strings.ReplaceAll(line, "\r\n", "\n"))
	r := &runtime{in: text, doubled: strings.Contains(line, `^"`)}
	words, err := r.all()
	if err == nil && ends {
		words = append(words, shellWord{text: "|", operator: true})
	}
	return words, err
}

// withoutCarets is what cmd hands on of a line. A caret outside of quotes takes away the meaning of what follows it; before a line
// break both go, and the next character has no meaning. ends says that something other than the end of the line ended the command.
func withoutCarets(line string) (text string, ends bool) {
	var b strings.Builder
	quoted, begun := false, false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '^':
			text, next := withoutMeaning(line, i+1)
			b.WriteString(text)
			i = next
			continue
		case c == '\n' || c == '|' || c == '&' || c == '<' || c == '>':
			if begun {
				return b.String(), strings.TrimSpace(line[i:]) != ""
			}
			continue
		}
		begun = begun || c != ' ' && c != '\t'
		b.WriteByte(c)
	}
	return b.String(), false
}

// withoutMeaning is what a caret before line[at] makes of it, and where that ends.
func withoutMeaning(line string, at int) (text string, end int) {
	switch {
	case at >= len(line):
		return "", at
	case line[at] != '\n':
		return line[at : at+1], at
	case at+1 >= len(line):
		return "", at
	case line[at+1] == '\n':
		return "\n", at + 1
	default: // words before and after a line break are two
		return " " + line[at+1:at+2], at + 1
	}
}

// runtime reads words as Microsoft's C runtime does.
type runtime struct {
	in           string
	at           int
	word         strings.Builder
	open, quoted bool
	doubled      bool // two backslashes are one everywhere
	words        []shellWord
}

// all divides the line: backslashes count only before a quote, and two quotes within quotes
// are one (learn.microsoft.com, Parsing C command-line arguments).
func (r *runtime) all() ([]shellWord, error) {
	for r.at < len(r.in) {
		r.next()
		if len(r.words) > maxWords {
			return nil, errTooLong
		}
	}
	r.end()
	if r.quoted {
		return nil, errOpenQuote
	}
	return r.words, nil
}

func (r *runtime) end() {
	if r.open {
		r.words = append(r.words, shellWord{text: r.word.String()})
	}
	r.word.Reset()
	r.open = false
}

func (r *runtime) next() {
	c := r.in[r.at]
	switch {
	case c == '\\':
		r.backslashes()
		return
	case !r.quoted && (c == ' ' || c == '\t'):
		r.end()
		r.at++
		return
	case c != '"':
		r.word.WriteByte(c)
	case r.quoted && strings.HasPrefix(r.in[r.at:], `""`):
		r.word.WriteByte('"')
		r.at++
	default:
		r.quoted = !r.quoted
	}
	r.open = true
	r.at++
}

// backslashes reads all that stand here, and the quote that they make plain text.
func (r *runtime) backslashes() {
	rest := strings.TrimLeft(r.in[r.at:], `\`)
	n := len(r.in) - r.at - len(rest)
	r.at += n
	r.open = true
	quote := strings.HasPrefix(rest, `"`)
	switch {
	case quote:
		r.word.WriteString(strings.Repeat(`\`, n/2))
	case r.doubled:
		r.word.WriteString(strings.Repeat(`\`, (n+1)/2))
	default:
		r.word.WriteString(strings.Repeat(`\`, n))
	}
	if quote && n%2 == 1 {
		r.word.WriteByte('"')
		r.at++
	}
}
