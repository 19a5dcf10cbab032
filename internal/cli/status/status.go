// Package status holds whctl status.
package status

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/render"
)

// New makes the command.
func New(e *cmdkit.Env) *cobra.Command { return newCommand(e, run) }

func newCommand(e *cmdkit.Env, run func(context.Context, *cmdkit.Env) error) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show what runs on which port, and the profile, keys, journal and queue",
		Long: `Show which listeners and sandboxes run with this data folder, on which port and whether they answer, and what there is: profile and
API, token, keys, journal, and the jobs that are owed to each target. Nothing is made or changed. No platform and no keyring is asked, and
no key or token is shown. It says what it could not read, and ends with 0 even then.

Programs that run with another data folder (WHCTL_DATA_DIR) or as another user are not seen.`,
		Example: `  whctl status
  whctl status -o json --jq '.listeners[].url'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return run(c.Context(), e) },
	}
}

// report is what docs/json.md lists. Each part that could not be read has an error.
type report struct {
	Version   string     `json:"version"`
	Profile   profile    `json:"profile"`
	API       platform   `json:"api"`
	Listeners []listener `json:"listeners"`
	Sandboxes []sandbox  `json:"sandboxes"`
	Running   failure    `json:"-"` // of the two above
	Keys      keys       `json:"keys"`
	Journal   journal    `json:"journal"`
	Targets   []target   `json:"targets"`
	At        time.Time  `json:"-"`
}

// failure is why a part could not be read, and the next step; empty when it could.
type failure struct {
	Error string `json:"error,omitempty"`
	Hint  string `json:"hint,omitempty"`
}

type profile struct {
	Name   string `json:"name"`
	Origin string `json:"origin"`
}

type platform struct {
	URL       string `json:"url"`
	Origin    string `json:"origin"`
	TokenFrom string `json:"tokenFrom"` // "": there is none
	Answers   *bool  `json:"answers"`   // null: it is not on this machine and was not asked
	failure
}

type listener struct {
	Command    string    `json:"command"`
	PID        int       `json:"pid"`
	Version    string    `json:"version"`
	StartedAt  api.Time  `json:"startedAt"`
	Profile    string    `json:"profile"`
	Addr       string    `json:"addr,omitempty"`
	URL        string    `json:"url"`
	Answers    bool      `json:"answers"`
	From       []string  `json:"from,omitempty"`
	Scheme     string    `json:"scheme"`
	Targets    []string  `json:"targets"`
	AdminURL   string    `json:"adminUrl,omitempty"`
	SandboxURL string    `json:"sandboxUrl,omitempty"`
	Journal    string    `json:"journal"`
	Troubles   []trouble `json:"troubles"`
	Missed     int       `json:"missed,omitempty"` // events that came too fast for the troubles to be told whole
}

type trouble struct {
	State  string   `json:"state"`
	Target string   `json:"target"`
	Since  api.Time `json:"since"`
}

type sandbox struct {
	URL       string   `json:"url"`
	Answers   bool     `json:"answers"`
	PID       int      `json:"pid"`
	Version   string   `json:"version"`
	StartedAt api.Time `json:"startedAt"`
	Scheme    string   `json:"scheme"`
	Listener  string   `json:"listener,omitempty"` // whose process it is part of
}

type keys struct {
	Count int        `json:"count"`
	Saved []savedKey `json:"saved"`
	failure
}

type savedKey struct {
	Name      string `json:"name"`
	WebhookID string `json:"webhookId"`
	Scheme    string `json:"scheme"`
}

type journal struct {
	Path       string   `json:"path"`
	Bytes      int64    `json:"bytes"`      // 0: there is none
	Deliveries *int     `json:"deliveries"` // null: it is too large to count them at once
	Oldest     api.Time `json:"oldest"`
	Newest     api.Time `json:"newest"`
	Open       int      `json:"open"` // jobs
	Dead       int      `json:"dead"`
	failure
}

type target struct {
	Target  string   `json:"target"`
	Profile string   `json:"profile"`
	Open    int      `json:"open"`
	Dead    int      `json:"dead"`
	Oldest  api.Time `json:"oldest"` // of the open jobs
	Paused  bool     `json:"paused"` // by a user
	Owned   bool     `json:"owned"`  // a listener sends them
	failure          // of asking for the listener
}

func run(ctx context.Context, e *cmdkit.Env) error {
	out, err := render.NewOutput(e.Format())
	if err != nil {
		return err
	}
	r, err := look(ctx, e)
	if err != nil {
		return err
	}
	return cmdkit.WriteFailed(out.Value(e.IO, r, func() error { return card(e, r).Print(e.IO) }))
}
