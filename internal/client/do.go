package client

// One call: sent, repeated where that is safe, and read.

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
)

const (
	maxTries = 3
	// unansweredFor bounds how long calls that nobody answers are repeated. Windows takes two seconds to refuse a connection; all tries
	// together stay under five even there.
	unansweredFor = 2500 * time.Millisecond
	// maxWait is the longest Retry-After that is waited for; a longer one is told to the user.
	maxWait = 10 * time.Second
	// maxLimit is the same for the time that a limit of calls names. A minute is the least that GitHub asks for without naming one.
	maxLimit = 5 * time.Minute
	// toldWait is how long a wait must be for a person to be told.
	toldWait = 2 * time.Second
)

// call is one request to make.
type call struct {
	method, path, query string
	body                any           // nil: none; a json.RawMessage is sent as it is
	timeout             time.Duration // 0: the client's
	finish              bool          // once begun, the end of ctx does not stop it
	unsure              string        // what may have happened when no answer comes; "" when nothing can have
	known               string        // the entity tag of an answer that the caller has; a 304 is a success then
}

// doubt adds to an error about the answer that the call may have been carried out.
func (c *Client) doubt(q call, err error) error {
	if q.unsure == "" || err == nil {
		return err
	}
	return fault.WithStep(fault.Wrap(fault.KindOf(err), quiet{err}, "%s; %s", err, q.unsure), c.manners.step(q))
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// unanswered says that no whole answer came.
type unanswered struct {
	err     error
	sent    bool // a connection was there, so the request may have arrived
	timeout bool
	cut     bool // an answer had begun
}

func (u *unanswered) Error() string { return u.err.Error() }
func (u *unanswered) Unwrap() error { return u.err }

// succeeded says whether an answer is a success.
func (q call) succeeded(a answer) bool {
	return a.status/100 == 2 || a.status == http.StatusNotModified && q.known != ""
}

// do makes the call, repeats it where that is safe and promising, and gives the body of a success.
func (c *Client) do(ctx context.Context, q call) ([]byte, error) {
	a, err := c.exchange(ctx, q)
	return a.body, err
}

// exchange is do with the whole answer.
func (c *Client) exchange(ctx context.Context, q call) (answer, error) {
	if err := ctx.Err(); err != nil {
		return answer{}, c.stopped(err)
	}
	if c.o.Token == "" {
		return answer{}, fault.WithStep(fault.New(fault.Auth, "no token for %s", c.base.Host), c.manners.noToken())
	}
	body, err := encode(q.body)
	if err != nil {
		return answer{}, fault.Wrap(fault.Usage, err, "the request cannot be written as JSON")
	}
	waits := backoff.ExponentialBackOff{InitialInterval: 250 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 2 * time.Second}
	started, lost := c.o.Now(), false
	for try := 1; ; try++ {
		a, err := c.once(ctx, q, body)
		if err == nil && (q.succeeded(a) || q.method == http.MethodDelete && a.status == http.StatusNotFound && lost) {
			return a, nil // a 404 after a DELETE whose answer was lost: it was deleted
		}
		u, silent := errors.AsType[*unanswered](err)
		lost = lost || silent && u.sent
		wait, again := c.repeat(q, a, err, try, c.o.Now().Sub(started), waits.NextBackOff())
		if !again || try == maxTries || ctx.Err() != nil {
			return answer{}, c.failure(ctx, q, a, err)
		}
		if err := c.pause(ctx, try, wait); err != nil {
			return answer{}, err
		}
	}
}

// repeat says whether to repeat a call, and after which wait. A POST that was looked at is not repeated: it would make one more webhook
// or key.
func (c *Client) repeat(q call, a answer, err error, try int, elapsed, wait time.Duration) (time.Duration, bool) {
	if d, is := c.manners.limited(a, c.o.Now(), try); is && err == nil {
		return d, d <= maxLimit
	}
	wait, again := c.again(a, err, elapsed, wait)
	return wait, again && q.method != http.MethodPost && q.method != http.MethodPatch // RFC 9110, 9.2.2
}

// pause waits before the next try, and tells of a wait that a person would notice.
func (c *Client) pause(ctx context.Context, try int, wait time.Duration) error {
	c.trace("* no success, try %d of %d in %s", try+1, maxTries, wait.Round(time.Millisecond))
	if wait >= toldWait && c.o.Waiting != nil {
		c.o.Waiting(wait)
	}
	if err := c.o.Sleep(ctx, wait); err != nil {
		return c.stopped(err)
	}
	return nil
}

// again says whether one more try is promising, and after which wait. Unanswered calls are repeated quickly or not at all. A call
// that timed out is not repeated. A 503 means that the environment has no such service, unless it names a time.
func (c *Client) again(a answer, err error, elapsed, wait time.Duration) (time.Duration, bool) {
	if u, ok := errors.AsType[*unanswered](err); ok {
		return wait, !u.timeout && elapsed+wait < unansweredFor
	}
	if err != nil {
		return 0, false
	}
	after, named := deliver.RetryAfter(a.header, c.o.Now())
	switch a.status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
	case http.StatusServiceUnavailable:
		if !named {
			return 0, false
		}
	default:
		return 0, false
	}
	if named {
		return max(after, 0), after <= maxWait
	}
	return wait, true
}

