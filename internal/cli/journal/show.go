package journal

// whctl journal show: one delivery, or its bytes alone.

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
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
		Use:   "show REF",
		Short: "Show one delivery with its headers, body and attempts",
		Long: `Show one delivery. REF is an id, a unique prefix of one, last, or last~2 for the second before the last.
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

// shownJSON is a delivery with its attempts; docs/json.md lists it.
type shownJSON struct {
	Delivery any   `json:"delivery"`
	Attempts []any `json:"attempts"`
}

func runShow(ctx context.Context, o *showOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	if o.raw && o.env.IO.OutTTY() {
		return fault.Hint(fault.New(fault.Usage, "raw bytes are not written to a terminal"), "redirect them: %s > body", fault.Command("whctl journal show", o.ref).Switch("--raw"))
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
	d, attempts, err := j.Get(ctx, profile, o.ref)
	if err != nil {
		return err
	}
	if o.raw && d.BodyDamaged {
		return damaged(d, j.Path())
	}
	advise(&d, attempts)
	if o.raw {
		if _, err := o.env.IO.Out.Write(d.Body); err != nil {
			return err
		}
		if d.Truncated() {
			return fault.New(fault.Storage, "only the first %s of %s were kept of this refused body", render.Size(int64(len(d.Body))), render.Size(d.Size))
		}
		return nil
	}
	v := shownJSON{Delivery: render.DeliveryJSON(d, true), Attempts: []any{}}
	for _, a := range attempts {
		v.Attempts = append(v.Attempts, render.AttemptJSON(a))
	}
	if err := out.Value(o.env.IO, v, func() error { return o.text(d, attempts) }); err != nil || !d.BodyDamaged {
		return err
	}
	return damaged(d, j.Path())
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

func (o *showOptions) text(d record.Delivery, attempts []record.Attempt) error {
	style, width := o.env.IO.Style(), o.env.IO.Width()
	b := render.NewCard(style, 10)
	b.Row("id", d.ID)
	b.Row("received", d.ReceivedAt.UTC().Format("2006-01-02T15:04:05.000Z")+" from "+term.Clean(d.RemoteAddr))
	b.Row("verdict", render.Mark(style, d.Verdict)+verdictDetail(d))
	b.Row("event", term.Clean(strings.TrimSpace(d.EventType+" "+d.EventID)))
	if d.Duplicate != nil {
		b.Row("duplicate", "of "+d.Duplicate.ID+map[bool]string{true: ", which had been answered 2xx", false: ", which had not been answered 2xx"}[d.Duplicate.Answered])
	}
	b.Row("request", term.Clean(d.Method+" "+d.Path))
	b.Row("size", render.Size(d.Size))
	if d.Route != "" {
		b.Row("route", term.Clean(d.Route))
	}
	if d.Answer != 0 {
		b.Row("answer", strings.TrimSpace(fmt.Sprintf("%d %s  %s", d.Answer, http.StatusText(d.Answer), d.Skipped)))
	}
	for _, a := range attempts {
		b.Row("attempt", attemptWords(a))
		if a.Hint != (fault.Step{}) {
			b.Row("hint", term.Clean(a.Hint.String()))
		}
	}
	b.Line("")
	signatures := signatureHeaders(o.env, d)
	for _, name := range slices.Sorted(maps.Keys(d.Header)) {
		for _, v := range d.Header[name] {
			if slices.Contains(signatures, name) {
				v = masking.Signature(v) // all of it is in -o json
			}
			b.Line(style.Dim(term.Clean(name)+":") + " " + term.Clean(v))
		}
	}
	b.Line("")
	if d.BodyDamaged {
		b.Line(style.Bad("the body is not shown: its bytes are not those that were received"))
		d.Body, d.Size = nil, 0
	}
	for _, line := range render.Body(style, d.Body, render.BodyOptions{Width: width, MaxLines: -1, MaxBytes: -1, ContentType: d.Header.Get("Content-Type"), Size: d.Size}) {
		b.Line(line)
	}
	return render.Text(o.env.IO, b.String())
}

func verdictDetail(d record.Delivery) string {
	var parts []string
	if d.Verdict.Scheme != "" {
		parts = append(parts, "scheme "+d.Verdict.Scheme)
	}
	if !d.Verdict.SignedAt.IsZero() {
		parts = append(parts, "signed "+d.Verdict.SignedAt.UTC().Format(time.RFC3339))
	}
	if !d.Verdict.Detail.IsZero() {
		parts = append(parts, d.Verdict.Detail.String())
	}
	if len(parts) == 0 {
		return ""
	}
	return "  " + term.Clean(strings.Join(parts, ", "))
}

func attemptWords(a record.Attempt) string {
	result := a.Error
	if a.Status != 0 {
		result = fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status))
	}
	words := fmt.Sprintf("%s in %s  %s", strings.TrimSpace(result), render.Dur(a.Duration), a.Target)
	if a.Repeated {
		words += "  repeated"
	}
	return term.Clean(words)
}
