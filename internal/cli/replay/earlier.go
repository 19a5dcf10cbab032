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
	states map[sentTo]record.JobState
	passed int      // deliveries that are not sent again
	cut    []string // those of them that may not have arrived
}

type sentTo struct{ id, target string }

func (s *session) earlier(ctx context.Context, j *journal.Journal) (*earlier, error) {
	e := &earlier{states: map[sentTo]record.JobState{}}
	if s.choice.resume == "" {
		return e, nil
	}
	list, err := j.Replays(ctx, s.choice.begun)
	for _, r := range list {
		e.states[sentTo{r.Of, r.Target}] = r.State
	}
	return e, err
}

// has says whether a delivery was sent to a target.
func (e *earlier) has(id, target string) bool {
	state, has := e.states[sentTo{id, target}]
	if !has {
		return false
	}
	e.passed++
	if state == record.JobSending || state == record.JobInterrupted {
		e.cut = append(e.cut, id)
	}
	return true
}

const mostNamed = 10

// say tells what is left out.
func (e *earlier) say(env *cmdkit.Env) {
	if e.passed > 0 {
		env.Say("%s sent already", deliveries(e.passed))
	}
	if len(e.cut) > 0 {
		env.Warn("cut off while it was sent, so it is not known whether it arrived: send it again with %s",
			fault.Command("whctl replay", e.cut[:min(len(e.cut), mostNamed)]...).String())
	}
}
