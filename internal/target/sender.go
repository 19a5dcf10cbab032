package target

// What every kind of target implements, and the outcome of sending.

import (
	"context"
	"net/http"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
)

// Sender hands deliveries on to one target. It is safe for concurrent use. Every sender passes the suite of sender_test.go.
type Sender interface {
	// Send tries once, and tells of everything that can go wrong in the outcome. It keeps nothing of the message.
	Send(ctx context.Context, m Message) Outcome
	// Close lets go of what is kept open. Nothing may be sent after it.
	Close() error
}

// Message is a delivery on its way to a target. A sender changes nothing of it.
type Message struct {
	Method  string
	Request string // path and query as they were received
	Header  http.Header
	Body    []byte
	// Delivery is what is handed on, with secrets masked. Requests are made of the fields above, messages of this and Body. nil: a
	// handshake, which no broker is asked.
	Delivery *record.Delivery
	// URLSigned says that the scheme of Delivery signs its URL: whoever reads a message verifies with the path as it came.
	URLSigned bool
	Sink      deliver.Sink // given the target's answer as it comes; nil: it is kept in the outcome alone
}

// Outcome is what came of sending a message once.
type Outcome struct {
	Kind     record.OutcomeKind
	Status   int // 0 when the target did not answer
	Header   http.Header
	Body     []byte // the answer's beginning
	BodySize int64
	Trailer  http.Header
	Took     time.Duration
	Err      error      // why there was no whole answer; nil when there was one. It names no secret
	Hint     fault.Step // the likely mistake behind Err, and its cure; none when it is not known
	Final    bool       // the target will never take this delivery, and may take others
	InDoubt  bool       // the target may have it or not, so what is behind it waits
	Repeated bool       // sent a second time: the reused connection of the first ended before any byte of an answer

	Cause   *refusal.Cause // what the answer tells of a mistake; nil: nothing
	Sunk    bool           // Message.Sink was called
	SinkErr error          // why the sink could not take the answer

	// Probe looks for the mistake behind a target that gave no byte of an answer. It may take a moment. nil: there is nothing to probe.
	Probe func(ctx context.Context) fault.Step
}

// RetryAfter is how long the target asks to wait before the next try, 0 if it does not (RFC 9110, 10.2.3).
func (o Outcome) RetryAfter(now time.Time) time.Duration {
	after, _ := deliver.RetryAfter(o.Header, now)
	return max(after, 0)
}

// Answered is the outcome that the target's answer alone makes, whatever became of the answer on its way to the sender.
func (o Outcome) Answered() Outcome {
	o.Err, o.Hint, o.Kind = nil, fault.Step{}, answered(o.Status)
	return o
}

// answered is the one place that decides whether a status means that a target refused a delivery.
func answered(status int) record.OutcomeKind {
	switch {
	case status >= 200 && status < 300:
		return record.OutcomeDelivered
	case refusal.Is(status):
		return record.OutcomeRefused
	default:
		return record.OutcomeFailed
	}
}
