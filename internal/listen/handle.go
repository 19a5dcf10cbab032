package listen

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// invalidAnswer says no more than that: the diagnosis is for the developer, not for the sender.
const invalidAnswer = "invalid signature"

// pageAnswer is for the code of a web page, which may not even read it.
const pageAnswer = "web pages may not send here"

func (l *Listener) serve(w http.ResponseWriter, r *http.Request) {
	if !l.work.enter() {
		panic(http.ErrAbortHandler) // everything has been stopped
	}
	defer l.work.leave()
	connOf(r).begin(r)
	if l.turnAway(w, r) {
		return
	}
	h := l.newHold()
	defer h.done()
	got, ok := l.read(w, r, h)
	if !ok {
		return
	}
	l.trace(r, got.size)
	d, t := l.describe(r, got)
	if l.looks(r, got, t.rules) {
		l.showPage(w)
		return
	}
	show := l.decide(d, got)
	counts := show && (d.Answer < 400 || l.o.CountRefused)
	if counts && !l.quota.admit() {
		l.turnAwayLate(w)
		return
	}
	if !l.store(w, r, d, counts) {
		return
	}
	if counts {
		defer l.quota.finish()
	}
	if show {
		l.o.Emit(record.Activity{Type: record.TypeDelivery, Time: d.ReceivedAt, Delivery: d})
		if d.Answer == http.StatusForbidden {
			l.sayPage(d)
		}
	}
	switch {
	case got.tooLarge:
		refuseUnread(w, r, d.Answer, "the body is over the limit")
	case len(d.Targets) > 0:
		l.forward(w, r, d, l.handOn(r, d, t.rules), got.body, h)
	case d.Answer == http.StatusForbidden:
		answer(w, d.Answer, pageAnswer)
	case d.Answer == http.StatusUnauthorized:
		answer(w, d.Answer, invalidAnswer)
	default:
		w.Header()["Content-Type"] = nil
		w.WriteHeader(d.Answer)
	}
	known := t.rules != nil && len(t.keys) > 0
	if !got.tooLarge && refused(d.Verdict) && (known || l.o.Infer != nil) {
		t.id = d.ID
		l.askDiagnosis(t)
	}
}

// trace tells --debug what came.
func (l *Listener) trace(r *http.Request, size int64) {
	if l.o.Trace == nil {
		return
	}
	l.o.Trace(fmt.Sprintf("< %s %s from %s, %d bytes", r.Method, r.RequestURI, r.RemoteAddr, size))
	deliver.TraceHeader(l.o.Trace, "<", l.mask(r.Header), deliver.Private{Signatures: l.o.SignatureHeaders})
}

// store makes a delivery durable. When it cannot it answers, and says so.
func (l *Listener) store(w http.ResponseWriter, r *http.Request, d *record.Delivery, counts bool) bool {
	before := l.pending.of(eventKey(d))
	if err := l.o.Recorder.AppendDelivery(context.WithoutCancel(r.Context()), d); err != nil {
		if counts {
			l.quota.giveBack()
		}
		l.turnAwayUnrecorded(w, err)
		return false
	}
	l.stored()
	l.settleSoon(d, before)
	return true
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
			c := l.o.Choose(r.Context(), t.message, t.options)
			t.rules, t.keys, t.choice = c.Rules, c.Keys, c
			t.options.OtherKeys, t.options.Rotations = c.Others, c.Rotations
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
		v.Detail = fmt.Sprintf("not verified: the body is over the limit of %d bytes; --max-body takes larger ones", l.o.MaxBody)
		return v
	case l.o.NoVerify || l.o.Choose == nil && len(t.keys) == 0:
		return v
	case t.choice.Verdict != nil:
		return *t.choice.Verdict
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
	case l.fromStrangerPage(d):
		d.Answer = http.StatusForbidden
		d.Body = d.Body[:min(len(d.Body), KeptBody)]
		return true
	case got.tooLarge:
		d.Answer = http.StatusRequestEntityTooLarge
		return true
	case no && !l.o.ForwardInvalid:
		d.Answer = http.StatusUnauthorized
		d.Body = d.Body[:min(len(d.Body), KeptBody)]
		return true
	case !no && !l.wanted(d.EventType):
		d.Answer = http.StatusOK
		l.sum.filtered()
		l.filtered.Do(func() {
			l.state(record.State{State: "filtered", Message: "deliveries that match no --events pattern are recorded and answered 200, not shown or forwarded"})
		})
		return false
	case len(l.o.Targets) == 0:
		d.Answer = http.StatusOK
		return true
	default:
		for _, t := range l.o.Targets {
			d.Targets = append(d.Targets, t.Label())
		}
		return true
	}
}

// eventKey names the event of a delivery as the journal looks for duplicates; "" when it has no id.
func eventKey(d *record.Delivery) string {
	if d.EventID == "" {
		return ""
	}
	return d.Verdict.Scheme + "\x00" + d.EventID
}

func (l *Listener) wanted(typ string) bool { return event.MatchAny(l.o.Events, typ) }

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

// mask copies the headers for the record; a header that is itself a secret, or holds one of the user's keys, keeps its name only.
func (l *Listener) mask(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		if slices.Contains(l.masked, name) || l.o.Secret != nil && slices.ContainsFunc(values, l.o.Secret) {
			values = slices.Repeat([]string{record.Masked}, len(values))
		}
		out[name] = values
	}
	return out
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
