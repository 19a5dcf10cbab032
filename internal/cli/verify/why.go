package verify

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

type whyOptions struct {
	env *cmdkit.Env

	flags cmdkit.SignFlags
	ref   string
	url   string
	all   bool
}

// NewWhy makes whctl why.
func NewWhy(e *cmdkit.Env) *cobra.Command { return newWhy(e, runWhy) }

func newWhy(e *cmdkit.Env, run func(context.Context, *whyOptions) error) *cobra.Command {
	o := &whyOptions{env: e}
	c := &cobra.Command{
		Use:   "why [REF]",
		Short: "Explain why a recorded delivery was refused",
		Long: `Explain why a recorded delivery was refused: the last one, or the one that REF names (an id, the beginning of one, last,
last~2). It is verified again as of the time it came, and the known mistakes are searched for one that explains it.`,
		Example: "  whctl why\n  whctl why last~1 --secret-file key",
		Args:    cobra.MaximumNArgs(1),
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
	o.flags.Bind(fs, e)
	return c
}

func runWhy(ctx context.Context, o *whyOptions) error {
	d, err := load(ctx, o.env, o.ref, o.all)
	if err != nil {
		return err
	}
	o.flags.Usual = d.Verdict.Scheme // explain it as it was verified
	keys, err := o.flags.Verifying(ctx, o.env, false)
	if err != nil {
		return err
	}
	if keys.Empty() { // what was recorded is worth showing all the same
		next := sign.Diagnosis{Next: "add --secret-file FILE: looking for the mistake takes the key"}
		return o.print(d, d.Verdict, next, cmdkit.Choice{Rules: keys.Rules})
	}
	m, err := recorded(d, keys.Rules)
	if err != nil {
		return err
	}
	m.Params = keys.Params
	if o.url != "" {
		m.URL = o.url
	}
	vo := sign.VerifyOptions{Now: d.ReceivedAt}
	choice := keys.Pick(m, vo)
	if choice.Rules == nil {
		return fault.New(fault.Refused, "no scheme of the catalogue fits the delivery's headers")
	}
	v := choice.Rules.Verify(m, choice.Keys, vo)
	var found sign.Diagnosis
	if !v.OK {
		keys.KnowOthers(ctx, o.env)
		vo.OtherKeys = keys.Others
		found = choice.Rules.Diagnose(ctx, m, choice.Keys, v, vo)
	}
	return o.print(d, v, found, choice)
}

// whyJSON is the output as JSON; docs/json.md lists it.
type whyJSON struct {
	DeliveryID string `json:"deliveryId"`
	Recorded   any    `json:"recorded"` // the verdict when it came
	Verdict    any    `json:"verdict"`  // the verdict now, with these keys
	Key        string `json:"key,omitempty"`
	explained
	Guess *guessJSON `json:"guess,omitempty"` // with --scheme auto
}

func (o *whyOptions) print(d record.Delivery, v sign.Verdict, found sign.Diagnosis, c cmdkit.Choice) error {
	format, jq, err := o.env.Format()
	if err != nil {
		return err
	}
	out := whyJSON{
		DeliveryID: d.ID, Recorded: render.VerdictJSON(d.Verdict), Verdict: render.VerdictJSON(v), Key: c.Label(v),
		explained: explainedOf(found), Guess: guessOf(c),
	}
	return render.Output{Format: format, JQ: jq}.Value(o.env.IO, out, func() error {
		style := o.env.IO.Style()
		head := fmt.Sprintf("%s  %s  %s %s  %s", d.ID, d.ReceivedAt.Local().Format("2006-01-02 15:04:05"), d.EventType, d.EventID, render.Size(d.Size))
		text := style.Dim(term.Clean(head)) + "\n" + verdictText(style, v, c) + guessText(style, c)
		if v.OK && !d.Verdict.OK && d.Verdict.Reason != sign.Unverified {
			text += term.Clean(fmt.Sprintf("  it was refused as %s then: the listener had other keys or settings", d.Verdict.Reason)) + "\n"
		}
		lines := append(strings.Split(strings.TrimSuffix(text, "\n"), "\n"), render.Findings(style, found, o.env.IO.Width())...)
		_, err := o.env.IO.Out.Write([]byte(strings.Join(lines, "\n") + "\n"))
		return err
	})
}

func verdictText(style term.Style, v sign.Verdict, c cmdkit.Choice) string {
	if v.OK {
		return style.Good("valid:") + " " + term.Clean(validWords(v, c)) + "\n"
	}
	return style.Bad("invalid: "+string(v.Reason)+":") + " " + term.Clean(invalidWords(v, c)) + "\n"
}
