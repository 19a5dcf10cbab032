// Package client calls the management API: it knows its uneven envelopes, says what went wrong, and decides where the token goes.
package client

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

const (
	defaultTimeout = 30 * time.Second
	dialTimeout    = 10 * time.Second
	maxAnswer      = 10 << 20
	maxHeader      = 256 << 10
)

// Options are what a client is made of.
type Options struct {
	BaseURL string      // https, or http for loopback; a path before /v1 is kept
	Token   string      // bearer token
	From    TokenFrom   // where the token comes from
	Version string      // of whctl, for User-Agent
	Header  http.Header // extra headers of the profile, sent with every call

	Timeout time.Duration   // for one request; 30 s when 0
	Trace   func(TraceLine) // told of every request and answer; nil: nobody
	// Waiting is told of each wait that a person would notice, before it begins; nil: nobody is.
	Waiting func(time.Duration)

	Proxy     func(*http.Request) (*url.URL, error)            // http.ProxyFromEnvironment when nil
	Transport http.RoundTripper                                // for tests; made from the above when nil
	Now       func() time.Time                                 // time.Now when nil
	Sleep     func(ctx context.Context, d time.Duration) error // waits between tries; a timer when nil
}

// TokenFrom is where a token comes from: what mends one that the API does not take is another for each.
type TokenFrom string

// Where tokens come from.
const (
	FromUnknown        TokenFrom = ""
	FromVariable       TokenFrom = "WHCTL_TOKEN"
	FromGitHubVariable TokenFrom = "WHCTL_GITHUB_TOKEN"
	FromFile           TokenFrom = "--token-file"
	FromSandbox        TokenFrom = "listen --sandbox" // left in the data folder
	FromBuiltIn        TokenFrom = "built in"         // the sandbox's own
	FromLogin          TokenFrom = "login"
)

// Client calls one API. It may be used by several goroutines.
type Client struct {
	o       Options
	base    *url.URL
	manners manners
	ahead   atomic.Int64 // how far the API's clock is ahead of this machine's, in nanoseconds
}

// New makes a client and checks what it is given; it connects to nothing. Errors are usage or auth faults.
func New(o Options) (*Client, error) {
	return newClient(o, func(o Options) manners { return baanx{from: o.From, now: o.Now} })
}

func newClient(o Options, its func(Options) manners) (*Client, error) {
	base, err := parseBase(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if err := checkToken(o.Token, base); err != nil {
		return nil, err
	}
	if err := checkHeader(o.Header); err != nil {
		return nil, err
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Transport == nil {
		o.Transport = transport(o, base)
	}
	return &Client{o: o, base: base, manners: its(o)}, nil
}

// Close lets go of idle connections.
func (c *Client) Close() {
	if t, ok := c.o.Transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// Ahead is how far the API's clock is ahead of this machine's, as its last answer said, to about a second. 0 before any answer.
func (c *Client) Ahead() time.Duration { return time.Duration(c.ahead.Load()) }

// meet compares the clocks. An answer says when it was made, to the second (RFC 9110, 6.6.1).
func (c *Client) meet(h http.Header) {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		c.ahead.Store(int64(at.Sub(c.o.Now()).Truncate(time.Second)))
	}
}

// Origin is scheme, host and port of the API, to which a token is bound.
func (c *Client) Origin() string { return c.base.Scheme + "://" + c.base.Host }

func parseBase(raw string) (*url.URL, error) {
	const hint = "give an address like https://api.baanx.com with --api-url or WHCTL_API_URL"
	if raw == "" {
		return nil, fault.Hint(fault.New(fault.Usage, "no API address"), hint)
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Host == "", u.Scheme != "https" && u.Scheme != "http":
		return nil, fault.Hint(fault.New(fault.Usage, "the API address is no http or https URL"), hint)
	case u.User != nil:
		return nil, fault.Hint(fault.New(fault.Usage, "the API address holds a user name or password"),
			"leave it out of the URL; the token goes into WHCTL_TOKEN")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, fault.Hint(fault.New(fault.Usage, "the API address has a query or fragment"), hint)
	case u.Scheme == "http" && !netname.Loopback(u.Hostname()):
		return nil, fault.Hint(fault.New(fault.Usage, "the API address %s://%s would send the token unencrypted", u.Scheme, u.Host),
			"use %s; http is for loopback only", fault.Word("https://"+u.Host))
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

func checkToken(token string, base *url.URL) error {
	for _, c := range []byte(token) {
		if c <= ' ' || c >= 0x7f {
			return fault.Hint(fault.New(fault.Usage, "the token holds a character that no token has: a space, a line end or a letter outside ASCII"),
				"check how WHCTL_TOKEN or the token file was made")
		}
	}
	if isSandboxToken(token) && !netname.Loopback(base.Hostname()) {
		return fault.Hint(fault.New(fault.Auth, "the sandbox's own token is not sent to %s", base.Host),
			"set WHCTL_TOKEN or run: whctl login")
	}
	return nil
}

func isSandboxToken(token string) bool {
	return token == api.SandboxToken || token == api.SandboxReadOnlyToken
}

// checkHeader refuses extra headers that would change who is asked or what is sent.
func checkHeader(h http.Header) error {
	for name, values := range h {
		switch http.CanonicalHeaderKey(name) {
		case "Authorization", "Host", "Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Cookie":
			return fault.Hint(fault.New(fault.Usage, "the header %q cannot be set for API calls", name), "remove it from the profile's headers")
		}
		if !validHeader(name, values) {
			return fault.Hint(fault.New(fault.Usage, "the header %q cannot be sent", name), "names are letters, digits and dashes; values are one line")
		}
	}
	return nil
}

func validHeader(name string, values []string) bool {
	const extra = "!#$%&'*+-.^_`|~"
	for _, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && strings.IndexByte(extra, c) < 0 {
			return false
		}
	}
	for _, v := range values {
		for _, c := range []byte(v) {
			if c < ' ' && c != '\t' || c == 0x7f {
				return false
			}
		}
	}
	return name != ""
}

func transport(o Options, base *url.URL) http.RoundTripper {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	proxy := o.Proxy
	if proxy == nil {
		proxy = http.ProxyFromEnvironment
	}
	if base.Scheme == "http" || isSandboxToken(o.Token) {
		// Names lie: what is dialled has to be loopback, whatever localhost resolves to, and no proxy is told.
		proxy = nil
		dialer.Control = netname.OnlyLoopback
	}
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        20 * time.Second,
		TLSHandshakeTimeout:    dialTimeout,
		MaxResponseHeaderBytes: maxHeader,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
