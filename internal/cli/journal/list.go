package journal

// whctl journal list: the newest deliveries that match.

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

const defaultLimit = 50

type listOptions struct {
	env *cmdkit.Env

	filters *cmdkit.Filters
	search  string
	limit   int
	bodies  bool
	follows bool
	profile string // what is listed; "" for all
}

func newList(e *cmdkit.Env, run func(context.Context, *listOptions) error) *cobra.Command {
	o := &listOptions{env: e}
	c := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List recorded deliveries, newest first",
		Long: `List recorded deliveries, newest first. ANSWER is what the target said: a status, or why there was none; with several
targets, of the one that says most. MARKS say what is odd: a duplicate, a conflict (the same event with other bytes), late, out of
order, dead at a target, a replay.

The outcome waiting means a job that is still owed. The outcome failed includes a job that was cut off.`,
		Example: `  whctl journal list --outcome failed --target api --since 7d
  whctl journal list --type 'card.*' --since 1h
  whctl journal list --verdict mismatch -o json --bodies
  whctl journal list --follow --limit 20`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.follows && !c.Flags().Changed("limit") {
				o.limit = followFrom
			}
			return run(c.Context(), o)
		},
	}
	o.filters = cmdkit.BindFilters(c, e, render.Matching)
	fs := c.Flags()
	fs.StringVar(&o.search, "search", "", "`text` in path, headers, event or body")
	cmdkit.AddLimit(fs, &o.limit, defaultLimit, "how `many` at most; 0 is all")
	fs.BoolVar(&o.follows, "follow", false, "go on with each new delivery, oldest first; begins with the newest 10, or with --limit")
	fs.BoolVar(&o.bodies, "bodies", false, "with -o json: bodies too")
	return c
}

func (o *listOptions) filter() (journal.Filter, error) {
	if o.limit < 0 {
		return journal.Filter{}, fault.New(fault.Usage, "--limit must not be negative")
	}
	f, err := o.filters.Filter()
	f.Search, f.Limit, f.Bodies = o.search, o.limit, o.bodies
	o.profile = f.Profile
	return f, err
}

func runList(ctx context.Context, o *listOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	f, err := o.filter()
	if err != nil {
		return err
	}
	if o.follows {
		if !f.Until.IsZero() && !f.Until.After(o.env.Now()) {
			return fault.Hint(fault.New(fault.Usage, "--follow waits for deliveries that come after --until"), "leave one of them out")
		}
		f.Limit = 0
		if f.Outcome != "" {
			o.env.Say("note: --outcome goes by what is known when a delivery is first seen; later outcomes are not waited for")
		}
		return o.follow(ctx, out, f)
	}
	if f.Limit > 0 {
		f.Limit++ // one more tells whether there is more
	}
	j, err := open(ctx, o.env)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	more, found := false, false
	rows := render.Rows[*record.Delivery](func(fn func(*record.Delivery) error) error {
		return j.Each(ctx, f, func(d *record.Delivery) error {
			found = true
			return fn(d)
		})
	}).First(o.limit, &more)
	if out.Machine() {
		err = rows.WriteArray(o.env.IO, out, func(d *record.Delivery) any { return render.DeliveryJSON(*d, o.bodies) })
	} else {
		err = o.table(ctx, j, rows)
	}
	if more {
		o.env.SayMore(ctx, o.limit, func(ctx context.Context) (int, error) { return j.Count(ctx, f) })
	}
	if err == nil && !found {
		err = o.filters.SayUnknown(ctx, j, f.Profile)
	}
	return err
}

// marked is a verdict, and why the delivery was not handed on.
func marked(d *record.Delivery) string {
	if d.Skipped == "" {
		return string(d.Verdict.Reason)
	}
	return string(d.Verdict.Reason) + ", " + string(d.Skipped)
}

// linesAtOnce is how many deliveries are asked at a time what came of them.
const linesAtOnce = 256

