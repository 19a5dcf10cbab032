package craft

// The words of a command line, as a POSIX shell reads them. Nothing is expanded or run.

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// What a shell would do with a command line before the program gets it, and whctl does not.
var (
	errOpenQuote = errors.New("a quote is not closed, so a part of it is missing")
	errExpansion = errors.New("a shell would fill in a part of it ($…, `…`), and whctl runs and fills in nothing")
	errEscape    = errors.New("a $'…' holds an escape that is none")
	errTooLong   = errors.New("it is too long for a command")
)

// A command is read up to these bounds.
const (
	maxCommand = 32 << 20 // bytes
	maxWords   = 10_000
)

// shellWord is a word, or an operator that ends a command.
type shellWord struct {
	text     string
	operator bool
}

// shell reads the words of a command line.
type shell struct {
	in    string
	at    int
	word  strings.Builder
	open  bool // a word has begun
	words []shellWord
}

// posixWords divides a command line as sh does (POSIX, Shell Command Language, 2.2 and 2.3), with bash's $'…' beside it.
func posixWords(line string) ([]shellWord, error) {
	s := &shell{in: line}
	for s.at < len(s.in) {
		if err := s.next(); err != nil {
			return nil, err
		}
		if len(s.words) > maxWords {
			return nil, errTooLong
		}
	}
	s.end()
	return s.words, nil
}

func (s *shell) end() {
	if s.open {
		s.words = append(s.words, shellWord{text: s.word.String()})
	}
	s.word.Reset()
	s.open = false
}

func (s *shell) add(text string) {
	s.word.WriteString(text)
	s.open = true
}

// next reads what is outside of quotes.
func (s *shell) next() error {
	c := s.in[s.at]
	switch c {
	case ' ', '\t', '\r':
		s.end()
	case '\n', '|', ';', '&', '<', '>', '(', ')':
		s.end()
		s.words = append(s.words, shellWord{text: string(c), operator: true})
	case '\\':
		s.escaped("")
	case '\'':
		return s.single()
	case '"':
		return s.double()
	case '$':
		return s.dollar()
	case '`':
		return errExpansion
	case '#':
		if s.open {
			s.add("#")
			break
		}
		end := strings.IndexByte(s.in[s.at:], '\n')
		if end < 0 {
			end = len(s.in) - s.at
		}
		s.at += end
		return nil
	default:
		s.add(s.in[s.at : s.at+1])
	}
	s.at++
	return nil
}

// escaped reads a backslash and what follows it. With only, it escapes these characters alone. A line break goes with it.
func (s *shell) escaped(only string) {
	rest := s.in[s.at+1:]
	switch {
	case strings.HasPrefix(rest, "\n"):
		s.at++
	case strings.HasPrefix(rest, "\r\n"):
		s.at += 2
	case rest == "":
		s.add(`\`)
	case only != "" && strings.IndexByte(only, rest[0]) < 0:
		s.add(`\`)
	default:
		s.add(rest[:1])
		s.at++
	}
}

func (s *shell) single() error {
	text, _, closed := strings.Cut(s.in[s.at+1:], "'")
	if !closed {
		return errOpenQuote
	}
	s.add(text)
	s.at += len(text) + 2
	return nil
}

func (s *shell) double() error {
	s.add("")
	for s.at++; s.at < len(s.in); s.at++ {
		switch c := s.in[s.at]; c {
		case '"':
			s.at++
			return nil
		case '\\':
			s.escaped("$`\"\\")
		case '`':
			return errExpansion
		case '$':
			if err := s.substituted(); err != nil {
				return err
			}
		default:
			s.word.WriteByte(c)
		}
	}
	return errOpenQuote
}

// substituted reads a dollar within double quotes. Of all that a shell would fill in there it knows one: $(printf '…') with octal
// escapes, in which whctl's own exports write what does not print.
func (s *shell) substituted() error {
	rest := s.in[s.at+1:]
	if !expands(rest) {
		s.add("$")
		return nil
	}
	text, ok := strings.CutPrefix(rest, "(printf '")
	text, _, closed := strings.Cut(text, "')")
	if !ok || !closed {
		return errExpansion
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '%':
			return errExpansion
		case text[i] != '\\':
			s.word.WriteByte(text[i])
		case len(text) < i+4 || strings.Trim(text[i+1:i+4], "01234567") != "":
			return errExpansion
		default:
			s.word.WriteByte((text[i+1]-'0')<<6 | (text[i+2]-'0')<<3 | (text[i+3] - '0'))
			i += 3
		}
	}
	s.at += len("(printf '") + len(text) + len("')")
	return nil
}

// expands says whether a shell fills in what a dollar stands before.
func expands(rest string) bool {
	return rest != "" && (rest[0] == '_' || rest[0] >= 'a' && rest[0] <= 'z' || rest[0] >= 'A' && rest[0] <= 'Z' ||
		rest[0] >= '0' && rest[0] <= '9' || strings.IndexByte("{(@*#?!-$", rest[0]) >= 0)
}

func (s *shell) dollar() error {
	rest := s.in[s.at+1:]
	switch {
	case strings.HasPrefix(rest, "'"):
		s.at += 2
		return s.ansi()
	case strings.HasPrefix(rest, `"`):
		s.at++
		return s.double()
	case expands(rest):
		return errExpansion
	}
	s.add("$")
	s.at++
	return nil
}

// ansi reads the rest of a $'…' (Bash manual, ANSI-C Quoting).
func (s *shell) ansi() error {
	s.add("")
	for s.at < len(s.in) {
		switch c := s.in[s.at]; c {
		case '\'':
			s.at++
			return nil
		case '\\':
			if err := s.ansiEscape(); err != nil {
				return err
			}
		default:
			s.word.WriteByte(c)
			s.at++
		}
	}
	return errOpenQuote
}

func (s *shell) ansiEscape() error {
	if s.at+1 >= len(s.in) {
		return errOpenQuote
	}
	c := s.in[s.at+1]
	s.at += 2
	if i := strings.IndexByte(`abeEfnrtv\'"?`, c); i >= 0 {
		s.word.WriteByte("\a\b\x1b\x1b\f\n\r\t\v\\'\"?"[i])
		return nil
	}
	switch c {
	case 'x':
		s.word.WriteByte(byte(s.number(16, 2) & 0xff))
	case 'u':
		s.word.WriteString(character(s.number(16, 4)))
	case 'U':
		s.word.WriteString(character(s.number(16, 8)))
	case '0', '1', '2', '3', '4', '5', '6', '7':
		s.at--
		s.word.WriteByte(byte(s.number(8, 3) & 0xff))
	default:
		return errEscape
	}
	return nil
}

// number reads at most this many digits.
func (s *shell) number(base uint32, digits int) (n uint32) {
	const all = "0123456789abcdef"
	for ; digits > 0 && s.at < len(s.in); digits-- {
		i := strings.IndexByte(all[:base], s.in[s.at]|0x20*(s.in[s.at]>>6&1))
		if i < 0 {
			break
		}
		n, s.at = n*base+uint32(i), s.at+1 //nolint:gosec // an index of all
	}
	return n
}

func character(n uint32) string {
	if n > utf8.MaxRune {
		n = utf8.RuneError
	}
	return string(rune(n))
}
