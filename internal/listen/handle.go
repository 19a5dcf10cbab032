package listen

// What happens to a request, in order.

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// invalidAnswer says nothing more, because the diagnosis is for the developer and not for the sender.
const invalidAnswer = "invalid signature"

// pageAnswer goes to the code of a web page, which usually may not read it.
const pageAnswer = "web pages may not send here"

// serve takes one request through all the steps, from the door to the answer.
func (l *Listener) serve(w http.ResponseWriter, r *http.Request) {
	if l.turnAway(w, r) {
		return
	}
	h := l.newHold()
	defer h.done()
	in, ok := l.read(w, r, h)
	if !ok {
		return
	}
	l.judge(in)
	l.trace(in)
	switch {
	case in.isVisit():
		l.showPage(w)
		return
	case l.shake(w, in):
		return
	case in.looksLikeVisit():
		l.showPage(w)
		return
	case in.isIcon():
		answerIcon(w, in)
		return
	}
	l.take(in, h, &client{l: l, w: w, r: r})
}

// peer is who gave a delivery and is told what becomes of it. One of its methods is called, once.
type peer interface {
	// tooLate says that the run has taken what it was to take.
	tooLate()
	// noRoom says that the queue is full.
	noRoom()
	// notRecorded says that the journal fails.
	notRecorded()
	// answer gives whctl's own answer.
	answer(in *incoming)
	// forward hands the delivery on to its first target, whose answer counts.
	forward(in *incoming, h *hold)
}

// take takes a delivery through the steps that are the same whoever gave it: where it goes, its record, and what its peer is told.
func (l *Listener) take(in *incoming, h *hold, from peer) {
	show := l.decide(in)
	l.scrub(in)
	l.mark(in)
	d := in.d
	counts := show && (!in.refused || l.o.CountRefused)
	if counts && !l.quota.admit() {
		from.tooLate()
		return
	}
	if !l.store(from, in, counts) {
		return
	}
	defer l.owed.fresh.abandon(d.ID) // whatever happens here, its jobs are owed
	if counts {
		h.over = l.quota.finish
	}
	if show {
		l.emitAt(d.ReceivedAt, record.Received{Delivery: d})
		l.tellGuess(d, in.jm)
		if in.refused && d.Answer == http.StatusForbidden {
			l.sayPage(d)
		}
	}
	l.owed.queued(in)
	if d.Answer == 0 {
		from.forward(in, h)
	} else {
		from.answer(in)
	}
	if in.jm.Refused() || show && !d.Verdict.OK {
		l.askDiagnosis(task{d.ID, in.jm, in.scrub})
	}
}

// trace shows what came to --debug.
func (l *Listener) trace(in *incoming) {
	if l.o.Trace == nil {
		return
	}
	l.o.Trace(fmt.Sprintf("< %s %s from %s, %s", in.r.Method, in.r.RequestURI, in.r.RemoteAddr, fault.Plural(in.size, "byte")))
	deliver.TraceHeader(l.o.Trace, "<", in.d.Header, deliver.Private{Signatures: l.o.Judge(in.r.Context()).SignatureHeaders()})
}

// store makes a delivery durable together with its jobs. Where it cannot, it tells the peer and people.
func (l *Listener) store(from peer, in *incoming, counts bool) bool {
	if in.d.FirstQueued() < len(in.d.Targets) && !l.owed.admits() {
		if counts {
			l.quota.giveBack()
		}
		from.noRoom()
		return false
	}
	before := l.pending.answeringTo(eventKey(in.d))
	if err := l.o.Recorder.AppendDelivery(context.WithoutCancel(in.r.Context()), in.d); err != nil {
		if counts {
			l.quota.giveBack()
		}
		from.notRecorded()
		l.tellUnrecorded(in.d, err)
		return false
	}
	l.stored(in.r.Context())
	l.settleSoon(in.d, before)
	l.addEarlier(context.WithoutCancel(in.r.Context()), in.d)
	return true
}

