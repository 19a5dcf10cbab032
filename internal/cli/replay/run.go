package replay

// A run: what was chosen is sent, in order and at its rate, until it is through or interrupted.

import (
	"context"
	"sync"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/target"
)

// planned is a delivery that is to be sent again.
type planned struct {
	id    string
	place int
}

// session is one run.
type session struct {
	*options
	maker   *maker
	places  *places
	plan    []planned
	done    *earlier
	journal *journal.Journal
	senders []target.Sender
	printer *printer

	mu    sync.Mutex
	left  bool // people were told that the journal has no secrets
	queue []record.Job
}

func run(ctx context.Context, o *options) error {
	if err := o.check(); err != nil {
		return err
	}
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	s := &session{options: o}
	if s.places, err = newPlaces(o); err != nil {
		return err
	}
	if s.maker, err = newMaker(ctx, o); err != nil {
		return err
	}
	unfound, err := s.choose(ctx)
	if err != nil {
		return err
	}
	if s.printer, err = newPrinter(o, out, s.places, len(s.plan)); err != nil {
		return err
	}
	switch {
	case len(s.plan) == 0:
		err = s.printer.close()
	case o.dryRun:
		err = s.rehearse(ctx)
	default:
		err = s.send(ctx)
	}
	return s.whole(unfound, err)
}

// whole is how a run ends. Of several that are named, one that is not found was only warned of.
func (s *session) whole(unfound, err error) error {
	if len(s.choice.refs) == 1 {
		return fault.Worse(unfound, err)
	}
	return fault.NotEvery("not every delivery was found", unfound, err)
}

// choose makes the plan. What is missing for any of it is said before anything is sent. unfound is what is wrong with references.
func (s *session) choose(ctx context.Context) (unfound, err error) {
	j, err := s.env.Journal(ctx, journal.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = j.Close() }()
	if err := needNewest(ctx, j); err != nil {
		return nil, err
	}
	if s.done, err = s.earlier(ctx, j); err != nil {
		return nil, err
	}
	refused, forged := 0, 0
	unfound, err = s.choice.each(ctx, j, func(d *record.Delivery) error {
		if s.choice.leavesOut(d) {
			refused++
			return nil
		}
		if err := s.maker.check(ctx, d); err != nil {
			return err
		}
		if wasRefused(d) && s.maker.signs(d) {
			forged++
		}
		to, err := s.places.of(ctx, j, d)
		if err != nil {
			return err
		}
		if !s.done.has(d.ID, s.places.list[to].label) {
			s.plan = append(s.plan, planned{d.ID, to})
		}
		return nil
	})
	if refused > 0 {
		s.env.Say("%s left out that whctl had refused; --verdict refused sends them", fault.Plural(refused, "delivery"))
	}
	if forged > 0 {
		s.env.Warn("%s that did not verify: signed again, what anybody may have sent holds", fault.Plural(forged, "delivery"))
	}
	s.done.say(s.env)
	if err == nil && len(s.plan) == 0 && unfound == nil {
		s.env.Say("nothing to send")
		err = s.choice.sayUnknown(ctx, j)
	}
	return unfound, err
}

// needNewest fails for a journal of an earlier version that no listener has opened since. Whoever changes such a file may have to wait
// for minutes, so that is left to a listener.
func needNewest(ctx context.Context, j *journal.Journal) error {
	newest, err := j.Newest(ctx)
	if err != nil || newest {
		return err
	}
	return fault.Hint(fault.New(fault.Refused, "the journal %s is of an earlier whctl, which had no replays", j.Path()),
		"the next whctl listen brings it up to date")
}

