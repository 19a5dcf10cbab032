// Package sandbox is the platform, offline: its whole API, an engine that really delivers, and a clock that can be moved.
package sandbox

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/sign"
)

// Options are what a sandbox is made of. The zero value is an empty Baanx platform in memory.
type Options struct {
	Now           func() time.Time // wall clock
	Seed          *uint64          // of the chaos, and then of event ids too; nil: a random one
	Rand          io.Reader        // keys and ids; crypto/rand when nil
	Rules         *sign.Rules      // how deliveries are signed; nil: baanx
	DataFile      string           // "": in memory
	Fixtures      bool             // start with samples of every status
	Chaos         Chaos
	DeliverRemote bool // deliver to other hosts than this one
	Unavailable   bool // answer every API call 503
	Version       string
	Notify        func(Activity) // called in order, must not block
}

// Activity is one thing the sandbox did.
type Activity struct {
	Time      time.Time // on the sandbox's clock
	Kind      Kind
	EventID   string
	EventType string
	WebhookID string
	Webhook   string // its name
	URL       string
	Attempt   int
	Status    int           // of the receiver's answer; 0 when there was none
	Duration  time.Duration // of the attempt
	Error     string        // why there was no answer
	NextAt    time.Time     // when it is tried again; zero: never
	Result    string        // settled: the event's status
	Note      string        // what chaos did
}

// Kind is what an activity tells.
type Kind string

// The kinds of activity.
const (
	Triggered Kind = "triggered" // an event was raised
	Attempted Kind = "attempted" // one delivery attempt is over
	Settled   Kind = "settled"   // an event reached its last status
	Changed   Kind = "changed"   // a webhook was created, updated, rotated or deleted; Note says which
)

// Sandbox is the platform.
type Sandbox struct{ o Options }

// Chaos is what goes wrong on purpose.
type Chaos struct{}

// ReadOnlyToken may read and nothing else.
const ReadOnlyToken = api.SandboxReadOnlyToken

// ParseChaos reads duplicate=P,reorder=P,delay=DUR[:P],drop=P,status=CODE:P.
func ParseChaos(spec string) (Chaos, error) { return Chaos{}, nil }

// New makes a sandbox. A damaged or foreign DataFile is an error and stays as it is.
func New(o Options) (*Sandbox, error) { return &Sandbox{o: o}, nil }

// Handler answers the API and the sandbox's own routes.
func (s *Sandbox) Handler() http.Handler { return http.NotFoundHandler() }

// Run delivers until ctx ends, then waits for what is under way.
func (s *Sandbox) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Serve answers on ln and delivers until ctx ends, then drains. It closes ln.
func (s *Sandbox) Serve(ctx context.Context, ln net.Listener) error { return nil }

// Close lets go of the data file.
func (s *Sandbox) Close() error { return nil }

// Token is the token that may do everything.
func (s *Sandbox) Token() string { return api.SandboxToken }
