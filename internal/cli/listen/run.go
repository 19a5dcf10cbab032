package listen

// A run of whctl listen, put together.

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"math"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/whctl/whctl/internal/admin"
	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/broker"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/scrub"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/target"
)

// streamSize is how many events may wait for a slow reader of the output before some are dropped.
const streamSize = 1024

// purpose is what a run of the listener is for.
type purpose interface {
	// command is the name of the command.
	command() string
	// printer makes what prints the stream.
	printer(o *options) (render.Printer, error)
	// attach attaches the readers of the stream. The session can be stopped by then.
	attach(ctx context.Context, s *session)
	// begin is called once the socket is open, and people are told so.
	begin(ctx context.Context, s *session) error
	// outcome is the error of the run. All readers of the stream have ended.
	outcome(s *session, cause error, l *listen.Listener) error
}

// session is one run of the listener with what it opened.
type session struct {
	*options
	purpose purpose
	profile string
	keys    *cmdkit.KeySet
	journal *journal.Journal
	hub     hub.Hub
	printed *hub.Feed // of the printer
	printer render.Printer
	sandbox *embedded       // nil without --sandbox
	signing secret.Resolved // what the sandbox signs with; empty: it makes a key
	token   string          // of the sandbox's API
	ready   record.Ready
	judge   func(context.Context) *judge.Judge // as its keys are now
	admin   *adminPage                         // nil without --admin
	skew    *admin.Skew
	scrub   *scrub.Scrubber // nil without --scrub
	door    door
	from    []broker.Source
	brought *cmdkit.KeyFile // of the key that a handshake brings
	shown   chan struct{}   // closed when the ready event was printed
	targets []target.Target // of the run, with what is set on their requests
	open    func(target.Target) target.Sender
	endKeys func() // ends what keys do; nil: none does anything

	printing sync.Mutex // of the printer, which keys use too
	seen     seen
	stop     context.CancelCauseFunc
}

func runListen(ctx context.Context, o *options) error { return run(ctx, o, listening{}) }

func run(ctx context.Context, o *options, p purpose) error {
	if err := o.check(); err != nil {
		return err
	}
	to, err := o.directions()
	if err != nil {
		return err
	}
	if err := errors.Join(o.checkScrub(to), o.checkLoop(to), o.readAccess()); err != nil {
		return err
	}
	s, err := o.prepare(ctx, p)
	if err != nil {
		return err
	}
	if s.brought, err = cmdkit.NewKeyFile(o.keyPath); err != nil {
		return err
	}
	defer s.brought.Close()
	ctx, s.stop = context.WithCancelCause(ctx)
	defer s.stop(nil)
	p.attach(ctx, s)
	defer s.hub.Close()
	defer s.attachOperator(ctx)()
	if o.set.Admin != "" {
		if err := s.openAdmin(ctx, to.targets()); err != nil {
			return err
		}
		defer s.admin.close()
	}
	if s.door, err = o.openDoor(ctx, to); err != nil {
		return err
	}
	defer s.door.close()
	if s.journal, err = s.openJournal(ctx); err != nil {
		return err
	}
	defer func() { _ = s.journal.Close() }()
	if o.sandbox {
		if err := s.startSandbox(ctx, s.door.ln.Addr()); err != nil {
			return err
		}
		defer s.sandbox.stop()
	}
	now, err := s.verifying(ctx)
	if err != nil {
		return err
	}
	s.warnAboutEvents(to.routes)
	s.warnAboutIdle(to)
	s.withAccess(to)
	s.warnAboutWindow(ctx, to, now)
	l, err := s.listener(to, now)
	if err != nil {
		return err
	}
	defer s.tellRunning(ctx, to, now)()
	if o.readyFile != "" { // the socket is open: whoever connects now is served
		if err := cmdkit.WriteReady(o.readyFile, s.place()); err != nil {
			return err
		}
	}
	boundMemory()
	if s.admin != nil {
		s.admin.open(ctx, s, l)
	}
	s.hub.Emit(s.env.Now(), s.ready)
	defer s.supervise(ctx, to.targets(), l)()
	return s.serve(ctx, l)
}

