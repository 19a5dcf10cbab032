package schemes

// whctl schemes vectors: requests with the verdict that is right, to test any verifier with.

import (
	"context"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/check"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
)

type vectorsOptions struct {
	env  *cmdkit.Env
	name string
	at   cmdkit.TimeValue
}

func newVectors(e *cmdkit.Env, run func(context.Context, *vectorsOptions) error) *cobra.Command {
	o := &vectorsOptions{env: e}
	c := &cobra.Command{
		Use:   "vectors NAME",
		Short: "Print requests with the right verdict, to test a verifier with",
		Long: `Print requests that are signed by a scheme, and spoiled in every way that whctl check knows: one for each reason of a verdict,
and one for each trap. Each has the verdict that is right at the time that is printed with them. The key is made up.
docs/vectors.md says how to run a verifier of your own over them.`,
		Example: `  whctl schemes vectors stripe
  whctl schemes vectors stripe -o json > vectors.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.name = args[0]
			return run(c.Context(), o)
		},
	}
	c.Flags().Var(&o.at, "at", "verify them as of this `time` (default: 2026-01-15T12:00:00Z)")
	return c
}

// vectorsJSON is the output as JSON; docs/json.md lists it.
type vectorsJSON struct {
	Scheme  string            `json:"scheme"`
	Key     string            `json:"key"`
	Params  map[string]string `json:"params,omitempty"`
	At      time.Time         `json:"at"`
	Unix    int64             `json:"unix"`
	Vectors []vectorJSON      `json:"vectors"`
}

type vectorJSON struct {
	ID      string        `json:"id"`
	Title   string        `json:"title"`
	Request vectorRequest `json:"request"`
	OK      bool          `json:"ok"`
	Reason  sign.Reason   `json:"reason"`
}

type vectorRequest struct {
	Method     string      `json:"method"`
	URL        string      `json:"url"`
	Headers    http.Header `json:"headers"`
	Body       *string     `json:"body,omitempty"`
	BodyBase64 []byte      `json:"bodyBase64,omitempty"`
}

// time is when the vectors are to be verified.
func (o *vectorsOptions) time() time.Time {
	if o.at.Text == "" {
		return check.VectorTime()
	}
	return o.at.Resolve(o.env.Now())
}

func runVectors(ctx context.Context, o *vectorsOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	s, err := o.env.Settings()
	if err != nil {
		return err
	}
	rules, err := cmdkit.RulesOf(s, o.name)
	if err != nil {
		return err
	}
	made, err := check.MakeVectors(ctx, rules, event.SampleTypes(rules.Scheme().Name), o.time())
	if err != nil {
		return fault.Wrap(fault.Usage, err, "scheme %s has no vectors", rules.Scheme().Name)
	}
	if len(made.List) == 0 {
		return fault.New(fault.Usage, "scheme %s has no vectors: whctl cannot sign it", rules.Scheme().Name)
	}
	v := vectorsJSON{Scheme: rules.Scheme().Name, Key: made.Key, Params: made.Params, At: made.At, Unix: made.At.Unix(), Vectors: []vectorJSON{}}
	table := render.NewTable(render.Column{Title: "VECTOR", Narrow: render.Uncut}, render.Column{Title: "VERDICT", Narrow: render.Uncut}, render.Column{Title: "WHAT IT IS", Narrow: render.Flow, Least: 20})
	for _, one := range made.List {
		q := vectorRequest{Method: one.Request.Method, URL: one.Request.URL, Headers: one.Request.Header}
		if utf8.Valid(one.Request.Body) {
			text := string(one.Request.Body)
			q.Body = &text
		} else {
			q.BodyBase64 = one.Request.Body
		}
		v.Vectors = append(v.Vectors, vectorJSON{ID: one.ID, Title: one.Title, Request: q, OK: one.Verdict.OK, Reason: one.Verdict.Reason})
		table.Add(one.ID, string(one.Verdict.Reason), one.Title)
	}
	return cmdkit.Shown(out.Value(o.env.IO, v, func() error {
		return errors.Join(table.Print(o.env.IO), render.Text(o.env.IO, "\n-o json has them whole\n"))
	}))
}
