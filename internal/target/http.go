package target

// Sending over HTTP.

import (
	"context"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
)

// How long the result of a probe is used. A port may be opened at any time. A probe for TLS makes a connection, which the target
// sees.
const (
	portKnown = time.Second
	tlsKnown  = 10 * time.Second
)

// HTTP sends over HTTP/1.1.
type HTTP struct {
	target Target
	client *deliver.Client
	now    func() time.Time

	mu     sync.Mutex
	probed probed
}

// probed is the result of a probe, and when it was made.
type probed struct {
	at    time.Time
	cause deliver.Cause
	hint  fault.Step
}

// NewHTTP makes a sender. Several may share a client.
func NewHTTP(t Target, client *deliver.Client, now func() time.Time) *HTTP {
	return &HTTP{target: t, client: client, now: now}
}

// Close ends the client's idle connections. Other senders may share them: they open new ones.
func (h *HTTP) Close() error {
	h.client.Close()
	return nil
}

// Send makes one request.
func (h *HTTP) Send(ctx context.Context, m Message) Outcome {
	header := m.Header
	if len(h.target.Header) > 0 {
		header = make(http.Header, len(m.Header)+len(h.target.Header))
		maps.Copy(header, m.Header)
		maps.Copy(header, h.target.Header)
	}
	q := deliver.Request{
		Method: m.Method, URL: h.target.URL, RawTarget: h.target.requestTarget(m.Request),
		Header: header, Body: m.Body, Timeout: h.target.Timeout, Sink: m.Sink,
	}
	res := h.client.Do(ctx, q)
	o := Outcome{
		Kind: kind(res), Status: res.Status, Header: res.Header, Body: res.Body, BodySize: res.BodySize, Trailer: res.Trailer,
		Took: res.Duration, Err: res.Err, Hint: res.Hint, Repeated: res.Repeated, Sunk: res.Streamed, SinkErr: res.SinkErr,
	}
	cause, told := refusal.Read(refusal.Answer{
		Status: res.Status, Method: m.Method, Type: header.Get("Content-Type"), Header: res.Header, Body: res.Body, URL: h.target.Origin() + q.RawTarget, Host: header.Get("X-Forwarded-Host"),
	})
	if told {
		o.Cause = &cause
	}
	if res.Cause == deliver.Refused || res.Silent {
		o.Probe = func(ctx context.Context) fault.Step { return h.probe(ctx, res) }
	}
	return o
}

// kind is what came of a request.
func kind(res deliver.Result) record.OutcomeKind {
	switch res.Cause {
	case deliver.None:
		return answered(res.Status)
	case deliver.Timeout:
		return record.OutcomeTimeout
	case deliver.Canceled:
		return record.OutcomeCancelled
	case deliver.Refused, deliver.DNS, deliver.TLS, deliver.Denied, deliver.Other:
		return record.OutcomeUnreachable
	case deliver.Cut, deliver.NotHTTP, deliver.Invalid:
	}
	if answered(res.Status) == record.OutcomeRefused { // the answer broke off, and its status had come
		return record.OutcomeRefused
	}
	return record.OutcomeFailed
}

// probe looks for the mistake behind a request that got no answer. It uses an earlier result that is recent enough.
func (h *HTTP) probe(ctx context.Context, res deliver.Result) fault.Step {
	lasts := portKnown
	if res.Cause == deliver.Cut {
		lasts = tlsKnown
	}
	now := h.now()
	h.mu.Lock()
	known := h.probed
	h.mu.Unlock()
	if known.cause == res.Cause && now.Sub(known.at) < lasts {
		return known.hint
	}
	hint := deliver.Probe(ctx, h.target.URL, res)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.probed = probed{at: now, cause: res.Cause, hint: hint}
	return hint
}
