package cmdkit

// The flags that say which recorded deliveries a command is for, and the journal that these are in.

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
)

// Journal opens the journal of this run. What it has to say goes to standard error. The caller closes it. The error is a storage fault.
func (e *Env) Journal(ctx context.Context, o journal.Options) (*journal.Journal, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	o.Now, o.Tell = e.Now, func(st record.Changed) { e.Warn("%s", st.Message) }
	j, err := journal.Open(ctx, s.JournalPath, o)
	if err == nil && j.Warning() != "" {
		e.Warn("%s", j.Warning())
	}
	return j, err
}

// Scope is the profile that references and filters are limited to, "" for every one.
func (e *Env) Scope(all bool) (string, error) {
	s, err := e.Settings()
	if err != nil || all {
		return "", err
	}
	return s.Profile, nil
}

// Matcher compiles an expression that a flag gave. What it returns says whether a delivery, with its body, is as the expression wants it.
type Matcher func(flag, expression string) (func(ctx context.Context, d *record.Delivery) (bool, error), error)

// Filters are those flags. Bind them with BindFilters.
type Filters struct {
	env     *Env
	matcher Matcher
	command *cobra.Command

	types   []string
	verdict string
	outcome string
	target  string
	since   string
	until   string
	event   string
	path    string
	match   []string
	all     bool
	replays bool
}

// filterFlags are their names.
func filterFlags() []string {
	return []string{"type", "verdict", "outcome", "target", "since", "until", "event", "path", "match", "all", "replays"}
}

// BindFilters adds the flags to a command.
func BindFilters(c *cobra.Command, e *Env, m Matcher) *Filters {
	f := &Filters{env: e, matcher: m, command: c}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringArrayVar(&f.types, "type", nil, "event types that match this `pattern`, such as 'card.*'; several are comma separated")
	fs.StringVar(&f.verdict, "verdict", "", "with this `verdict`: ok, refused, or a reason such as mismatch or too_old")
	fs.StringVar(&f.outcome, "outcome", "", "with this `outcome`: delivered (to every target), waiting, failed or dead (at one), none (for no target)")
	fs.StringVar(&f.target, "target", "", "handed on to this `target`; with --outcome, what came of it there")
	fs.StringVar(&f.since, "since", "", "received since this `time`, or this long ago (90s, 24h, 7d)")
	fs.StringVar(&f.until, "until", "", "received before this `time`, or longer ago than this")
	fs.StringVar(&f.event, "event", "", "of the event with this `id`")
	fs.StringVar(&f.path, "path", "", "whose path matches this `pattern`, in which * is any text: '/hooks/*'")
	fs.StringArrayVar(&f.match, "match", nil, "for which this `jq` expression holds, as in '.headers[\"X-Tenant\"][0] == \"a\"'; it reads every body (repeatable)")
	fs.BoolVar(&f.all, "all", false, "in every profile")
	fs.BoolVar(&f.replays, "replays", false, "include replays")
	OneOf(c, "verdict", journal.Verdicts()...)
	OneOf(c, "outcome", journal.Outcomes()...)
	return f
}

// Given are the flags that were given, as they are written.
func (f *Filters) Given() (names []string) {
	for _, name := range filterFlags() {
		if f.command.Flags().Changed(name) {
			names = append(names, "--"+name)
		}
	}
	return names
}

// Narrowing are those of the flags given that leave deliveries out.
func (f *Filters) Narrowing() []string {
	return slices.DeleteFunc(f.Given(), func(name string) bool { return name == "--all" || name == "--replays" })
}

// None says that nothing was found. profile is the one that was looked through; "" is every one.
func (f *Filters) None(profile string) string {
	switch given := f.Narrowing(); {
	case len(given) > 0:
		return "no deliveries match " + strings.Join(given, ", ") + f.category()
	case profile == "":
		return "no deliveries; whctl listen records them"
	default:
		return "no deliveries of profile " + profile + "; --all looks at those of every profile"
	}
}

// category says how a type without a dot is asked for where it is the first part of others; "" when --type has none.
func (f *Filters) category() string {
	types, _ := event.SplitPatterns(f.types)
	for _, typ := range types {
		if !strings.ContainsAny(typ, ".*") {
			return "; for the types that begin with " + typ + ", use --type " + fault.Quote(typ+".*")
		}
	}
	return ""
}

// All says whether deliveries of every profile are asked for.
func (f *Filters) All() bool { return f.all }