// prepare makes the session with its keys and printer. With --sandbox the sandbox gives the key later.
func (o *options) prepare(ctx context.Context, p purpose) (*session, error) {
	settings, err := o.env.Settings()
	if err != nil {
		return nil, err
	}
	s := &session{options: o, purpose: p, profile: settings.Profile, shown: make(chan struct{})}
	if s.printer, err = p.printer(o); err != nil {
		return nil, err
	}
	o.env.Hide(o.verifyToken)
	if len(o.set.Scrub) > 0 {
		if s.scrub, err = o.env.Scrubber(ctx, o.set.Scrub); err != nil {
			return nil, err
		}
	}
	if o.sandbox {
		s.profile = "sandbox"
		return s, s.sandboxKeys(ctx)
	}
	s.keys, err = o.flags.Verifying(ctx, o.env, false)
	return s, err
}

// openJournal opens the journal for writing. A wait is told at once, what the journal does later is part of the stream.
func (s *session) openJournal(ctx context.Context) (*journal.Journal, error) {
	settings, err := s.env.Settings()
	if err != nil {
		return nil, err
	}
	var open atomic.Bool
	j, err := journal.Open(ctx, settings.JournalPath, journal.Options{Now: s.env.Now, Tell: func(st record.Changed) {
		if open.Load() {
			s.hub.Emit(s.env.Now(), st)
		} else {
			s.env.Warn("%s", st.Message)
		}
	}})
	if err != nil {
		return nil, err
	}
	open.Store(true)
	if w := j.Warning(); w != "" {
		s.env.Warn("%s", w)
	}
	return j, nil
}

// verifying makes the judge of the run, and returns it with the keys of now. It warns of what cannot be verified.
func (s *session) verifying(ctx context.Context) (*judge.Judge, error) {
	if err := s.makeJudge(ctx); err != nil {
		return nil, err
	}
	now := s.judge(ctx)
	if err := s.warnAboutKeys(now); err != nil {
		return nil, err
	}
	s.warnAboutURL(now)
	return now, nil
}

// makeJudge makes the judge of the run. Changes of saved keys count from the next delivery on. The key of a sandbox stays.
func (s *session) makeJudge(ctx context.Context) error {
	o := judge.Options{
		Patience: judge.Brief(), NoVerify: s.set.NoVerify, PublicURL: s.set.PublicURL, Tolerance: s.set.Tolerance,
		VerifyToken: s.verifyToken, Others: sync.OnceValue(cmdkit.Handshaking), Rivals: cmdkit.Rivals(s.env),
	}
	var err error
	if o.Certificate, err = s.keys.Certificates(s.fetch); err != nil {
		return err
	}
	if s.sandbox != nil {
		j := s.keys.Judge(o)
		s.judge = func(context.Context) *judge.Judge { return j }
		return nil
	}
	live, err := s.flags.Live(ctx, s.env, s.keys, o, func(change string) {
		s.hub.Emit(s.env.Now(), record.Changed{State: record.KeysChanged, Message: change})
	})
	if err != nil {
		return err
	}
	s.judge = live.Judge
	return nil
}

// warnAboutKeys warns that nothing is verified. Where other machines reach the listener, that takes --no-verify.
func (s *session) warnAboutKeys(j *judge.Judge) error {
	if s.set.NoVerify || !j.Empty() {
		return nil
	}
	if s.door.isOpen() && !netname.LoopbackAddr(s.door.addr()) {
		return fault.Hint(fault.New(fault.Usage, "no key to verify with, and %s can be reached from other machines", s.door.addr()),
			"add --secret-file FILE, or --no-verify to take anything")
	}
	if others := s.keys.Undecided(); others != "" {
		s.env.Warn("no key of scheme %s: deliveries are marked unverified. %s: choose with --scheme or --webhook", s.keys.Scheme(), others)
		return nil
	}
	s.env.Warn("no key given: deliveries are marked unverified. add --secret-file FILE, or save one with whctl keys add")
	return nil
}

