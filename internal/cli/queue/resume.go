package queue

// whctl queue resume: a lane sends again.

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/journal"
)

func newResume(e *cmdkit.Env, run func(context.Context, *steerOptions) error) *cobra.Command {
	o := &steerOptions{env: e, steer: steer{
		set: (*journal.Journal).ResumeLane, paused: false, did: "resumed", was: "is not paused",
		then: "its listener sends again within about a second",
	}}
	return takeTarget(o, &cobra.Command{
		Use:     "resume TARGET",
		Short:   "Let the running listener send a target's jobs again",
		Example: `  whctl queue resume localhost:3000`,
	}, run)
}
