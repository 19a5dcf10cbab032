// Package deliver makes one HTTP delivery and measures it: forwarding, sending, replaying, the sandbox and checks all go out here.
package deliver

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

// Defaults of Options.
const (
	DefaultDialTimeout = 5 * time.Second
	DefaultMaxBody     = 64 << 10
	maxAnswerHeader    = 256 << 10
	// Below the five seconds after which Node closes an idle connection, so that a kept one is rarely a dead one.
	idleTimeout = 4 * time.Second
)

// Options are what every delivery of a Client shares.
type Options struct {
	Insecure    bool          // accept any TLS certificate
	DialTimeout time.Duration // to connect; DefaultDialTimeout when 0
	// DialCheck, when set, is asked for every address about to be dialled, after name resolution; an error stops the delivery.
	DialCheck func(netip.Addr) error
	MaxBody   int64 // bytes of an answer kept in Result.Body; DefaultMaxBody when 0
	// Trace, when set, is told of every request and answer, line by line, secrets masked. Lines may quote remote text.
	Trace func(line string)
	// SecretHeaders names the headers whose value is itself a secret whatever they are called: a shared token's.
	SecretHeaders []string
}

// Client delivers. It is safe for concurrent use and keeps connections; it follows no redirect, uses no proxy,
// decompresses nothing and sends no header of its own making.
type Client struct {
	transport *http.Transport
	maxBody   int64
	trace     func(string)
	secrets   []string
}

// New makes a Client.
func New(o Options) *Client {
	if o.DialTimeout == 0 {
		o.DialTimeout = DefaultDialTimeout
	}
	if o.MaxBody == 0 {
		o.MaxBody = DefaultMaxBody
	}
	dialer := &net.Dialer{Timeout: o.DialTimeout, KeepAlive: 30 * time.Second}
	if o.DialCheck != nil {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("address %q: %w", address, err)
			}
			return o.DialCheck(ap.Addr().Unmap())
		}
	}
	return &Client{
		maxBody: o.MaxBody,
		trace:   o.Trace,
		secrets: o.SecretHeaders,
		transport: &http.Transport{
			DialContext:            dialer.DialContext,
			DisableCompression:     true,
			MaxIdleConns:           256,
			MaxIdleConnsPerHost:    128,
			IdleConnTimeout:        idleTimeout,
			TLSHandshakeTimeout:    10 * time.Second,
			MaxResponseHeaderBytes: maxAnswerHeader,
			//nolint:gosec // --insecure is the user's own choice for a development certificate
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.Insecure},
		},
	}
}

// Close lets go of the kept connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Request is one delivery to make. Header and Body are neither changed nor kept.
type Request struct {
	Method string
	URL    string // the target; http or https
	// RawTarget, when set, is sent as the request target as it stands (path and query), in place of URL's own.
	RawTarget string
	Header    http.Header
	Body      []byte
	Timeout   time.Duration // for the whole delivery; 0: none but ctx's
	// Sink, when set, is called once the answer is known to be whole or larger than MaxBody, and receives all of it.
	Sink Sink
}

// Sink takes an answer as it comes in; what it returns gets the body's bytes. A write error becomes Result.SinkErr.
type Sink func(status int, header http.Header) io.Writer

// Cause is the class of a delivery that got no answer.
type Cause string

// The causes. None means that there was an answer.
const (
	None     Cause = ""
	Refused  Cause = "refused"  // the port is closed
	Timeout  Cause = "timeout"  // no whole answer in time
	DNS      Cause = "dns"      // the name does not resolve
	TLS      Cause = "tls"      // handshake or certificate
	Cut      Cause = "cut"      // the connection ended before the answer was whole
	Denied   Cause = "denied"   // DialCheck said no
	Canceled Cause = "canceled" // ctx ended
	Invalid  Cause = "invalid"  // the request cannot be sent at all
	Other    Cause = "other"
)

// Result is what came of a delivery.
type Result struct {
	Status    int // 0 when there was no answer
	Header    http.Header
	Body      []byte // the first MaxBody bytes
	BodySize  int64  // bytes of the answer's body that were read
	StartedAt time.Time
	Duration  time.Duration // until the answer was whole, or given up
	Err       error         // nil when there was an answer; its text is for people and names no secret
	Cause     Cause
	Hint      fault.Step // the likely mistake and its cure, none when unknown
	Streamed  bool       // Sink was called
	SinkErr   error      // why Sink's writer could not take the answer, which was read to its end all the same; nil when it did
}

var errSwitch = errors.New("the target answered 101, as if it had been asked for another protocol")

