package listen

// Where deliveries of a run go: its targets, who named them, and the routes to them.

import (
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/near"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/target"
)

// destination is a target, and whether only a project file says where it is.
type destination struct {
	target.Target
	foreign bool
}

// directions are made of the settings, and name each target once.
type directions struct {
	from   foreign
	known  []*destination // all that have a name, or are handed on to
	rest   []*destination // of --forward
	routes []listen.Route
}

// mostDirections bounds the targets of a run, and its routes. A project file may name them.
const mostDirections = 256

// directions reads targets and routes. Its errors are usage faults.
func (o *options) directions() (*directions, error) {
	d := &directions{from: o.foreign}
	if n := max(len(o.set.Targets), len(o.set.Forward), len(o.set.Routes)); n > mostDirections {
		return nil, fault.Hint(fault.New(fault.Usage, "a listener takes %d targets or routes at most, and these are %d", mostDirections, n), "use patterns such as 'card.*' in routes")
	}
	for _, text := range o.set.Targets {
		if _, err := d.define(text, d.from.targets); err != nil {
			return nil, err
		}
	}
	for _, text := range o.set.Forward {
		if err := d.forward(text); err != nil {
			return nil, err
		}
	}
	if err := d.nameInRoutes(o.set.Routes); err != nil {
		return nil, err
	}
	for _, text := range o.set.Routes {
		if err := d.route(text); err != nil {
			patterns, _, _ := strings.Cut(text, "=") // what follows may hold a secret
			return nil, fault.Wrap(fault.Usage, err, "route %s", fault.Quote(patterns))
		}
	}
	return d, o.checkBrokers(d)
}

// define takes a target that has no other place than its text. One that is known already may be named again.
func (d *directions) define(text string, foreign bool) (*destination, error) {
	t, err := target.Parse(text)
	if err != nil {
		return nil, err
	}
	known := d.find(t.Name)
	if known == nil {
		known = &destination{Target: t, foreign: foreign}
		d.known = append(d.known, known)
	} else if known.URL != t.URL || known.Query != t.Query || known.Named != t.Named {
		return nil, twoOf(t.Name)
	}
	known.foreign = known.foreign && foreign
	known.Here = known.Here || foreign && !d.from.trusted
	return known, nil
}

func (d *directions) find(name string) *destination {
	i := slices.IndexFunc(d.known, func(other *destination) bool { return other.Name == name })
	if i < 0 {
		return nil
	}
	return d.known[i]
}

func twoOf(name string) error {
	return fault.Hint(fault.New(fault.Usage, "two targets are called %s", name), "give each a name: --forward one=TARGET --forward two=TARGET")
}

// forward takes a target of --forward, which the name of one may stand for. A project file names none.
func (d *directions) forward(text string) error {
	var to *destination
	if netname.ValidName(text) && !d.from.forward {
		to = d.find(text)
	}
	if to == nil {
		var err error
		if to, err = d.define(text, d.from.forward); err != nil {
			return err
		}
	}
	if slices.Contains(d.rest, to) {
		return twoOf(to.Name)
	}
	d.rest = append(d.rest, to)
	return nil
}

// nameInRoutes takes the targets that routes give a name, so that a route before may use it.
func (d *directions) nameInRoutes(routes []string) error {
	for _, text := range routes {
		_, to, _ := strings.Cut(text, "=")
		if name, _ := netname.CutName(to); name == "" {
			continue
		}
		if _, err := d.define(to, d.from.routes); err != nil {
			return err
		}
	}
	return nil
}

// route takes a route, or adds a target to the one with the same patterns.
func (d *directions) route(text string) error {
	list, to, found := strings.Cut(text, "=")
	patterns, ok := event.SplitPatterns([]string{list})
	if !found || !ok {
		return fault.Hint(fault.New(fault.Usage, "it is not an event type or pattern, an equals sign, and a target"), "write it as --route 'card.*=localhost:3000'")
	}
	dest, err := d.resolve(to)
	if err != nil {
		return err
	}
	name := strings.Join(patterns, ",")
	i := slices.IndexFunc(d.routes, func(r listen.Route) bool { return r.Name == name })
	if i < 0 {
		i = len(d.routes)
		d.routes = append(d.routes, listen.Route{Name: name, Patterns: patterns})
	}
	if label := dest.Label(); !slices.Contains(d.routes[i].Targets, label) {
		d.routes[i].Targets = append(d.routes[i].Targets, label)
	}
	return nil
}

// resolve finds the target of a route: by its name, or by where it is. A bare number that names none is a port.
func (d *directions) resolve(to string) (*destination, error) {
	if !netname.ValidName(to) {
		return d.define(to, d.from.routes)
	}
	known := d.find(to)
	if known == nil {
		if strings.Trim(to, "0123456789") == "" {
			return d.define(to, d.from.routes)
		}
		return nil, d.unknown(to)
	}
	return known, d.keepHere(known)
}

// unknown says that no target has that name.
func (d *directions) unknown(name string) error {
	if _, err := target.Parse(name); err != nil { // it may be a key
		return err
	}
	var names []string
	for _, k := range d.known {
		if k.Named {
			names = append(names, k.Name)
		}
	}
	err := fault.New(fault.Usage, "there is no target %s", name)
	switch nearest := near.Word(name, names); {
	case nearest != "":
		return fault.Hint(err, "did you mean %s?", fault.Word(nearest))
	case len(names) > 0:
		return fault.Hint(err, "there are %s; an address is written as HOST:PORT or http://HOST", fault.List(names))
	default:
		return fault.Hint(err, "name it: %s", fault.Command("").Flag("--forward", name+"=localhost:3000"))
	}
}

// keepHere holds a target that a project file's route names to this machine, whoever said where it is.
func (d *directions) keepHere(to *destination) error {
	if !d.from.routes || d.from.trusted {
		return nil
	}
	to.Here = true
	if !netname.AllLoopback(to.URL) {
		return fault.Hint(fault.New(fault.Usage, "a project file may not route deliveries to %s, which is neither localhost nor a loopback address", to.Name),
			"look at what it sets, then: whctl config trust")
	}
	return nil
}

// used are the targets that deliveries are handed on to, the first of --forward first.
func (d *directions) used() (list []*destination) {
	list = append(list, d.rest...)
	for _, r := range d.routes {
		for _, label := range r.Targets {
			i := slices.IndexFunc(d.known, func(k *destination) bool { return k.Label() == label })
			if !slices.Contains(list, d.known[i]) {
				list = append(list, d.known[i])
			}
		}
	}
	return list
}

// targets are those that are used.
func (d *directions) targets() (list []target.Target) {
	for _, to := range d.used() {
		list = append(list, to.Target)
	}
	return list
}

// all are the routes, with that of --forward behind them.
func (d *directions) all() []listen.Route {
	if len(d.rest) == 0 {
		return d.routes
	}
	var rest []target.Target
	for _, to := range d.rest {
		rest = append(rest, to.Target)
	}
	return append(slices.Clip(d.routes), listen.Rest(rest...))
}

// warnAboutRoutes tells which patterns of routes match nothing, and which routes are never reached.
func (s *session) warnAboutRoutes(scheme string, routes []listen.Route) {
	var before []string
	for _, r := range routes {
		s.env.WarnPatterns(s.settled.Given("listen.routes"), scheme, r.Patterns)
		if len(before) > 0 && !slices.ContainsFunc(r.Patterns, func(p string) bool { return !event.MatchAny(before, p) }) {
			s.env.Warn("route %s takes nothing: routes before it take all of its event types", r.Name)
		}
		before = append(before, r.Patterns...)
	}
}
