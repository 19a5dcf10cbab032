package config

// A project file comes with a checkout, so anyone may have written it. The table of settings says what it may set.

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// level says which project files may set a setting. The user's own file may set all of them.
type level int

const (
	never   level = iota // no project file; the zero value, so that a new setting is refused until its row says more
	trusted              // one that the user trusts
	always               // any, if the value is harmless
)

// projectLayer reads a project file. The list of trusted files is read only if it sets something that needs trust, or may need it.
// own is the user's layer or nil. A file that another user owns is not read, and notUsed says why.
func (o *Options) projectLayer(path string, own *layer) (l *layer, notUsed *files.NotUsedError, err error) {
	f, linked, err := o.readProject(path)
	if notUsed, ok := errors.AsType[*files.NotUsedError](err); ok {
		return nil, notUsed, nil
	}
	if err != nil || f == nil {
		return nil, nil, err
	}
	l, err = f.decode()
	if _, refused := errors.AsType[*notPermittedError](err); refused || err == nil && l.routesByName() {
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

// readProject reads a project file; f is nil when it has gone meanwhile. linked reports that the file is a link.
func (o *Options) readProject(path string) (f *file, linked bool, err error) {
	f, err = o.table.readFile(path, func(path string) (*os.File, error) {
		r, err := o.user().Open(path)
		linked = err == nil && r.Name() != path
		return r, ofLink(path, err)
	})
	if f != nil {
		f.project = true
	}
	return f, linked, hideLinked(path, linked, err)
}

// ofLink changes the advice about the target of a link into advice about the link. Nobody should change a file because a
// checkout points to it.
func ofLink(path string, err error) error {
	notUsed, ok := errors.AsType[*files.NotUsedError](err)
	if !ok || notUsed.Path == path {
		return err
	}
	return &files.NotUsedError{
		Path: path, Why: "it is a link to " + notUsed.Path + ": there " + notUsed.Why, Advice: "remove the link", Command: []string{"rm", path},
	}
}

// hideLinked keeps the content of a link's target out of errors. A link in a checkout may point to any file of the user.
func hideLinked(path string, linked bool, err error) error {
	if _, refused := errors.AsType[*notPermittedError](err); err == nil || !linked || refused {
		return err
	}
	err = fault.New(fault.Usage, "%s is a link to a file that is not a project file", fault.Quote(path))
	return fault.Hint(err, "remove the link, or name the file: --config FILE")
}

// permit refuses a setting that the file may not have, before its value is read. Errors quote no value: the project file
// may be a link to a file that holds anything.
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
	if what := f.refused(s, val); what != "" {
		return f.notPermitted(val, what)
	}
	return nil
}

// refused says what of a value an untrusted file may not have, or "".
func (f *file) refused(s setting, val *yaml.Node) (what string) {
	if !isKind[*Pairs](s) {
		return refusedText(val, s.harmless)
	}
	_ = f.eachPair(val, s.key, func(_ *yaml.Node, _, value string) error { // what is no pair is refused when it is read
		what = cmp.Or(what, s.harmless(value))
		return nil
	})
	return what
}

// refusedText asks harmless about every text of a value: the items of a list, the values of a block.
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

// notPermittedError marks what a trusted file may set.
type notPermittedError struct{ error }

// Unwrap returns the fault.
func (e *notPermittedError) Unwrap() error { return e.error }

func (f *file) notPermitted(n *yaml.Node, what string) error {
	err := f.errorf(n, "a project file may not %s, because anyone may have written it", what)
	return &notPermittedError{fault.Hint(err, "look at what it sets, then: whctl config trust")}
}

// safeScheme accepts built-in schemes that sign with the key and never send it. A user's own scheme may do anything.
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

// onThisMachine accepts targets that name this machine. The address is checked again when it is dialled. Other mistakes in
// a target are found later.
func onThisMachine(text string) string {
	_, address := netname.CutName(text)
	if !netname.AllLoopback(address) {
		return "name a target that is neither localhost nor a loopback address"
	}
	return ""
}

// insideProject accepts folders below that of the project file. Links are looked at when the folder is opened.
func insideProject(text string) string {
	if !filepath.IsLocal(text) || strings.HasPrefix(text, "~") {
		return "name a folder outside of the project"
	}
	return ""
}

// nameOrOnThisMachine accepts the name of a target too. Where that target is, is judged when the run knows its targets.
func nameOrOnThisMachine(text string) string {
	if netname.ValidName(text) {
		return ""
	}
	return onThisMachine(text)
}

// boundHere accepts addresses that only this machine reaches.
func boundHere(addr string) string {
	if !netname.LoopbackAddr(addr) {
		return "set listen.addr to an address off loopback"
	}
	return ""
}

// mostTolerance is the widest time window that a project file may set. With a wider one, old deliveries can be replayed.
const mostTolerance = 10 * time.Minute

func shortTolerance(text string) string {
	if d, err := duration.Parse(text); err == nil && d > mostTolerance {
		return "set listen.tolerance to more than " + mostTolerance.String()
	}
	return ""
}
