package check

// Connections: how requests may arrive.

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
)

// Dial connects to the receiver, over TLS when c is set.
type Dial func(ctx context.Context, c *tls.Config) (net.Conn, error)

const (
	mostAnswer = 1 << 20
	// goOnWait is how long a sender waits for "100 Continue" before it sends the body nonetheless (RFC 9110, 10.1.1).
	goOnWait   = time.Second
	soonExpiry = 14 * 24 * time.Hour
)

func transportCases() []Case {
	arrives := func(id, title, why, fix string, run func(context.Context, *trial)) Case {
		return Case{ID: id, Group: groupTransport, Title: title, Severity: Failure, Expects: "2xx", Why: why, Fix: fix, run: run}
	}
	return []Case{
		{
			ID: "https", Group: groupTransport, Title: "the URL is https", Severity: Failure, Expects: "https on any other machine",
			Why: "over plain http everybody on the way reads the events", Fix: "give the provider an https URL", run: https,
		},
		{
			ID: "certificate", Group: groupTransport, Title: "the certificate holds for two weeks more", Severity: Failure, Expects: "a certificate that providers accept",
			Why: "on the day that it runs out every delivery fails", Fix: "renew it, and have it renewed by itself", run: certificate,
		},
		{
			ID: "tls-version", Group: groupTransport, Title: "TLS 1.1 is refused", Severity: Warning, Expects: "TLS 1.2 or newer",
			Why: "older versions are broken (RFC 8996), and providers refuse to speak them", Fix: "switch TLS 1.0 and 1.1 off", run: oldTLS,
		},
		arrives("keep-alive", "two requests over one connection", "providers reuse connections; a handler that leaves a body unread breaks the next request", "read each body to its end, or close the connection", keepAlive),
		arrives("chunked", "a chunked body", "proxies send bodies on without a length", "read the body as it comes, without a Content-Length", chunked),
		arrives("expect-continue", "Expect: 100-continue", "curl and some providers ask before they send a large body; without an answer each delivery waits a second", "let the server answer 100 Continue", expectContinue),
		arrives("half-sent", "after a request that broke off", "a connection that breaks off must not take the receiver with it", "bound the time for a request, and handle each on its own", halfSent),
		arrives("slow-sender", "beside a request that comes slowly", "one sender that hangs must not hold up the others", "handle requests side by side, and bound the time for each", slowSender),
	}
}

// place is where the receiver is.
func (r *runner) place() (*url.URL, bool) {
	u, err := url.Parse(r.URL)
	return u, err == nil && u.Scheme == "https"
}

func https(_ context.Context, t *trial) {
	switch _, secure := t.r.place(); {
	case secure:
	case !t.r.Remote:
		t.skip("on this machine http is right")
	default:
		t.fail(nil, "the URL is plain http")
	}
}

func certificate(ctx context.Context, t *trial) {
	u, secure := t.r.place()
	if !secure {
		t.skip("the URL is plain http")
		return
	}
	c, err := t.r.Dial(ctx, &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12})
	if err != nil {
		t.fail(nil, "TLS: %s", err)
		return
	}
	defer func() { _ = c.Close() }()
	s, ok := c.(*tls.Conn)
	if !ok || len(s.ConnectionState().PeerCertificates) == 0 {
		t.skip("the connection shows no certificate")
		return
	}
	if left := s.ConnectionState().PeerCertificates[0].NotAfter.Sub(t.r.Now()); left < soonExpiry {
		t.warn(nil, "the certificate ends in %s", fault.Plural(int(left.Hours()/24), "day"))
	}
}

func oldTLS(ctx context.Context, t *trial) {
	u, secure := t.r.place()
	if !secure {
		t.skip("the URL is plain http")
		return
	}
	c, err := t.r.Dial(ctx, &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11, InsecureSkipVerify: true}) //nolint:gosec // it asks whether the receiver takes what it must not
	if err == nil {
		_ = c.Close()
		t.fail(nil, "the receiver speaks TLS 1.1")
	}
}

// wire is a connection on which a case writes what it wants.
type wire struct {
	net.Conn
	in *bufio.Reader
}

func (t *trial) dial(ctx context.Context) (*wire, bool) {
	var config *tls.Config
	if u, secure := t.r.place(); secure {
		config = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12, InsecureSkipVerify: true} //nolint:gosec // the case "certificate" judges it
	}
	c, err := t.r.Dial(ctx, config)
	if err != nil {
		t.unanswered, t.statuses = true, append(t.statuses, 0)
		t.fail(nil, "cannot connect: %s", err)
		return nil, false
	}
	_ = c.SetDeadline(time.Now().Add(t.r.Timeout))
	return &wire{c, bufio.NewReader(io.LimitReader(c, mostAnswer))}, true
}

