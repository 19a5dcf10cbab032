package journal

// whctl journal show: one delivery, or its bytes alone.

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
	"github.com/whctl/whctl/internal/render"
)

type showOptions struct {
	env *cmdkit.Env

	ref string
	raw bool
	all bool
}

func newShow(e *cmdkit.Env, run func(context.Context, *showOptions) error) *cobra.Command {
	o := &showOptions{env: e}
	c := &cobra.Command{
		Use:     "show REF",
		Aliases: []string{"get", "view"},
		Short:   "Show one delivery with its headers, body and attempts",
		Long: `Show one delivery: what came, the way that it took through verdict, route and targets, what each target answered, and what to
type next. REF is an id, a unique prefix of one, the id of an event, last, or last~2 for the second before the last.
--raw writes only the body, byte for byte, and not to a terminal.`,
		Example: `  whctl journal show last
  whctl journal show last --raw > body.bin`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.ref = args[0]
			return run(c.Context(), o)
		},
	}
	c.Flags().BoolVar(&o.raw, "raw", false, "write only the body, byte for byte")
	c.Flags().BoolVar(&o.all, "all", false, "look in every profile")
	return c
}

// shown is all that is known of a delivery.
type shown struct {
	delivery record.Delivery
	attempts []record.Attempt
	jobs     []record.Job
	before   *record.Delivery // what it is compared with; nil: nothing
	replays  []string         // ids of the deliveries that sent it again, oldest first
	next     []string         // what to type
}

// shownJSON is the same as JSON; docs/json.md lists it.
type shownJSON struct {
	Delivery any      `json:"delivery"`
	Attempts []any    `json:"attempts"`
	Jobs     []any    `json:"jobs"`
	Replays  []string `json:"replays"`
	Next     []string `json:"next"`
}

func (s *shown) json(o *showOptions) shownJSON {
	v := shownJSON{Delivery: render.DeliveryJSON(s.delivery, true), Attempts: []any{}, Jobs: []any{}, Replays: append([]string{}, s.replays...), Next: s.next}
	for _, a := range s.attempts {
		v.Attempts = append(v.Attempts, render.AttemptJSON(a))
	}
	for _, job := range s.jobs {
		v.Jobs = append(v.Jobs, render.JobJSON(job, o.env.Now()))
	}
	return v
}

func runShow(ctx context.Context, o *showOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	if o.raw && o.env.IO.OutTTY() {
		return fault.Hint(fault.New(fault.Usage, "raw bytes are not written to a terminal"), "redirect them: %s > body", fault.Command("whctl journal show", o.ref).Switch("--raw"))
	}
	if o.raw {
		if err := o.env.OwnForm("--raw"); err != nil {
			return err
		}
	}
	profile, err := o.env.Scope(o.all)
	if err != nil {
		return err
	}
	j, err := open(ctx, o.env)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	var s shown
	if s.delivery, s.attempts, err = j.Get(ctx, profile, o.ref); err != nil {
		return err
	}
	if o.raw {
		return o.bytes(&s.delivery, j.Path())
	}
	if s.jobs, err = j.Jobs(ctx, journal.JobFilter{Delivery: s.delivery.ID}); err != nil {
		return err
	}
	if s.replays, err = j.ReplaysOf(ctx, s.delivery.ID); err != nil {
		return err
	}
	if s.before = before(ctx, j, &s.delivery); s.before != nil && s.delivery.Conflict != "" {
		s.delivery.Earlier = s.before.Body
	}
	advise(&s.delivery, s.attempts)
	s.next = o.nextSteps(ctx, &s)
	if err := out.Value(o.env.IO, s.json(o), func() error { return o.text(&s) }); err != nil || !s.delivery.BodyDamaged {
		return err
	}
	return damaged(s.delivery, j.Path())
}

// before is what a delivery is compared with: its original, or the first one with its event. It is nil where there is none, or where it
// was dropped since or is not there whole.
func before(ctx context.Context, j *journal.Journal, d *record.Delivery) *record.Delivery {
	id := cmp.Or(d.ReplayOf, d.Conflict)
	if id == "" && d.Duplicate != nil {
		id = d.Duplicate.ID
	}
	if id == "" {
		return nil
	}
	first, err := whole(ctx, j, "", id)
	if err != nil {
		return nil
	}
	return &first
}

// bytes writes the body alone.
func (o *showOptions) bytes(d *record.Delivery, path string) error {
	if d.BodyDamaged {
		return damaged(*d, path)
	}
	if _, err := o.env.IO.Out.Write(d.Body); err != nil {
		return err
	}
	if d.Truncated() {
		return fault.New(fault.Storage, "only the first %s of %s of this refused body were recorded", render.Size(int64(len(d.Body))), render.Size(d.Size))
	}
	return nil
}

// damaged refuses a stored body that is not what was received.
func damaged(d record.Delivery, path string) error {
	return fault.Hint(fault.New(fault.Storage, "the stored body of %s is no longer what was received: its hash differs", d.ID),
		"the disk or another program changed it; look at the whole journal: %s", fault.Command("sqlite3", path, "PRAGMA integrity_check"))
}

// advise adds what the targets' answers say about a refusal, also to attempts that an earlier version recorded.
func advise(d *record.Delivery, attempts []record.Attempt) {
	for i := range attempts {
		a := &attempts[i]
		if cause, told := refusal.Read(cmdkit.AnswerOf(d, a)); told && cause.ID != refusal.Signature && a.Error == "" {
			a.Hint = cause.Step()
		}
	}
}

// signatureHeaders are the headers in which the delivery's scheme has its signature.
func signatureHeaders(e *cmdkit.Env, d record.Delivery) []string {
	s, err := e.Settings()
	if err != nil {
		return nil
	}
	rules, err := cmdkit.RulesOf(s, d.Verdict.Scheme)
	if err != nil {
		return nil
	}
	return rules.SignatureHeaders()
}
