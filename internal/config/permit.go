package config

import (
	"net/url"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// level says from which files a setting is taken, besides the user's own, which may set everything.
type level int

const (
	never   level = iota // from no project file
	trusted              // from a project file that the user trusts
	always               // from any project file, as far as its value is harmless
)

// permit is a row of the table of what a project file may set. It came with a checkout, from anyone.
type permit struct {
	key   string
	level level
	// harmless is asked about every text in the value. It gives what a project file may not do with it, or "". nil: anything goes.
	harmless func(text string) string
	why      string // with never: what the setting is
}

// permits is the one table of what a project file may set. What is not in it is refused, so that a setting to come is
// refused until somebody has thought about it.
func permits() []permit {
	const command, filter = "a command to run", "a jq filter, which is a program"
	return []permit{
		{key: "scheme", level: always, harmless: safeScheme},
		{key: "listen.forward", level: always, harmless: onThisMachine},
		{key: "listen.targets", level: always, harmless: onThisMachine},
		{key: "listen.routes", level: always, harmless: nameOrOnThisMachine},
		{key: "listen.addr", level: always, harmless: boundHere},
		{key: "listen.events", level: always},
		{key: "listen.timeout", level: always},
		{key: "listen.body", level: always},
		{key: "listen.max_body", level: always},
		{key: "listen.tolerance", level: always, harmless: shortTolerance},
		{key: "listen.public_url", level: always},

		{key: "profile", level: trusted}, // says to which API WHCTL_TOKEN goes
		{key: "profiles", level: trusted},
		{key: "api_url", level: trusted},
		{key: "headers", level: trusted},
		{key: "data_dir", level: trusted},
		{key: "schemes", level: trusted}, // may say that a key is sent as it is, or that a body is not signed
		{key: "output", level: trusted},
		{key: "color", level: trusted},
		{key: "quiet", level: trusted},
		{key: "debug", level: trusted},
		{key: "no_input", level: trusted},
		{key: "listen.headers", level: trusted},
		{key: "listen.insecure", level: trusted},
		{key: "listen.no_verify", level: trusted},
		{key: "listen.on_invalid", level: trusted},
		{key: "listen.ack", level: trusted},
		{key: "listen.retries", level: trusted},

		{key: "listen.filter", level: never, why: filter},
		{key: "listen.notify", level: never, why: command},
	}
}

// permit refuses a setting that the file may not have, before anything is made of its value. The errors quote no value:
// a link in the place of a project file may point to a file that holds anything.
func (f *file) permit(name string, key, val *yaml.Node) error {
	if !f.project {
		return nil
	}
	for _, p := range permits() {
		switch {
		case p.key != name:
			continue
		case p.level == never:
			err := f.errorf(key, "a project file may not set %s, which is %s, even if it is trusted", name, p.why)
			return &notPermittedError{fault.Hint(err, "take it out; your own file is named by: whctl config path")}
		case f.trusted:
			return nil
		case p.level == trusted:
			return f.notPermitted(key, "set "+name)
		case p.harmless == nil:
			return nil
		}
		if what := refusedText(val, p.harmless); what != "" {
			return f.notPermitted(val, what)
		}
		return nil
	}
	return f.notPermitted(key, "set "+name)
}

// refusedText asks about every text of a value: in a list, and behind the names of a block.
func refusedText(n *yaml.Node, harmless func(string) string) string {
	if n.Kind == yaml.ScalarNode {
		return harmless(n.Value)
	}
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := step - 1; i < len(n.Content); i += step {
		if what := refusedText(n.Content[i], harmless); what != "" {
			return what
		}
	}
	return ""
}

// notPermittedError marks what is only refused because of where the file came from.
type notPermittedError struct{ error }

// Unwrap gives the fault.
func (e *notPermittedError) Unwrap() error { return e.error }

func (f *file) notPermitted(n *yaml.Node, what string) error {
	err := f.errorf(n, "a project file may not %s, as it may have come from anyone", what)
	return &notPermittedError{fault.Hint(err, "look at what it sets, then: whctl config trust")}
}

// safeScheme lets built-in schemes pass under which the key is never sent, and a request is signed with it. A user's own
// scheme may be any.
func safeScheme(name string) string {
	if name == "auto" {
		return "have the scheme guessed"
	}
	s, err := scheme.Builtin(name)
	if err != nil {
		return "set scheme to one that is not built in"
	}
	switch a := string(s.Algorithm); {
	case strings.HasPrefix(a, "hmac-"), strings.HasPrefix(a, "ecdsa-"), strings.HasPrefix(a, "rsa-"), a == "ed25519", a == "jwt":
		return ""
	default:
		return "set scheme to one that hands out or hashes the key"
	}
}

// onThisMachine lets targets of any kind pass that mean this machine as they are written; what localhost resolves to is
// looked at when it is dialled. What else is wrong with a target is for whoever reads it to say.
func onThisMachine(text string) string {
	_, address := netname.CutName(text)
	u, err := url.Parse(netname.Complete(address))
	if err != nil || !netname.Loopback(u.Hostname()) {
		return "name a target that is neither localhost nor a loopback address"
	}
	return ""
}

// nameOrOnThisMachine is for where a target's name may stand as well.
func nameOrOnThisMachine(text string) string {
	const name = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	if strings.Trim(text, name) == "" {
		return ""
	}
	return onThisMachine(text)
}

// boundHere lets addresses to listen on pass that only this machine reaches.
func boundHere(addr string) string {
	if !netname.LoopbackAddr(addr) {
		return "set listen.addr to an address off loopback"
	}
	return ""
}

// mostTolerance is how wide a project file may make the time window. A wider one lets old deliveries be played again.
const mostTolerance = 10 * time.Minute

func shortTolerance(text string) string {
	if d, err := time.ParseDuration(text); err == nil && d > mostTolerance {
		return "set listen.tolerance to more than " + mostTolerance.String()
	}
	return ""
}
