package listen

// The page of --admin: its socket, and what it may ask.

import (
	"context"
	"math"
	"net"
	"strings"

	"github.com/whctl/whctl/internal/admin"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/serve"
	"github.com/whctl/whctl/internal/target"
)

// adminSize is how many events may wait for the figures.
const adminSize = 4096

// adminPage is the page of --admin, which is served.
type adminPage struct {
	*admin.Page
	url  string
	stop context.CancelFunc
	done chan struct{}
}

// openAdmin serves the page. It says that the listener is starting until it is opened.
func (s *session) openAdmin(ctx context.Context, targets []target.Target) error {
	ln, err := s.listenAdmin(ctx)
	if err != nil {
		return err
	}
	a := &adminPage{url: "http://" + netname.ReachedAt(s.adminAddr(ln)), done: make(chan struct{})}
	a.Page = admin.New(admin.Options{Now: s.env.Now, Addr: s.set.Admin, Version: s.env.Version, Targets: named(targets)})
	s.admin = a
	s.hub.Attach(a.Page, adminSize)
	// The page outlives ctx: it tells of the end.
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.stop = stop
	go func() {
		defer close(a.done)
		if err := a.Serve(running, ln); err != nil {
			s.hub.Emit(s.env.Now(), record.Failed{Message: "the admin page ended: " + err.Error()})
		}
	}()
	return nil
}

// listenAdmin binds the address of the page. One that is loopback as it is written stays so, whatever a name resolves to.
func (s *session) listenAdmin(ctx context.Context) (net.Listener, error) {
	bind := serve.Open
	if netname.LoopbackAddr(s.set.Admin) {
		bind = serve.OpenLocal
	}
	ln, err := bind(ctx, s.set.Admin)
	if err != nil {
		return nil, fault.Hint(err, "use --admin 127.0.0.1:0 to take a free port")
	}
	if !netname.LoopbackAddr(ln.Addr().String()) {
		s.env.Warn("other machines can read the figures at %s: they hold no body, header, key or path, and no password guards them", s.adminAddr(ln))
	}
	return ln, nil
}

// adminAddr is the address of the page, as it was asked for.
func (s *session) adminAddr(ln net.Listener) string {
	return netname.BoundAddr(s.set.Admin, ln.Addr().String())
}

// named is what events and figures call targets.
func named(targets []target.Target) []admin.Target {
	out := make([]admin.Target, len(targets))
	for i, t := range targets {
		label := t.Name
		if !t.Named {
			label = strings.TrimSuffix(t.Name, t.Path)
		}
		out[i] = admin.Target{Names: []string{t.Name, t.Label()}, Label: label}
	}
	return out
}

// open tells the page that the socket is open, and what it may ask. When ctx ends, no more deliveries are taken.
func (a *adminPage) open(ctx context.Context, s *session, l *listen.Listener) {
	room := func(part func() int64) func() float64 {
		return func() float64 {
			if n := part(); n >= 0 {
				return float64(n)
			}
			return math.NaN()
		}
	}
	a.Open(admin.Engine{
		Alive:   s.alive(ctx, l),
		Recheck: l.Recheck,
		Lanes:   func(ctx context.Context) ([]record.Lane, error) { return s.journal.Lanes(ctx, s.profile) },
		Gauges: []admin.Figure{
			{Name: "whctl_clock_skew_seconds", Value: s.skew.Seconds},
			{Name: "whctl_journal_bytes", Value: room(func() int64 { return s.journal.Room().Used })},
			{Name: "whctl_journal_limit_bytes", Value: room(func() int64 { return s.journal.Room().Limit })},
			{Name: "whctl_disk_free_bytes", Value: room(func() int64 { return s.journal.Room().Free })},
			{Name: "whctl_source_lag_messages", Value: room(s.lag)},
		},
		Totals: []admin.Figure{
			{Name: "whctl_filtered_total", Value: func() float64 { return float64(l.Summary().Filtered) }},
			{Name: "whctl_events_missed_total", Labels: []string{"reader", "output"}, Value: func() float64 { return float64(s.printed.Dropped()) }},
		},
	})
	context.AfterFunc(ctx, a.End)
}

// close lets the answers under way finish.
func (a *adminPage) close() {
	a.stop()
	<-a.done
}
