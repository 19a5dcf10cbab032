package listen

// Deliveries that come as messages of a broker, where another listener left them. They go the way of a request, and a message is
// acknowledged once nothing can be lost here.

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/target"
)

const (
	noRoomWait     = 30 * time.Second // until a message is given again that the queue has no room for
	unrecordedWait = 5 * time.Second  // or the journal
	busyWait       = time.Second      // or the memory
)

// Source has deliveries in messages of a broker.
type Source interface {
	// Run gives messages to take until ctx ends, tells the broker what becomes of each, and returns once that is known of all. What it
	// cannot reach it tries again. It tells of its own changes.
	Run(ctx context.Context, take func(*record.Message) record.Settlement, tell func(record.Changed))
}

// takeMessage takes a message through all the steps, from the broker to what becomes of it.
func (l *Listener) takeMessage(m *record.Message) record.Settlement {
	if l.circles(m.Header) {
		l.tell(messageCameBack, "a message came back to where it was handed on: it is acknowledged, and neither recorded nor handed on; see where --forward leads")
		return record.Settlement{}
	}
	h := l.newHold()
	defer h.done()
	c := &carrier{l: l, times: m.Times}
	if err := h.keep(context.Background(), len(m.Body)); err != nil {
		l.tell(messageFoundNoRoom, "a message waits at its broker: "+err.Error())
		return again(busyWait)
	}
	in := l.unpack(m)
	l.judge(in)
	l.trace(in)
	l.take(in, h, c)
	if in.d.ID != "" && in.jm.Verdict.Detail.Code == sign.TokenMasked {
		l.tellMasked(in.d)
	}
	return c.settlement
}

// unpack makes the request again.
func (l *Listener) unpack(m *record.Message) *incoming {
	in := &incoming{
		r: &http.Request{
			Method: m.Method, RequestURI: m.Path, Host: m.Host, Header: m.Header, RemoteAddr: m.RemoteAddr,
		},
		body: m.Body, size: int64(len(m.Body)), carried: true, checkedAt: m.CheckedAt, publicURL: m.PublicURL,
	}
	if in.size > l.o.MaxBody {
		in.tooLarge, in.body = true, m.Body[:min(len(m.Body), KeptBody)]
	}
	return in
}

// checkTime is when a delivery was received first.
func (in *incoming) checkTime() time.Time {
	if in.carried {
		return in.checkedAt
	}
	return in.d.ReceivedAt
}

// verify says whether the signature of a delivery holds, as of the time when it was received first.
func (in *incoming) verify(j *judge.Judge, d *record.Delivery) judge.Judgement {
	m := j.Message(d.Method, d.Host, d.Path, in.r.Header, in.body)
	if in.publicURL != "" && j.PublicURL() == "" {
		m.URL = in.publicURL + d.Path
	}
	at := d.ReceivedAt
	if in.carried {
		at = in.checkedAt
	}
	jm := j.Judge(in.r.Context(), m, at)
	if !in.carried || jm.Verdict.OK {
		return jm
	}
	// Whoever wrote the message masked the key. That is no reason to refuse it, and no message can have itself taken for valid by it.
	for _, name := range j.Rules().SecretHeaders() {
		if slices.Contains(in.r.Header[name], masking.Masked) {
			return j.Unread(sign.Detail{Code: sign.TokenMasked, Place: sign.Place{In: sign.InHeader, Name: name}})
		}
	}
	return jm
}

// sent are the headers that a delivery came with. A message has no secrets, so their headers are left out.
func (in *incoming) sent() http.Header {
	if !in.carried {
		return in.r.Header
	}
	return unmasked(in.r.Header)
}

// carrier is the peer of a delivery that came in a message.
type carrier struct {
	l          *Listener
	times      int // how often the message has been given
	settlement record.Settlement
}

func again(after time.Duration) record.Settlement {
	return record.Settlement{Again: true, After: after}
}

func (c *carrier) tooLate()     { c.settlement = record.Settlement{Again: true, Over: true} }
func (c *carrier) noRoom()      { c.settlement = again(noRoomWait) }
func (c *carrier) notRecorded() { c.settlement = again(unrecordedWait) }

// answer has the message acknowledged, also one that is refused: it is in the journal, and would come again for ever.
func (c *carrier) answer(*incoming) {}

// forward acknowledges the message once the target has it, or will never have it.
func (c *carrier) forward(in *incoming, h *hold) {
	l := c.l
	j := l.first(in)
	j.message.Sink = func(int, http.Header) io.Writer { return &enough{left: mostAnswer} }
	signing := record.AsCaptured
	if !j.target.Broker() { // the message may have waited for long
		signing = l.resign(l.server.Forced(), j.delivery, &j.message)
		l.owed.tellSecrets(j)
	}
	o := l.send(l.server.Forced(), j)
	tried := l.attempt(j, o)
	tried.Signing = signing
	answered := &turn{p: &l.pending, key: eventKey(j.delivery)}
	answered.begin()
	c.settle(j, o)
	if !c.settlement.Again {
		tried.Answer = cmp.Or(o.Status, http.StatusOK)
	}
	l.recordFirst(j, o, tried, answered, h, "it gives no answer; messages stay with the broker until it does")
}

// settle says what becomes of the message after its try.
func (c *carrier) settle(j handOver, o target.Outcome) {
	l := c.l
	out := queue.Outcome{Kind: o.Kind, Status: answeredStatus(o), RetryAfter: o.RetryAfter(l.o.Now()), Final: o.Final}
	isAgain, after := l.o.Queue.Policy.Again(out, c.times)
	c.settlement = record.Settlement{Again: isAgain, After: after}
	if isAgain || o.Kind == record.OutcomeDelivered {
		return
	}
	l.emit(record.Changed{State: record.MessageRefused, DeliveryID: j.delivery.ID, Target: j.target.Name, Message: fmt.Sprintf(
		"it will not have delivery %s, so the message is acknowledged and does not come again; send it again: %s",
		j.delivery.ID, fault.Command("whctl replay", j.delivery.ID))})
}

// tellMasked tells once that messages cannot be verified again.
func (l *Listener) tellMasked(d *record.Delivery) {
	l.masked.Do(func() {
		l.emit(record.Changed{State: record.Hinted, DeliveryID: d.ID, Message: fmt.Sprintf(
			"scheme %s sends the key itself, which is masked in messages: they are marked unverified here, and wh-verdict says what the listener before found",
			l.o.Judge(context.Background()).Rules().Scheme().Name)})
	})
}
