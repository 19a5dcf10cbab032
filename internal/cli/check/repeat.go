package check

// The lines that send a request of a case again.

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/check"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/term"
)

// mostShown is the longest body that stands in a line, in bytes.
const mostShown = 4 << 10

// again are the lines. One that cannot be written in a line is "".
type again struct {
	Send string `json:"send"`
	Curl string `json:"curl"`
}

// repeat makes the lines for a request.
func (p *printer) repeat(q *check.Request) again { return again{Send: p.send(q), Curl: p.curl(q)} }

// send is the line of whctl send.
func (p *printer) send(q *check.Request) string {
	before, what := "", q.Sample
	switch {
	case q.Handshake:
		what = "--handshake"
	case what == "":
		before, what = piped(q.Body), "-"
		if before == "" {
			return ""
		}
	}
	words := []string{"whctl", "send", what, "--to", p.o.to, "--scheme", p.keys.Scheme()}
	if p.o.url != "" {
		words = append(words, "--url", p.o.url)
	}
	words = append(words, p.keyFlags()...)
	if q.VerifyToken != "" {
		words = append(words, "--verify-token", q.VerifyToken)
	}
	for _, line := range p.o.headers {
		words = append(words, "-H", p.o.env.Screen(line))
	}
	return before + quoted(append(words, q.Args...))
}

// keyFlags are the secret flags of this run. A key on the command line is not repeated.
func (p *printer) keyFlags() (words []string) {
	for _, s := range p.o.flags.Sources {
		switch s.Kind {
		case secret.File:
			words = append(words, "--secret-file", s.Arg)
		case secret.Env:
			words = append(words, "--secret-env", s.Arg)
		case secret.Command:
			words = append(words, "--secret-command", s.Arg)
		case secret.Webhook:
			words = append(words, "--webhook", s.Arg)
		case secret.Value:
			words = append(words, "--secret-file", "FILE")
		}
	}
	for _, param := range p.o.flags.Params {
		words = append(words, "--param", param)
	}
	return words
}

// curl is the line of curl. It sends the very bytes, whose signature is too old some minutes later.
func (p *printer) curl(q *check.Request) string {
	before, words := "", []string{"curl", "-X", q.Method}
	header := p.masked(q.Header)
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			line := name + ": " + value
			if value == "" {
				line = name + ";"
			}
			words = append(words, "-H", line)
		}
	}
	switch {
	case len(q.Body) == 0 && q.Method != http.MethodPost:
	case printable(q.Body):
		words = append(words, "--data-raw", string(q.Body))
	default:
		if before = piped(q.Body); before == "" {
			return ""
		}
		words = append(words, "--data-binary", "@-")
	}
	return before + quoted(append(words, q.URL))
}

// piped is what a shell begins with to hand a body to a command; "" for one that is too long to be shown.
func piped(body []byte) string {
	switch {
	case printable(body):
		return "printf %s " + fault.Quote(string(body)) + " | "
	case len(body) <= mostShown:
		return "echo " + base64.StdEncoding.EncodeToString(body) + " | base64 -d | "
	default:
		return ""
	}
}

func quoted(words []string) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = fault.Quote(w)
	}
	return strings.Join(list, " ")
}

// printable says whether a body can stand in a line that people copy.
func printable(body []byte) bool {
	return len(body) <= mostShown && utf8.Valid(body) && term.Clean(string(body)) == string(body)
}

// withoutTokens hides the values of headers that carry a key.
func withoutTokens(h http.Header, secrets []string) http.Header {
	out := h.Clone()
	for name := range out {
		if slices.Contains(secrets, http.CanonicalHeaderKey(name)) {
			out[name] = []string{masking.Masked}
		}
	}
	return out
}
