package admin

// The command that is run when something changes of which somebody should know.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
)

const (
	mostUntold = 16               // changes that wait for the command
	lastTold   = 10 * time.Second // how long the end waits for it
)

// NotifierOptions are what a Notifier is made of. All are needed.
type NotifierOptions struct {
	// Run runs the command with an event on its standard input. It ends it when ctx ends, and after a time of its own.
	Run    func(ctx context.Context, event []byte) error
	Encode func(hub.Stamped) ([]byte, error)
	Fail   func(error) // is told of the first failure, and of the first after a success
}

// Notifier reads the stream and runs a command for each target that goes down or comes back, and each job that dies: one at a time, in order.
type Notifier struct {
	o       NotifierOptions
	changes chan hub.Stamped
	cancel  context.CancelFunc
	done    chan struct{}
	full    bool // changes were left out, and that was told
}

var errBehind = errors.New("it takes too long: some changes are not handed to it")

// NewNotifier makes a reader of the stream. When ctx ends, the command is ended.
func NewNotifier(ctx context.Context, o NotifierOptions) *Notifier {
	n := &Notifier{o: o, changes: make(chan hub.Stamped, mostUntold), done: make(chan struct{})}
	ctx, n.cancel = context.WithCancel(ctx)
	go n.work(ctx)
	return n
}

// Read takes an event of the stream.
func (n *Notifier) Read(s hub.Stamped) {
	if !notable(s.Event) {
		return
	}
	select {
	case n.changes <- s:
		n.full = false
	default:
		if !n.full {
			n.o.Fail(errBehind)
		}
		n.full = true
	}
}

// notable says whether somebody should know of an event at once.
func notable(e record.Event) bool {
	switch e := e.(type) {
	case record.Changed:
		return e.State == record.Lost || e.State == record.Recovered
	case record.JobChanged:
		return e.Job.State == record.JobDead
	default:
		return false
	}
}

func (n *Notifier) work(ctx context.Context) {
	defer close(n.done)
	failed := false
	for s := range n.changes {
		event, err := n.o.Encode(s)
		if err == nil {
			err = n.o.Run(ctx, event)
		}
		if err != nil && !failed && ctx.Err() == nil {
			n.o.Fail(err)
		}
		failed = err != nil
	}
}

// Close waits for the command, for a while.
func (n *Notifier) Close() error {
	close(n.changes)
	defer n.cancel()
	defer time.AfterFunc(lastTold, n.cancel).Stop()
	<-n.done
	return nil
}

// Failure is a failure of the command as the stream tells it.
func Failure(err error) record.Failed {
	return record.Failed{Message: fmt.Sprintf("--notify: %s; it is told once until the command succeeds", err)}
}
