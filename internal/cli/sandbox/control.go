package sandbox

import (
	"context"
	"net/url"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

// stayLocal makes a command deaf to the API URL and profile of flags, environment and files.
func stayLocal(e *cmdkit.Env) {
	e.Globals.Profile, e.Globals.APIURL = "sandbox", api.SandboxURL
}

// useSandbox makes the profile sandbox the one that is meant unless the command line names another; only --api-url and
// WHCTL_API_URL move it.
func useSandbox(e *cmdkit.Env) {
	if e.Globals.Profile == "" {
		e.Globals.Profile = "sandbox"
	}
}

// control is the client of a running sandbox. A token must not go to a platform for calls that only a sandbox knows.
func control(ctx context.Context, e *cmdkit.Env) (*client.Client, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	if u, err := url.Parse(s.APIURL); err != nil || !netname.Loopback(u.Hostname()) {
		return nil, fault.Hint(fault.New(fault.Usage, "%s is no sandbox: those run on this machine only", s.APIURL), "leave out --api-url and unset WHCTL_API_URL")
	}
	return e.Client(ctx)
}

func hintNoSandbox(err error) error {
	if fault.KindOf(err) == fault.Unreachable && fault.HintOf(err) == (fault.Step{}) {
		return fault.Hint(err, "start one with whctl sandbox")
	}
	return err
}
