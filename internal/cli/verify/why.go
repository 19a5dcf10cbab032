package verify

// whctl why: the diagnosis of a recorded delivery.

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/term"
)

type whyOptions struct {
	env *cmdkit.Env

	flags cmdkit.SignFlags
	ref   string
	url   string
	all   bool

	recipes recipeFlags
}

// NewWhy makes whctl why.
func NewWhy(e *cmdkit.Env) *cobra.Command { return newWhy(e, runWhy) }

func newWhy(e *cmdkit.Env, run func(context.Context, *whyOptions) error) *cobra.Command {
	o := &whyOptions{env: e}
	c := &cobra.Command{
		Use:   "why [REF]",
		Short: "Explain why a recorded delivery was refused, or failed",
		Long: `Explain why whctl or a target did not take a recorded delivery. Without REF it is the newest one that whctl refused, or that
a target answered with 3xx, 4xx or 5xx, or not at all, and did not take at a later try. REF is an id, the beginning of one, an event id,
last or last~2.

With a key, verify it again at the time it came and search for the mistake. Without a key, show what the listener found then.`,
		Example: `  whctl why
  whctl why last~1 --secret-file key`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.ref = args[0]
			}
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.url, "url", "", "`URL` as the provider knows it, for schemes that sign it")
	fs.BoolVar(&o.all, "all", false, "look in every profile")
	o.recipes.bind(c)
	o.flags.Bind(fs, e)
	return c
}

func runWhy(ctx context.Context, o *whyOptions) error {
	if err := o.recipes.check(); err != nil {
		return err
	}
	l, err := load(ctx, o.env, o.ref, o.all)
	if err != nil {
		return err
	}
	w, unable, err := o.explain(ctx, l)
	if err != nil {
		return err
	}
	err = o.print(w)
	if l.delivery.BodyDamaged { // show what the listener found: the damaged bytes say nothing
		return fault.Worse(err, unable)
	}
	return err
}

// AtKey is what whctl why prints about a delivery.
func AtKey(ctx context.Context, e *cmdkit.Env, p cmdkit.Pressed) (string, error) {
	o := &whyOptions{env: e, flags: cmdkit.SignFlags{Apart: true}}
	l, err := loadFrom(ctx, p.Journal, "", p.Delivery)
	if err != nil {
		return "", err
	}
	w, _, err := o.explain(ctx, l)
	if err != nil {
		return "", err
	}
	return o.text(w), nil
}

// explain finds out about a delivery. unable says what the journal does not have of it.
func (o *whyOptions) explain(ctx context.Context, l loaded) (w *why, unable, err error) {
	d := l.delivery
	o.flags.Usual = usual(o.env, d)
	keys, err := o.flags.Verifying(ctx, o.env, false)
	if err != nil {
		return nil, nil, err
	}
	j := keys.Judge(judge.Options{Patience: judge.Long(), Rivals: cmdkit.Rivals(o.env)})
	w = &why{loaded: l, jm: judge.Judgement{Rules: keys.Rules, Verdict: d.Verdict}, kept: true}
	m, unable := recorded(d, j)
	switch {
	case d.Answer == http.StatusRequestEntityTooLarge:
		w.from(explain.Step{Text: "whctl listen takes larger bodies with --max-body SIZE"})
	case unable != nil:
		w.from(w.withoutAll(unable)...)
	case j.Empty(), !keys.Given: // the saved keys may have changed since, so the recorded verdict counts
		w.look = j.Look(ctx, m)
		w.from(w.withoutKey()...)
	default:
		if err := o.again(ctx, w, m, j); err != nil {
			return nil, nil, err
		}
	}
	o.handedOn(ctx, w, j)
	w.found = typed(o.env, w.found)
	return w, unable, nil
}

// again verifies a delivery with the given keys.
func (o *whyOptions) again(ctx context.Context, w *why, m *sign.Message, j *judge.Judge) error {
	if o.url != "" {
		m.URL = o.url
	}
	jm := j.Judge(ctx, m, w.delivery.CheckedAt())
	if jm.Rules == nil {
		return fault.Hint(fault.New(fault.Refused, "no scheme of the catalogue fits the delivery's headers"), "name one with --scheme")
	}
	w.jm, w.kept, w.found = jm, false, judge.Explain(ctx, jm, explain.OffSocket())
	if len(w.found.Findings) == 0 && w.then != nil && len(w.then.Findings) > 0 { // the listener had other keys
		w.from()
	}
	return nil
}

// why is what the command prints about a delivery.
type why struct {
	loaded
	jm        judge.Judgement // of now, or as recorded
	found     explain.Diagnosis
	look      *judge.Look     // whose it looks like; nil: nobody's, or it was verified again
	foundThen bool            // the listener found it
	kept      bool            // the verdict is the recorded one
	refusedBy *record.Attempt // of the target that did not take it; nil when none
	cause     string          // id of package refusal for what the answer says; "": nothing
}

// from takes what the listener found. If that explains nothing, next says what else to do.
func (w *why) from(next ...explain.Step) {
	if w.jm.Verdict.OK {
		return
	}
	if w.then == nil {
		w.found = explain.Diagnosis{Next: next}
		return
	}
	then := w.then
	w.foundThen = true
	w.found = explain.Diagnosis{Findings: then.Findings, Tried: then.Tried, Elapsed: then.Elapsed, CutOff: then.CutOff, Next: then.Next}
	if len(then.Findings) == 0 {
		w.found.Next = slices.Concat(then.Next, next)
	}
}

