package deliver

// Making the request that net/http sends, byte for byte as it was given.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func newRequest(ctx context.Context, q Request) (*http.Request, error) {
	u, err := url.Parse(q.URL)
	if err != nil {
		return nil, fmt.Errorf("target is no URL: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("target must begin with http:// or https:// and name a host")
	}
	u.User = nil
	u.Fragment = ""
	if q.RawTarget != "" {
		setRawTarget(u, q.RawTarget)
	}
	req := &http.Request{
		Method: q.Method, URL: u, Host: u.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header(q.Header), ContentLength: int64(len(q.Body)),
	}
	if given := q.Header["Host"]; len(given) > 0 { // the user's; a request that net/http has read has none among its headers
		req.Host = given[0]
	}
	setBody(req, q.Body)
	return req.WithContext(ctx), nil
}

// setRawTarget makes net/http write a request target as it stands. One that begins with // cannot go through Opaque, because net/http
// would make absolute form of it. It goes through net/http's escaping, which leaves valid ones as they are.
func setRawTarget(u *url.URL, requestTarget string) {
	path, query, hasQuery := strings.Cut(requestTarget, "?")
	u.RawQuery, u.ForceQuery = query, hasQuery
	if strings.HasPrefix(path, "//") {
		u.Opaque, u.RawPath = "", path
		if decoded, err := url.PathUnescape(path); err == nil {
			u.Path = decoded
		} else {
			u.Path = path
		}
		return
	}
	u.Opaque = path
}

// setBody gives the request its bytes. net/http sends a request again by itself when a reused connection turns out to be dead. With
// GetBody it does so where nothing was written yet, which is safe. A request that it thinks repeatable it would send again even
// after it was written. Such a request gets no GetBody, and where it has no bytes, a body that net/http does not know to be empty.
func setBody(req *http.Request, body []byte) {
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	switch {
	case len(body) > 0:
		req.Body, _ = open()
		if !repeatable(req) {
			req.GetBody = open
		}
	case usuallyBare(req.Method):
		req.Body, _ = open()
		req.TransferEncoding = []string{"identity"} // else TRACE would get an empty body in chunks
	default:
		req.Body = http.NoBody
	}
}

// usuallyBare says whether net/http repeats a method whatever its headers are. Requests of these methods without a body need no
// Content-Length.
func usuallyBare(method string) bool {
	return slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace}, method)
}

// repeatable says whether net/http thinks that a request can be sent any number of times.
func repeatable(req *http.Request) bool {
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		if _, has := req.Header[name]; has {
			return true
		}
	}
	return usuallyBare(req.Method)
}