// OK says whether the answer was a 2xx.
func (r Result) OK() bool { return r.Status >= 200 && r.Status < 300 }

// Do makes the delivery once. It never returns early because of the answer's status.
func (c *Client) Do(ctx context.Context, q Request) Result {
	res := Result{StartedAt: time.Now()}
	if q.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, q.Timeout)
		defer cancel()
	}
	req, err := newRequest(ctx, q)
	if err != nil {
		res.fail(err, Invalid, q)
		return res
	}
	c.traceRequest(req, q)
	defer func() { c.traceResult(res) }()
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		res.fail(err, causeOf(err), q)
		return res
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		// The body would be the bare connection, which ends with neither ctx nor timeout. Nobody asked for another protocol.
		res.fail(errSwitch, Other, q)
		return res
	}
	c.read(&res, resp, q)
	return res
}

// read takes the answer: whole into memory up to MaxBody, then on through the sink. Only once that much is known
// is the answer given away, so that a target which breaks off can still become a 502.
func (c *Client) read(res *Result, resp *http.Response, q Request) {
	head, err := io.ReadAll(io.LimitReader(resp.Body, c.maxBody))
	res.BodySize = int64(len(head))
	if err != nil {
		res.fail(err, causeOf(err), q)
		return
	}
	res.Status, res.Header, res.Body = resp.StatusCode, resp.Header, head
	out := &sinkWriter{w: io.Discard}
	if q.Sink != nil {
		res.Streamed = true
		out.w = q.Sink(resp.StatusCode, resp.Header)
	}
	n, err := io.Copy(out, io.MultiReader(bytes.NewReader(head), resp.Body))
	res.BodySize, res.SinkErr = n, out.err
	res.Duration = time.Since(res.StartedAt)
	if err != nil {
		res.Err, res.Cause = fmt.Errorf("the answer broke off after %d bytes", n), Cut
	}
}

// sinkWriter goes on reading the answer when whoever it is for has gone: that is not the target's fault, and the target
// shall not see its connection cut.
type sinkWriter struct {
	w   io.Writer
	err error
}

func (s *sinkWriter) Write(p []byte) (int, error) {
	if s.err == nil {
		_, s.err = s.w.Write(p)
	}
	return len(p), nil
}

func (r *Result) fail(err error, cause Cause, q Request) {
	r.Duration = time.Since(r.StartedAt)
	r.Cause = cause
	r.Err = errors.New(words(err, cause, q))
	r.Hint = hint(err, cause, q)
}

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
	if own := q.Header["Host"]; len(own) > 0 { // a user's own; net/http keeps it apart from the headers of a request it has read
		req.Host = own[0]
	}
	setBody(req, q.Body)
	return req.WithContext(ctx), nil
}

// setRawTarget makes net/http write target as it stands. A target that begins with // cannot go through Opaque,
// which net/http would turn into absolute form; there its own escaping, which keeps valid targets as they are, does.
func setRawTarget(u *url.URL, target string) {
	path, query, hasQuery := strings.Cut(target, "?")
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

// setBody gives the request its bytes. net/http may send a request again when a kept connection turns out to be dead:
// GetBody allows that only where nothing was written yet, so methods it holds for repeatable get none.
func setBody(req *http.Request, body []byte) {
	repeatable := false
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		repeatable = true
	}
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		if _, has := req.Header[name]; has {
			repeatable = true
		}
	}
	if len(body) == 0 && !repeatable {
		req.Body = http.NoBody
		return
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.Body, _ = open()
	if !repeatable {
		req.GetBody = open
	}
}

// header copies h for sending: what belongs to one connection is left out, and net/http is kept from adding a User-Agent.
func header(h http.Header) http.Header {
	out := StripHopByHop(h)
	delete(out, "Host")
	delete(out, "Content-Length")
	delete(out, "Expect") // the body is at hand: there is nothing to wait for
	if _, has := out["User-Agent"]; !has {
		out["User-Agent"] = []string{""}
	}
	return out
}

// StripHopByHop copies h without what belongs to one connection alone (RFC 9110, 7.6.1). The values are shared with h.
func StripHopByHop(h http.Header) http.Header {
	out := make(http.Header, len(h))
	maps.Copy(out, h)
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			delete(out, http.CanonicalHeaderKey(strings.TrimSpace(name)))
		}
	}
	for _, name := range hopByHop() {
		delete(out, name)
	}
	return out
}

func hopByHop() []string {
	return []string{
		"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
		"Te", "Trailer", "Transfer-Encoding", "Upgrade",
	}
}
