// Package listen is the receiving engine: it reads each delivery once, verifies it, records it, hands it on and
// answers. It emits events and prints nothing.
package listen

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/scrub"
	"github.com/whctl/whctl/internal/serve"
	"github.com/whctl/whctl/internal/target"
)

// Limits that hold whatever the options say.
const (
	// KeptBody is how many bytes of an invalid delivery's body the record keeps.
	KeptBody = 64 << 10
	// waitingAfter is when people are told that a target has not answered yet.
	waitingAfter = time.Second
)

// Recorder makes deliveries, attempts and diagnoses durable. Each Append returns once they are on disk.
type Recorder interface {
	// AppendDelivery sets ID, Duplicate and Seq, from which a reader of the hub goes on.
	AppendDelivery(ctx context.Context, d *record.Delivery) error
	// AppendAttempts sets ID, Seq and a Number that is 0. It records all or none.
	AppendAttempts(ctx context.Context, attempts ...*record.Attempt) error
	AppendDiagnosis(ctx context.Context, d *record.Diagnosis) error
	// SettleDuplicates marks the duplicates whose first delivery has been answered by now, and returns their number.
	SettleDuplicates(ctx context.Context, ids []string) (int, error)
	// Probe fails as an append of that many bytes would now.
	Probe(ctx context.Context, size int64) error
}

// Options are what a Listener is made of. Zero values mean what their comments say.
type Options struct {
	Profile string
	Targets []target.Target
	Router  Router
	// Open makes the sender to a target, which the listener closes at its end.
	Open func(target.Target) target.Sender
	// Judge gives what deliveries are verified with, as its keys are now. Without keys they are marked unverified and handed on.
	Judge func(context.Context) *judge.Judge
	// ForwardInvalid hands invalid deliveries on too, and answers what the target answers.
	ForwardInvalid bool
	Handshakes     Handshakes // who answers handshakes; "" is HandshakesForward
	// KeepKey keeps the key that a handshake brings and says where; nil: it is not kept.
	KeepKey      func(text string) (where string, err error)
	HopMark      string // what this listener calls itself to others that a delivery goes through; "": nothing
	MaxBody      int64  // bytes; a body of exactly that many passes
	Recorder     Recorder
	AckNow       bool  // senders are answered 200 once a delivery is recorded, and every job goes through the queue
	Queue        Queue // of the jobs that no sender waits for
	Now          func() time.Time
	After        func(time.Duration) <-chan time.Time
	Emit         func(time.Time, record.Event) // must not block; a hub's Emit does not
	ExitAfter    int                           // how many deliveries are let in before Done is closed; 0: any number
	CountRefused bool                          // invalid deliveries count for ExitAfter too
	Respond      Respond                       // what a delivery without a target is answered
	Trace        func(line string)             // given what comes in, secrets masked; nil: nothing is traced
	// Recent hands on the deliveries that are recorded, newest first, until fn fails; nil: none is known.
	Recent func(ctx context.Context, fn func(*record.Delivery) error) error
	Scrub  *scrub.Scrubber // of what is recorded and told; nil: it is as it came. The queue has no bytes to send then
}

// Listener receives deliveries. Serve it once.
type Listener struct {
	o        Options
	server   *serve.Server
	turned   tally
	bodies   *budget
	storage  storage
	quota    *quota
	sum      sum
	filtered sync.Once
	failing  sync.Once // of the filter
	shadowed sync.Once
	visited  sync.Once
	paged    sync.Once
	guessed  sync.Map // the schemes that people were told of; the catalogue bounds their number
	diagnose chan task
	senders  []target.Sender // in the order of the targets
	// guardsPlain says that the headers which the user adds have plain names.
	guardsPlain bool
	down        downs
	pending     pending
	behind      *behind
	owed        *owed
	order       order
	cut         atomic.Bool // Force cut off a job of the queue
	masked      sync.Once
	carried     atomic.Int32 // messages under way
	away        string       // what becomes of deliveries that cannot be taken
}

