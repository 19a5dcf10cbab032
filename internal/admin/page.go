// Package admin is what a listener does for its operator: it says that it lives, whether it takes deliveries, and what it has done, and
// it tells of what somebody should know.
package admin

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/serve"
)

// The page is asked by one or two programs of the operator, so few connections do, and none of them keeps its place for long.
const (
	maxConns  = 32
	grace     = 100 * time.Millisecond
	headTime  = 2 * time.Second
	readTime  = 5 * time.Second
	idleTime  = time.Minute
	aliveTime = 6 * time.Second // for what must run to answer; the journal's writer waits 4 s for other processes
	endTime   = time.Second     // for answers under way at the end
)

var errStarting = errors.New("the journal is not open yet")

// Options are what a Page is made of. All are needed.
type Options struct {
	Now     func() time.Time
	Addr    string // HOST:PORT to serve on, as it was asked for; which Host headers are answered follows from it
	Version string // of this program
	Targets []Target
}

// Engine is the listener whose socket is open.
type Engine struct {
	// Alive fails when something that must run does not answer until ctx ends.
	Alive func(ctx context.Context) error
	// Recheck looks whether deliveries can be recorded again. The stream tells if so.
	Recheck func(ctx context.Context)
	// Lanes are the lanes that have jobs, of this run's targets and of others.
	Lanes  func(ctx context.Context) ([]record.Lane, error)
	Gauges []Figure
	Totals []Figure // they only rise
}

// Page serves /healthz, /readyz and /metrics. It reads the stream of events. It opens nothing by itself.
type Page struct {
	o       Options
	server  *serve.Server
	health  health
	figures *figures

	mu     sync.Mutex // one look at the engine at a time, however many ask
	engine Engine
}

// New makes a page that says the listener is starting.
func New(o Options) *Page {
	p := &Page{o: o, figures: newFigures(o), engine: idle()}
	p.server = serve.New(context.Background(), serve.Options{Handler: p, Conns: maxConns, Lost: func(serve.Loss) {}, Draining: func(int) {}})
	p.server.Limits = serve.Limits{Header: headTime, Read: readTime, Idle: idleTime, Grace: grace, Conns: maxConns}
	return p
}

// idle is the engine of a listener that is starting.
func idle() Engine {
	return Engine{
		Alive:   func(context.Context) error { return nil },
		Recheck: func(context.Context) {},
		Lanes:   func(context.Context) ([]record.Lane, error) { return nil, errStarting },
	}
}

// Serve answers on ln until ctx ends, finishes the answers under way, and closes ln.
func (p *Page) Serve(ctx context.Context, ln net.Listener) error {
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(endTime, p.server.Force) })
	defer stop()
	if err := p.server.Serve(ctx, ln); !errors.Is(err, serve.ErrCut) {
		return err
	}
	return nil
}

// Open says that the listener's socket is open.
func (p *Page) Open(e Engine) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.engine = e
	for _, g := range e.Gauges {
		p.figures.gauge(g)
	}
	for _, t := range e.Totals {
		p.figures.total(t)
	}
	p.health.open()
}

// End says that the listener takes no more deliveries.
func (p *Page) End() { p.health.end() }

// Read takes an event of the stream.
func (p *Page) Read(s hub.Stamped) {
	p.health.read(s.Event)
	p.figures.read(s)
}

// Close has nothing to do: the last look is still answered.
func (p *Page) Close() error { return nil }

// ServeHTTP answers programs on this machine, or whoever the operator let in. Strangers get no connection that others need.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	switch reads := r.Method == http.MethodGet || r.Method == http.MethodHead; {
	case !netname.ServedHost(r.Host, p.o.Addr), serve.FromOtherSite(r.Header):
		p.refuse(w, http.StatusForbidden, "this address does not answer under that name, nor pages of other sites")
	case !reads:
		h.Set("Allow", "GET, HEAD")
		p.refuse(w, http.StatusMethodNotAllowed, "only GET is answered here")
	case r.URL.Path == "/healthz":
		p.alive(w, r)
	case r.URL.Path == "/readyz":
		p.ready(w, r)
	case r.URL.Path == "/metrics":
		p.metrics(w, r)
	default:
		p.refuse(w, http.StatusNotFound, "there are /healthz, /readyz and /metrics")
	}
}

func (p *Page) refuse(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Connection", "close")
	serve.Answer(w, status, why+"\n")
}

// alive answers whether the process does its work. A listener that is starting does.
func (p *Page) alive(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ctx, cancel := context.WithTimeout(r.Context(), aliveTime)
	defer cancel()
	if p.engine.Alive(ctx) != nil { // its words may name files
		serve.Answer(w, http.StatusServiceUnavailable, "the listener does not answer\n")
		return
	}
	serve.Answer(w, http.StatusOK, "ok\n")
}

// ready answers whether deliveries are taken.
func (p *Page) ready(w http.ResponseWriter, r *http.Request) {
	why := p.health.why()
	if why == unrecorded { // whoever sends none here until this says ready would wait for ever
		p.recheck(r.Context())
		why = p.health.why()
	}
	if why != "" {
		serve.Answer(w, http.StatusServiceUnavailable, why+"\n")
		return
	}
	serve.Answer(w, http.StatusOK, "ready\n")
}

func (p *Page) recheck(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, aliveTime)
	defer cancel()
	p.engine.Recheck(ctx)
}

func (p *Page) metrics(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ctx, cancel := context.WithTimeout(r.Context(), readTime)
	defer cancel()
	lanes, err := p.engine.Lanes(ctx)
	p.figures.setLanes(lanes, err == nil)
	var b bytes.Buffer
	p.figures.write(&b, p.health.why() == "")
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = io.Copy(w, &b)
}
