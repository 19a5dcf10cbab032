package cmdkit

// Header lines, as flags and files give them.

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// ParseHeaders reads the lines of --header as curl takes them: "Name: value", or "@FILE" for those of a file. A repeated name keeps every value.
func (e *Env) ParseHeaders(lines []string) (http.Header, error) {
	lines, err := e.headerLines(lines)
	if err != nil {
		return nil, err
	}
	h := make(http.Header, len(lines))
	for _, line := range lines {
		name, value, err := headerLine(line)
		if err != nil {
			return nil, fault.Hint(fault.Wrap(fault.Usage, err, "--header"), "write it as --header 'Name: value'")
		}
		h.Add(name, value)
	}
	return h, nil
}

// OwnHeaders reads the headers of --header, in curl's forms. "Name: value" sets a header. "Name:" leaves it out, also one that whctl
// or the sender would add; it has no values in the result. "Name;" sends it without a value. "@FILE" reads such lines from a file, where
// a token is no argument that others on this machine can see. A header that would not be sent as given is refused.
func (e *Env) OwnHeaders(lines []string) (http.Header, error) {
	lines, err := e.headerLines(lines)
	if err != nil {
		return nil, err
	}
	h := make(http.Header, len(lines))
	for _, line := range lines {
		name, value, err := ownHeader(line)
		if err != nil {
			return nil, fault.Hint(fault.Wrap(fault.Usage, err, "--header"), "write it as --header 'Name: value', or 'Name:' to leave it out")
		}
		name = http.CanonicalHeaderKey(name)
		switch {
		case deliver.OwnHeader(name):
			return nil, fault.Hint(fault.New(fault.Usage, "--header %s: every request has its own, so this one would not be sent as given", name), "leave it out")
		case value != nil:
			h[name] = append(h[name], *value)
		case h[name] == nil:
			h[name] = nil
		}
	}
	if host, has := h["Host"]; has && (len(host) != 1 || host[0] == "" || strings.ContainsAny(host[0], "/ \t,")) {
		return nil, fault.Hint(fault.New(fault.Usage, "--header Host: a request has one host, and this is none"), "write it as --header 'Host: example.com'")
	}
	return h, nil
}

// headerLines puts the lines of a file in the place of its @FILE. What is secret in them is shown nowhere.
func (e *Env) headerLines(given []string) ([]string, error) {
	var lines []string
	for _, line := range given {
		file, isFile := strings.CutPrefix(line, "@")
		if !isFile {
			lines = append(lines, line)
			continue
		}
		if file == "" {
			return nil, fault.Hint(fault.New(fault.Usage, "--header @ names no file"), "write it as --header @FILE; the file has lines such as Authorization: Bearer …")
		}
		content, err := e.ReadInput(file, "the file of --header")
		if err != nil {
			return nil, err
		}
		for text := range strings.Lines(string(content)) {
			if text = strings.TrimSpace(text); text == "" {
				continue
			}
			name, value, _ := strings.Cut(text, ":")
			for word := range strings.FieldsSeq(value) {
				if masking.Name(name) || masking.Secret(word) {
					e.Hide(word)
				}
			}
			lines = append(lines, text)
		}
	}
	return lines, nil
}

// ownHeader reads a line of OwnHeaders. A nil value leaves the header out.
func ownHeader(line string) (name string, value *string, err error) {
	if bare, ok := strings.CutSuffix(line, ";"); ok && !strings.Contains(line, ":") {
		name, _, err = scheme.ParseHeaderLine(bare + ":")
		return name, new(string), err
	}
	name, text, err := headerLine(line)
	if err != nil || text == "" {
		return name, nil, err
	}
	return name, &text, nil
}

// headerLine reads one line. The caller gives the error a kind.
func headerLine(line string) (name, value string, err error) {
	name, value, err = scheme.ParseHeaderLine(line)
	if err == nil && strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
		err = fmt.Errorf("the value of %s holds a control character, which HTTP does not carry", name)
	}
	return name, value, err
}

// HeaderFile reads a file of header lines, as `whctl sign` prints them and `curl -H @file` reads them. It skips blank lines and
// the status line that `curl -D file` writes first. Headers as a JSON object, or as a browser's developer tools show them, are read too.
func HeaderFile(name string, content []byte) (http.Header, error) {
	switch start := bytes.TrimSpace(content); {
	case bytes.HasPrefix(start, []byte("{")):
		return craft.HeadersJSON(start)
	case bytes.HasPrefix(start, []byte(":")):
		return craft.PanelHeaders(start)
	}
	h := http.Header{}
	number, first := 0, true
	for line := range bytes.SplitSeq(content, []byte("\n")) {
		number++
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if first && statusLine(string(line)) {
			first = false
			continue
		}
		first = false
		header, value, err := headerLine(string(line))
		if err != nil {
			return nil, fault.Hint(fault.Wrap(fault.Usage, err, "--headers-file %s:%d", name, number),
				"write one header a line, as Name: value; for a whole request there is --request FILE")
		}
		h.Add(header, value)
	}
	return h, nil
}

// statusLine says whether a line begins an HTTP response: HTTP/1.1 200 OK, HTTP/2 200.
func statusLine(line string) bool {
	words := strings.Fields(line)
	return len(words) > 1 && strings.HasPrefix(words[0], "HTTP/") && len(words[1]) == 3 && strings.Trim(words[1], "0123456789") == ""
}

// Merge adds the values of b to a.
func Merge(a, b http.Header) http.Header {
	for name, values := range b {
		a[name] = append(a[name], values...)
	}
	return a
}
