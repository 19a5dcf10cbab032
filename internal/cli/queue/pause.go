package queue

// whctl queue pause: a lane sends nothing for now.

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/journal"
)

func newPause(e *cmdkit.Env, run func(context.Context, *steerOptions) error) *cobra.Command {
	o := &steerOptions{env: e, steer: steer{
		set: (*journal.Journal).PauseLane, paused: true, did: "paused", was: "is paused already",
		then: "its listener stops sending within about a second, and goes on receiving; a start of a listener ends the pause",
	}}
	return takeTarget(o, &cobra.Command{
		Use:   "pause TARGET",
		Short: "Keep the running listener from sending a target's jobs",
		Long: `Keep the running listener from sending the jobs of a target. It goes on receiving; the jobs wait, and no try is counted.
whctl queue resume ends the pause, and so does the next start of a listener. What --ack forward hands on while its sender waits
goes on.`,
		Example: `  whctl queue pause localhost:3000`,
	}, run)
}
