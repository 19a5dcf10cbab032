package sandbox

// Which running sandbox a verb talks to.

import (
	"cmp"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

// addressed gives a verb --addr, and has it find its sandbox before anything reads the settings.
func addressed(e *cmdkit.Env, verb *cobra.Command) {
	var addr string
	verb.Flags().StringVar(&addr, "addr", "", "`address` of the sandbox: HOST:PORT or port (default: the profile's when it is on this machine, else "+usualAddr+")")
	verb.PreRunE = func(*cobra.Command, []string) error {
		if addr != "" {
			return at(e, addr)
		}
		ofProfile(e)
		return nil
	}
}

// at picks the sandbox at an address.
func at(e *cmdkit.Env, addr string) error {
	if e.Globals.APIURL != "" {
		return fault.Hint(fault.New(fault.Usage, "--addr and --api-url name the same thing"), "leave one of them out")
	}
	hostPort, err := netname.ListenAddr(addr)
	if err != nil || !netname.LoopbackAddr(hostPort) {
		return fault.Hint(fault.New(fault.Usage, "--addr must be a port, or HOST:PORT on this machine, not %s", fault.Quoted(addr)), "write it like --addr 4242")
	}
	e.Globals.Profile, e.Globals.APIURL = cmp.Or(e.Globals.Profile, config.ProfileSandbox), "http://"+hostPort
	return nil
}

// ofProfile picks the sandbox of the profile in use when that is on this machine, else the usual one, and says so where people may expect
// another. --api-url and WHCTL_API_URL win, and so does a profile that the command line names.
func ofProfile(e *cmdkit.Env) {
	if e.Globals.Profile != "" {
		return
	}
	s, err := config.Load(e.ConfigOptions())
	e.Globals.Profile = config.ProfileSandbox
	if err != nil || s.Profile == config.ProfileSandbox || e.Globals.APIURL != "" || e.Getenv("WHCTL_API_URL") != "" {
		return
	}
	switch u, err := url.Parse(s.APIURL); {
	case err == nil && netname.Loopback(u.Hostname()):
		e.Globals.APIURL = s.APIURL
		e.Say("sandbox: %s, of profile %s", s.APIURL, s.Profile)
	case s.Chosen("profile"):
		e.Say("sandbox: %s, as profile %s is on another machine", config.SandboxURL, s.Profile)
	}
}
