package journal

// whctl journal list: the newest deliveries that match.

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
)

const defaultLimit = 50

type listOptions struct {
	env *cmdkit.Env

	filters *cmdkit.Filters
	search  string
	limit   int
	bodies  bool
	profile string // what is listed; "" for all
}

func newList(e *cmdkit.Env, run func(context.Context, *listOptions) error) *cobra.Command {
	o := &listOptions{env: e}
	c := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List recorded deliveries, newest first",
		Example: `  whctl journal list --type 'card.*' --since 1h
  whctl journal list --verdict mismatch -o json --bodies`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return run(c.Context(), o) },
	}
	o.filters = cmdkit.BindFilters(c, e, render.Matching)
	fs := c.Flags()
	fs.StringVar(&o.search, "search", "", "`text` in path, headers, event or body")
	fs.IntVar(&o.limit, "limit", defaultLimit, "how `many` at most; 0 is all")
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
	if f.Limit > 0 {
		f.Limit++ // one more tells whether there is more
	}
	j, err := open(ctx, o.env)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	more := false
	rows := render.Rows[*record.Delivery](func(fn func(*record.Delivery) error) error { return j.Each(ctx, f, fn) }).First(o.limit, &more)
	if out.Machine() {
		err = rows.WriteArray(o.env.IO, out, func(d *record.Delivery) any { return render.DeliveryJSON(*d, o.bodies) })
	} else {
		err = o.table(rows)
	}
	if more {
		o.env.Say("there are more than %d: use --limit to see them", o.limit)
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

func (o *listOptions) table(rows render.Rows[*record.Delivery]) error {
	style, now := o.env.IO.Style(), o.env.Now()
	t := render.NewTable(
		render.Column{Title: "ID", Fixed: true}, render.Column{Title: "RECEIVED"}, render.Column{Title: "VERDICT", Least: 18},
		render.Column{Title: "TYPE", Least: 18}, render.Column{Title: "EVENT", Drop: 3}, render.Column{Title: "SIZE", Right: true, Drop: 2},
		render.Column{Title: "REQUEST", Drop: 1},
	)
	err := rows(func(d *record.Delivery) error {
		paint := style.Good
		switch {
		case d.Verdict.Reason == sign.Unverified:
			paint = style.Warn
		case !d.Verdict.OK:
			paint = style.Bad
		}
		t.AddCells(
			render.Cell{Text: d.ID, Paint: style.Accent}, render.Cell{Text: render.Ago(now, d.ReceivedAt)},
			render.Cell{Text: marked(d), Paint: paint}, render.Cell{Text: d.EventType}, render.Cell{Text: d.EventID},
			render.Cell{Text: render.Size(d.Size)}, render.Cell{Text: d.Method + " " + d.Path},
		)
		return nil
	})
	if t.Len() > 0 {
		return cmp.Or(t.Print(o.env.IO), err)
	}
	switch {
	case err != nil:
		return err
	case o.filters.All():
		o.env.Say("no deliveries; whctl listen records them")
	default:
		o.env.Say("no deliveries of profile %s; --all shows those of every profile", o.profile)
	}
	return nil
}
