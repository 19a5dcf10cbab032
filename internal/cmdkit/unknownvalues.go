package cmdkit

// What nothing recorded has, where a filter found nothing.

import (
	"context"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/near"
	"github.com/whctl/whctl/internal/netname"
)

// shownKnown is how many of the values that there are a person is told.
const shownKnown = 10

// SayUnknown says, where nothing was found, which target and which event types of the flags nothing in the journal has, and what it has in
// their place. It is a note and no error: what is recorded next may have them. The error is a storage fault.
func (f *Filters) SayUnknown(ctx context.Context, j *journal.Journal, profile string) error {
	if err := f.sayUnknownTarget(ctx, j, profile); err != nil {
		return err
	}
	return f.SayUnknownTypes(ctx, j, profile)
}

func (f *Filters) sayUnknownTarget(ctx context.Context, j *journal.Journal, profile string) error {
	if f.target == "" || f.env.Quiet() {
		return nil
	}
	known, err := recordedTargets(ctx, j, profile)
	if err != nil || slices.ContainsFunc(LaneReadings(f.target), func(label string) bool { return slices.Contains(known, label) }) {
		return err
	}
	for i := range known {
		known[i] = netname.ShortTarget(known[i])
	}
	shown := ShownTarget(f.target)
	f.sayUnknown("no delivery was for the target "+fault.Quote(shown), shown, known)
	return nil
}

// SayUnknownTypes is SayUnknown of the event types alone.
func (f *Filters) SayUnknownTypes(ctx context.Context, j *journal.Journal, profile string) error {
	if len(f.types) == 0 || f.env.Quiet() {
		return nil
	}
	s, err := j.Stats(ctx, journal.Filter{Profile: profile}, func(string) journal.Budget { return journal.Budget{} })
	if err != nil || s.MoreTypes > 0 { // nobody knows them all
		return err
	}
	known := make([]string, len(s.Types))
	for i := range s.Types {
		known[i] = s.Types[i].Type
	}
	patterns, _ := event.SplitPatterns(f.types)
	for _, p := range patterns {
		if !slices.ContainsFunc(known, func(typ string) bool { return event.Match(p, typ) }) {
			f.sayUnknown("no delivery matches --type "+fault.Quote(p), strings.TrimSuffix(p, ".*"), known)
		}
	}
	return nil
}

// sayUnknown says that nothing has a value, and which of the known ones it may stand for.
func (f *Filters) sayUnknown(what, value string, known []string) {
	known = slices.DeleteFunc(known, func(k string) bool { return k == "" })
	switch nearest := near.Word(value, known); {
	case nearest != "":
		f.env.Say("%s; did you mean %s?", what, fault.Quote(nearest))
	case len(known) > shownKnown:
		f.env.Say("%s; the journal has %s, …", what, strings.Join(known[:shownKnown], ", "))
	case len(known) > 0:
		f.env.Say("%s; the journal has %s", what, strings.Join(known, ", "))
	}
}

// recordedTargets are the targets that deliveries of a profile are or were for; profile "" is every one.
func recordedTargets(ctx context.Context, j *journal.Journal, profile string) (labels []string, err error) {
	profiles := []string{profile}
	if profile == "" {
		if profiles, err = j.Profiles(ctx); err != nil {
			return nil, err
		}
	}
	for _, p := range profiles {
		list, err := j.JobTargets(ctx, p)
		if err != nil {
			return nil, err
		}
		labels = append(labels, list...)
	}
	slices.Sort(labels)
	return slices.Compact(labels), nil
}
