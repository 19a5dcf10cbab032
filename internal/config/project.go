package config

import (
	"errors"
	"net/url"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// A project file came with a checkout, from anyone. The table of settings says what it may set.

// level says from which files a setting is taken, besides the user's own, which may set everything.
type level int

const (
	never   level = iota // from no project file; so a setting to come is refused until somebody has thought about it
	trusted              // from a project file that the user trusts
	always               // from any project file, as far as its value is harmless
)

// projectLayer reads a project file. It is decoded as anybody's first; only when that is not enough is it looked up
// whether the user trusts it. own is the user's layer or nil. A file that is not the user's is passed over, and notUsed says why.
func (o Options) projectLayer(path string, own *layer) (l *layer, notUsed *files.NotUsedError, err error) {
	f, linked, err := o.readProject(path)
	if notUsed, ok := errors.AsType[*files.NotUsedError](err); ok {
		return nil, notUsed, nil
	}
	if err != nil || f == nil {
		return nil, nil, err
	}
	l, err = f.decode()
	if _, refused := errors.AsType[*notPermittedError](err); refused {
		trusted, trustErr := o.trusts(own, f)
		if trustErr != nil {
			return nil, nil, trustErr
		}
		if trusted {
			f.trusted = true
			l, err = f.decode()
		}
	}
	return l, nil, hideLinked(path, linked, err)
}

// readProject reads a project file as it stands; nil when it has gone meanwhile. linked says that a link stands in its place.
func (o Options) readProject(path string) (f *file, linked bool, err error) {
	f, _, err = o.table.readFile(path, func(path string) (*os.File, error) {
		r, err := o.user().Open(path)
		linked = err == nil && r.Name() != path
		return r, ofLink(path, err)
	})
	if f != nil {
		f.project = true
	}
	return f, linked, hideLinked(path, linked, err)
}

// ofLink has what is wrong with the target of a link put right at the link. Nobody should change a file because a checkout
// points to it.
func ofLink(path string, err error) error {
	notUsed, ok := errors.AsType[*files.NotUsedError](err)
	if !ok || notUsed.Path == path {
		return err
	}
	return &files.NotUsedError{
		Path: path, Why: "it is a link to " + notUsed.Path + ": there " + notUsed.Why, Advice: "remove the link", Command: []string{"rm", path},
	}
}

// hideLinked keeps the text of what a link points to out of errors. A checkout can have it point to any file of the user's.
func hideLinked(path string, linked bool, err error) error {
	if _, refused := errors.AsType[*notPermittedError](err); err == nil || !linked || refused {
		return err
	}
	err = fault.New(fault.Usage, "%s is a link to a file that is no project file", fault.Quote(path))
	return fault.Hint(err, "remove the link, or name the file that is meant: --config FILE")
}

// permit refuses a setting that the file may not have, before anything is made of its value. The errors quote no value:
// a link in the place of a project file may point to a file that holds anything.
func (f *file) permit(s setting, key, val *yaml.Node) error {
	switch {
	case !f.project:
		return nil
	case s.level == never:
		err := f.errorf(key, "a project file may not set %s, which is %s, even if it is trusted", s.key, s.why)
		return &notPermittedError{fault.Hint(err, "take it out; your own file is named by: whctl config path")}
	case f.trusted:
		return nil
	case s.level == trusted:
		return f.notPermitted(key, "set "+s.key)
	case s.harmless == nil:
		return nil
	}
	if what := refusedText(val, s.harmless); what != "" {
		return f.notPermitted(val, what)
	}
	return nil
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
