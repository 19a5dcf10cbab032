package cmdkit

// Lanes of targets: which one a text may stand for, and who sends its jobs.

import (
	"context"
	"slices"
	"strconv"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// LaneReadings are the targets that a text may stand for: the name itself, or an address as --forward takes it.
func LaneReadings(text string) []string {
	list := []string{text}
	if t, err := target.Parse(text); err == nil && t.Label() != text {
		list = append(list, t.Label())
	}
	return list
}

// LaneName gives the target that a text stands for: one with a lane if there is any.
func LaneName(text string, lanes []record.Lane) string {
	list := LaneReadings(text)
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

// LaneStore knows lanes, and who owns them.
type LaneStore interface {
	Lanes(ctx context.Context, profile string) ([]record.Lane, error)
	LaneOwner(profile, target string) (owner []files.Process, owned bool, err error)
	JobTargets(ctx context.Context, profile string) ([]string, error)
}

// ListenerFor is how a listener is started that sends the jobs of a profile for a target.
func (e *Env) ListenerFor(profile, name string) fault.Words {
	name = netname.ShortTarget(name)
	if netname.ValidName(name) { // its address is not known here
		name += "=TARGET"
	}
	return e.OfProfile(fault.Command("whctl listen").Flag("--forward", name), profile)
}

// LaneTrouble is why the jobs of a lane are not sent now, and the command that changes that; "" when they are sent. owned says whether a
// listener owns the lane.
func (e *Env) LaneTrouble(l record.Lane, owned bool) (why string, mend fault.Words) {
	switch {
	case !owned && l.Paused:
		return "paused until a listener starts", e.ListenerFor(l.Profile, l.Target)
	case !owned:
		return "no listener sends them now", e.ListenerFor(l.Profile, l.Target)
	case l.Paused:
		return "paused", e.OfProfile(fault.Command("whctl queue resume", netname.ShortTarget(l.Target)), l.Profile)
	default:
		return "", mend
	}
}

// SayNext says what becomes of jobs that were queued.
func SayNext(ctx context.Context, e *Env, s LaneStore, jobs []record.Job) error {
	type lane struct{ profile, target string }
	waits := map[lane]bool{}
	for _, job := range jobs {
		waits[lane{job.Profile, job.Target}] = true
	}
	all, err := s.Lanes(ctx, "")
	if err != nil {
		return err
	}
	for _, l := range all {
		if !waits[lane{l.Profile, l.Target}] {
			continue
		}
		processes, owned, err := s.LaneOwner(l.Profile, l.Target)
		if err != nil {
			return err
		}
		short := netname.ShortTarget(l.Target)
		if why, mend := e.LaneTrouble(l, owned); why != "" {
			e.Say("%s: %s: %s", short, why, mend.String())
		} else {
			e.Say("%s: sent by %s, within about a second", short, files.Names(processes))
		}
	}
	return nil
}