// head is a request up to its body, with headers in place of the length or beside it.
func (s *shot) head(more ...string) []byte {
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", s.Method, u.RequestURI(), u.Host)
	for _, name := range slices.Sorted(maps.Keys(s.Header)) {
		for _, value := range s.Header[name] {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	for _, line := range more {
		b.WriteString(line + "\r\n")
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

func (s *shot) length() string { return fmt.Sprintf("Content-Length: %d", len(s.Body)) }

// read reads an answer past what comes before it.
func (w *wire) read() (deliver.Result, bool) {
	for {
		a, err := http.ReadResponse(w.in, nil)
		if err != nil {
			return deliver.Result{Err: err}, false
		}
		body, err := io.ReadAll(io.LimitReader(a.Body, mostAnswer))
		_ = a.Body.Close()
		if a.StatusCode == http.StatusContinue {
			continue
		}
		return deliver.Result{Status: a.StatusCode, Header: a.Header, Body: body, Err: err}, a.Close
	}
}

// over sends parts over a connection, and expects 2xx.
func (t *trial) over(w *wire, s *shot, how string, parts ...[]byte) (closed bool) {
	for _, part := range parts {
		if _, err := w.Write(part); err != nil {
			break // the answer says why
		}
	}
	res, closed := w.read()
	if t.took(s, res) && !res.OK() {
		t.fail(s, "answered %s; 2xx is right", status(res))
	}
	if t.shown == nil || how != "" {
		t.shown = t.r.request(s)
		t.shown.Raw = how
	}
	return closed
}

func keepAlive(ctx context.Context, t *trial) {
	w, ok := t.dial(ctx)
	if !ok {
		return
	}
	defer func() { _ = w.Close() }()
	for range 2 {
		s, ok := t.now()
		if !ok {
			return
		}
		if closed := t.over(w, s, "the second over one connection", s.head(s.length()), s.Body); closed || t.outcome != Passed {
			return // a receiver that closes each connection says so, which is right
		}
	}
}

func chunked(ctx context.Context, t *trial) {
	w, ok := t.dial(ctx)
	if !ok {
		return
	}
	defer func() { _ = w.Close() }()
	s, ok := t.now()
	if !ok {
		return
	}
	half := len(s.Body) / 2
	body := fmt.Appendf(nil, "%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", half, s.Body[:half], len(s.Body)-half, s.Body[half:])
	if half == 0 {
		t.skip("the body is too short")
		return
	}
	t.over(w, s, "with a chunked body", s.head("Transfer-Encoding: chunked"), body)
}

func expectContinue(ctx context.Context, t *trial) {
	w, ok := t.dial(ctx)
	if !ok {
		return
	}
	defer func() { _ = w.Close() }()
	s, ok := t.now()
	if !ok {
		return
	}
	if _, err := w.Write(s.head(s.length(), "Expect: 100-continue")); err != nil {
		t.fail(s, "the connection broke off: %s", err)
		return
	}
	_ = w.SetReadDeadline(time.Now().Add(min(goOnWait, t.r.Timeout)))
	_, err := w.in.Peek(1)
	_ = w.SetReadDeadline(time.Now().Add(t.r.Timeout))
	t.over(w, s, "with Expect: 100-continue", s.Body)
	if errors.Is(err, os.ErrDeadlineExceeded) && t.outcome == Passed {
		t.warn(nil, "no answer to Expect: 100-continue within %s, so each delivery waits that long", goOnWait)
	}
}

// partly sends the head of a request and half of its body.
func (t *trial) partly(ctx context.Context) (*wire, bool) {
	w, ok := t.dial(ctx)
	if !ok {
		return nil, false
	}
	s, ok := t.now()
	if ok {
		_, err := w.Write(append(s.head(s.length()), s.Body[:len(s.Body)/2]...))
		ok = err == nil
	}
	return w, ok
}

func halfSent(ctx context.Context, t *trial) {
	w, ok := t.partly(ctx)
	if w != nil {
		_ = w.Close()
	}
	if !ok {
		return
	}
	t.next(ctx, "sent after one that broke off in the middle")
}

func slowSender(ctx context.Context, t *trial) {
	w, ok := t.partly(ctx)
	if w != nil {
		defer func() { _ = w.Close() }()
	}
	if ok {
		t.next(ctx, "sent while another request is half there")
	}
}

// next expects that a right request is accepted.
func (t *trial) next(ctx context.Context, how string) {
	s, ok := t.now()
	if !ok {
		return
	}
	t.accept(ctx, s)
	if t.shown != nil {
		t.shown.Raw = how
	}
}