// New makes a Listener. It opens nothing.
func New(o Options) *Listener {
	o.Handshakes = cmp.Or(o.Handshakes, HandshakesForward)
	l := &Listener{
		o:        o,
		turned:   tally{counts: map[fate]*count{}},
		bodies:   newBudget(o.MaxBody),
		quota:    newQuota(o.ExitAfter),
		diagnose: make(chan task, diagnoseQueue),
		pending:  pending{keys: map[string]*answering{}},
	}
	l.server = serve.New(context.Background(), serve.Options{
		Handler: http.HandlerFunc(l.serve), Conns: serve.Places(len(o.Targets)),
		Lost:     func(loss serve.Loss) { l.tell(loss, "a request "+loss.String()) },
		Draining: l.draining,
	})
	for _, t := range o.Targets {
		l.senders = append(l.senders, o.Open(t))
	}
	l.guardsPlain = !slices.ContainsFunc(l.added(), odd)
	l.bodies.over, l.bodies.cutSlow = l.server.Ending(), l.server.CutSlow
	l.behind, l.owed = newBehind(l), newOwed(l)
	return l
}

// Done is closed once ExitAfter deliveries have been handled.
func (l *Listener) Done() <-chan struct{} { return l.quota.full }

// Way is a way on which deliveries come: one of a listener's sockets or sources.
type Way struct {
	run  func(context.Context) error
	away string // what becomes of deliveries that cannot be taken
}

// Socket is the way of requests to ln.
func (l *Listener) Socket(ln net.Listener) Way {
	return Way{run: func(ctx context.Context) error { return l.server.Serve(ctx, ln) }, away: "deliveries are answered 503"}
}

// Source is the way of messages from s.
func (l *Listener) Source(s Source) Way {
	take := func(m *record.Message) record.Settlement {
		l.carried.Add(1)
		defer l.carried.Add(-1)
		return l.takeMessage(m)
	}
	run := func(ctx context.Context) error {
		s.Run(ctx, take, l.emitChanged)
		return nil
	}
	return Way{run: run, away: "messages stay with their broker"}
}

// Serve takes deliveries and sends the jobs of the queue until ctx ends, then finishes what is under way. Force ends that wait,
// and then the error is a Stopped fault. It fails with a storage fault if the queue cannot be read.
func (l *Listener) Serve(ctx context.Context, ways ...Way) error {
	l.away = awayWords(ways)
	if err := l.owed.begin(context.WithoutCancel(ctx)); err != nil { // it is short, and a run that ends at once has nothing to say of it
		return err
	}
	quit, accepting := make(chan struct{}), make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() { l.diagnoseLoop(quit) })
	others.Go(func() { l.owed.run(accepting) })
	go l.behind.run(l.server.Forced())
	err := l.receive(ctx, ways)
	l.behind.end()
	close(accepting)
	close(quit)
	others.Wait()
	for _, s := range l.senders {
		_ = s.Close() // everything that was sent has its outcome
	}
	if err == nil && l.cut.Load() {
		err = serve.ErrCut
	}
	if errors.Is(err, serve.ErrCut) {
		return fault.Wrap(fault.Stopped, err, "")
	}
	if err != nil {
		return fault.Wrap(fault.Internal, err, "the listening socket failed")
	}
	return nil
}

// receive runs all ways until ctx ends or one fails, which ends the others.
func (l *Listener) receive(ctx context.Context, ways []Way) error {
	defer context.AfterFunc(ctx, func() { l.draining(int(l.carried.Load())) })() // of all sources together
	group, ctx := errgroup.WithContext(ctx)
	for _, way := range ways {
		group.Go(func() error { return way.run(ctx) })
	}
	return group.Wait()
}

func awayWords(ways []Way) string {
	var words []string
	for _, way := range ways {
		if !slices.Contains(words, way.away) {
			words = append(words, way.away)
		}
	}
	return strings.Join(words, ", and ")
}

func (l *Listener) draining(n int) {
	if n > 0 {
		l.emit(record.Changed{State: record.Draining, Count: n, Message: "finishing what is under way; interrupt again to stop at once"})
	}
}

func (l *Listener) emitChanged(c record.Changed) { l.emit(c) }

// Answers waits until a connection to ln, on which it serves, is accepted. It fails when that takes longer than ctx lasts.
func (l *Listener) Answers(ctx context.Context, ln net.Listener) error {
	return l.server.Answers(ctx, ln)
}

// Force ends everything at once: requests under way are cut off. What is recorded stays recorded.
func (l *Listener) Force() {
	if l.owed.queue.UnderWay() > 0 || l.carried.Load() > 0 {
		l.cut.Store(true)
	}
	l.server.Force()
}

// emit tells of what happens now.
func (l *Listener) emit(e record.Event) { l.emitAt(l.o.Now(), e) }

func (l *Listener) emitAt(at time.Time, e record.Event) {
	if l.o.Scrub != nil {
		e = l.o.Scrub.Event(e)
	}
	l.sum.add(e)
	l.o.Emit(at, e)
}