// warnAboutURL says what verifying a signed URL needs. The sandbox signs the URL that it delivers to.
func (s *session) warnAboutURL(j *judge.Judge) {
	if s.sandbox != nil || s.set.NoVerify || s.set.PublicURL != "" || s.keys.Auto() || j.Empty() || !j.Rules().Needs().URL {
		return
	}
	s.env.Warn("scheme %s signs the URL: behind a proxy or tunnel give --public-url https://…", s.keys.Scheme())
}

// warnAboutEvents tells which of --events and --route match nothing. What they leave out is answered 200.
func (s *session) warnAboutEvents(routes []listen.Route) {
	scheme := ""
	if !s.keys.Auto() {
		scheme = s.keys.Scheme()
	}
	s.env.WarnPatterns(s.settled.Given("listen.events"), scheme, s.set.Events)
	s.warnAboutRoutes(scheme, routes)
}

func (s *session) listener(to *directions, j *judge.Judge) (*listen.Listener, error) {
	header, err := s.addedHeaders()
	if err != nil {
		return nil, err
	}
	mark := make([]byte, 8)
	if _, err := io.ReadFull(s.env.Rand, mark); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "cannot make a mark for forwarded requests")
	}
	s.withHeaders(to, header)
	s.open = s.senders(j, header)
	targets := to.targets()
	timeout := s.waitFor(time.Duration(j.Rules().Scheme().AnswerTimeout * float64(time.Second)))
	for i := range targets {
		targets[i].Timeout = timeout
	}
	s.targets = targets
	s.makeSources(timeout)
	var filter listen.Filter
	if s.selection != nil {
		filter = s.selection.Keep
	}
	return listen.New(listen.Options{
		HopMark: hex.EncodeToString(mark), Profile: s.profile, Targets: targets, Judge: s.judge,
		Router:     listen.Router{Events: s.set.Events, Filter: filter, Routes: to.all()},
		Handshakes: listen.Handshakes(s.set.Handshake), KeepKey: s.keeper(),
		ForwardInvalid: s.set.OnInvalid == "forward", AckNow: s.set.Ack == "now", Queue: s.queue(), After: time.After,
		Open:    s.open,
		MaxBody: int64(s.set.MaxBody), Recorder: s.journal, Now: s.env.Now, Emit: s.hub.Emit, ExitAfter: s.exitAfter, CountRefused: s.countRefused, Trace: s.trace(), Scrub: s.scrub, Respond: s.respond,
		Recent: func(ctx context.Context, fn func(*record.Delivery) error) error {
			return s.journal.Each(ctx, journal.Filter{Profile: s.profile, Bodies: true}, fn)
		},
	}), nil
}

// queue is the jobs that no sender waits for. A sandbox in this process has nothing to do with the jobs of other runs.
func (s *session) queue() listen.Queue {
	from := journal.TakeUp
	if s.sandbox != nil {
		from = journal.DropThem
	}
	q := listen.Queue{
		Jobs:    s.journal.Backlog(s.profile, from),
		Policy:  queue.Policy{Width: int(s.set.LaneWidth), GiveUp: usualRetries, RetryOn: s.retryOn, Now: s.env.Now, Rand: queue.Jitter},
		MaxJobs: s.maxJobs, MaxBytes: s.maxJobBytes,
	}
	if s.set.Retries != nil {
		q.Policy.GiveUp = *s.set.Retries
	}
	return q
}

// senders open targets. Those that are kept on this machine share one client, the others another.
func (s *session) senders(j *judge.Judge, header http.Header) func(target.Target) target.Sender {
	o := deliver.Options{
		Insecure: s.set.Insecure, MaxBody: listen.KeptBody, Trace: s.trace(), SignatureHeaders: j.SignatureHeaders(),
		SecretHeaders: slices.Concat(j.SecretHeaders(), scheme.TokenHeaders(), slices.Collect(maps.Keys(header))), // the user's headers usually are credentials
	}
	anywhere := deliver.New(o)
	o.DialCheck = onlyHere
	here := deliver.New(o)
	return func(t target.Target) target.Sender {
		switch {
		case t.Kafka():
			return broker.NewKafka(t)
		case t.Broker():
			return broker.NewNATS(t)
		case t.Here:
			return target.NewHTTP(t, here, s.env.Now)
		default:
			return target.NewHTTP(t, anywhere, s.env.Now)
		}
	}
}