// rehearse prints what would be sent.
func (s *session) rehearse(ctx context.Context) (worst error) {
	j, err := s.env.Journal(ctx, journal.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	for _, p := range s.plan {
		if err := ctx.Err(); err != nil {
			return err
		}
		d, _, err := j.Get(ctx, "", p.id)
		to := &s.places.list[p.place]
		var r *ready
		if err == nil {
			r, err = s.maker.ready(ctx, &d, to)
		}
		if err != nil {
			worst = fault.Worse(worst, s.printer.problem(p.id, err))
			continue
		}
		if err := s.printer.rehearsed(r, to); err != nil {
			return err
		}
	}
	return s.printer.told(fault.Worse(worst, s.printer.close()))
}

// send sends the plan.
func (s *session) send(ctx context.Context) error {
	if err := s.places.ask(len(s.plan)); err != nil {
		return err
	}
	var err error
	if s.journal, err = s.env.Journal(ctx, journal.Options{}); err != nil {
		return err
	}
	defer func() { _ = s.journal.Close() }()
	if err := s.done.settle(ctx, s.journal); err != nil {
		return err
	}
	secrets, signatures := s.maker.headers()
	var closeAll func()
	s.senders, closeAll = s.places.open(secrets, signatures)
	defer closeAll()
	if len(s.plan) > 1 {
		s.env.Say("sending %s; if this run is cut off, the same command with --resume %s goes on with the rest",
			fault.Plural(len(s.plan), "delivery"), s.choice.token())
	}
	err = s.each(ctx)
	if s.lane() && len(s.queue) > 0 {
		err = fault.Worse(err, cmdkit.SayNext(context.WithoutCancel(ctx), s.env, s.journal, s.queue[:1]))
	}
	return s.printer.end(ctx, err, s.choice.token())
}

// each sends each delivery of the plan. The end of ctx, or an error, stops it once those that are being sent are through.
func (s *session) each(ctx context.Context) error {
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer s.onForce(cancel)()
	starting, stop := context.WithCancel(ctx)
	defer stop()
	work := make(chan planned)
	var wg sync.WaitGroup
	var worst error
	for range min(s.concurrency, len(s.plan)) {
		wg.Go(func() {
			for p := range work {
				err := s.one(sending, p)
				s.mu.Lock()
				worst = fault.Worse(worst, err)
				s.mu.Unlock()
				if fault.KindOf(err) == fault.Storage && err != nil { // what cannot be recorded is not sent
					stop()
				}
			}
		})
	}
	p := pace{step: s.rate.Step, now: s.env.Now}
	for _, next := range s.plan {
		if p.wait(starting) != nil {
			break
		}
		select {
		case work <- next:
			continue
		case <-starting.Done():
		}
		break
	}
	close(work)
	wg.Wait()
	return worst
}

// onForce calls f at the second interrupt.
func (s *session) onForce(f func()) (stop func()) {
	ended := make(chan struct{})
	go func() {
		select {
		case <-s.env.Force:
			f()
		case <-ended:
		}
	}()
	return sync.OnceFunc(func() { close(ended) })
}

// one sends a delivery. The error is for the exit code, and was told.
func (s *session) one(ctx context.Context, p planned) error {
	d, before, err := s.journal.Get(ctx, "", p.id)
	to := &s.places.list[p.place]
	var r *ready
	if err == nil {
		r, err = s.maker.ready(ctx, &d, to)
	}
	if err != nil {
		return s.printer.problem(p.id, err)
	}
	s.tellLeft(r)
	if s.lane() {
		job := r.row.Job(to.label, record.OriginReplay)
		if err := s.journal.AppendReplay(ctx, &r.row, []record.Job{job}); err != nil {
			return s.printer.problem(p.id, err)
		}
		s.mu.Lock()
		s.queue = append(s.queue[:0], job)
		s.mu.Unlock()
		return s.printer.queued(r, to)
	}
	a, err := s.direct(ctx, r, to, p.place)
	if a == nil {
		return s.printer.problem(p.id, err)
	}
	if err != nil {
		err = s.printer.problem(p.id, err)
	}
	return fault.Worse(err, s.printer.sent(r, to, a, before))
}

// direct records a delivery, sends it once, and records what came of that. Without an attempt nothing was sent.
func (s *session) direct(ctx context.Context, r *ready, to *place, at int) (*record.Attempt, error) {
	job := r.row.Job(to.label, record.OriginReplay)
	job.State = record.JobSending
	if err := s.journal.AppendReplay(ctx, &r.row, []record.Job{job}); err != nil {
		return nil, err
	}
	a := s.attempt(ctx, r, to, at)
	next := job
	next.State, next.Tries = a.Outcome.Once(), 1
	return a, s.journal.Backlog(job.Profile, journal.TakeUp).AppendTry(context.WithoutCancel(ctx), a, job, next) // at once: the next one waits for it
}

// attempt sends a delivery once.
func (s *session) attempt(ctx context.Context, r *ready, to *place, at int) *record.Attempt {
	begun := s.env.Now()
	out := s.senders[at].Send(ctx, r.message)
	a := &record.Attempt{
		DeliveryID: r.row.ID, Target: to.label, StartedAt: begun, Duration: out.Took, Origin: record.OriginReplay, Outcome: out.Kind,
		Status: out.Status, Header: cmdkit.MaskAnswer(s.env, out.Header), Body: out.Body, BodySize: out.BodySize, Hint: out.Hint,
		Repeated: out.Repeated, Signing: r.signing,
	}
	switch {
	case out.Err != nil:
		a.Error = out.Err.Error()
		if out.Probe != nil {
			if hint := out.Probe(ctx); hint != (fault.Step{}) {
				a.Hint = hint
			}
		}
	case r.bare && unsignedRefused(out):
		a.Hint = fault.NextStep("the request carries no signature, as it came without one: %s signs it",
			fault.Command("whctl replay", r.row.ReplayOf).Flag("--secret-file", "FILE"))
	case out.Cause != nil && !s.atKey && (out.Cause.ID == "path" || out.Cause.ID == "method"): // what forwards has another flag for it
		cause := *out.Cause
		cause.Fix = fault.NextStep("name the path that it serves with --to HOST:PORT/PATH")
		a.Hint = cause.Step()
	case out.Cause != nil:
		a.Hint = out.Cause.Step()
	}
	return a
}

// unsignedRefused says whether an answer refuses what carries no signature because of that, as far as it tells a cause.
func unsignedRefused(out target.Outcome) bool {
	if out.Cause != nil {
		return out.Cause.ID == refusal.Signature
	}
	return refusal.MayBeSignature(out.Status)
}

// tellLeft tells once that the journal has no secrets, where a request goes without one because of that.
func (s *session) tellLeft(r *ready) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(r.left) == 0 || s.left || s.lane() { // a listener tells it
		return
	}
	s.left = true
	s.env.Say("note: the journal has no secrets, so what is sent goes without %s; --header gives them", fault.List(r.left).String())
}

// headers are those with secrets and those with signatures under any scheme of the plan.
func (m *maker) headers() (secrets, signatures []string) {
	for _, rules := range m.signers.Rules() {
		secrets = append(secrets, rules.SecretHeaders()...)
		signatures = append(signatures, rules.SignatureHeaders()...)
	}
	return secrets, signatures
}
