package restyle

// Hashes and dicts as Ruby, Python and JavaScript show them, read back as JSON.

import (
	"bytes"
	"strconv"
	"strings"
)

// FromLiteral reads what Ruby shows for a hash, Python for a dict or JavaScript for an object, and gives it as JSON; false when the
// text is JSON already, or none of these.
func FromLiteral(b []byte) ([]byte, bool) {
	l := literal{b: bytes.TrimSpace(b)}
	if len(l.b) == 0 || len(l.b) > MaxBody || l.b[0] != '{' && l.b[0] != '[' {
		return nil, false
	}
	for l.at < len(l.b) {
		if !l.next() {
			return nil, false
		}
	}
	return l.out, l.foreign
}

// literal is a text being read.
type literal struct {
	b       []byte
	at      int
	out     []byte
	foreign bool // something in it is not JSON
}

func (l *literal) next() bool {
	rest := l.b[l.at:]
	switch c := rest[0]; {
	case c == '"' || c == '\'':
		l.foreign = l.foreign || c == '\''
		return l.text(c)
	case bytes.HasPrefix(rest, []byte("=>")):
		l.foreign = true
		l.out, l.at = append(l.out, ':'), l.at+2
	case c == ':' && len(rest) > 1 && letter(rest[1]) && l.open(): // a symbol
		l.foreign = true
		l.at++
	case letter(c):
		l.word()
	case strings.IndexByte("{}[],: \t\r\n-+.0123456789", c) >= 0:
		l.out, l.at = append(l.out, c), l.at+1
	default:
		return false
	}
	return true
}

// open says whether a name or value may begin here.
func (l *literal) open() bool {
	out := bytes.TrimRight(l.out, " ")
	return len(out) > 0 && strings.IndexByte("{[,:", out[len(out)-1]) >= 0
}

func letter(c byte) bool { return c == '_' || c == '$' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// word reads a name without quotes, or what the language calls true, false and null.
func (l *literal) word() {
	start := l.at
	for l.at < len(l.b) && (letter(l.b[l.at]) || '0' <= l.b[l.at] && l.b[l.at] <= '9') {
		l.at++
	}
	word := string(l.b[start:l.at])
	rest := bytes.TrimLeft(l.b[l.at:], " ")
	exponent := (word[0] == 'e' || word[0] == 'E') && start > 0 && '0' <= l.b[start-1] && l.b[start-1] <= '9'
	name := bytes.HasPrefix(rest, []byte(":")) || bytes.HasPrefix(rest, []byte("=>"))
	switch {
	case exponent:
	case name:
		word, l.foreign = strconv.Quote(word), true
	default:
		if same := jsonWord(word); same != word {
			word, l.foreign = same, true
		}
	}
	l.out = append(l.out, word...)
}

func jsonWord(word string) string {
	switch word {
	case "True":
		return "true"
	case "False":
		return "false"
	case "None", "nil", "undefined":
		return "null"
	default:
		return word
	}
}

// text reads a quoted text and writes it with the escapes that JSON has.
func (l *literal) text(quote byte) bool {
	l.out = append(l.out, '"')
	for l.at++; l.at < len(l.b); l.at++ {
		switch c := l.b[l.at]; {
		case c == quote:
			l.out, l.at = append(l.out, '"'), l.at+1
			return true
		case c == '"':
			l.out = append(l.out, '\\', '"')
		case c == '\\' && l.at+1 < len(l.b):
			if !l.escape() {
				return false
			}
		default:
			l.out = append(l.out, c)
		}
	}
	return false
}

// escape reads the escape that begins here, and stops at its last byte.
func (l *literal) escape() bool {
	l.at++
	switch c := l.b[l.at]; c {
	case '\'', '#':
		l.out = append(l.out, c)
	case 'e':
		l.out = append(l.out, `\u001b`...)
	case 'x':
		end := min(l.at+3, len(l.b))
		n, err := strconv.ParseUint(string(l.b[l.at+1:end]), 16, 8)
		if err != nil {
			return false
		}
		l.out, l.at = escape(l.out, rune(n), false), end-1
	default:
		l.out = append(l.out, '\\', c)
	}
	return true
}
