package craft

// Headers as a browser's developer tools show them: pseudo headers of HTTP/2 first, each value beside its name or below it.

import (
	"bytes"
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

var errPanelLine = errors.New("a line of its headers has no name and colon")

// parsePanel reads headers that begin with :method: and the like, a blank line, and the body.
func parsePanel(text []byte) (Saved, error) {
	head, body, ok := splitHead(text)
	if !ok {
		head, body = text, nil
	}
	h, pseudo, err := panelHeaders(head)
	q := Saved{Form: FormPanel, Header: h, Method: cmp.Or(pseudo[":method"], http.MethodPost)}
	if err == nil && pseudo[":authority"] != "" {
		err = q.setURL(cmp.Or(pseudo[":scheme"], "https") + "://" + pseudo[":authority"] + cmp.Or(pseudo[":path"], "/"))
	}
	if err != nil {
		return Saved{}, fault.Hint(fault.New(fault.Usage, "cannot read the headers: %w", err), "copy them whole, or copy the request as cURL and use --curl FILE")
	}
	if len(body) > 0 {
		q.Body, q.Doubt = body, DoubtText
	}
	return q, nil
}

// PanelHeaders reads the headers alone. Those of HTTP/2 that begin with a colon are left out.
func PanelHeaders(text []byte) (http.Header, error) {
	h, _, err := panelHeaders(text)
	if err != nil {
		return nil, fault.Hint(fault.New(fault.Usage, "cannot read the headers: %w", err), "write one header a line, as Name: value")
	}
	return h, nil
}

func panelHeaders(text []byte) (h http.Header, pseudo map[string]string, err error) {
	if len(text) > maxHead {
		return nil, nil, errPanelLine
	}
	var fields []field
	name := "" // whose value is on the next line, as newer versions of Chrome copy them
	below := valueBelow(text)
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		line := strings.TrimSpace(string(line))
		if name != "" {
			fields, name = append(fields, field{name, []string{line}}), ""
			continue
		}
		if line == "" {
			continue
		}
		start := line[:1]
		before, value, ok := strings.Cut(line[1:], ":")
		if !ok {
			return nil, nil, errPanelLine
		}
		if value = strings.TrimSpace(value); value == "" && below {
			name = start + before
			continue
		}
		fields = append(fields, field{start + before, []string{value}})
	}
	return headersOf(fields)
}

// valueBelow says whether the first line has a name alone.
func valueBelow(text []byte) bool {
	line, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	return bytes.HasSuffix(bytes.TrimSpace(line), []byte(":"))
}
