package cmdkit

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
)

// ParseHeaders reads header lines as curl takes them: "Name: value", each value kept.
func ParseHeaders(flag string, lines []string) (http.Header, error) {
	h := make(http.Header, len(lines))
	for _, line := range lines {
		name, value, err := sign.ParseHeaderLine(line)
		if err != nil {
			return nil, fault.Hint(fault.Wrap(fault.Usage, err, "%s", flag), "write it as %s 'Name: value'", flag)
		}
		if strings.ContainsFunc(value, isControl) {
			return nil, fault.New(fault.Usage, "%s: the value of %s holds a control character, which HTTP does not carry", flag, name)
		}
		h.Add(name, value)
	}
	return h, nil
}

func isControl(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }

// HeaderFile reads a file of header lines, as `whctl sign` prints them and `curl -H @file` reads them. Blank lines are skipped.
func HeaderFile(name string, content []byte) (http.Header, error) {
	var lines []string
	for line := range bytes.SplitSeq(content, []byte("\n")) {
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(bytes.TrimSpace(line)) > 0 {
			lines = append(lines, string(line))
		}
	}
	h, err := ParseHeaders("--headers-file", lines)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "%s", name)
	}
	return h, nil
}

// Merge adds the values of b to a.
func Merge(a, b http.Header) http.Header {
	for name, values := range b {
		a[name] = append(a[name], values...)
	}
	return a
}
