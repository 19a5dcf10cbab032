package cmdkit

// Which targets there are, and which of them a text names.

import (
	"context"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/near"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// Lane finds the target of a profile that a text stands for: one with jobs, of a listener that runs, or of the settings. Any other is a
// Refused fault. Without a listener and such settings it may be one of the next listener's command line, so it passes, unless it looks like
// a slip or another profile has it.
func (e *Env) Lane(ctx context.Context, s LaneStore, profile, text string) (string, error) {
	lanes, err := s.Lanes(ctx, "")
	if err != nil {
		return "", err
	}
	known, err := e.knownTargets(lanes, profile)
	if err != nil {
		return "", err
	}
	if label, err := known.find(ctx, s, text); err != nil || label != "" {
		return label, err
	}
	shown := ShownTarget(text)
	none := fault.New(fault.Refused, "no target %q in profile %q", shown, profile)
	other, nearest := known.elsewhere(text), near.Word(shown, known.names)
	switch {
	case other != "":
		return "", fault.Hint(none, "profile %s has it: add %s", fault.Word(other), fault.Command("").Flag("--profile", other))
	case nearest != "":
		return "", fault.Hint(none, "did you mean %s?", fault.Word(nearest))
	case !known.all:
		return LaneName(text, nil), nil
	case len(known.names) > 0:
		return "", fault.Hint(none, "use one of: %s; for a new one start a listener: %s", fault.List(known.names), e.ListenerFor(profile, shown))
	default:
		return "", fault.Hint(none, "start a listener that has it: %s", e.ListenerFor(profile, shown))
	}
}

// ShownTarget is a target that somebody typed, as messages have it. What follows a question mark may be a secret.
func ShownTarget(text string) string {
	shown, _, _ := strings.Cut(text, "?")
	return shown
}

// knownTargets are the targets of a profile that anything here knows.
type knownTargets struct {
	profile string
	labels  []string          // as jobs have them
	names   []string          // as people type them, with those of the listeners that run
	others  map[string]string // the profiles of those that another profile has, likewise
	all     bool              // there are no more: a listener runs, or the settings have targets
}

func (k *knownTargets) add(profile, name string) {
	name = netname.ShortTarget(name)
	switch {
	case profile != k.profile:
		k.others[name] = profile
	case !slices.Contains(k.names, name):
		k.names = append(k.names, name)
	}
}

// find gives the label of a target: one that is known, or whose lane somebody owns. The jobs that have ended are many, and are asked last.
func (k *knownTargets) find(ctx context.Context, s LaneStore, text string) (label string, err error) {
	readings := LaneReadings(text)
	for _, label := range readings {
		_, owned, err := s.LaneOwner(k.profile, label)
		if err != nil || owned || slices.Contains(k.labels, label) {
			return label, err
		}
	}
	ended, err := s.JobTargets(ctx, k.profile)
	for _, label := range ended {
		k.add(k.profile, label)
	}
	if i := slices.IndexFunc(readings, func(label string) bool { return slices.Contains(ended, label) }); i >= 0 {
		return readings[i], err
	}
	return "", err
}

// elsewhere is the profile that has what a text stands for; "" where none has it.
func (k *knownTargets) elsewhere(text string) string {
	for _, label := range LaneReadings(text) {
		if profile := k.others[netname.ShortTarget(label)]; profile != "" {
			return profile
		}
	}
	return ""
}

// knownTargets gathers the targets with jobs, those of the listeners that run, and those of the settings.
func (e *Env) knownTargets(lanes []record.Lane, profile string) (*knownTargets, error) {
	k := &knownTargets{profile: profile, others: map[string]string{}}
	running, err := e.AllRunning()
	if err != nil {
		return nil, err
	}
	for i := range running {
		k.all = k.all || running[i].Profile == profile && running[i].Command != "sandbox"
		for _, name := range running[i].Targets {
			k.add(running[i].Profile, name)
		}
	}
	settings, err := e.Settings()
	if err != nil {
		return nil, err
	}
	for _, t := range TargetsOf(settings) {
		k.all, k.labels = true, append(k.labels, t.Label())
		k.add(profile, t.Label())
	}
	for _, l := range lanes {
		if l.Profile == profile {
			k.labels = append(k.labels, l.Target)
		}
		k.add(l.Profile, l.Target)
	}
	return k, nil
}

// RunningTargets are the targets of the listeners of a profile that run, as people type them. Where that cannot be read there are none, as it
// is for a hint.
func (e *Env) RunningTargets(profile string) (names []string) {
	all, _ := e.AllRunning()
	for i := range all {
		if all[i].Profile != profile {
			continue
		}
		for _, name := range all[i].Targets {
			names = append(names, netname.ShortTarget(name))
		}
	}
	return names
}

// TargetsOf are the targets of the settings. What cannot be read is the listener's to refuse.
func TargetsOf(s *config.Settings) (list []target.Target) {
	texts := slices.Concat(s.Listen.Targets, s.Listen.Forward)
	for _, route := range s.Listen.Routes {
		_, to, _ := strings.Cut(route, "=")
		texts = append(texts, to)
	}
	for _, text := range texts {
		if t, err := target.Parse(text); err == nil {
			list = append(list, t)
		}
	}
	return list
}
