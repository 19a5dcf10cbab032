package cmdkit

// Words from the journal that a shell completes: the targets of lanes, and the ids of deliveries.

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
)

// mostOffered is how many ids of deliveries are offered.
const mostOffered = 50

// OfferTargets completes --target with targets that have a lane.
func OfferTargets(c *cobra.Command, e *Env) {
	_ = c.RegisterFlagCompletionFunc("target", LaneTargets(e)) // fails only when done twice
}

// LaneTargets completes a target that has a lane.
func LaneTargets(e *Env) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		var out []string
		ForCompletion(c, e, func(j *journal.Journal, profile string) error {
			lanes, err := j.Lanes(c.Context(), profile)
			for _, l := range lanes {
				if name := netname.ShortTarget(l.Target); strings.HasPrefix(name, typed) {
					out = append(out, name)
				}
			}
			return err
		})
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// SomeDeliveries completes ids of deliveries, the newest first.
func SomeDeliveries(e *Env) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		var out []string
		ForCompletion(c, e, func(j *journal.Journal, profile string) error {
			return j.Each(c.Context(), journal.Filter{Profile: profile, Limit: mostOffered}, func(d *record.Delivery) error {
				if strings.HasPrefix(d.ID, typed) && !slices.Contains(args, d.ID) {
					out = append(out, d.ID+"\t"+d.EventType)
				}
				return nil
			})
		})
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// ForCompletion opens a journal that has a queue. What goes wrong offers nothing: a shell has no place for an error.
func ForCompletion(c *cobra.Command, e *Env, f func(j *journal.Journal, profile string) error) {
	s, err := e.Settings()
	if err != nil {
		return
	}
	j, err := journal.Open(c.Context(), s.JournalPath, journal.Options{Now: e.Now, ReadOnly: true})
	if err != nil {
		return
	}
	defer func() { _ = j.Close() }()
	if has, err := j.HasQueue(c.Context()); err == nil && has {
		_ = f(j, s.Profile)
	}
}
