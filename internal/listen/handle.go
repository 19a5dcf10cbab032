package listen

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

const (
	invalidAnswer = "invalid signature" // says no more: the diagnosis is for the developer, not for the sender
	drainBytes    = 64 << 20
	drainTime     = 10 * time.Second
	budgetWait    = 10 * time.Second
)

// received is a request once its body has been read.
type received struct {
	body     []byte
	size     int64
	tooLarge bool
}

func (l *Listener) serve(w http.ResponseWriter, r *http.Request) {
	if !l.work.enter() {
		panic(http.ErrAbortHandler) // everything has been stopped
	}
	defer l.work.leave()
	release, ok := l.reserve(w, r)
	if !ok {
		return
	}
	defer release()
	got, ok := l.read(w, r)
	if !ok {
		return
	}
	d, t := l.describe(r, got)
	show := l.decide(d, got)
	if err := l.o.Recorder.AppendDelivery(context.WithoutCancel(r.Context()), d); err != nil {
		w.Header().Set("Retry-After", "5")
		answer(w, http.StatusServiceUnavailable, "cannot record the delivery")
		l.failure(record.Failure{Message: "a delivery was answered 503 because it could not be recorded: " + err.Error(), Hint: "see whctl journal path for the file, and free some disk space"})
		return
	}
	if show {
		defer l.countHandled()
		l.o.Emit(record.Activity{Type: record.TypeDelivery, Time: d.ReceivedAt, Delivery: d})
	}
	switch {
	case got.tooLarge:
		refuseLarge(w, r)
	case len(d.Targets) > 0:
		l.forward(w, r, d, got.body)
	case d.Answer == http.StatusUnauthorized:
		answer(w, d.Answer, invalidAnswer)
	default:
		w.Header()["Content-Type"] = nil
		w.WriteHeader(d.Answer)
	}
	if !got.tooLarge && t.rules != nil && len(t.keys) > 0 && refused(d.Verdict) {
		t.id = d.ID
		l.askDiagnosis(t)
	}
}

// reserve takes the body's bytes out of the budget before one of them is read.
func (l *Listener) reserve(w http.ResponseWriter, r *http.Request) (release func(), ok bool) {
	n := l.o.MaxBody + 1
	if r.ContentLength >= 0 {
		n = min(n, r.ContentLength+1)
	}
	ctx, cancel := context.WithTimeout(r.Context(), budgetWait)
	defer cancel()
	if err := l.bodies.Acquire(ctx, n); err != nil {
		w.Header().Set("Retry-After", "1")
		answer(w, http.StatusServiceUnavailable, "busy")
		l.failure(record.Failure{Message: "a delivery was answered 503: too many large bodies at once"})
		return nil, false
	}
	return func() { l.bodies.Release(n) }, true
}

// read takes the body as it comes. Of one over the limit only the beginning is kept, for the record.
func (l *Listener) read(w http.ResponseWriter, r *http.Request) (received, bool) {
	if r.ContentLength > l.o.MaxBody {
		got := received{size: r.ContentLength, tooLarge: true}
		if r.Header.Get("Expect") == "" { // else the sender waits to hear whether it may send
			got.body, _ = io.ReadAll(io.LimitReader(r.Body, KeptBody))
		}
		return got, true
	}
	body, err := readAll(r, l.o.MaxBody)
	if err != nil {
		l.readFailed(w, r, len(body), err)
		return received{}, false
	}
	// The deadline was for the request; the answer may take as long as the target does.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	got := received{body: body, size: int64(len(body))}
	if got.size > l.o.MaxBody {
		got.tooLarge, got.body = true, body[:min(len(body), KeptBody)]
	}
	return got, true
}

// readAll reads at most one byte more than limit, into a buffer of the announced size where there is one.
func readAll(r *http.Request, limit int64) ([]byte, error) {
	body := io.LimitReader(r.Body, limit+1)
	if r.ContentLength < 0 {
		return io.ReadAll(body)
	}
	buf := make([]byte, r.ContentLength)
	n, err := io.ReadFull(body, buf)
	return buf[:n], err
}

func (l *Listener) readFailed(w http.ResponseWriter, r *http.Request, n int, err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		w.Header().Set("Connection", "close")
		answer(w, http.StatusRequestTimeout, "the request took too long to arrive")
		l.failure(record.Failure{Message: fmt.Sprintf("a sender took over %s for its request and was cut off after %d bytes of body", readTimeout, n)})
		return
	}
	of := ""
	if r.ContentLength >= 0 {
		of = fmt.Sprintf(" of %d", r.ContentLength)
	}
	l.failure(record.Failure{Message: fmt.Sprintf("a sender broke off after %d%s bytes of body; nothing was recorded or forwarded", n, of)})
	panic(http.ErrAbortHandler) // there is nobody to answer
}

