package events

// whctl events reconcile: the platform's events against what arrived here.

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/reconcile"
	"github.com/whctl/whctl/internal/render"
)

// Replay makes the function that sends recorded deliveries again, each to the target that did not take it. It asks once before any of them
// leaves this machine, and yes skips that question. sent is false where one cannot be sent, or nobody could be asked.
type Replay func(ctx context.Context, e *cmdkit.Env, ids []string, yes bool) (send func(ctx context.Context, id string) (sent bool, err error), err error)

type reconcileOptions struct {
	env    *cmdkit.Env
	replay Replay

	platform  string
	webhook   string
	since     time.Duration // 0: everything
	sinceSet  bool
	grace     time.Duration
	fix       bool
	yes       bool
	timeout   time.Duration
	interval  time.Duration
	tokenFile string
}

func newReconcile(e *cmdkit.Env, replay Replay, run func(context.Context, *reconcileOptions) error) *cobra.Command {
	o := &reconcileOptions{env: e, replay: replay}
	c := &cobra.Command{
		Use:   "reconcile",
		Short: "Compare the platform's events with what arrived here",
		Long: `Compare the platform's events with the journal of this machine and with what the targets answered: what never arrived, what
was refused, what arrived again, what was accepted. It ends with 0 when everything got through, with 3 when something did not, and
with 5 when the platform has more than it lists: Baanx lists at most 100 events of a status.

--fix delivers only the gaps again: by a replay where the journal has the delivery and only a target did not take it, else
by the platform. Then it checks again until the outcome is known.

With --platform github the deliveries of a webhook of GitHub are compared, as recorded by whctl listen --scheme github.`,
		Example: `  whctl events reconcile --webhook staging --since 24h
  whctl events reconcile --webhook staging --fix
  whctl events reconcile --platform github --webhook acme/app/123456 -o json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.sinceSet = c.Flags().Changed("since")
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.platform, "platform", cmdkit.PlatformBaanx, "whose events: the `platform` is baanx or github")
	cmdkit.OneOf(c, "platform", cmdkit.PlatformBaanx, cmdkit.PlatformGitHub)
	fs.StringVar(&o.webhook, "webhook", "", "only events of this `webhook`; of GitHub: OWNER/REPO/ID or ORG/ID")
	fs.Var(duration.Flag(&o.since, 0), "since", "only events of this period, such as 24h or 7d (default: all that the platform lists)")
	fs.Var(duration.Flag(&o.grace, 5*time.Minute), "grace", "how long the platform may still try before an event counts as a gap")
	fs.BoolVar(&o.fix, "fix", false, "deliver the gaps again, and check again")
	cmdkit.YesFlag(fs, &o.yes, "with --fix: do not ask")
	fs.DurationVar(&o.timeout, "timeout", time.Minute, "with --fix: how long to wait for the outcome")
	fs.DurationVar(&o.interval, "interval", time.Second, "with --fix: how often to check")
	fs.StringVar(&o.tokenFile, "token-file", "", "with --platform github: `file` that holds the token; - is standard input")
	return c
}

func (o *reconcileOptions) check() error {
	if err := cmdkit.CheckPlatform(o.platform); err != nil {
		return err
	}
	switch {
	case o.platform == cmdkit.PlatformGitHub && o.webhook == "":
		return fault.Hint(fault.New(fault.Usage, "GitHub lists deliveries by webhook, and none is named"), "add --webhook OWNER/REPO/ID, or ORG/ID for one of an organisation")
	case o.platform != cmdkit.PlatformGitHub && o.tokenFile != "":
		return fault.Hint(fault.New(fault.Usage, "--token-file goes with --platform github only"), "set WHCTL_TOKEN, or run: whctl login --token-file FILE")
	case o.sinceSet && o.since <= 0:
		return fault.New(fault.Usage, "--since must be more than zero")
	case o.grace < 0:
		return fault.New(fault.Usage, "--grace must not be negative")
	}
	if err := cmdkit.CheckTimeout(o.timeout); err != nil {
		return err
	}
	return cmdkit.CheckInterval(o.interval)
}

func runReconcile(ctx context.Context, o *reconcileOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	s, err := o.subject(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	j, err := openRecorded(ctx, o.env, s)
	if err != nil {
		return err
	}
	defer func() { _ = j.journal.Close() }()
	how := reconcile.Options{Platform: s.platform, Journal: j, Webhook: s.id, Since: o.since, Grace: o.grace, Now: o.env.Now}
	report, err := reconcile.Check(ctx, how)
	if err != nil {
		return err
	}
	a := agreement{env: o.env, subject: s, journal: j, report: report}
	if err := a.know(ctx); err != nil {
		return err
	}
	if o.fix {
		if a.blind = o.mend(ctx, &a, how); a.blind != nil && len(a.asked) == 0 {
			return a.blind
		}
	}
	if err := out.Value(o.env.IO, a.json(), a.print); err != nil {
		return err
	}
	return fault.Worse(a.blind, a.verdict(o))
}

// mend has the gaps delivered again and checks what became of them. The error says why that is not known.
func (o *reconcileOptions) mend(ctx context.Context, a *agreement, how reconcile.Options) error {
	a.asked = []reconcile.Asked{}
	gaps := a.report.Gaps()
	if len(gaps) == 0 {
		return nil
	}
	if err := o.mayFix(a.subject, a, len(gaps)); err != nil {
		return err
	}
	var ids []string
	for i := range gaps {
		if last := gaps[i].ToReplay(); last != nil {
			ids = append(ids, last.ID)
		}
	}
	send, err := o.replay(ctx, o.env, ids, o.yes)
	if err != nil {
		return err
	}
	o.env.Say("having %s delivered again", fault.Plural(len(gaps), "event"))
	a.report, a.asked, err = reconcile.Fix(ctx, how, a.report, reconcile.Repair{
		Replay: func(ctx context.Context, a reconcile.Arrival) (bool, error) { return send(ctx, a.ID) },
		Wait:   cmdkit.Wait, Every: o.interval, Timeout: o.timeout,
	})
	return err
}

// mayFix asks before a fix that may not be meant. A webhook that is not named would have the events go to all of them.
func (o *reconcileOptions) mayFix(s *subject, a *agreement, gaps int) error {
	if s.id == "" {
		return fault.Hint(fault.New(fault.Usage, "--fix needs a webhook: the events would go to all %d", len(s.all)), "add --webhook WEBHOOK, one of whctl webhooks list")
	}
	if a.report.First.IsZero() {
		return o.env.Confirm(o.yes, fmt.Sprintf("The journal has nothing of profile %s. Have all %s delivered again?", a.journal.profile, fault.Plural(gaps, "event")))
	}
	return nil
}
