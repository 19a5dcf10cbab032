// Package deliver makes one HTTP delivery and measures it: forwarding, sending, replaying, the sandbox and checks all go out here.
package deliver

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

// Defaults of Options.
const (
	DefaultDialTimeout = 5 * time.Second
	DefaultMaxBody     = 64 << 10
	maxAnswerHeader    = 256 << 10
	// Programs close idle connections after some seconds, gunicorn's threads after two, and some only when the next request wakes
	// them. A second is below that, and far longer than the gaps in a burst.
	idleTimeout = time.Second
)

// Options are what every delivery of a Client shares.
type Options struct {
	Insecure    bool          // accept any TLS certificate
	DialTimeout time.Duration // to connect; DefaultDialTimeout when 0
	// DialCheck, when set, is asked for every address about to be dialled, after name resolution; an error stops the delivery.
	DialCheck func(netip.Addr) error
	MaxBody   int64 // bytes of an answer kept in Result.Body; DefaultMaxBody when 0
	// Trace, when set, is given every request and answer line by line, secrets masked. Lines may quote remote text.
	Trace func(line string)
	// SecretHeaders names headers whose value is itself a secret, such as that of a shared token.
	SecretHeaders []string
	// SignatureHeaders names headers whose values are shortened in a trace.
	SignatureHeaders []string
}

// Client delivers. It is safe for concurrent use and keeps connections for a moment. It follows no redirect, uses no proxy,
// decompresses nothing and adds no header.
type Client struct {
	dialer      dialer
	idle        pool
	last        atomic.Pointer[destination]
	dialTimeout time.Duration
	maxBody     int64
	trace       func(string)
	private     Private
}

// New makes a Client.
func New(o Options) *Client {
	o.DialTimeout = cmp.Or(o.DialTimeout, DefaultDialTimeout)
	d := dialer{
		net: net.Dialer{Timeout: o.DialTimeout, KeepAlive: 30 * time.Second},
		//nolint:gosec // --insecure is the user's own choice for a development certificate
		tls: &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.Insecure},
	}
	if o.DialCheck != nil {
		d.net.Control = func(_, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("address %q: %w", address, err)
			}
			return o.DialCheck(ap.Addr().Unmap())
		}
	}
	return &Client{
		dialer: d, dialTimeout: o.DialTimeout,
		maxBody: cmp.Or(o.MaxBody, DefaultMaxBody), trace: o.Trace, private: Private{Secrets: o.SecretHeaders, Signatures: o.SignatureHeaders},
	}
}

// Close closes idle connections.
func (c *Client) Close() { c.idle.close() }

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
	NotHTTP  Cause = "not_http" // what came back cannot be read as an HTTP/1 answer
	Other    Cause = "other"
)

// Result is what came of a delivery.
type Result struct {
	Status    int // 0 when there was no answer
	Header    http.Header
	Body      []byte      // the first MaxBody bytes
	Trailer   http.Header // what came behind the body of a chunked answer
	BodySize  int64       // bytes of the answer's body that were read
	StartedAt time.Time
	Duration  time.Duration // until the answer was whole, or given up
	Err       error         // nil when there was an answer; its text is for people and names no secret
	Cause     Cause
	Hint      fault.Step // the likely mistake and its cure, none when unknown
	Streamed  bool       // Sink was called
	// Repeated says that the request was sent a second time, over a new connection: the first went over a reused one, which ended
	// before any byte of an answer.
	Repeated bool
	Silent   bool  // the target ended the connection without a byte
	SinkErr  error // why Sink's writer could not take the answer, which was read on for a moment; nil when it did
}

// OK says whether the answer was a 2xx.
func (r Result) OK() bool { return r.Status >= 200 && r.Status < 300 }

// Do makes the delivery. It never returns early because of the answer's status. It sends a request twice only where a reused
// connection ends without a byte of an answer: usually the target had closed it before.
func (c *Client) Do(ctx context.Context, q Request) Result {
	res := Result{StartedAt: time.Now()}
	var until time.Time // none when zero
	if q.Timeout > 0 {
		until = res.StartedAt.Add(q.Timeout)
	}
	var o *outgoing
	to, err := c.destination(q.URL)
	if err == nil {
		o, err = newRequest(to, q)
	}
	if err != nil {
		res.Duration, res.Err, res.Cause = time.Since(res.StartedAt), fault.Root(err), Invalid
		return res
	}
	c.traceRequest(o)
	w := &way{url: o.url}
	x, err := c.exchange(ctx, o, w, until, o.alone())
	if err != nil && w.lostReused(err) && ctx.Err() == nil {
		res.Repeated = true
		w = &way{url: o.url}
		x, err = c.exchange(ctx, o, w, until, true)
	}
	if err != nil {
		c.fail(&res, err, q, w)
	} else {
		c.read(&res, x, q, w)
		x.end(&c.idle, o.place)
	}
	c.traceResult(res)
	return res
}

// unusable says what is wrong with an answer that cannot be given to anybody.
func unusable(resp *http.Response) error {
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols:
		// The body would be the bare connection, which ends with neither ctx nor timeout. Nobody asked for another protocol.
		return errors.New("the target answered 101, as if it had been asked for another protocol")
	case resp.StatusCode < 100:
		return fmt.Errorf("the target answered with status %03d, which HTTP does not have", resp.StatusCode)
	default:
		return nil
	}
}
