// Package sandbox is the platform offline: its whole API, deliveries that really go out, and a clock that can be moved.
package sandbox

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Deliverer makes one HTTP delivery, as *deliver.Client does.
type Deliverer interface {
	Do(ctx context.Context, q deliver.Request) deliver.Result
}

// Options make a sandbox. The zero value is an empty Baanx platform in memory.
type Options struct {
	Version string // of whctl, for the User-Agent of deliveries
	Token   string // that may do everything; "": the built-in api.SandboxToken

	Rules *sign.Rules // how deliveries are signed, retried and timed out; nil: baanx
	// Asks says that the provider's handshake is asked before the first event goes to a webhook.
	Asks bool
	// VerifyToken is what the provider's handshakes carry; "": the text VerifyToken.
	VerifyToken string
	Params      map[string]string // values of the scheme's {param:name}; "whctl-sandbox" where missing

	DataFile string    // where state is kept; "": in memory
	Own      event.Own // samples of the user's own
	Fixtures bool      // start with samples of every status, if there is nothing else

	Keep int64 // bytes of events that are kept, and as many of attempts; 0: 64 MiB

	Chaos Chaos
	Seed  *uint64 // of the chaos and of event ids: the same seed and the same triggers make the same deliveries in the same order; nil: a random one, and random ids

	Deliver       Deliverer // nil: one that dials this machine only or, with DeliverRemote, any
	DeliverRemote bool      // without it, nothing but loopback is dialled

	// Emit gets all that the sandbox does, in order and with the time of its own clock; nil: nobody does. It is called with the
	// sandbox locked: it must neither block nor call the sandbox.
	Emit func(time.Time, record.Event)

	Now   func() time.Time                     // wall clock; nil: time.Now
	After func(time.Duration) <-chan time.Time // wall timers; nil: time.After
	Rand  io.Reader                            // keys and ids; nil: crypto/rand
}

// Sandbox is the platform. Its methods may be called from several goroutines.
type Sandbox struct {
	o        Options
	readOnly string // the token that may read, and gets 403 for writing; "": there is none, since Options has a token
	seed     uint64
	schedule queue.Schedule // of the attempts at one webhook
	queue    *queue.Queue
	usual    *deliver.Client // what delivers unless Options says otherwise

	mu sync.Mutex
	state
	data   *dataFile     // nil: in memory
	play   chan struct{} // has room for one: what moves the clock
	moved  chan struct{} // has room for one: jobs have changed
	stood  chan struct{} // has room for one: the clock was stopped
	raised time.Time     // when it was, the last time, by the wall clock
	played *api.Advanced // what the advance under way has done; nil: there is none

	lost, told lost      // what was forgotten, and what of that was said
	toldLost   time.Time // when it was last said, by the wall clock
}

// New makes a sandbox. A data file that is damaged, foreign or in use stays as it is; the error is a storage or usage fault.
func New(o Options) (*Sandbox, error) {
	if o.Emit == nil {
		o.Emit = func(time.Time, record.Event) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	o.Rand, o.Keep = cmp.Or(o.Rand, rand.Reader), cmp.Or(o.Keep, keptBytes)
	readOnly := ""
	if o.Token == "" {
		o.Token, readOnly = api.SandboxToken, api.SandboxReadOnlyToken
	}
	if o.Rules == nil {
		spec, err := scheme.Builtin(platform)
		if err == nil {
			o.Rules, err = sign.Compile(spec)
		}
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err, "the scheme of the platform")
		}
	}
	s := &Sandbox{o: o, readOnly: readOnly, play: make(chan struct{}, 1), moved: make(chan struct{}, 1), stood: make(chan struct{}, 1), state: state{
		scheme: o.Rules.Scheme(), clock: clock{wall: o.Now, underWay: map[string]int{}}, seeded: o.Seed != nil, keep: o.Keep, jobs: jobs{store: queue.NewMemory(laneOf)},
	}}
	client := deliver.Options{MaxBody: maxKeptAnswer + 1}
	if !o.DeliverRemote {
		client.DialCheck = LoopbackOnly
	}
	s.usual = deliver.New(client)
	s.o.Deliver = cmp.Or[Deliverer](o.Deliver, s.usual)
	s.seed = mathrand.Uint64() //nolint:gosec // G404: it decides what goes wrong in a rehearsal, and guards nothing
	if o.Seed != nil {
		s.seed = *o.Seed
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

// Close closes the data file and idle connections. Run must have returned.
func (s *Sandbox) Close() error {
	s.usual.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.data == nil {
		return nil
	}
	err := s.data.close()
	s.data = nil
	return err
}

// Token returns the token that may do everything.
func (s *Sandbox) Token() string { return s.o.Token }

// LoopbackOnly refuses to dial another machine. It sees the address that is dialled, since a name may mean any.
func LoopbackOnly(ip netip.Addr) error {
	if netname.LoopbackIP(ip) {
		return nil
	}
	return errors.Join(deliver.ErrDenied, fmt.Errorf("%s is not this machine; the sandbox delivers elsewhere only with --deliver-remote", ip))
}

// notify emits an event. The caller holds the lock, which keeps the order.
func (s *Sandbox) notify(e record.Event) { s.o.Emit(s.clock.now(), e) }
