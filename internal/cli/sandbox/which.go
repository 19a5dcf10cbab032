package sandbox

// Which running sandbox a verb talks to.

import (
	"cmp"
	"net/url"
	"slices"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

// addressed gives a verb --addr, and has it find its sandbox before anything reads the settings.
func addressed(e *cmdkit.Env, verb *cobra.Command) {
	var addr string
	var told bool // which API to use, by more than the profile
	verb.Flags().StringVar(&addr, "addr", "", "`address` of the sandbox: HOST:PORT or port (default: the profile's when it is on this machine, else "+usualAddr+")")
	verb.PreRunE = func(*cobra.Command, []string) error {
		told = e.Globals.APIURL != "" || e.Getenv("WHCTL_API_URL") != ""
		if addr != "" {
			return at(e, addr)
		}
		ofProfile(e)
		return nil
	}
	run := verb.RunE
	verb.RunE = func(c *cobra.Command, args []string) error {
		err := run(c, args)
		if told || fault.KindOf(err) != fault.Unreachable {
			return err
		}
		return nameRunning(e, err)
	}
}

// nameRunning names the newest sandbox that runs, to one who asked where none answers.
func nameRunning(e *cmdkit.Env, unreachable error) error {
	all, err := e.AllRunning()
	if err != nil {
		return unreachable
	}
	for _, r := range slices.Backward(all) {
		address := r.SandboxURL
		if r.Command == "sandbox" {
			address = r.URL
		}
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			return fault.Hint(unreachable, "a sandbox runs elsewhere on this machine: add %s", fault.Command("").Flag("--addr", u.Host))
		}
	}
	return unreachable
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
// another. --api-url and WHCTL_API_URL win, and so does a profile on another machine that the command line names.
func ofProfile(e *cmdkit.Env) {
	s, err := config.Load(e.ConfigOptions())
	named := e.Globals.Profile != ""
	if !named {
		e.Globals.Profile = config.ProfileSandbox
	}
	if err != nil || s.Profile == config.ProfileSandbox || e.Globals.APIURL != "" || e.Getenv("WHCTL_API_URL") != "" {
		return
	}
	switch {
	case cmdkit.Here(s.APIURL):
		e.Globals.Profile, e.Globals.APIURL = config.ProfileSandbox, s.APIURL
		e.Say("sandbox: %s, of profile %s", s.APIURL, s.Profile)
	case !named && s.Chosen("profile"):
		e.Say("sandbox: %s, as profile %s is on another machine", config.SandboxURL, s.Profile)
	}
}
