package listen

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/serve"
	"github.com/whctl/whctl/internal/target"
)

// forward hands a delivery to every target at once. The first one's answer goes back to the sender; a sender that
// hangs up stops none of them.
func (l *Listener) forward(w http.ResponseWriter, r *http.Request, d *record.Delivery, header http.Header, body []byte, h *hold) {
	for _, t := range l.o.Targets[1:] {
		h.share()
		l.server.Go(func() {
			defer h.done()
			l.attempt(nil, r, d, t, header, body)
		})
	}
	l.attempt(w, r, d, l.o.Targets[0], header, body)
}

// attempt tries one target once. With a w the outcome is also the sender's answer, which is given before the attempt
// is recorded: the delivery itself is on disk already.
func (l *Listener) attempt(w http.ResponseWriter, r *http.Request, d *record.Delivery, t Target, header http.Header, body []byte) {
	waiting := time.AfterFunc(waitingAfter, func() {
		l.emit(record.Changed{State: record.Waiting, DeliveryID: d.ID, Target: t.Name})
	})
	defer waiting.Stop()
	ctx, cancel := l.forwardContext(r)
	defer cancel()
	q := deliver.Request{
		Method: r.Method, URL: t.URL, RawTarget: t.rawTarget(r.RequestURI),
		Header: header, Body: body, Timeout: l.o.Timeout,
	}
	c := &claim{p: &l.pending, key: eventKey(d)}
	defer func() { l.settle(c.end()...) }()
	gone := false // the sender hung up before its answer began; once it has the answer it may well close the connection
	begin := sync.OnceFunc(func() {
		c.begin()
		gone = serve.ConnOf(r).Gone()
	})
	if w != nil {
		q.Sink = sink(w, begin)
	}
	res := l.o.Forwarder.Do(ctx, q)
	waiting.Stop()
	if w != nil {
		res = l.blameSender(r, res)
	}
	a := &record.Attempt{
		DeliveryID: d.ID, Target: t.Label(), Number: 1, StartedAt: l.o.Now().Add(-res.Duration), Duration: res.Duration,
		Status: res.Status, Header: l.mask(maskCookies(deliver.StripHopByHop(res.Header))), Body: res.Body, BodySize: res.BodySize, Hint: res.Hint,
		Repeated: res.Repeated, Origin: record.OriginForward, Outcome: target.Kind(res),
	}
	if res.Err != nil {
		a.Error = res.Err.Error()
	} else {
		a.Hint = l.advice(d, t.origin()+q.RawTarget, header, res)
	}
	if w != nil {
		begin()
		a.Answer = giveBack(w, res)
		if gone || res.SinkErr != nil || !serve.ConnOf(r).Took() {
			a.Answer = 0 // the sender hung up and has no answer: its next try is one that was needed
		}
	}
	l.finishAttempt(ctx, t, res, a)
	if w != nil && (res.Err != nil || errors.Is(res.SinkErr, serve.ErrSlowReader)) && (res.Streamed || res.Cause == deliver.Canceled) {
		panic(http.ErrAbortHandler) // the sender must see that the answer is not whole, or that there is none
	}
}

// forwardContext outlives the sender's connection and ends when everything is to stop at once.
func (l *Listener) forwardContext(r *http.Request) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	stop := context.AfterFunc(l.server.Forced(), cancel)
	return ctx, func() { stop(); cancel() }
}

func (l *Listener) finishAttempt(ctx context.Context, t Target, res deliver.Result, a *record.Attempt) {
	if res.Cause == deliver.Refused || res.Silent {
		if hint := l.probes.hint(ctx, l.o.Now(), t, res); hint != (fault.Step{}) {
			a.Hint = hint
		}
	}
	if err := l.o.Recorder.AppendAttempt(context.WithoutCancel(ctx), a); err != nil {
		l.sayUnrecorded("an attempt", a.DeliveryID, err)
	}
	l.emit(record.Attempted{Attempt: a})
	if res.Cause == deliver.Canceled { // it was us who gave up, which says nothing about the target
		return
	}
	if s, changed := l.probes.seen(t, res.Err == nil); changed {
		l.emit(s)
	}
}

// giveBack answers the sender when the target gave nothing to answer with, and returns the status that went back.
func giveBack(w http.ResponseWriter, res deliver.Result) int {
	switch {
	case res.Streamed && res.Status >= 200:
		addTrailers(w, res.Trailer)
		return flush(w, res.Status)
	case res.Cause == deliver.Canceled: // everything ends at once, the sender's connection too
		return 0
	case res.Cause == deliver.Timeout:
		serve.Answer(w, http.StatusGatewayTimeout, "the target did not answer in time")
		return flush(w, http.StatusGatewayTimeout)
	default:
		serve.Answer(w, http.StatusBadGateway, "no answer from the target")
		return flush(w, http.StatusBadGateway)
	}
}

// addTrailers passes on what came behind the answer's body, where the sender's connection carries it. What frames a message
// is not for there (RFC 9110, 6.5.1).
func addTrailers(w http.ResponseWriter, trailer http.Header) {
	for name, values := range deliver.StripHopByHop(trailer) {
		if !deliver.OwnHeader(name) && !strings.HasPrefix(name, "Content-") && name != "Set-Cookie" {
			w.Header()[http.TrailerPrefix+name] = values
		}
	}
}

// flush sends what was written, and gives the status that went back: 0 when the sender is not there any more.
func flush(w http.ResponseWriter, status int) int {
	if err := http.NewResponseController(w).Flush(); err != nil {
		return 0
	}
	return status
}

// sink gives the target's answer to the sender as it is: status, every header value, bytes. What net/http would add is held back.
// begin is called before the first byte.
func sink(w http.ResponseWriter, begin func()) deliver.Sink {
	return func(status int, header http.Header) io.Writer {
		begin()
		if status < 200 {
			return io.Discard // no final answer; giveBack says 502
		}
		out := w.Header()
		out["Date"], out["Content-Type"] = nil, nil
		maps.Copy(out, deliver.StripHopByHop(header))
		w.WriteHeader(status)
		return w
	}
}

// blameSender takes it off the target when its answer came to no end because the sender did not read it.
func (l *Listener) blameSender(r *http.Request, res deliver.Result) deliver.Result {
	c := serve.ConnOf(r)
	waited := l.o.Timeout > 0 && c.Blocked() > l.o.Timeout/2
	if res.Err == nil || !res.Streamed || res.SinkErr == nil && !waited {
		return res
	}
	if res.SinkErr == nil {
		res.SinkErr = serve.ErrSlowReader
		c.Unread()
	}
	res.Err, res.Cause = nil, deliver.None
	return res
}

// maskCookies hides session secrets of the target in the record; the sender got them.
func maskCookies(h http.Header) http.Header {
	if values := h["Set-Cookie"]; len(values) > 0 {
		h["Set-Cookie"] = []string{masking.Masked}
	}
	return h
}