// describe makes the record of a request: what it says, and what verifying it said. The task is what explaining a
// refusal would need.
func (l *Listener) describe(r *http.Request, got received) (*record.Delivery, task) {
	d := &record.Delivery{
		Profile: l.o.Profile, ReceivedAt: l.o.Now(), RemoteAddr: r.RemoteAddr,
		Method: r.Method, Path: originForm(r.RequestURI), Host: r.Host, Header: l.mask(r.Header),
		Body: got.body, Size: got.size,
	}
	t := task{
		rules: l.o.Rules, keys: l.o.Keys,
		options: sign.VerifyOptions{Now: d.ReceivedAt, Tolerance: l.o.Tolerance, OtherKeys: l.o.OtherKeys},
	}
	if !got.tooLarge {
		sum := sha256.Sum256(got.body)
		d.BodySHA256 = hex.EncodeToString(sum[:])
		t.message = l.message(r, got.body)
		if l.o.Choose != nil {
			t.rules, t.keys = l.o.Choose(t.message, t.options)
		}
	}
	if t.rules != nil {
		s := t.rules.Scheme()
		info := event.Extract(event.Spec{Type: s.Event.Type, ID: s.Event.ID, Time: s.Event.Time}, r.Header, got.body)
		d.EventType, d.EventID, d.EventTime = info.Type, info.ID, info.Time
	}
	d.Verdict = l.verify(t, got)
	t.verdict = d.Verdict
	return d, t
}

func (l *Listener) verify(t task, got received) sign.Verdict {
	v := sign.Verdict{Reason: sign.Unverified, KeyIndex: -1}
	if t.rules != nil {
		v.Scheme = t.rules.Scheme().Name
	}
	switch {
	case got.tooLarge:
		v.Detail = fmt.Sprintf("not verified: the body is over the limit of %d bytes", l.o.MaxBody)
		return v
	case l.o.NoVerify || l.o.Choose == nil && len(t.keys) == 0:
		return v
	case t.rules == nil:
		v.Reason, v.Detail = sign.MissingSignature, "no scheme of the catalogue fits the headers"
		return v
	case len(t.keys) == 0:
		v.Reason, v.Detail = sign.Mismatch, "no key given has the form that this scheme wants"
		return v
	default:
		return t.rules.Verify(t.message, t.keys, t.options)
	}
}

// decide settles, before anything is recorded, what will be done with a delivery. It says whether people are shown it.
func (l *Listener) decide(d *record.Delivery, got received) (show bool) {
	no := refused(d.Verdict)
	switch {
	case got.tooLarge:
		d.Answer = http.StatusRequestEntityTooLarge
		return true
	case no && !l.o.ForwardInvalid:
		d.Answer = http.StatusUnauthorized
		d.Body = d.Body[:min(len(d.Body), KeptBody)]
		return true
	case !no && !l.wanted(d.EventType):
		d.Answer = http.StatusOK
		l.filtered.Do(func() {
			l.state(record.State{State: "filtered", Message: "deliveries that match no --events pattern are recorded and answered 200, not shown or forwarded"})
		})
		return false
	case len(l.o.Targets) == 0:
		d.Answer = http.StatusOK
		return true
	default:
		for _, t := range l.o.Targets {
			d.Targets = append(d.Targets, t.URL)
		}
		return true
	}
}

func (l *Listener) wanted(typ string) bool {
	if len(l.o.Events) == 0 {
		return true
	}
	for _, p := range l.o.Events {
		if event.Match(p, typ) {
			return true
		}
	}
	return false
}

// message is the request as the scheme sees it, with the headers as they came.
func (l *Listener) message(r *http.Request, body []byte) *sign.Message {
	origin := strings.TrimSuffix(l.o.PublicURL, "/")
	if origin == "" {
		origin = "http://" + r.Host
	}
	header := map[string][]string(r.Header)
	if r.Host != "" {
		header = r.Header.Clone()
		header["Host"] = []string{r.Host}
	}
	return &sign.Message{Method: r.Method, URL: origin + originForm(r.RequestURI), Header: header, Body: body, Params: l.o.Params}
}

// mask copies the headers for the record; a header that is itself a secret keeps its name only.
func (l *Listener) mask(h http.Header) http.Header {
	out := make(http.Header, len(h))
	maps.Copy(out, h)
	for _, name := range l.masked {
		if values, has := out[name]; has {
			hidden := make([]string, len(values))
			for i := range hidden {
				hidden[i] = record.Masked
			}
			out[name] = hidden
		}
	}
	return out
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// refuseLarge answers 413 at once and goes on reading for a while: a sender that is still sending would otherwise
// see its connection reset instead of the answer.
func refuseLarge(w http.ResponseWriter, r *http.Request) {
	rc := http.NewResponseController(w)
	_ = rc.EnableFullDuplex()
	w.Header().Set("Connection", "close")
	answer(w, http.StatusRequestEntityTooLarge, "the body is over the limit")
	_ = rc.Flush()
	if r.Header.Get("Expect") != "" {
		return
	}
	_ = rc.SetReadDeadline(time.Now().Add(drainTime))
	_, _ = io.CopyN(io.Discard, r.Body, drainBytes)
}
