package deliver

// What speaks where an HTTP answer was expected.

import (
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/fault"
)

// foreign says whether what came back cannot begin an HTTP/1 answer.
func foreign(opening string) bool {
	const status = "HTTP/"
	n := min(len(opening), len(status))
	return opening[:n] != status[:n]
}

// notHTTP says what speaks where an HTTP answer was expected, by how it begins.
func notHTTP(err error, opening, host string) (text string, hint fault.Step) {
	switch {
	case strings.HasPrefix(opening, "\x15\x03"), strings.HasPrefix(opening, "\x16\x03"):
		return "the answer is not HTTP but TLS", fault.NextStep("the target speaks TLS: use https:// instead of http://")
	case http2(opening):
		return "the target speaks HTTP/2 only, which whctl does not send", fault.NextStep("have the program on %s take HTTP/1.1 too", fault.Word(host))
	case !foreign(opening):
		return "the answer is broken: " + shorten(fault.Root(err).Error()), fault.Step{}
	}
	text = "the answer is not HTTP"
	if line, _, _ := strings.Cut(opening, "\n"); printable(strings.TrimSuffix(line, "\r")) {
		text += ": it begins with " + strings.TrimSuffix(line, "\r")
	}
	return text, fault.NextStep("check the port: what listens on %s is not a web server", fault.Word(host))
}

// http2 says whether bytes begin with a SETTINGS frame of the whole connection, with which every HTTP/2 server opens
// (RFC 9113, 3.4 and 6.5).
func http2(opening string) bool {
	return len(opening) >= 9 && opening[0] == 0 && opening[3] == 4 && opening[5:9] == "\x00\x00\x00\x00"
}

func printable(line string) bool {
	if !utf8.ValidString(line) || line == "" {
		return false
	}
	return !strings.ContainsFunc(line, func(c rune) bool { return c < ' ' || c == 0x7f || c > 0x7e })
}

// shorten bounds net/http's quotes of what came, and leaves out a quote that is full of escapes.
func shorten(text string) string {
	const most = 100
	if strings.Contains(text, `\`) {
		text, _, _ = strings.Cut(text, `"`)
		text = strings.TrimRight(text, ": ")
	}
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