// withoutKey says what to do without a key. If there is no signature, no key helps.
func (w *why) withoutKey() explain.Steps {
	try := fault.Command("whctl why", w.delivery.ID).Flag("--secret-file", "FILE")
	switch {
	case w.delivery.Verdict.Reason == sign.MissingSignature && w.then != nil:
		return nil
	case w.look != nil && w.look.Signed:
		try = fault.Command("whctl why", w.delivery.ID).Flag("--scheme", w.look.Scheme).Flag("--secret-file", "FILE")
		return explain.Steps{{Text: "it looks like " + w.look.Provider, Command: try.String()}}
	case w.delivery.Verdict.Reason == sign.MissingSignature:
		return explain.Steps{
			{Text: "check whether a proxy drops the header"},
			{Text: "check whether --scheme names the sender's scheme", Command: fault.Command("whctl schemes list").String()},
		}
	case w.then != nil:
		return explain.Steps{{Text: "try another key", Command: try.String()}}
	default:
		return explain.Steps{{Text: "give the key, which the search for the mistake needs", Command: try.String()}}
	}
}

// withoutAll says what to do when the journal does not have all of a delivery.
func (w *why) withoutAll(unable error) explain.Steps {
	steps := explain.Steps{{Text: unable.Error()}}
	switch {
	case w.delivery.Verdict.Reason == sign.MissingSignature:
		return w.withoutKey()
	case w.delivery.Truncated():
		return append(steps, explain.Step{Text: "keep it whole the next time, with whctl listen --on-invalid forward"})
	case w.then == nil:
		return append(steps, explain.Step{Text: "have it sent again: whctl listen explains it then"})
	default:
		return steps
	}
}

// whyJSON is the output as JSON; docs/json.md lists it.
type whyJSON struct {
	DeliveryID string `json:"deliveryId"`
	Recorded   any    `json:"recorded"` // the verdict when it came
	Verdict    any    `json:"verdict"`  // the verdict now, with these keys
	Key        string `json:"key,omitempty"`
	explained
	FoundThen bool           `json:"foundThen"` // findings are the listener's
	RefusedBy *refusedByJSON `json:"refusedBy,omitempty"`
	Guess     *guessJSON     `json:"guess,omitempty"` // with --scheme auto
}

func (o *whyOptions) print(w *why) error {
	format, jq, err := o.env.Format()
	if err != nil {
		return err
	}
	d, v, key := w.delivery, w.jm.Verdict, w.jm.Key
	if w.kept {
		key = d.KeyName
	}
	out := whyJSON{
		DeliveryID: d.ID, Recorded: render.VerdictJSON(d.Verdict, d.KeyName), Verdict: render.VerdictJSON(v, key), Key: key,
		explained: explainedOf(w.found), FoundThen: w.foundThen, RefusedBy: w.refusedByJSON(), Guess: guessOf(w.jm),
	}
	return render.Output{Format: format, JQ: jq}.Value(o.env.IO, out, func() error { return render.Whole(o.env.IO, o.text(w)) })
}

func (o *whyOptions) text(w *why) string {
	style, d := o.env.IO.Style(), w.delivery
	head := fmt.Sprintf("%s  %s  %s %s  %s", d.ID, d.ReceivedAt.Local().Format("2006-01-02 15:04:05"), d.EventType, d.EventID, render.Size(d.Size))
	text := style.Dim(term.Clean(head)) + "\n" + w.verdictText(style) + guessText(style, w.jm)
	text = term.FoldWords(text, o.env.IO.Width())
	if w.jm.Verdict.OK && !d.Verdict.OK && d.Verdict.Reason != sign.Unverified {
		text += term.Clean(fmt.Sprintf("  the listener refused it then (%s): it had other keys or settings", d.Verdict.Reason)) + "\n"
	}
	if w.foundThen {
		text += style.Dim("  what the listener found then:") + "\n"
	}
	lines := append(strings.Split(strings.TrimSuffix(text, "\n"), "\n"), render.Findings(style, w.found, o.env.IO.Width())...)
	return strings.Join(lines, "\n") + "\n"
}

func (w *why) verdictText(style term.Style) string {
	text := strings.TrimSuffix(verdictText(style, w.jm, whenItCame), "\n")
	if w.jm.Verdict.Reason == sign.Unverified {
		text = style.Warn("unverified:") + " " + term.Clean("the listener had no key, or --no-verify; scheme "+w.jm.Verdict.Scheme)
		if d := w.jm.Verdict.Detail; !d.IsZero() {
			text = style.Warn(term.Clean(d.String()))
		}
	}
	return text + term.Clean(w.refusedWords()) + "\n"
}

// whenItCame is what a recorded delivery is verified as of.
const whenItCame = "it came"

func verdictText(style term.Style, jm judge.Judgement, then string) string {
	v := jm.Verdict
	if v.OK {
		text := style.Good("valid:") + " " + term.Clean(validWords(jm, then)) + "\n"
		if v.Warning != "" {
			text += "  " + style.Warn("but:") + " " + term.Clean(v.Warning) + "\n"
		}
		return text
	}
	return style.Bad("invalid: "+string(v.Reason)+":") + " " + term.Clean(invalidWords(v, then)) + "\n"
}
