package verify

// A verdict, of one request or of each in a list.

import (
	"context"
	"slices"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/sign/explain"
)

// checked is what came of an input.
type checked struct {
	input
	jm    judge.Judgement
	look  *judge.Look // whose it looks like that does not hold; nil: nobody's
	found explain.Diagnosis
}

// verify judges a request and explains the judgement.
func (o *options) verify(ctx context.Context, j *judge.Judge, in input) checked {
	c := checked{input: in}
	if c.err != nil {
		return c
	}
	if name, is := masked(in.message.Header, slices.Concat(j.Rules().SecretHeaders(), j.Rules().SignatureHeaders())); is && in.form != "" {
		c.err = fault.New(fault.Usage, "header %s has a mask in what was saved, so the signature cannot be verified", name)
		return c
	}
	c.jm = j.Judge(ctx, in.message, in.at)
	c.look = c.jm.Look(ctx)
	if c.jm.Rules != nil && c.jm.Rules.Needs().URL && in.message.URL == "" {
		c.err = fault.Hint(fault.New(fault.Usage, "scheme %s signs the URL", c.jm.Verdict.Scheme), "add --url URL, as the provider knows it")
		return c
	}
	if c.jm.Verdict.OK || !o.noExplain {
		c.found = judge.Explain(ctx, c.jm, o.from())
		c.doubted()
		c.found = typed(o.env, c.found)
	}
	return c
}

// several verifies a list. All are tried, and the worst exit code counts.
func (o *options) several(ctx context.Context, j *judge.Judge, ins []input) error {
	var worst error
	bad := 0
	all := make([]checked, 0, len(ins))
	for _, in := range ins {
		if err := ctx.Err(); err != nil {
			return err
		}
		c := o.verify(ctx, j, in)
		all = append(all, c)
		err := c.err
		if err == nil {
			err = o.outcome(&c, true)
		}
		if err != nil {
			bad++
			worst = fault.Worse(worst, err)
		}
	}
	if err := cmdkit.Shown(o.printAll(all)); err != nil {
		return err
	}
	if worst == nil {
		return nil
	}
	return fault.WithStep(fault.New(fault.KindOf(worst), "%d of %d requests do not verify", bad, len(all)), fault.HintOf(worst))
}
