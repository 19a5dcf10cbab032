// Package sandbox is the platform, offline: its whole API, an engine that really delivers, and a clock that can be moved.
package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	mathrand "math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// ReadOnlyToken may read; writing with it is answered 403. A sandbox with a token of its own does not know it.
const ReadOnlyToken = api.SandboxReadOnlyToken

// Deliverer makes one HTTP delivery; *deliver.Client is one.
type Deliverer interface {
	Do(ctx context.Context, q deliver.Request) deliver.Result
}

// Options are what a sandbox is made of. The zero value is an empty Baanx platform in memory.
type Options struct {
	Version string // of whctl, for the User-Agent of deliveries
	Token   string // that may do everything; "": the built-in api.SandboxToken

	Rules  *sign.Rules       // how deliveries are signed, retried and timed out; nil: baanx
	Params map[string]string // values of the scheme's {param:name}; "whctl-sandbox" where missing

	DataFile string // where state is kept; "": in memory
	Fixtures bool   // samples of every status, when there is nothing else yet

	Keep int64 // bytes of events that are kept, and of attempts; 64 MiB when 0

	Chaos Chaos
	Seed  *uint64 // of the chaos, and then of event ids too; nil: a random one, and ids are fresh

	Deliver       Deliverer // nil: one that dials this machine only, or any with DeliverRemote
	DeliverRemote bool      // without it, nothing but loopback is dialled
	Unavailable   bool      // answer every API call 503, as an environment without a notification service does

	// Emit is told of everything the sandbox does, in order, at the time of its own clock. It is called with the sandbox
	// locked: it must neither block nor call the sandbox.
	Emit func(time.Time, record.Event)

	Now   func() time.Time                     // wall clock; time.Now when nil
	After func(time.Duration) <-chan time.Time // wall timers; time.After when nil
	Rand  io.Reader                            // keys and ids; crypto/rand when nil
}

// Sandbox is the platform. Its methods may be called from several goroutines.
type Sandbox struct {
	o        Options
	readOnly string // the token that may read; "": there is none
	seed     uint64
	schedule queue.Schedule // of the attempts at one webhook
	queue    *queue.Queue
	own      *deliver.Client // made here, so closed here; nil when one was handed in

	mu sync.Mutex
	state
	data *dataFile     // nil: in memory
	play chan struct{} // holds one token: whoever has it may move the clock

	lost, untold lost      // what was forgotten, and what of it was not said yet
	toldLost     time.Time // when it was said last, on the wall clock
}

// New makes a sandbox. A data file that is damaged, foreign or in use is an error and stays as it is.
func New(o Options) (*Sandbox, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	readOnly := ""
	if o.Keep == 0 {
		o.Keep = keptBytes
	}
	if o.Token == "" {
		o.Token, readOnly = api.SandboxToken, ReadOnlyToken
	}
	if o.Rules == nil {
		rules, err := baanx()
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err, "the scheme of the platform")
		}
		o.Rules = rules
	}
	s := &Sandbox{o: o, readOnly: readOnly, play: make(chan struct{}, 1), state: state{
		scheme: o.Rules.Scheme(), clock: clock{wall: o.Now}, seeded: o.Seed != nil, keep: o.Keep, jobs: newJobs(),
	}}
	if s.o.Deliver == nil {
		s.own = newDeliverer(o.DeliverRemote)
		s.o.Deliver = s.own
	}
	if o.Seed != nil {
		s.seed = *o.Seed
	} else {
		s.seed = mathrand.Uint64() //nolint:gosec // G404: it decides what goes wrong in a rehearsal, and guards nothing
	}
	s.schedule = scheduleOf(s.scheme.Retry)
	s.queue = s.newQueue()
	s.reset()
	if err := s.open(); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// open reads the data file and, where there is nothing yet, puts the fixtures in.
func (s *Sandbox) open() error {
	if err := s.openData(); err != nil {
		return err
	}
	if s.o.Fixtures && len(s.webhooks) == 0 && len(s.events) == 0 {
		return s.addFixtures()
	}
	return nil
}

// Close lets go of the data file and of kept connections. Run must have returned.
func (s *Sandbox) Close() error {
	if s.own != nil {
		s.own.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.data == nil {
		return nil
	}
	err := s.data.close()
	s.data = nil
	return err
}

// Token is the token that may do everything.
func (s *Sandbox) Token() string { return s.o.Token }

// Seed is what the chaos is made from: the same seed and the same triggers give the same deliveries.
func (s *Sandbox) Seed() uint64 { return s.seed }

func baanx() (*sign.Rules, error) {
	spec, err := scheme.Builtin(platform)
	if err != nil {
		return nil, err
	}
	return sign.Compile(spec)
}

// newDeliverer dials loopback only, which is checked on the address that is dialled: a name can be made to mean
// anything. Every address is fine with remote.
func newDeliverer(remote bool) *deliver.Client {
	if remote {
		return deliver.New(deliver.Options{MaxBody: maxKeptAnswer + 1})
	}
	return deliver.New(deliver.Options{MaxBody: maxKeptAnswer + 1, DialCheck: LoopbackOnly})
}

// LoopbackOnly is the check of what a sandbox dials.
func LoopbackOnly(ip netip.Addr) error {
	if netname.LoopbackIP(ip) {
		return nil
	}
	return errors.Join(deliver.ErrDenied, notLoopbackError{ip})
}

type notLoopbackError struct{ ip netip.Addr }

func (e notLoopbackError) Error() string {
	return e.ip.String() + " is not this machine; the sandbox delivers elsewhere only with --deliver-remote"
}

// notify tells the outside. The caller holds the lock, so that order is kept.
func (s *Sandbox) notify(e record.Event) {
	if s.o.Emit != nil {
		s.o.Emit(s.clock.now(), e)
	}
}
