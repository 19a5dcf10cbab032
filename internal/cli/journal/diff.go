package journal

// whctl journal diff: how two deliveries differ.

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

type diffOptions struct {
	env *cmdkit.Env

	refs [2]string
	all  bool
}

func newDiff(e *cmdkit.Env, run func(context.Context, *diffOptions) error) *cobra.Command {
	o := &diffOptions{env: e}
	c := &cobra.Command{
		Use:   "diff REF REF",
		Short: "Show how two deliveries differ: bytes, JSON, headers",
		Long: `Compare two deliveries: the bytes of their bodies first, then their values as JSON, then their headers. Numbers are compared as
they are written. Key order, white space and escapes, which change the bytes and not the values, are named.
In the lines, - and the left side are the first delivery, + and the right side the second, whichever came earlier. In JSON they are
"old" and "new".

The exit code is 0 when the bodies are the same byte for byte, and 3 when they are not. Headers do not count for it: time and
signature are new each time that a provider sends an event.`,
		Example: `  whctl journal diff last~1 last
  whctl journal diff 0197 last -o json --jq '.body.changes[].path'`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			o.refs = [2]string(args)
			return run(c.Context(), o)
		},
	}
	c.Flags().BoolVar(&o.all, "all", false, "look in every profile")
	return c
}

// diffJSON is the comparison of two deliveries; docs/json.md lists it.
type diffJSON struct {
	Old     any `json:"old"`
	New     any `json:"new"`
	Body    any `json:"body"`
	Headers any `json:"headers"`
}

func runDiff(ctx context.Context, o *diffOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	pair, err := o.load(ctx)
	if err != nil {
		return err
	}
	c := jsonbytes.Compare(pair[0].Body, pair[1].Body)
	headers := record.CompareHeaders(pair[0].Header, pair[1].Header)
	v := diffJSON{
		Old: render.DeliveryJSON(pair[0], false), New: render.DeliveryJSON(pair[1], false),
		Body: render.DifferenceJSON(c), Headers: render.HeaderChangesJSON(headers),
	}
	if err := out.Value(o.env.IO, v, func() error { return o.text(pair, c, headers) }); err != nil {
		return cmdkit.Shown(err)
	}
	if !c.Equal {
		return fault.Exit(fault.Unverified)
	}
	return nil
}

// load reads both deliveries. A body that is not there whole cannot be compared.
func (o *diffOptions) load(ctx context.Context) (pair [2]record.Delivery, err error) {
	profile, err := o.env.Scope(o.all)
	if err != nil {
		return pair, err
	}
	j, err := open(ctx, o.env)
	if err != nil {
		return pair, err
	}
	defer func() { _ = j.Close() }()
	for i, ref := range o.refs {
		if pair[i], err = whole(ctx, j, profile, ref); err != nil {
			return pair, err
		}
	}
	return pair, nil
}

// whole reads one delivery with the body that was received.
func whole(ctx context.Context, j *journal.Journal, profile, ref string) (record.Delivery, error) {
	d, _, err := j.Get(ctx, profile, ref)
	switch {
	case err != nil:
		return d, err
	case d.BodyDamaged:
		return d, damaged(d, j.Path())
	case d.Truncated():
		return d, fault.New(fault.Refused, "only the first %s of %s of the refused body of %s were recorded", render.Size(int64(len(d.Body))), render.Size(d.Size), d.ID)
	default:
		return d, nil
	}
}

func (o *diffOptions) text(pair [2]record.Delivery, c jsonbytes.Comparison, headers []record.HeaderChange) error {
	style := o.env.IO.Style()
	b := render.NewCard(style, 8)
	for i, name := range []string{"first", "second"} {
		d := &pair[i]
		text := fmt.Sprintf("%s %s  %s  %s  %s", []string{"-", "+"}[i], style.Accent(d.ID), d.ReceivedAt.UTC().Format("2006-01-02T15:04:05.000Z"), render.Mark(style, d.Verdict), term.Clean(d.EventType))
		if i > 0 {
			text += "  " + apart(d.ReceivedAt.Sub(pair[0].ReceivedAt))
		}
		b.Row(name, text)
	}
	b.Row("body", render.DifferenceWords(c))
	for _, line := range render.Difference(style, c, pair[0].Body, pair[1].Body) {
		b.Line("  " + line)
	}
	if len(headers) == 0 {
		b.Row("headers", "the same")
	} else {
		b.Row("headers", fault.Plural(len(headers), "header")+" of "+fmt.Sprint(allNames(pair))+" differ")
	}
	for _, line := range render.HeaderChanges(style, headers, o.signatures(pair)) {
		b.Line("  " + line)
	}
	return b.Print(o.env.IO)
}

// apart says how much later or earlier the second delivery came.
func apart(d time.Duration) string {
	if d < 0 {
		return render.Dur(-d) + " earlier"
	}
	return render.Dur(d) + " later"
}

// allNames counts the headers that either delivery has.
func allNames(pair [2]record.Delivery) int {
	names := http.Header{}
	for _, d := range pair {
		for name := range d.Header {
			names[name] = nil
		}
	}
	return len(names)
}

// signatures are the headers in which the deliveries' schemes have their signatures.
func (o *diffOptions) signatures(pair [2]record.Delivery) []string {
	names := signatureHeaders(o.env, pair[0])
	return append(names, signatureHeaders(o.env, pair[1])...)
}
