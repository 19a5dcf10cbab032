package queue

// Lanes: what people are told of them, and the one that a text names.

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/near"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
)

// owner is who sends the jobs of a lane.
type owner struct {
	processes []files.Process
	there     bool
}

func ownerOf(j *journal.Journal, profile, name string) (o owner, err error) {
	o.processes, o.there, err = j.LaneOwner(profile, name)
	return o, err
}

// mostLanes is how many lanes people are told of.
const mostLanes = 10

// sayLanes says of each lane how many jobs it has and who sends them. name limits it to one target.
func (o *listOptions) sayLanes(j *journal.Journal, lanes []record.Lane, name string) {
	lanes = slices.DeleteFunc(lanes, func(l record.Lane) bool { return name != "" && l.Target != name })
	for _, l := range lanes[:min(len(lanes), mostLanes)] {
		by, err := ownerOf(j, l.Profile, l.Target)
		if err != nil { // the place may be read-only, and the list is whole without it
			o.env.Warn("%s", err)
			return
		}
		if l.Open+l.Dead == 0 && !by.there { // paused by a listener that has ended
			continue
		}
		o.env.Say("%s: %s; %s", render.ShortTarget(l.Target), counts(l), by.words(o.env, l))
	}
	if n := len(lanes) - mostLanes; n > 0 {
		o.env.Say("and %s more: use --target to see one", fault.Plural(n, "target"))
	}
}

// counts are the open and the dead jobs of a lane.
func counts(l record.Lane) string {
	if l.Dead == 0 {
		return fmt.Sprintf("%d open", l.Open)
	}
	return fmt.Sprintf("%d open, %d dead", l.Open, l.Dead)
}

// words say who sends the jobs of a lane, or why nobody does.
func (o owner) words(e *cmdkit.Env, l record.Lane) string {
	if why, mend := e.LaneTrouble(l, o.there); why != "" {
		return why + ": " + mend.String()
	}
	return "sent by " + files.Names(o.processes)
}

// owned finds the lane that a text names, which a listener must own.
func owned(ctx context.Context, e *cmdkit.Env, j *journal.Journal, profile, text string) (record.Lane, error) {
	lanes, err := j.Lanes(ctx, profile)
	if err != nil {
		return record.Lane{}, err
	}
	for _, name := range cmdkit.LaneReadings(text) {
		by, err := ownerOf(j, profile, name)
		if err != nil {
			return record.Lane{}, err
		}
		if by.there {
			return laneOf(lanes, profile, name), nil
		}
	}
	shown := cmdkit.ShownTarget(text)
	none := fault.New(fault.Refused, "no listener of profile %s sends to %q now, and a start ends every pause", profile, shown)
	if nearest := near.Word(shown, e.RunningTargets(profile)); nearest != "" {
		return record.Lane{}, fault.Hint(none, "did you mean %s?", fault.Word(nearest))
	}
	return record.Lane{}, fault.Hint(none, "start one: %s", e.ListenerFor(profile, cmp.Or(cmdkit.LaneName(text, lanes), shown)))
}

// laneOf gives the lane of a target; one that the list does not have is empty and not paused.
func laneOf(lanes []record.Lane, profile, name string) record.Lane {
	i := slices.IndexFunc(lanes, func(l record.Lane) bool { return l.Target == name })
	if i < 0 {
		return record.Lane{Profile: profile, Target: name}
	}
	return lanes[i]
}
