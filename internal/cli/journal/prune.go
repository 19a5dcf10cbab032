package journal

// whctl journal prune: dropping deliveries by age or by filter.

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/render"
)

type pruneOptions struct {
	env *cmdkit.Env

	filters *cmdkit.Filters
	older   string
	dryRun  bool
	yes     bool
}

func newPrune(e *cmdkit.Env, run func(context.Context, *pruneOptions) error) *cobra.Command {
	o := &pruneOptions{env: e}
	c := &cobra.Command{
		Use:   "prune",
		Short: "Drop deliveries by age or by filter",
		Long: `Drop the recorded deliveries that --older or a filter names, with their attempts, jobs and diagnoses, and give the room back. It says
how many there are and asks; --dry-run only says so. A delivery with an open job stays: see whctl queue list. A listener keeps running
meanwhile.`,
		Example: `  whctl journal prune --older 7d
  whctl journal prune --verdict refused --dry-run
  whctl journal prune --older 24h --type 'card.*' --yes`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return run(c.Context(), o) },
	}
	c.Flags().SortFlags = false
	c.Flags().StringVar(&o.older, "older", "", "received longer ago than this `duration` (90s, 24h, 7d)")
	o.filters = cmdkit.BindFilters(c, e, render.Matching)
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "say what would be dropped, and drop nothing")
	cmdkit.YesFlag(c.Flags(), &o.yes, "do not ask")
	return c
}

// filter is what is to be dropped. Something must name it: nobody drops all by a word that is missing.
func (o *pruneOptions) filter() (journal.Filter, error) {
	f, err := o.filters.Filter()
	if err != nil {
		return f, err
	}
	if o.older == "" {
		for _, name := range o.filters.Given() {
			if name != "--all" && name != "--replays" {
				return f, nil
			}
		}
		return f, fault.Hint(fault.New(fault.Usage, "no deliveries are chosen to be dropped"), "choose with --older 7d, or a filter such as --verdict refused; --older 0s drops all")
	}
	d, err := duration.Parse(o.older)
	if err != nil || d < 0 {
		return f, fault.Hint(fault.New(fault.Usage, "cannot read --older %q", o.older), "use a duration, such as 90s, 24h or 7d")
	}
	if before := o.env.Now().Add(-d); f.Until.IsZero() || before.Before(f.Until) {
		f.Until = before
	}
	f.Replays = f.Replays || len(o.filters.Narrowing()) == 0 // what is old is old
	return f, nil
}

// prunedObject is what docs/json.md lists.
type prunedObject struct {
	Deliveries int   `json:"deliveries"`
	Bytes      int64 `json:"bytes"`
	Owed       int   `json:"owed"`
	Dropped    int   `json:"dropped"`
	FileBytes  int64 `json:"fileBytes"`
}

func runPrune(ctx context.Context, o *pruneOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	f, err := o.filter()
	if err != nil {
		return err
	}
	p, path, err := o.look(ctx, f)
	if err != nil {
		return err
	}
	v := prunedObject{Deliveries: p.Deliveries, Bytes: p.Bytes, Owed: p.Owed, FileBytes: sizeOf(path)}
	if p.Owed > 0 {
		o.env.Say("%s with open jobs %s: see whctl queue list", fault.Plural(p.Owed, "delivery"), map[bool]string{true: "stays", false: "stay"}[p.Owed == 1])
	}
	if o.dryRun || p.Deliveries == 0 {
		return out.Value(o.env.IO, v, func() error { return render.Text(o.env.IO, o.words(p, "would be dropped")+"\n") })
	}
	if err := o.env.Confirm(o.yes, "Drop "+o.what(p)+"? They cannot be brought back."); err != nil {
		return err
	}
	before := v.FileBytes
	err = o.drop(ctx, f, p, &v.Dropped)
	v.FileBytes = sizeOf(path)
	if err != nil && v.Dropped == 0 {
		return err
	}
	p.Deliveries = v.Dropped
	words := o.words(p, "dropped") + "; the journal's file had " + render.Size(before) + " and has " + render.Size(v.FileBytes)
	if failed := out.Value(o.env.IO, v, func() error { return render.Text(o.env.IO, words+"\n") }); failed != nil {
		return failed
	}
	return err
}

// look says what would be dropped, and where the journal is.
func (o *pruneOptions) look(ctx context.Context, f journal.Filter) (p journal.Prunable, path string, err error) {
	j, err := open(ctx, o.env)
	if err != nil {
		return p, "", err
	}
	defer func() { _ = j.Close() }()
	p, err = j.Prunable(ctx, f)
	if err == nil && p.Deliveries == 0 && p.Owed == 0 {
		err = o.filters.SayUnknown(ctx, j, f.Profile)
	}
	return p, j.Path(), err
}

// sayPruned is how often a person is told how far it has come.
const sayPruned = 3 * time.Second

// drop drops it, and counts.
func (o *pruneOptions) drop(ctx context.Context, f journal.Filter, p journal.Prunable, dropped *int) error {
	j, err := o.env.Journal(ctx, journal.Options{MaxBytes: -1, MaxAge: -1})
	if err != nil {
		return err
	}
	said := o.env.Now()
	err = j.Prune(ctx, f, p, func(n int) {
		*dropped += n
		if now := o.env.Now(); now.Sub(said) >= sayPruned {
			said = now
			o.env.Say("%d of %s dropped", *dropped, fault.Plural(p.Deliveries, "delivery"))
		}
	})
	if failed := j.Close(); err == nil {
		err = failed
	}
	return err
}

// what is what would be dropped.
func (o *pruneOptions) what(p journal.Prunable) string {
	return fault.Plural(p.Deliveries, "delivery") + ", about " + render.Size(p.Bytes)
}

func (o *pruneOptions) words(p journal.Prunable, done string) string {
	if p.Deliveries == 0 && p.Owed > 0 {
		return "nothing is dropped"
	}
	if p.Deliveries == 0 {
		given := o.filters.Narrowing()
		if o.older != "" && len(given) == 0 {
			return "no deliveries are that old"
		}
		return "no deliveries match " + strings.Join(given, ", ")
	}
	return o.what(p) + ", " + done
}

// sizeOf is how many bytes a file has; 0 without one.
func sizeOf(path string) int64 {
	if info, err := os.Stat(path); err == nil {
		return info.Size()
	}
	return 0
}