// judge makes the record of a request: what it says, and what verifying it said.
func (l *Listener) judge(in *incoming) {
	r := in.r
	j := l.o.Judge(r.Context())
	in.judge = j
	d := &record.Delivery{
		Profile: l.o.Profile, ReceivedAt: l.o.Now(), RemoteAddr: r.RemoteAddr,
		Method: r.Method, Path: originForm(r.RequestURI), Host: r.Host, Header: j.Mask(r.Header),
		Body: in.body, Size: in.size, PublicURL: cmp.Or(j.PublicURL(), in.publicURL), Params: j.Params(),
	}
	if in.tooLarge {
		in.jm = j.Unread(sign.Detail{Code: sign.BodyTooLarge, Count: int(l.o.MaxBody)})
	} else {
		sum := sha256.Sum256(in.body)
		d.BodySHA256 = hex.EncodeToString(sum[:])
		in.jm = in.verify(j, d)
	}
	d.Verdict, d.KeyName = in.jm.Verdict, in.jm.Key
	if in.jm.Rules != nil {
		info := j.Event(in.jm.Rules, r.Header, in.body)
		d.EventType, d.EventID, d.EventTime, in.about.object = info.Type, info.ID, info.Time, info.Object
		in.about.at, _ = event.ParseTime(info.Time)
	}
	in.d = d
}

// originForm takes scheme and host off a request target in absolute form, as clients send it to a proxy (RFC 9112, 3.2.2).
func originForm(requestTarget string) string {
	if strings.HasPrefix(requestTarget, "/") || requestTarget == "*" {
		return requestTarget
	}
	_, rest, found := strings.Cut(requestTarget, "://")
	if !found {
		return requestTarget
	}
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		if rest[i] == '?' {
			return "/" + rest[i:]
		}
		return rest[i:]
	}
	return "/"
}

// decide settles what is done with a delivery, before anything is recorded. It says whether people see it.
func (l *Listener) decide(in *incoming) (show bool) {
	d, invalid := in.d, in.jm.Refused()
	switch {
	case in.fromStrangerPage():
		d.Answer, in.refused = http.StatusForbidden, true
		d.Body = d.Body[:min(len(d.Body), KeptBody)]
		return true
	case in.tooLarge:
		d.Answer, in.refused = http.StatusRequestEntityTooLarge, true
		return true
	case invalid && !l.o.ForwardInvalid:
		d.Answer, in.refused = http.StatusUnauthorized, true
		d.Body = d.Body[:min(len(d.Body), KeptBody)]
		return true
	case invalid:
		return l.direct(d, l.o.Router.match(d))
	default:
		return l.direct(d, l.o.Router.way(context.WithoutCancel(in.r.Context()), d))
	}
}

// direct settles that a delivery goes the way that was found for it.
func (l *Listener) direct(d *record.Delivery, w way) (show bool) {
	d.Targets, d.Route, d.Skipped = w.targets, w.route, w.skipped
	switch {
	case len(w.targets) == 0 && w.skipped == "":
		d.Answer = cmp.Or(l.o.Respond.Status, http.StatusOK)
	case len(w.targets) == 0, l.o.AckNow:
		d.Answer = http.StatusOK
	}
	if w.err != nil {
		l.tellUnfiltered(d, w.err)
	}
	if w.skipped != record.SkipFiltered {
		return true
	}
	l.sum.filtered()
	l.filtered.Do(func() {
		l.emit(record.Changed{State: record.Filtered, Message: "deliveries that --events or --filter leave out are recorded and answered 200, not shown or forwarded"})
	})
	return false
}

// tellUnfiltered tells once that the filter failed.
func (l *Listener) tellUnfiltered(d *record.Delivery, err error) {
	l.failing.Do(func() {
		l.emit(record.Changed{State: record.Hinted, DeliveryID: d.ID, Message: fmt.Sprintf("--filter fails on a delivery, which is handed on as if it passed: %s: %s", d.ID, err)})
	})
}

// eventKey names the event of a delivery as the journal looks for duplicates; "" when it has no id.
func eventKey(d *record.Delivery) string {
	if d.EventID == "" {
		return ""
	}
	return d.Verdict.Scheme + "\x00" + d.EventID
}
