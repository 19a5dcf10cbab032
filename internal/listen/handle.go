package listen

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/serve"
	"github.com/whctl/whctl/internal/sign"
)

// invalidAnswer says no more than that: the diagnosis is for the developer, not for the sender.
const invalidAnswer = "invalid signature"

// pageAnswer is for the code of a web page, which may not even read it.
const pageAnswer = "web pages may not send here"

func (l *Listener) serve(w http.ResponseWriter, r *http.Request) {
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
	d, jm := l.describe(r, got)
	if l.looks(r, got, jm) {
		l.showPage(w)
		return
	}
	show := l.decide(d, jm, got)
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
		l.emitAt(d.ReceivedAt, record.Received{Delivery: d})
		if d.Answer == http.StatusForbidden {
			l.sayPage(d)
		}
	}
	switch {
	case got.tooLarge:
		serve.AnswerUnread(w, r, d.Answer, "the body is over the limit")
	case len(d.Targets) > 0:
		l.forward(w, r, d, l.handOn(r, d, jm.Rules), got.body, h)
	case d.Answer == http.StatusForbidden:
		serve.Answer(w, d.Answer, pageAnswer)
	case d.Answer == http.StatusUnauthorized:
		serve.Answer(w, d.Answer, invalidAnswer)
	default:
		w.Header()["Content-Type"] = nil
		w.WriteHeader(d.Answer)
	}
	if jm.Refused() {
		l.askDiagnosis(task{d.ID, jm})
	}
}

// trace tells --debug what came.
func (l *Listener) trace(r *http.Request, size int64) {
	if l.o.Trace == nil {
		return
	}
	l.o.Trace(fmt.Sprintf("< %s %s from %s, %d bytes", r.Method, r.RequestURI, r.RemoteAddr, size))
	j := l.o.Judge(r.Context())
	deliver.TraceHeader(l.o.Trace, "<", j.Mask(r.Header), deliver.Private{Signatures: j.SignatureHeaders()})
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

// describe makes the record of a request: what it says, and what verifying it said.
func (l *Listener) describe(r *http.Request, got received) (*record.Delivery, judge.Judgement) {
	j := l.o.Judge(r.Context())
	d := &record.Delivery{
		Profile: l.o.Profile, ReceivedAt: l.o.Now(), RemoteAddr: r.RemoteAddr,
		Method: r.Method, Path: originForm(r.RequestURI), Host: r.Host, Header: j.Mask(r.Header),
		Body: got.body, Size: got.size, PublicURL: j.PublicURL(), Params: j.Params(),
	}
	var jm judge.Judgement
	if got.tooLarge {
		jm = j.Unread(sign.Detail{Code: sign.BodyTooLarge, Count: int(l.o.MaxBody)})
	} else {
		sum := sha256.Sum256(got.body)
		d.BodySHA256 = hex.EncodeToString(sum[:])
		jm = j.Judge(r.Context(), j.Message(d.Method, d.Host, d.Path, r.Header, got.body), d.ReceivedAt)
		l.tellGuess(jm)
	}
	d.Verdict, d.KeyName = jm.Verdict, jm.Key
	if jm.Rules != nil {
		s := jm.Rules.Scheme()
		info := event.Extract(event.Spec{Type: s.Event.Type, ID: s.Event.ID, Time: s.Event.Time}, r.Header, got.body)
		d.EventType, d.EventID, d.EventTime = info.Type, info.ID, info.Time
	}
	return d, jm
}

// decide settles, before anything is recorded, what will be done with a delivery. It says whether people are shown it.
func (l *Listener) decide(d *record.Delivery, jm judge.Judgement, got received) (show bool) {
	no := jm.Refused()
	switch {
	case l.fromStrangerPage(d, jm):
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
			l.emit(record.Changed{State: record.Filtered, Message: "deliveries that match no --events pattern are recorded and answered 200, not shown or forwarded"})
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

// mask copies headers of an answer for the record, as the judge of now has it.
func (l *Listener) mask(h http.Header) http.Header { return l.o.Judge(context.Background()).Mask(h) }
