package journal

// whctl journal stats: what the journal holds, in numbers.

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

type statsOptions struct {
	env     *cmdkit.Env
	filters *cmdkit.Filters
}

func newStats(e *cmdkit.Env, run func(context.Context, *statsOptions) error) *cobra.Command {
	o := &statsOptions{env: e}
	c := &cobra.Command{
		Use:   "stats",
		Short: "Count deliveries, and say how fast they were answered",
		Long: `Count recorded deliveries, by verdict, by what marks them and by what came of them, and say for each type how long the targets
took and how often the sender would have sent it again: because the first try took longer than the sender waits, or was not
answered 2xx. Replays do not count.`,
		Example: `  whctl journal stats --since 7d
  whctl journal stats --target localhost:3000 --type 'card.*'
  whctl journal stats -o json --jq '.types[] | select(.p99Ms > 1000) | .type'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return run(c.Context(), o) },
	}
	o.filters = cmdkit.BindFilters(c, e, render.Matching)
	_ = c.Flags().MarkHidden("replays")
	return c
}

func runStats(ctx context.Context, o *statsOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	f, err := o.filters.Filter()
	if err == nil && f.Replays {
		err = fault.New(fault.Usage, "replays never count, so --replays does not go with stats")
	}
	if err != nil {
		return err
	}
	j, err := open(ctx, o.env)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	s, err := j.Stats(ctx, f, o.budget)
	if err != nil {
		return err
	}
	err = out.Value(o.env.IO, o.json(f.Profile, s), func() error { return o.text(f.Profile, s) })
	if err == nil && s.Deliveries == 0 {
		err = o.filters.SayUnknown(ctx, j, f.Profile)
	}
	return err
}

// budget is what the sender of a scheme grants; nothing is known of a scheme that is not there any more.
func (o *statsOptions) budget(name string) journal.Budget {
	s, err := o.env.Settings()
	if err != nil {
		return journal.Budget{}
	}
	scheme, err := s.LookupScheme(name)
	if err != nil {
		return journal.Budget{}
	}
	return journal.Budget{Answer: time.Duration(scheme.AnswerTimeout * float64(time.Second)), Final4xx: scheme.NoRetry4xx}
}

// statsObject is what docs/json.md lists.
type statsObject struct {
	Profile    string                     `json:"profile"`
	Deliveries int                        `json:"deliveries"`
	Attempts   int                        `json:"attempts"`
	BodyBytes  int64                      `json:"bodyBytes"`
	FileBytes  int64                      `json:"fileBytes"`
	Oldest     *string                    `json:"oldest"`
	Newest     *string                    `json:"newest"`
	Verdicts   map[sign.Reason]int        `json:"verdicts"`
	Outcomes   map[record.OutcomeKind]int `json:"outcomes"`
	Waiting    int                        `json:"waiting"`
	Dead       int                        `json:"dead"`
	Duplicates int                        `json:"duplicates"`
	Conflicts  int                        `json:"conflicts"`
	Late       int                        `json:"late"`
	OutOfOrder int                        `json:"outOfOrder"`
	Filtered   int                        `json:"filtered"`
	Unrouted   int                        `json:"unrouted"`
	WouldRetry int                        `json:"wouldRetry"`
	Types      []typeObject               `json:"types"`
	MoreTypes  int                        `json:"moreTypes"`
}

type typeObject struct {
	Type            string   `json:"type"`
	Scheme          string   `json:"scheme"`
	Deliveries      int      `json:"deliveries"`
	Tries           int      `json:"tries"`
	P50Ms           float64  `json:"p50Ms"`
	P95Ms           float64  `json:"p95Ms"`
	P99Ms           float64  `json:"p99Ms"`
	MaxMs           float64  `json:"maxMs"`
	AnswerTimeoutMs *float64 `json:"answerTimeoutMs"`
	Slow            int      `json:"slow"`
	Failed          int      `json:"failed"`
	WouldRetry      int      `json:"wouldRetry"`
}

func (o *statsOptions) json(profile string, s journal.Stats) any {
	v := statsObject{
		Profile: profile, Deliveries: s.Deliveries, Attempts: s.Attempts, BodyBytes: s.Received, FileBytes: s.FileBytes, Verdicts: s.Verdicts, Outcomes: s.Outcomes, Waiting: s.Waiting, Dead: s.Dead,
		Duplicates: s.Duplicates, Conflicts: s.Conflicts, Late: s.Late, OutOfOrder: s.OutOfOrder,
		Filtered: s.Skipped[record.SkipFiltered], Unrouted: s.Skipped[record.SkipUnrouted], Types: []typeObject{}, MoreTypes: s.MoreTypes,
	}
	if s.Deliveries > 0 {
		v.Oldest, v.Newest = new(render.Stamp(s.Oldest)), new(render.Stamp(s.Newest))
	}
	for _, t := range s.Types {
		object := typeObject{
			Type: t.Type, Scheme: t.Scheme, Deliveries: t.Deliveries, Tries: t.Tries,
			P50Ms: render.Millis(t.Took.P50), P95Ms: render.Millis(t.Took.P95), P99Ms: render.Millis(t.Took.P99), MaxMs: render.Millis(t.Took.Most),
			Slow: t.Slow, Failed: t.Failed, WouldRetry: t.Slow + t.Failed,
		}
		if wait := o.budget(t.Scheme).Answer; wait > 0 {
			object.AnswerTimeoutMs = new(render.Millis(wait))
		}
		v.WouldRetry += object.WouldRetry
		v.Types = append(v.Types, object)
	}
	return v
}

// text shows the numbers to people.
func (o *statsOptions) text(profile string, s journal.Stats) error {
	if s.Deliveries == 0 {
		o.none(profile)
		return nil
	}
	style, now := o.env.IO.Style(), o.env.Now()
	b := render.NewCard(style, 10)
	total := fault.Plural(s.Deliveries, "delivery")
	if profile != "" {
		total += " of profile " + term.Clean(profile)
	}
	b.Row("journal", total)
	b.Row("size", "bodies of "+render.Size(s.Received)+"; the journal's file has "+render.Size(s.FileBytes))
	b.Row("received", "from "+render.Ago(now, s.Oldest)+" to "+render.Ago(now, s.Newest))
	b.Row("verdicts", counts(s.Verdicts))
	outcomes := counts(s.Outcomes)
	if s.Waiting > 0 || s.Dead > 0 {
		outcomes = strings.TrimPrefix(outcomes+", "+nonZero(number{s.Waiting, "waiting"}, number{s.Dead, "dead"}), ", ")
	}
	b.Row("outcomes", cmp.Or(outcomes, "none was handed on"))
	if marks := nonZero(
		number{s.Duplicates, "duplicate"}, number{s.Conflicts, "conflict"}, number{s.Late, "late"}, number{s.OutOfOrder, "out of order"},
		number{s.Skipped[record.SkipFiltered], string(record.SkipFiltered)}, number{s.Skipped[record.SkipUnrouted], string(record.SkipUnrouted)},
	); marks != "" {
		b.Row("marks", marks)
	}
	b.Line("")
	if err := b.Print(o.env.IO); err != nil {
		return err
	}
	return o.types(s)
}

func (o *statsOptions) none(profile string) {
	o.env.Say("%s", o.filters.None(profile))
}

// shownTypes is how many types people are shown.
const shownTypes = 40

// types is the table of types, and what it comes to.
func (o *statsOptions) types(s journal.Stats) error {
	t := render.NewTable(
		render.Column{Title: "TYPE", Narrow: render.CutMiddle, Least: render.LeastType}, render.Column{Title: "DELIVERIES", Right: true, Worth: 5},
		render.Column{Title: "P50", Right: true, Worth: 3}, render.Column{Title: "P95", Right: true, Worth: 4}, render.Column{Title: "P99", Right: true},
		render.Column{Title: "MOST", Right: true, Worth: 2}, render.Column{Title: "SENDER WAITS", Right: true, Worth: 1}, render.Column{Title: "SENT AGAIN", Narrow: render.Uncut},
	)
	tries, slow, failed := 0, 0, 0
	for i, of := range s.Types {
		tries, slow, failed = tries+of.Tries, slow+of.Slow, failed+of.Failed
		if i < shownTypes {
			o.row(t, of)
		}
	}
	if err := t.Print(o.env.IO); err != nil {
		return err
	}
	if more := len(s.Types) - shownTypes; more > 0 {
		o.env.Say("-o json has %s", fault.Plural(more, "more type"))
	}
	if s.MoreTypes > 0 {
		o.env.Say("%s have other types, which are too many to tell apart", fault.Plural(s.MoreTypes, "delivery"))
	}
	if tries == 0 {
		return nil
	}
	words := fmt.Sprintf("\n%d of %d would have been retried", slow+failed, tries)
	if why := nonZero(number{slow, "took longer than the sender waits"}, number{failed, "not answered 2xx"}); why != "" {
		words += ": " + why
	}
	return render.Text(o.env.IO, words+"\n")
}

func (o *statsOptions) row(t *render.Table, of journal.TypeStats) {
	style := o.env.IO.Style()
	took := func(d time.Duration) string {
		if of.Tries == 0 || of.Took.Most == 0 {
			return "–"
		}
		return render.Dur(d)
	}
	waits, again, paint := "–", "–", style.Good
	if wait := o.budget(of.Scheme).Answer; wait > 0 {
		waits = render.Dur(wait)
	}
	if of.Tries > 0 {
		again = fmt.Sprintf("%d of %d", of.Slow+of.Failed, of.Tries)
	}
	if of.Slow+of.Failed > 0 {
		paint = style.Bad
	}
	t.AddCells(
		render.Cell{Text: cmp.Or(of.Type, "–"), Paint: style.Accent}, render.Cell{Text: strconv.Itoa(of.Deliveries)},
		render.Cell{Text: took(of.Took.P50)}, render.Cell{Text: took(of.Took.P95)}, render.Cell{Text: took(of.Took.P99)},
		render.Cell{Text: took(of.Took.Most)}, render.Cell{Text: waits}, render.Cell{Text: again, Paint: paint},
	)
}

// number is how many there are of something.
type number struct {
	n    int
	what string
}

// nonZero lists those numbers that are not 0.
func nonZero(list ...number) string {
	var out []string
	for _, c := range list {
		if c.n > 0 {
			out = append(out, strconv.Itoa(c.n)+" "+c.what)
		}
	}
	return strings.Join(out, ", ")
}

// counts lists numbers, the largest first.
func counts[K ~string](of map[K]int) string {
	names := slices.SortedFunc(maps.Keys(of), func(a, b K) int { return cmp.Or(cmp.Compare(of[b], of[a]), cmp.Compare(a, b)) })
	var out []number
	for _, name := range names {
		out = append(out, number{of[name], string(name)})
	}
	return nonZero(out...)
}
