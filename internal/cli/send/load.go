package send

// --count and --duration: a load.

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/load"
	"github.com/whctl/whctl/internal/render"
)

// The bounds of a load.
const (
	mostCount       = 100_000_000
	mostDuration    = 24 * time.Hour
	mostConcurrency = 1000
	shortestStep    = 10 * time.Microsecond // 100,000 a second
	keptAnswer      = 16 << 10              // bytes that are read at once; what comes after them is read and forgotten

	usualConcurrency = 50
	// A schedule needs as many as are under way when the receiver is slow: 250 at 1,000 a second do for a latency of 250 ms.
	scheduledConcurrency = 250
)

type loadFlags struct {
	given       func(flag string) bool
	count       int64
	concurrency int
	rate        cmdkit.Rate
	duration    time.Duration
	sameID      bool
	failIf      conditions
	yes         bool
}

func (f *loadFlags) bind(fs *pflag.FlagSet) {
	fs.Int64Var(&f.count, "count", 0, "send this `many` deliveries")
	fs.Var(duration.Flag(&f.duration, 0), "duration", "send deliveries for this long; with --count, whichever comes first")
	fs.Var(&f.rate, "rate", "send this many a second, as scheduled: 200/s (default: as fast as they are answered)")
	fs.IntVar(&f.concurrency, "concurrency", 0, fmt.Sprintf("at most this `many` at once (default %d; with --rate %d)", usualConcurrency, scheduledConcurrency))
	fs.BoolVar(&f.sameID, "same-id", false, "send one event again and again, with the same id and body")
	fs.Var(&f.failIf, "fail-if", "end with 3 when this holds, such as 'p99>250ms' or 'errors>1%' (repeatable)")
	cmdkit.YesFlag(fs, &f.yes, "do not ask before sending a load to another machine")
}

// conditions is the value of --fail-if.
type conditions []load.Condition

func (c *conditions) String() string { return "" }
func (c *conditions) Type() string   { return "EXPR" }

// Set reads one more.
func (c *conditions) Set(text string) error {
	one, err := load.ParseCondition(text)
	if err == nil {
		*c = append(*c, one)
	}
	return err
}

// wanted says whether many deliveries are to be sent.
func (f *loadFlags) wanted() bool { return f.given("count") || f.given("duration") }

func (f *loadFlags) check(timeout time.Duration) error {
	if !f.wanted() {
		for _, name := range []string{"rate", "concurrency", "same-id", "fail-if"} {
			if f.given(name) {
				return fault.Hint(fault.New(fault.Usage, "--%s is of a load, which needs an end", name), "add --count 100 or --duration 20s")
			}
		}
		return nil
	}
	switch {
	case f.given("count") && (f.count < 1 || f.count > mostCount):
		return fault.New(fault.Usage, "--count must be from 1 to %d", mostCount)
	case f.given("duration") && (f.duration <= 0 || f.duration > mostDuration):
		return fault.New(fault.Usage, "--duration must be more than 0, and at most %s", render.Dur(mostDuration))
	case f.given("concurrency") && (f.concurrency < 1 || f.concurrency > mostConcurrency):
		return fault.New(fault.Usage, "--concurrency must be from 1 to %d", mostConcurrency)
	case f.given("rate") && f.rate.Step < shortestStep:
		return fault.New(fault.Usage, "--rate must be at most %d/s", time.Second/shortestStep)
	case timeout == 0:
		return fault.Hint(fault.New(fault.Usage, "a load needs a --timeout: without one a receiver that never answers keeps it for ever"), "leave out --timeout, or use --timeout 30s")
	}
	plan := f.plan()
	for i := range f.failIf {
		if err := f.failIf[i].Fits(plan); err != nil {
			return err
		}
	}
	return nil
}

// plan is what is sent, and when.
func (f *loadFlags) plan() load.Plan {
	p := load.Plan{Count: f.count, Duration: f.duration, Step: f.rate.Step, Concurrency: f.concurrency}
	switch {
	case p.Concurrency > 0:
	case p.Step > 0:
		p.Concurrency = scheduledConcurrency
	default:
		p.Concurrency = usualConcurrency
	}
	return p
}

// sendMany sends a load and prints its summary.
func (o *options) sendMany(ctx context.Context, request craft.Request, build func() (craft.Event, error), options deliver.Options) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	next, err := o.events(request, build)
	if err != nil {
		return err
	}
	first, err := next() // what cannot be made is said before anything is sent
	if err != nil {
		return err
	}
	sample, err := o.signed(request, first)
	if err != nil {
		return err
	}
	if err := o.env.ConfirmElsewhere(o.load.yes, "a load", request.URL); err != nil {
		return err
	}
	if cmdkit.Here(request.URL) {
		options.DialCheck = cmdkit.OnlyHere
	}
	options.MaxBody = keptAnswer
	if err := o.awaitPort(ctx, request.URL); err != nil {
		return err
	}
	if first.Note != "" {
		o.env.SayOnce("note: " + first.Note)
	}
	client := o.deliver(options)
	defer client.Close()
	r := load.New(load.Options{
		Plan: o.load.plan(), Send: client.Do, Accepts: o.expect.met,
		Make: func() (deliver.Request, error) {
			e, err := next()
			if err != nil {
				return deliver.Request{}, err
			}
			made, err := o.signed(request, e)
			return made.Request, err
		},
	})
	stop := o.showProgress(ctx, r)
	summary, err := r.Do(ctx)
	stop()
	if err != nil {
		return err
	}
	p := loadPrinter{options: o, out: out, summary: &summary, event: first, request: sample.Request, stopped: ctx.Err() != nil}
	if err := cmdkit.Shown(p.print()); err != nil {
		return err
	}
	return p.outcome(ctx)
}

// events gives what makes the event of each delivery.
func (o *options) events(request craft.Request, build func() (craft.Event, error)) (func() (craft.Event, error), error) {
	if !o.load.sameID && o.id == "" {
		series, err := craft.NewSeries(request.Rules, o.env.Now, o.env.Rand, build)
		if err != nil {
			return nil, err
		}
		return series.Next, nil
	}
	e, err := build()
	if err != nil {
		return nil, err
	}
	if request.Rules.Needs().ID && e.ID == "" {
		if e.ID, err = craft.NewID(o.env.Rand); err != nil {
			return nil, err
		}
	}
	return func() (craft.Event, error) { return e, nil }, nil
}

// awaitPort waits for the receiver's port to open, with --wait.
func (o *options) awaitPort(ctx context.Context, target string) error {
	end := o.env.Now().Add(o.wait)
	for o.wait > 0 && !deliver.Opens(ctx, target) {
		if !o.env.Now().Add(waitStep).Before(end) {
			return nil // the load tells what is wrong
		}
		if err := cmdkit.Wait(ctx, waitStep); err != nil {
			return err
		}
	}
	return ctx.Err()
}