// Filter is what the flags ask for. The target is the one that their text names, as jobs have it. The error is a usage fault.
func (f *Filters) Filter() (journal.Filter, error) {
	to, err := f.FilterAt(f.env.Now())
	if to.Target != "" {
		to.Target = LaneName(to.Target, nil)
	}
	return to, err
}

// FilterAt is what the flags asked for at a time, from which those that are relative count.
func (f *Filters) FilterAt(now time.Time) (journal.Filter, error) {
	to := journal.Filter{
		Verdict: journal.Verdict(f.verdict), Outcome: journal.Outcome(f.outcome), Target: f.target, Event: f.event, Path: f.path, Replays: f.replays,
	}
	err := f.words()
	if err == nil {
		to.Types, err = f.patterns()
	}
	if err == nil && f.since != "" {
		to.Since, err = ParseSince("--since", f.since, now)
	}
	if err == nil && f.until != "" {
		to.Until, err = ParseSince("--until", f.until, now)
	}
	if err == nil && !to.Since.IsZero() && !to.Until.IsZero() && !to.Since.Before(to.Until) {
		err = fault.New(fault.Usage, "--since %s is not before --until %s, so nothing can match", fault.Quote(f.since), fault.Quote(f.until))
	}
	if err == nil {
		to.Match, err = f.matches()
	}
	if err != nil {
		return to, err
	}
	to.Profile, err = f.env.Scope(f.all)
	return to, err
}

// words refuses what is none of the words that a flag takes, and empty texts, which would ask for nothing.
func (f *Filters) words() error {
	if f.verdict != "" && !slices.Contains(journal.Verdicts(), f.verdict) {
		return fault.Hint(fault.New(fault.Usage, "unknown verdict %q", f.verdict), "there are %s", fault.List(journal.Verdicts()))
	}
	if f.outcome != "" && !slices.Contains(journal.Outcomes(), f.outcome) {
		return fault.Hint(fault.New(fault.Usage, "unknown outcome %q", f.outcome), "there are %s", fault.List(journal.Outcomes()))
	}
	for _, name := range filterFlags() {
		if flag := f.command.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
			return fault.New(fault.Usage, "--%s is empty", name)
		}
	}
	return nil
}

func (f *Filters) patterns() ([]string, error) {
	if len(f.types) == 0 {
		return nil, nil
	}
	types, err := SplitPatterns("--type", f.types)
	if err == nil {
		f.env.WarnPatterns("--type", "", types)
	}
	return types, err
}

// ParseSince reads DUR or TIME: a duration is that long before now. The error is a usage fault.
func ParseSince(flag, text string, now time.Time) (time.Time, error) {
	if d, err := duration.Parse(text); err == nil && d >= 0 && !isNumber(text) {
		return now.Add(-d), nil
	}
	t, err := ParseTime(text, now)
	if err != nil {
		return t, fault.Hint(fault.New(fault.Usage, "cannot read %s %q", flag, text), "use a duration (90s, 24h, 7d) or a time (2026-03-04T09:15:00Z)")
	}
	return t, nil
}

func isNumber(text string) bool { return strings.Trim(text, "0123456789") == "" }

// sayMatched is how often a person is told how far a search through bodies has come.
const sayMatched = 3 * time.Second

// matches is all --match expressions together; nil without one. A delivery for which one fails is left out, and the first of them is told.
func (f *Filters) matches() (func(ctx context.Context, d *record.Delivery) (bool, error), error) {
	if len(f.match) == 0 {
		return nil, nil
	}
	tests := make([]func(ctx context.Context, d *record.Delivery) (bool, error), len(f.match))
	for i, expression := range f.match {
		if expression == "" {
			return nil, fault.New(fault.Usage, "--match is empty")
		}
		var err error
		if tests[i], err = f.matcher("--match", expression); err != nil {
			return nil, err
		}
	}
	failed, seen, said := false, 0, f.env.Now()
	return func(ctx context.Context, d *record.Delivery) (bool, error) {
		seen++
		if now := f.env.Now(); now.Sub(said) >= sayMatched {
			said = now
			f.env.Say("--match has looked at %d deliveries, as far as %s", seen, d.ReceivedAt.UTC().Format(time.RFC3339))
		}
		for _, test := range tests {
			is, err := test(ctx, d) // false with an error
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			if err != nil && !failed {
				failed = true
				f.env.Warn("--match fails for %s: %s; deliveries for which it fails are left out", d.ID, err)
			}
			if !is {
				return false, nil
			}
		}
		return true, nil
	}, nil
}
