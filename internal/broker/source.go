package broker

// What sources have in common: they are tried again for as long as it takes, and tell of each change once.

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

const (
	// firstRest is how long a source waits after trouble, doubled each time up to longestRest.
	firstRest   = time.Second
	longestRest = 30 * time.Second
	// lookEvery is how often a broker is asked for the lag.
	lookEvery = 5 * time.Second
	// proofTime is how long nothing goes wrong until a source answers again, where no message shows it sooner. What refuses messages often says so
	// only once it is asked for one.
	proofTime = 3 * time.Second
	// leaveTime bounds the end: what came meanwhile is given back.
	leaveTime = 2 * time.Second
)

// Take takes a message, and says what becomes of it.
type Take = func(*record.Message) record.Settlement

// SourceOptions are what a source is made of. All are needed.
type SourceOptions struct {
	Source  target.Source
	Width   int           // messages under way at once; with more than one they are in no order
	Timeout time.Duration // of the targets; 0: they are waited for for ever
	Now     func() time.Time
	After   func(time.Duration) <-chan time.Time
	Rand    func() float64 // from 0 to 1
}

// Source has deliveries in messages of a broker. It connects when it runs.
type Source interface {
	// Run gives messages to take until ctx ends, and returns once the broker knows what becomes of each. What it cannot reach it tries again.
	Run(ctx context.Context, take Take, tell func(record.Changed))
	// Lag is how many messages nobody has been given yet, -1 if that is not known.
	Lag() int64
}

// NewSource makes a source. It opens nothing.
func NewSource(o SourceOptions) Source {
	if o.Source.Kafka() {
		return newKafkaSource(o)
	}
	return newNATSSource(o)
}

// errOver says that the run takes no more messages.
var errOver = errors.New("no more messages are taken")

// run takes messages by one session after another, until ctx ends or the run takes no more.
func (o *SourceOptions) run(ctx context.Context, health *sourceHealth, session func(context.Context) error) {
	for ctx.Err() == nil {
		err := session(ctx)
		if ctx.Err() != nil || errors.Is(err, errOver) {
			return
		}
		rest := health.lost(err)
		select {
		case <-o.After(time.Duration(float64(rest) * (0.8 + 0.4*o.Rand()))):
		case <-ctx.Done():
		}
	}
}

// sourceHealth tells of a change once.
type sourceHealth struct {
	name    string
	tell    func(record.Changed)
	headers sync.Once

	mu      sync.Mutex
	isLost  bool
	misfits string
	times   int
	said    string
}

// lost takes a failure, and says how long to wait.
func (h *sourceHealth) lost(err error) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	text := err.Error()
	if step := fault.HintOf(err); step != (fault.Step{}) {
		text += "; " + step.String()
	}
	if !h.isLost || text != h.said {
		h.tell(record.Changed{State: record.SourceLost, Target: h.name, Message: "no messages are taken, which is tried again: " + text})
	}
	h.isLost, h.said = true, text
	rest := longestRest
	if h.times < 8 {
		rest = min(firstRest<<h.times, longestRest)
	}
	h.times++
	return rest
}

// answers takes that a message came in a session, or that nothing went wrong in it for a while. A session that has ended proves nothing.
func (h *sourceHealth) answers(session context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if session.Err() != nil || !h.isLost {
		return
	}
	h.tell(record.Changed{State: record.SourceRecovered, Target: h.name, Message: "it answers again"})
	h.isLost, h.said, h.times = false, "", 0
}

// prove waits until a session has lasted for a while.
func (h *sourceHealth) prove(session context.Context, after func(time.Duration) <-chan time.Time) {
	select {
	case <-after(proofTime):
		h.answers(session)
	case <-session.Done():
	}
}

// fits tells once what is not as whctl makes it; "": nothing.
func (h *sourceHealth) fits(misfits string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if misfits != "" && misfits != h.misfits {
		h.hint(misfits)
	}
	h.misfits = misfits
}

// hint tells what people should know, and need not do anything about.
func (h *sourceHealth) hint(text string) {
	h.tell(record.Changed{State: record.Hinted, Target: h.name, Message: text})
}

// gone tells of messages that are not taken, and do not come again.
func (h *sourceHealth) gone(text string) {
	h.tell(record.Changed{State: record.MessagesGone, Target: h.name, Message: text})
}

// odd tells once that headers were left out.
func (h *sourceHealth) odd() {
	h.headers.Do(func() {
		h.hint(fmt.Sprintf("a message has more than %d headers, or more than %d KiB of them: it is taken without", mostHeaders, mostHeaderBytes>>10))
	})
}
