package deliver

// The lines of --debug, without secrets.

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
)

// Private names the headers whose values are not shown whole.
type Private struct {
	Secrets    []string // masked
	Signatures []string // shortened
}

func names(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

// TraceHeader calls line for every header value, sorted by name, secrets masked and signatures shortened: those that their names
// give away, those that private names, and what looks like one. mark says which way it went.
func TraceHeader(line func(string), mark string, h http.Header, private Private) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			shown := masking.Value(name, value)
			switch {
			case names(private.Secrets, name):
				shown = masking.Mask
			case names(private.Signatures, name):
				shown = masking.Signature(value)
			}
			line(mark + " " + name + ": " + shown)
		}
	}
}

func (c *Client) traceRequest(o *outgoing) {
	if c.trace == nil {
		return
	}
	c.trace(fmt.Sprintf("> %s %s to %s, %s", o.method, o.target, o.url.Host, fault.Plural(len(o.body), "byte")))
	h := http.Header{}
	for _, name := range o.names {
		h[name] = o.header[name]
	}
	TraceHeader(c.trace, ">", h, c.private)
}

func (c *Client) traceResult(r Result) {
	switch {
	case c.trace == nil:
	case r.Err != nil && r.Status == 0:
		c.trace(fmt.Sprintf("< no answer after %s: %s", r.Duration.Round(time.Millisecond), r.Err))
	default:
		if r.Repeated {
			c.trace("! sent again: the reused connection had ended")
		}
		c.trace(fmt.Sprintf("< %d in %s, %s", r.Status, r.Duration.Round(time.Millisecond), fault.Plural(r.BodySize, "byte")))
		TraceHeader(c.trace, "<", r.Header, c.private)
	}
}
