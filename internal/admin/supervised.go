package admin

// What a service manager is told.

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
)

// SupervisedOptions are what a Supervised is made of. All are needed.
type SupervisedOptions struct {
	Targets []Target
	Usual   string            // what people see while all is well; it was told already
	Status  func(text string) // tells the manager what people see
	Live    func()            // tells it that this process is alive
	Alive   func(ctx context.Context) error
	Every   time.Duration // how often it wants to know; 0: never
	After   func(time.Duration) <-chan time.Time
}

// Supervised reads the stream and keeps a service manager informed.
type Supervised struct {
	o       SupervisedOptions
	health  health
	targets targets

	mu   sync.Mutex
	down []string // labels of targets
	said string
}

// NewSupervised makes a reader of the stream, of a listener whose socket is open.
func NewSupervised(o SupervisedOptions) *Supervised {
	s := &Supervised{o: o, said: o.Usual}
	s.targets, _ = newTargets(o.Targets)
	s.health.open()
	return s
}

// Run tells the manager that this process is alive as often as it wants to know, while that is true. It ends with ctx.
func (s *Supervised) Run(ctx context.Context) {
	if s.o.Every <= 0 {
		return
	}
	for {
		within, cancel := context.WithTimeout(ctx, s.o.Every/2)
		if s.o.Alive(within) == nil {
			s.o.Live()
		}
		cancel()
		select {
		case <-s.o.After(s.o.Every):
		case <-ctx.Done():
			return
		}
	}
}

// Read takes an event of the stream.
func (s *Supervised) Read(e hub.Stamped) {
	s.health.read(e.Event)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, is := e.Event.(record.Changed); is {
		label := s.targets.label(c.Target)
		switch at := slices.Index(s.down, label); {
		case c.State == record.Lost && at < 0:
			s.down = append(s.down, label)
		case c.State == record.Recovered && at >= 0:
			s.down = slices.Delete(s.down, at, at+1)
		}
	}
	text := s.o.Usual
	if why := s.health.why(); why != "" {
		text = why
	} else if len(s.down) > 0 {
		text += "; no answer from " + strings.Join(s.down, ", ")
	}
	if text != s.said {
		s.said = text
		s.o.Status(text)
	}
}

// Close has nothing to do.
func (s *Supervised) Close() error { return nil }