func (o *listOptions) table(ctx context.Context, j *journal.Journal, rows render.Rows[*record.Delivery]) error {
	columns := []render.Column{
		{Title: "ID", Narrow: render.Uncut},
		{Title: "WHEN", Narrow: render.Uncut},
		{Title: "VERDICT", Least: 17, Worth: 6},
		{Title: "TYPE", Narrow: render.CutMiddle, Least: render.LeastType},
		{Title: "ANSWER", Least: 18},
		{Title: "MARKS", Worth: 4},
		{Title: "EVENT", Narrow: render.ID, Worth: 3},
		{Title: "SIZE", Right: true, Worth: 2},
		{Title: "REQUEST", Narrow: render.CutMiddle, Worth: 1},
	}
	if o.filters.All() {
		columns = append(columns, render.Column{Title: "PROFILE", Worth: 5})
	}
	t := render.NewTable(columns...)
	var some []*record.Delivery
	flush := func() error {
		jobs, err := j.JobsOf(ctx, some)
		for _, d := range some {
			o.line(t, d, jobs[d.ID])
		}
		some = some[:0]
		return err
	}
	err := rows(func(d *record.Delivery) error {
		if some = append(some, d); len(some) < linesAtOnce {
			return nil
		}
		return flush()
	})
	err = cmp.Or(err, flush())
	if t.Len() > 0 {
		return cmp.Or(t.Print(o.env.IO), err)
	}
	if err == nil {
		o.env.Say("%s", o.filters.None(o.profile))
	}
	return err
}

func (o *listOptions) line(t *render.Table, d *record.Delivery, jobs []journal.ListedJob) {
	style := o.env.IO.Style()
	paint := style.Good
	switch {
	case d.Verdict.Reason == sign.Unverified:
		paint = style.Warn
	case !d.Verdict.OK:
		paint = style.Bad
	}
	answer := answerOf(style, d, jobs)
	t.AddCells(
		render.Cell{Text: d.ID, Paint: style.Accent}, render.AgoCell(o.env.Now(), d.ReceivedAt),
		render.Cell{Text: marked(d), Paint: paint}, render.Cell{Text: d.EventType}, answer,
		render.Cell{Text: strings.Join(marksOf(d, jobs), ", "), Paint: style.Warn}, render.Cell{Text: d.EventID},
		render.Cell{Text: render.Size(d.Size)}, render.Cell{Text: d.Method + " " + masking.RequestTarget(d.Path)}, render.Cell{Text: d.Profile},
	)
}

// answerOf is what the target said, where there are several the one that says most, or what whctl answered in its place.
func answerOf(style term.Style, d *record.Delivery, jobs []journal.ListedJob) render.Cell {
	l := journal.MostTelling(jobs)
	if l == nil {
		return render.Cell{Text: strings.TrimPrefix(fmt.Sprintf("%d by whctl", d.Answer), "0 by whctl"), Paint: style.Dim}
	}
	words, paint := cmp.Or(l.Error, string(l.Outcome)), style.Bad
	if l.Status != 0 {
		words = strconv.Itoa(l.Status)
	}
	short := words
	switch l.State {
	case record.JobDelivered:
		paint = style.Good
	case record.JobQueued, record.JobSending, record.JobWaiting, record.JobDropped:
		paint = style.Warn
		words = strings.TrimPrefix(words+", "+string(l.State), ", ")
	case record.JobInterrupted:
		words = string(l.State)
	case record.JobFailed, record.JobDead:
	}
	cell := render.Cell{Text: words, Short: cmp.Or(short, words), Paint: paint}
	if len(jobs) > 1 && l.State != record.JobDelivered {
		cell.Text += " " + render.ShortTarget(l.Target)
	}
	return cell
}

// marksOf are the marks of a delivery in few words; journal show has more.
func marksOf(d *record.Delivery, jobs []journal.ListedJob) (marks []string) {
	has := func(is bool, mark string) {
		if is {
			marks = append(marks, mark)
		}
	}
	has(d.ReplayOf != "", "replay")
	has(slices.ContainsFunc(jobs, func(l journal.ListedJob) bool { return l.State == record.JobDead }), "dead")
	has(d.Conflict != "", "conflict")
	has(d.Duplicate != nil && d.Conflict == "", "duplicate")
	has(d.Late > 0, "late")
	has(d.OutOfOrder, "out of order")
	has(d.Scrubbed > 0, "scrubbed")
	return marks
}
