package client

// Calls that have no method of their own: any path of the API, and its answer as it came.

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// RawCall is one call of the API in its own words.
type RawCall struct {
	Method string          // one of Methods
	Path   string          // with its query; or a whole URL of this API
	Body   json.RawMessage // sent as it is; nil: none
}

// Methods are those that an API is called with.
func Methods() []string {
	return []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead}
}

// Raw makes a call and returns the body of the answer, as it came: a key in it is not masked. Errors are those of the other calls, and
// usage faults for a path that is none or is another API's.
func (c *Client) Raw(ctx context.Context, r RawCall) ([]byte, error) {
	path, query, err := c.pathOf(r.Path)
	if err != nil {
		return nil, err
	}
	q := call{method: r.Method, path: path, query: query}
	if r.Body != nil {
		q.body = r.Body
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		q.finish, q.unsure = true, "it may have done what it was asked all the same" // the answer may hold a key that is shown once
	}
	a, err := c.exchange(ctx, q)
	if err != nil || a.status/100 != 2 { // a repeated DELETE found nothing
		return nil, err
	}
	return a.body, nil
}

// Raw is the same for GitHub's API.
func (g *GitHub) Raw(ctx context.Context, r RawCall) ([]byte, error) { return g.c.Raw(ctx, r) }

// pathOf gives path and query of a call, below the path of the API's address.
func (c *Client) pathOf(text string) (path, query string, err error) {
	u, perr := url.Parse(text)
	switch {
	case perr != nil || text == "" || u.Opaque != "":
		return "", "", fault.Hint(fault.New(fault.Usage, "%s is no path of an API", fault.Quoted(text)), "write it as /v1/webhooks")
	case u.Fragment != "":
		return "", "", fault.Hint(fault.New(fault.Usage, "the path holds a #, and what follows it is not sent"), "write it as %s", fault.Word("%23"))
	case u.User != nil || u.Host != "" && u.Host != c.base.Host || u.Scheme != "" && u.Scheme != c.base.Scheme:
		return "", "", fault.Hint(fault.New(fault.Usage, "this is another address than the API's, %s, and the token goes there only", c.Origin()),
			"give the path alone, or another API with %s", fault.Word(c.manners.setting()))
	}
	path = u.EscapedPath()
	if u.Host != "" {
		below, is := strings.CutPrefix(path, c.base.EscapedPath())
		if !is || below != "" && below[0] != '/' {
			return "", "", fault.Hint(fault.New(fault.Usage, "this address is not below the API's, %s", c.Origin()+c.base.EscapedPath()), "give the path alone: it is taken from there on")
		}
		path = below
	}
	if slices.Contains(strings.Split(u.Path, "/"), "..") {
		return "", "", fault.Hint(fault.New(fault.Usage, "the path holds .., which leads elsewhere"), "write it as /v1/webhooks")
	}
	return "/" + strings.TrimPrefix(path, "/"), u.RawQuery, nil
}
