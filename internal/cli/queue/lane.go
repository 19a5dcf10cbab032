package queue

// Lanes: which one a text names, and who sends its jobs.

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/target"
)

// readings are the targets that a text may stand for: the name itself, or an address as --forward takes it.
func readings(text string) []string {
	list := []string{text}
	if t, err := target.Parse(text); err == nil && t.Label() != text {
		list = append(list, t.Label())
	}
	return list
}

// nameOf gives the target that a text stands for: one with a lane if there is any.
func nameOf(text string, lanes []record.Lane) string {
	list := readings(text)
	for _, name := range list {
		if slices.ContainsFunc(lanes, func(l record.Lane) bool { return l.Target == name }) {
			return name
		}
	}
	if _, err := strconv.Atoi(text); err != nil && netname.ValidName(text) { // a lane whose jobs have all ended has none
		return text
	}
	return list[len(list)-1]
}

// owner is who sends the jobs of a lane.
type owner struct {
	processes []files.Process
	there     bool
}

func ownerOf(ctx context.Context, j *journal.Journal, profile, name string) (o owner, err error) {
	o.processes, o.there, err = j.LaneOwner(ctx, profile, name)
	return o, err
}

// starting is how a listener is started that sends the jobs of a target.
func starting(name string) fault.Words {
	name = render.ShortTarget(name)
	if netname.ValidName(name) { // its address is not known here
		name += "=TARGET"
	}
	return fault.Command("whctl listen").Flag("--forward", name)
}

// mostLanes is how many lanes people are told of.
const mostLanes = 10

// sayLanes says of each lane how many jobs it has and who sends them. name limits it to one target.
func (o *listOptions) sayLanes(ctx context.Context, j *journal.Journal, lanes []record.Lane, name string) {
	lanes = slices.DeleteFunc(lanes, func(l record.Lane) bool { return name != "" && l.Target != name })
	for _, l := range lanes[:min(len(lanes), mostLanes)] {
		by, err := ownerOf(ctx, j, l.Profile, l.Target)
		if err != nil { // the place may be read-only, and the list is whole without it
			o.env.Warn("%s", err)
			return
		}
		if l.Open+l.Dead == 0 && !by.there { // paused by a listener that has ended
			continue
		}
		o.env.Say("%s: %s; %s", render.ShortTarget(l.Target), counts(l), by.words(l))
	}
	if n := len(lanes) - mostLanes; n > 0 {
		o.env.Say("and %s more: use --target to see one", cmdkit.Plural(n, "target"))
	}
}

// counts are the open and the dead jobs of a lane.
func counts(l record.Lane) string {
	if l.Dead == 0 {
		return fmt.Sprintf("%d open", l.Open)
	}
	return fmt.Sprintf("%d open, %d dead", l.Open, l.Dead)
}

// words say who sends the jobs of a lane.
func (o owner) words(l record.Lane) string {
	switch {
	case !o.there:
		return "no listener sends them now: " + starting(l.Target).String()
	case l.Paused:
		return "paused: " + fault.Command("whctl queue resume", render.ShortTarget(l.Target)).String()
	default:
		return "sent by " + files.Names(o.processes)
	}
}

// sayNext says what becomes of jobs that were queued again.
func sayNext(ctx context.Context, e *cmdkit.Env, j *journal.Journal, jobs []record.Job) error {
	type lane struct{ profile, target string }
	waits := map[lane]bool{}
	for _, job := range jobs {
		waits[lane{job.Profile, job.Target}] = true
	}
	all, err := j.Lanes(ctx, "")
	if err != nil {
		return err
	}
	for _, l := range all {
		if !waits[lane{l.Profile, l.Target}] {
			continue
		}
		by, err := ownerOf(ctx, j, l.Profile, l.Target)
		if err != nil {
			return err
		}
		short := render.ShortTarget(l.Target)
		switch {
		case !by.there:
			e.Say("no listener sends to %s now; the next one that names it does: %s", short, starting(l.Target).String())
		case l.Paused:
			e.Say("%s is paused: %s", short, fault.Command("whctl queue resume", short).String())
		default:
			e.Say("%s: sent by %s, within about a second", short, files.Names(by.processes))
		}
	}
	return nil
}

// owned finds the lane that a text names, which a listener must own.
func owned(ctx context.Context, j *journal.Journal, profile, text string) (record.Lane, error) {
	lanes, err := j.Lanes(ctx, profile)
	if err != nil {
		return record.Lane{}, err
	}
	for _, name := range readings(text) {
		by, err := ownerOf(ctx, j, profile, name)
		if err != nil {
			return record.Lane{}, err
		}
		if by.there {
			return laneOf(lanes, profile, name), nil
		}
	}
	shown, _, _ := strings.Cut(text, "?") // what follows may be a secret
	return record.Lane{}, fault.Hint(fault.New(fault.Refused, "no listener of profile %s sends to %q now, and a start ends every pause", profile, shown),
		"start one: %s", starting(cmp.Or(nameOf(text, lanes), shown)))
}

// laneOf gives the lane of a target; one that the list does not have is empty and not paused.
func laneOf(lanes []record.Lane, profile, name string) record.Lane {
	i := slices.IndexFunc(lanes, func(l record.Lane) bool { return l.Target == name })
	if i < 0 {
		return record.Lane{Profile: profile, Target: name}
	}
	return lanes[i]
}
