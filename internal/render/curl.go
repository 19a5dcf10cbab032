package render

// A delivery as a curl command for a shell.

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/term"
)

// mostInline is the longest body that stands in the command as it is, in bytes. Linux takes 128 KiB for one argument.
const mostInline = 32 << 10

// CurlTo says where a command sends a delivery, and where its body is.
type CurlTo struct {
	Origin string // scheme://host:port
	Target string // what the request line names
	File   string // the file with the body, as the shell finds it; "": the command holds the body
}

// Curl is the command that sends a delivery again as it came: method, request target, headers and the bytes of its body. It is for
// POSIX shells, and nothing in it is more to them than a word: not a quote, a dollar, an exclamation mark or a line break of a
// header, a path or a body. A comment comes first. Headers whose values were not recorded are left out, and the comment names them.
func Curl(d *record.Delivery, to CurlTo) string {
	var b strings.Builder
	comments(&b, d)
	args, before := []string{"curl"}, ""
	if d.Method == http.MethodHead {
		args = append(args, "--head")
	} else {
		args = append(args, "-X", word(d.Method))
	}
	args = append(args, curlHeaders(d)...)
	switch {
	case len(d.Body) == 0 && usuallyBare(d.Method):
	case to.File != "":
		args = append(args, "--data-binary", word("@"+to.File))
	case inline(d.Body):
		args = append(args, "--data-raw", lines(string(d.Body)))
	default:
		before = "printf %s '" + base64Lines(d.Body) + "' | base64 -d | " // fish has no here documents
		args = append(args, "--data-binary", "@-")
	}
	b.WriteString(before + strings.Join(append(args, address(to)...), " ") + "\n")
	return b.String()
}

// usuallyBare says whether a request of this method without a body has no Content-Length either.
func usuallyBare(method string) bool {
	return method != http.MethodPost && method != http.MethodPut && method != http.MethodPatch
}

// comments say what the command sends. Each word is quoted: zsh runs a comment that is pasted.
func comments(b *strings.Builder, d *record.Delivery) {
	words := []string{"#", d.ID, Stamp(d.ReceivedAt), string(d.Verdict.Reason)}
	for _, remote := range []string{d.EventType, d.EventID} {
		if remote != "" {
			words = append(words, word(term.Clean(remote)))
		}
	}
	b.WriteString(strings.Join(words, " ") + "\n")
	for _, name := range masked(d.Header) {
		b.WriteString("# without " + word(name) + ", whose value is secret and was not recorded\n")
	}
	if masking.RequestTarget(d.Path) != d.Path {
		b.WriteString("# the query holds a secret, which is not shown: put it where " + word(masking.Masked) + " stands\n")
	}
	if d.Scrubbed > 0 {
		b.WriteString("# " + scrubbed(d) + ", so the signature does not hold\n")
	}
}

// masked are the headers whose values were not recorded, by name.
func masked(h http.Header) (names []string) {
	for name, values := range h {
		if slices.Contains(values, masking.Masked) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// MaskedHeaders says whether a delivery has headers whose values were not recorded.
func MaskedHeaders(d *record.Delivery) bool { return len(masked(d.Header)) > 0 }

// curlHeaders are the arguments that give the request its headers and keep curl from adding others.
func curlHeaders(d *record.Delivery) (args []string) {
	sent := maps.Collect(deliver.EndToEnd(d.Header))
	for _, name := range append(masked(d.Header), "Content-Length", "Expect", "Host") {
		delete(sent, name)
	}
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		for _, value := range sent[name] {
			if value == "" {
				args = append(args, "-H", word(name+";"))
			} else {
				args = append(args, "-H", word(name+": "+value))
			}
		}
	}
	for _, name := range []string{"Accept", "Content-Type", "User-Agent", "Expect"} { // curl's own; Expect for large bodies
		if sent[name] == nil && (name != "Expect" || len(d.Body) >= 1<<20) {
			args = append(args, "-H", "'"+name+":'")
		}
	}
	return args
}

// address is the URL. What curl would change in it stands in the request target alone.
func address(to CurlTo) []string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_~%?&=+:,;@.-"
	if strings.HasPrefix(to.Target, "/") && strings.Trim(to.Target, plain) == "" && !strings.Contains(to.Target, "/.") {
		return []string{word(to.Origin + to.Target)}
	}
	return []string{"--request-target", word(to.Target), word(to.Origin + "/")}
}

// inline says whether a body can stand in the command, be read there and be pasted.
func inline(body []byte) bool {
	s := string(body)
	return len(body) <= mostInline && utf8.ValidString(s) && term.CleanLines(s) == s
}

// lines is printable text as one word of a shell, in which line breaks stand as they are.
func lines(s string) string {
	if !strings.Contains(s, "\n") {
		return word(s)
	}
	parts := strings.Split(s, "\n")
	for i, part := range parts {
		if part != "" {
			parts[i] = word(part)
		}
	}
	// Where a quote is closed and opened again, it stays open.
	return strings.NewReplacer("''\n''", "\n", "''\n", "\n", "\n''", "\n").Replace(strings.Join(parts, "'\n'"))
}

// word is s as one word of any POSIX shell. What does not print is made by printf, as not all of them know $'…'.
func word(s string) string {
	if utf8.ValidString(s) && term.Clean(s) == s {
		return fault.Quote(s)
	}
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_=+:,;.- "
	var b strings.Builder
	b.WriteString(`"$(printf '`)
	for i := range len(s) {
		if strings.IndexByte(plain, s[i]) >= 0 {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, `\%03o`, s[i])
		}
	}
	b.WriteString(`')"`)
	return b.String()
}

// base64Lines is a body in base64, 76 characters a line.
func base64Lines(body []byte) string {
	const line = 57 // bytes
	var b strings.Builder
	for chunk := range slices.Chunk(body, line) {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(base64.StdEncoding.EncodeToString(chunk))
	}
	return b.String()
}
