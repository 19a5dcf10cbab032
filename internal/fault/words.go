package fault

// Words of others in hints, quoted so that a shell reads each as one word.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Words are a command to type, or words of one. Each text from elsewhere is one word in them, whatever it holds, so the shell that a
// hint is pasted into acts on none of it.
type Words struct {
	fixed string   // text of the program's own
	flags []string // with their values, quoted
	args  []string
	sep   string
}

// Command is a command: its own words first, then arguments. Flags are added with Flag and Switch.
func Command(fixed prose, args ...string) Words {
	return Words{fixed: string(fixed), args: args, sep: " "}
}

// Flag adds a flag and its value.
func (w Words) Flag(name prose, value string) Words {
	flag := string(name) + " " + Quote(value)
	if strings.HasPrefix(value, "-") {
		flag = string(name) + "=" + Quote(value)
	}
	w.flags = append(slices.Clip(w.flags), flag)
	return w
}

// Switch adds a flag without a value.
func (w Words) Switch(name prose) Words {
	w.flags = append(slices.Clip(w.flags), string(name))
	return w
}

// Word is one word.
func Word(s string) Words { return Words{args: []string{s}, sep: " "} }

// List are words with commas between them.
func List(words []string) Words { return Words{args: words, sep: ", "} }

// Number is a number.
func Number[N ~int | ~int64](n N) Words { return Word(strconv.FormatInt(int64(n), 10)) }

// Literal is text of the program itself that is not a constant, such as a command's usage line. A test lists who may use it.
func Literal(text string) Words { return Words{fixed: text} }

// String is the words as they are typed into a POSIX shell. Arguments that would be taken for flags stand last, behind --.
func (w Words) String() string {
	quoted := make([]string, 0, len(w.args))
	for _, a := range w.args {
		quoted = append(quoted, Quote(a))
	}
	args, flags := strings.Join(quoted, w.sep), strings.Join(w.flags, " ")
	parts := []string{w.fixed, args, flags}
	if w.fixed != "" && slices.ContainsFunc(w.args, func(a string) bool { return strings.HasPrefix(a, "-") }) {
		parts = []string{w.fixed, flags, "--", args}
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// Quote makes s one word of a POSIX shell. Quotes and backslashes stand in double quotes of their own, because fish reads them
// differently within single ones. What does not print is written as its bytes, so that it can be shown.
func Quote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%"
	if s != "" && s[0] != '=' && strings.Trim(s, plain) == "" {
		return s
	}
	var b strings.Builder
	open := byte(0) // the quote that is open
	in := func(quote byte) {
		if open == quote {
			return
		}
		if open != 0 {
			b.WriteByte('\'')
		}
		if open = quote; quote == '$' {
			b.WriteByte('$')
		}
		if quote != 0 {
			b.WriteByte('\'')
		}
	}
	for len(s) > 0 {
		c, n := utf8.DecodeRuneInString(s)
		switch {
		case c == '\'' || c == '\\':
			in(0)
			b.WriteString(map[rune]string{'\'': `"'"`, '\\': `"\\"`}[c])
		case c == utf8.RuneError && n == 1, c != '\t' && !strconv.IsPrint(c):
			in('$')
			for i := range n {
				fmt.Fprintf(&b, `\x%02x`, s[i])
			}
		default:
			in('\'')
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	in(0)
	if b.Len() == 0 {
		return "''"
	}
	return b.String()
}

// Quoted is text from elsewhere in a message: in double quotes, or as one word of a shell if double quotes would not stop a shell
// from acting on it. Messages are copied and pasted like hints.
func Quoted(s string) string {
	if strings.ContainsAny(s, "$`\\!\"") || strings.ContainsFunc(s, func(c rune) bool { return !strconv.IsPrint(c) }) || !utf8.ValidString(s) {
		return Quote(s)
	}
	return `"` + s + `"`
}

// quotable is a text whose %q is Quoted.
type quotable string

// Format is what fmt asks for.
func (q quotable) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		_, _ = f.Write([]byte(Quoted(string(q))))
		return
	}
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), string(q))
}

// formatted is fmt.Errorf with texts that are quoted for people and shells alike.
func formatted(text string, args []any) error {
	safe := make([]any, len(args))
	for i, a := range args {
		if s, is := a.(string); is {
			a = quotable(s)
		}
		safe[i] = a
	}
	return fmt.Errorf(text, safe...)
}
