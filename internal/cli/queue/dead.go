package queue

// Changing all dead jobs.

import (
	"cmp"
	"context"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
)

// changeDead changes the dead jobs of the profile, or those for one target.
func (o *changeOptions) changeDead(ctx context.Context, out render.Output, j *journal.Journal) error {
	s, err := o.env.Settings()
	if err != nil {
		return err
	}
	lanes, err := j.Lanes(ctx, s.Profile)
	if err != nil {
		return err
	}
	name, of := "", ""
	if o.target != "" {
		if name, err = o.env.Lane(ctx, j, s.Profile, o.target); err != nil {
			return err
		}
		of = "for target " + render.ShortTarget(name) + " "
	}
	n := 0
	for _, l := range lanes {
		if name == "" || l.Target == name {
			n += l.Dead
		}
	}
	if n == 0 {
		o.env.Say("no dead jobs %sof profile %s", of, s.Profile)
		return o.print(out, nil)
	}
	if err := o.env.Confirm(o.yes, o.question(n, "dead job")); err != nil {
		return err
	}
	w, err := openToChange(ctx, o.env)
	if err != nil {
		return err
	}
	defer func() { _ = w.Close() }()
	t, err := newTally(o.env, out)
	if err != nil {
		return err
	}
	err = w.ChangeDead(ctx, s.Profile, name, o.verb.change, t.add)
	return cmp.Or(t.close(o.verb.done), err, o.verb.then(ctx, o.env, w, t.firsts))
}

// tally tells of many jobs: scripts of each, people how many there are for each target.
type tally struct {
	env    *cmdkit.Env
	array  *render.Array // nil for people
	firsts []record.Job  // of each target
	counts []int         // likewise
}

func newTally(e *cmdkit.Env, out render.Output) (t *tally, err error) {
	t = &tally{env: e}
	if out.Machine() {
		t.array, err = out.Array(e.IO)
	}
	return t, err
}

func (t *tally) add(jobs []record.Job) error {
	now := t.env.Now()
	for i := range jobs {
		at := 0
		for at < len(t.firsts) && t.firsts[at].Target != jobs[i].Target {
			at++
		}
		if at == len(t.firsts) {
			t.firsts, t.counts = append(t.firsts, jobs[i]), append(t.counts, 0)
		}
		t.counts[at]++
		if t.array == nil {
			continue
		}
		if err := t.array.Add(render.JobJSON(jobs[i], now)); err != nil {
			return err
		}
	}
	return nil
}

func (t *tally) close(done string) error {
	if t.array != nil {
		return t.array.Close()
	}
	for i, first := range t.firsts {
		words := "✓ " + done
		line := t.env.IO.Style().Good(words) + "  " + fault.Plural(t.counts[i], "job") + "  " + render.ShortTarget(first.Target) + "\n"
		if err := render.Text(t.env.IO, line); err != nil {
			return err
		}
	}
	return nil
}