// usualGC is what Go sets GOGC to, in percent, and ownGC what a listener does. Its live heap is a few MiB, which garbage of requests
// would have collected hundreds of times a second.
const (
	usualGC = 100
	ownGC   = 150
)

// boundMemory bounds the heap, which large bodies could make twice as large as they need, and has it collected less often where it is
// small. GOMEMLIMIT and GOGC win.
func boundMemory() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(listen.Memory)
	}
	if before := debug.SetGCPercent(ownGC); before != usualGC {
		debug.SetGCPercent(before)
	}
}

// addresses are the URLs of targets, and where somebody named one, what records call each.
func addresses(targets []target.Target) (urls, labels []string) {
	for _, t := range targets {
		urls, labels = append(urls, t.URL), append(labels, t.Label())
	}
	if !slices.ContainsFunc(targets, func(t target.Target) bool { return t.Named }) {
		labels = nil
	}
	return urls, labels
}

// keyCount is how many keys verify: with --no-verify none does.
func (s *session) keyCount(j *judge.Judge) int {
	if s.set.NoVerify {
		return 0
	}
	return j.Count()
}

// tellRunning makes the ready event, and tells other commands of this run until the function that it returns is called.
func (s *session) tellRunning(ctx context.Context, to *directions, j *judge.Judge) (over func()) {
	s.ready = record.Ready{Addr: s.door.addr(), Scheme: s.keys.Scheme(), Open: s.keys.Auto(), Keys: s.keyCount(j), Journal: s.journal.Path()}
	if s.door.isOpen() {
		s.ready.URL = "http://" + netname.ReachedAt(s.door.addr())
	}
	for _, source := range s.sources {
		s.ready.From = append(s.ready.From, source.URL)
	}
	s.ready.Targets, s.ready.Names = addresses(to.targets())
	if len(to.routes) > 0 {
		for _, r := range to.all() {
			s.ready.Routes = append(s.ready.Routes, record.Route{Name: r.Name, Targets: r.Targets})
		}
	}
	if s.sandbox != nil {
		s.ready.SandboxURL, s.ready.SandboxKey = s.sandbox.url, s.sandbox.key
	}
	if s.admin != nil {
		s.ready.AdminURL = s.admin.url
	}
	r := cmdkit.Running{
		Command: s.purpose.command(), Profile: s.profile, Addr: s.ready.Addr, URL: s.ready.URL, From: s.ready.From, Scheme: s.ready.Scheme, Targets: []string{},
		AdminURL: s.ready.AdminURL, SandboxURL: s.ready.SandboxURL, Journal: s.ready.Journal,
	}
	for _, t := range to.targets() {
		r.Targets = append(r.Targets, t.Name)
	}
	m := s.env.MarkRunning(ctx, r)
	s.hub.Attach(m, operatorSize)
	return m.Release
}

// whenOpen begins what the run is for. It raises the sandbox's first events once the ready event is printed.
func (s *session) whenOpen(ctx context.Context) error {
	if s.sandbox != nil {
		select {
		case <-s.shown:
		case <-ctx.Done(): // the output failed, or the run is over
			return nil
		}
		if err := s.sandbox.open(ctx, s); err != nil {
			return err
		}
	}
	return s.purpose.begin(ctx, s)
}

// coming are the event types that --trigger asks for.
func (o *options) coming(scheme string) []string {
	switch o.trigger {
	case "":
		return nil
	case api.TypeAll:
		return event.SampleTypes(scheme)
	default:
		return []string{o.trigger}
	}
}
