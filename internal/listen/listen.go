// Package listen is the receiving engine: it reads each delivery once, verifies it, records it, hands it on and
// answers. It emits activities and prints nothing.
package listen

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/record"
)

// Limits that hold whatever the options say.
const (
	headerTimeout  = 10 * time.Second
	readTimeout    = 30 * time.Second // for a whole request; a slower sender is cut off
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 64 << 10
	// KeptBody is how much of a refused body the record keeps.
	KeptBody = 64 << 10
	// waitingAfter is when a person is told that a target has not answered yet.
	waitingAfter = time.Second
)

// Recorder makes deliveries and attempts durable. AppendDelivery sets ID and Duplicate and returns once the delivery is on disk.
// SettleDuplicates looks again whether what duplicates repeat has been answered, and says of how many it has.
type Recorder interface {
	SettleDuplicates(ctx context.Context, ids []string) (int, error)
	AppendDelivery(ctx context.Context, d *record.Delivery) error
	AppendAttempt(ctx context.Context, a *record.Attempt) error
	AppendDiagnosis(ctx context.Context, d *record.Diagnosis) error
}

// Forwarder makes one HTTP delivery.
type Forwarder interface {
	Do(ctx context.Context, q deliver.Request) deliver.Result
}

// Options are what a Listener is made of. Zero values mean what their comments say.
type Options struct {
	Profile string
	Targets []Target
	// Judge gives what deliveries are verified with, as its keys are now. Without keys they are marked unverified and handed on.
	Judge func(context.Context) *judge.Judge
	// ForwardInvalid hands refused deliveries on too, and answers what the target answers.
	ForwardInvalid bool
	Events         []string      // patterns; a type that matches none is recorded and answered 200, not shown or forwarded
	Timeout        time.Duration // to wait for a target; 0: for ever
	Header         http.Header   // set on every forwarded request
	HopMark        string        // what this listener calls itself to others that a delivery goes through; "": nothing
	MaxBody        int64         // bytes; a body of exactly that many passes
	Recorder       Recorder
	Forwarder      Forwarder
	Now            func() time.Time
	Emit           func(record.Activity) // must not block; Stream.Emit does not
	ExitAfter      int                   // how many deliveries are let in before Done is closed; 0: any number
	CountRefused   bool                  // refused deliveries count for ExitAfter too
	Trace          func(line string)     // told of what comes in, secrets masked; nil: nobody is
}

// Listener receives deliveries. Serve it once.
type Listener struct {
	o         Options
	server    *http.Server
	room      *room         // nil until Serve
	most      int           // connections; 0: as many as there are places for
	grace     time.Duration // 0: roomGrace
	untold    tally
	bodies    *budget
	storage   storage
	force     context.Context // ends when a second interrupt wants everything stopped
	stopForce context.CancelFunc
	work      *gate // requests, and forwards that outlive theirs
	quota     *quota
	sum       sum
	filtered  sync.Once
	shadowed  sync.Once
	looked    sync.Once
	paged     sync.Once
	guesses   guesses
	diagnose  chan task
	probes    probes
	pending   pending
}

// New makes a Listener. It opens nothing.
func New(o Options) *Listener {
	force, stop := context.WithCancel(context.Background())
	l := &Listener{
		o: o, force: force, stopForce: stop,
		bodies:   newBudget(o.MaxBody),
		quota:    newQuota(o.ExitAfter),
		work:     newGate(),
		diagnose: make(chan task, diagnoseQueue),
	}
	emit := o.Emit
	l.o.Emit = func(a record.Activity) {
		l.sum.add(a)
		emit(a)
	}
	l.server = &http.Server{
		Handler:           http.HandlerFunc(l.serve),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          discardLog(), // its texts quote what strangers sent
		ConnState:         note,
		ConnContext:       withConn,
		// OPTIONS * is a request like any other.
		DisableGeneralOptionsHandler: true,
	}
	return l
}

// Done is closed once ExitAfter deliveries have been handled.
func (l *Listener) Done() <-chan struct{} { return l.quota.full }

// Serve accepts deliveries on ln until ctx ends, then finishes those under way. Force ends that wait, and then the
// error is a Stopped fault.
func (l *Listener) Serve(ctx context.Context, ln net.Listener) error {
	quit, diagnosed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(diagnosed)
		l.diagnoseLoop(quit)
	}()
	failed := make(chan error, 1)
	l.room = newRoom(ln, cmp.Or(l.most, places(len(l.o.Targets))), l.tell)
	l.room.grace = cmp.Or(l.grace, roomGrace)
	l.bodies.over = l.room.closed
	l.bodies.cutSlow = l.room.cutSlowBodies
	go func() { failed <- l.server.Serve(l.room) }()

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	whole := l.drain(ln)
	close(quit)
	<-diagnosed
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fault.Wrap(fault.Internal, err, "the listening socket failed")
	}
	if !whole {
		return fault.New(fault.Stopped, "stopped at once: what was under way was cut off")
	}
	return nil
}

// Force ends everything at once: requests under way are cut off. What is recorded stays recorded.
func (l *Listener) Force() {
	l.stopForce()
	_ = l.server.Close()
}

// drain finishes what is under way and says whether it came to its end.
func (l *Listener) drain(ln net.Listener) bool {
	if n := l.work.count(); n > 0 {
		l.state(record.State{State: "draining", Count: n, Message: "finishing what is under way; interrupt again to stop at once"})
	}
	_ = ln.Close()
	l.room.end()
	_ = l.server.Shutdown(l.force)
	finished := l.work.close()
	select {
	case <-finished:
		return true
	default:
	}
	select {
	case <-finished:
		return l.force.Err() == nil
	case <-l.force.Done():
		_ = l.server.Close()
		<-finished // forwards end with force, so this is short
		return false
	}
}

func (l *Listener) state(s record.State) {
	l.o.Emit(record.Activity{Type: record.TypeState, Time: l.o.Now(), State: &s})
}

func (l *Listener) failure(f record.Failure) {
	l.o.Emit(record.Activity{Type: record.TypeError, Time: l.o.Now(), Error: &f})
}
