package replay

// --resume: what an earlier run of the same command has sent.

import (
	"context"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
)

// token names a run to a later one that goes on with it: the time when it began.
func (c *choice) token() string { return c.begun.UTC().Format(time.RFC3339Nano) }

// earlier is what runs have sent since one began. Nothing of it is sent again, also what a run was sending when it was cut off: it may have
// arrived.
type earlier struct {
	sent   map[sentTo]journal.Replay
	passed int              // deliveries that are not sent again
	cut    []journal.Replay // of those that may not have arrived
}

type sentTo struct{ id, target string }

func (s *session) earlier(ctx context.Context, j *journal.Journal) (*earlier, error) {
	e := &earlier{sent: map[sentTo]journal.Replay{}}
	if s.choice.resume == "" {
		return e, nil
	}
	list, err := j.Replays(ctx, s.choice.begun)
	for _, r := range list {
		e.sent[sentTo{r.Of, r.Target}] = r
	}
	return e, err
}

// has says whether a delivery was sent to a target.
func (e *earlier) has(id, target string) bool {
	r, has := e.sent[sentTo{id, target}]
	if !has {
		return false
	}
	e.passed++
	if r.State == record.JobSending || r.State == record.JobInterrupted {
		e.cut = append(e.cut, r)
	}
	return true
}

// settle ends the jobs of those that were cut off: nobody is sending them. A run that is, after all, records its attempt later.
func (e *earlier) settle(ctx context.Context, j *journal.Journal) error {
	for _, r := range e.cut {
		if _, err := j.ChangeJobs(ctx, journal.JobFilter{Delivery: r.ID}, journal.CutOff); err != nil {
			return err
		}
	}
	return nil
}

const mostNamed = 10

// say tells what is left out.
func (e *earlier) say(env *cmdkit.Env) {
	if e.passed > 0 {
		env.Say("%s sent already", fault.Plural(e.passed, "delivery"))
	}
	var ids []string
	for _, r := range e.cut[:min(len(e.cut), mostNamed)] {
		ids = append(ids, r.Of)
	}
	if len(ids) > 0 {
		env.Warn("cut off while it was sent, so it is not known whether it arrived: send it again with %s", fault.Command("whctl replay", ids...).String())
	}
}
