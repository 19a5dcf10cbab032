package client

// What --debug shows of a call.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
)

const maxTraceBody = 8 << 10

// TraceLine is one line of --debug. Secrets are masked and signatures shortened; it may quote remote text, so whoever
// prints it sanitises.
type TraceLine struct {
	Time time.Time
	Text string
}

func (c *Client) trace(format string, args ...any) {
	if c.o.Trace != nil {
		c.o.Trace(TraceLine{Time: c.o.Now(), Text: fmt.Sprintf(format, args...)})
	}
}

func (c *Client) traceRequest(req *http.Request, body []byte) {
	if c.o.Trace == nil {
		return
	}
	c.trace("> %s %s", req.Method, req.URL)
	c.traceHeader(">", req.Header)
	if len(body) > 0 {
		c.trace("> %s", c.maskBody(body))
	}
}

func (c *Client) traceAnswer(resp *http.Response, body []byte, took time.Duration) {
	if c.o.Trace == nil {
		return
	}
	c.trace("< %s in %s, %s", resp.Status, took.Round(time.Millisecond), fault.Plural(len(body), "byte"))
	c.traceHeader("<", resp.Header)
	if len(body) > 0 {
		c.trace("< %s", c.maskBody(body))
	}
}

func (c *Client) traceHeader(mark string, h http.Header) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			c.trace("%s %s: %s", mark, name, c.redact(masking.Value(name, value)))
		}
	}
}

// maskBody gives a body for the trace: JSON with its secrets masked, or the size of what is no JSON.
func (c *Client) maskBody(body []byte) string {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return fmt.Sprintf("(%s, %s)", kindOfBody(body), fault.Plural(len(body), "byte"))
	}
	b, err := encode(c.maskJSON("", v))
	if err != nil {
		return "(" + fault.Plural(len(body), "byte") + ")"
	}
	text := c.redact(string(b))
	if len(text) > maxTraceBody {
		return strings.ToValidUTF8(text[:maxTraceBody], "") + fmt.Sprintf("… (%d bytes)", len(body))
	}
	return text
}

func (c *Client) maskJSON(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			v[k] = c.maskJSON(k, inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = c.maskJSON(name, inner)
		}
	case string:
		return masking.Value(name, v)
	}
	return v
}