// once makes one request. Its error is *unanswered, or a fault when an answer came that cannot be used at all.
func (c *Client) once(ctx context.Context, q call, body []byte) (answer, error) {
	if q.finish {
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(q.timeout, c.o.Timeout))
	defer cancel()
	sent := false
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent = true }})
	req, err := c.request(ctx, q, body)
	if err != nil {
		return answer{}, fault.Wrap(fault.Usage, err, "the request cannot be made")
	}
	c.traceRequest(req, body)
	started := c.o.Now()
	// An http.Client would follow redirects, and the token must not go to another host.
	resp, err := c.o.Transport.RoundTrip(req)
	if err != nil {
		c.trace("* %v", c.redact(fault.Root(err).Error()))
		return answer{}, &unanswered{err: err, sent: sent, timeout: errors.Is(ctx.Err(), context.DeadlineExceeded)}
	}
	defer func() { _ = resp.Body.Close() }()
	a := answer{status: resp.StatusCode, header: resp.Header}
	c.meet(resp.Header)
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	c.traceAnswer(resp, a.body, c.o.Now().Sub(started))
	switch {
	case err != nil:
		return a, &unanswered{err: err, sent: true, cut: true, timeout: errors.Is(ctx.Err(), context.DeadlineExceeded)}
	case len(a.body) > maxAnswer:
		large := fault.New(fault.Refused, "the answer of %s is larger than %d MiB", c.base.Host, maxAnswer>>20)
		return a, c.doubt(q, fault.Hint(large, "check the address of the API (%s)", fault.Word(c.manners.setting())))
	}
	return a, nil
}

func (c *Client) request(ctx context.Context, q call, body []byte) (*http.Request, error) {
	target := c.base.Scheme + "://" + c.base.Host + c.base.EscapedPath() + q.path
	if q.query != "" {
		target += "?" + q.query
	}
	var r io.Reader
	if body != nil {
		r = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, q.method, target, r)
	if err != nil {
		return nil, err
	}
	for name, values := range c.o.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	c.manners.header(req.Header)
	if q.known != "" {
		req.Header.Set("If-None-Match", q.known)
	}
	req.Header.Set("Authorization", "Bearer "+c.o.Token)
	req.Header.Set("User-Agent", "whctl/"+cmp.Or(c.o.Version, "dev"))
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

func encode(v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	if raw, is := v.(json.RawMessage); is {
		return raw, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// parse reads one JSON document. One that ends too early was cut off on its way; anything else is the wrong shape.
func (c *Client) parse(body []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	var raw json.RawMessage
	switch err := dec.Decode(&raw); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fault.WithStep(fault.New(fault.Unreachable, "the answer of %s was cut off after %s", c.base.Host, fault.Plural(len(body), "byte")), again())
	case errors.Is(err, io.EOF):
		return c.misshapen("it is empty")
	case err != nil:
		return c.misshapen(fmt.Sprintf("it is %s", kindOfBody(body)))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return c.misshapen("there is more after the JSON")
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return c.misshapen("it is JSON of another shape")
	}
	return nil
}
