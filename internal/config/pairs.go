package config

// Settings of pairs: targets by their names, and routes.

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

// pairs reads what eachPair takes.
func (f *file) pairs(n *yaml.Node, s setting) (list Pairs, err error) {
	err = f.eachPair(n, s.key, func(n *yaml.Node, key, value string) error {
		text := key + "=" + value
		list = append(list, text)
		return f.at(n, s.inFile(s.key, text))
	})
	return list, err
}

// eachPair calls do for the pairs of a value. They are written as KEY: VALUE or KEY: [VALUE, …], one after the other or in a
// list, or as a list of KEY=VALUE.
func (f *file) eachPair(n *yaml.Node, what string, do func(n *yaml.Node, key, value string) error) error {
	switch n.Kind {
	case yaml.SequenceNode:
		for _, c := range n.Content {
			if err := f.eachPair(c, what, do); err != nil {
				return err
			}
		}
		return nil
	case yaml.MappingNode:
		return f.each(n, what, nil, func(key, val *yaml.Node) error {
			if strings.Contains(key.Value, "=") {
				return fault.Hint(f.errorf(key, "%s: there is no = in a key", what), "write it as KEY: VALUE, or as 'KEY=VALUE' in a list")
			}
			return f.texts(val, what, func(n *yaml.Node, text string) error { return do(n, key.Value, text) })
		})
	case yaml.ScalarNode, yaml.DocumentNode, yaml.AliasNode:
	}
	key, value, found := strings.Cut(n.Value, "=")
	if !found {
		return fault.Hint(f.errorf(n, "%s is a list of pairs", what), "write each as KEY: VALUE, or as 'KEY=VALUE' in a list")
	}
	return do(n, key, value)
}

// checkNamedTarget refuses what is no NAME=TARGET.
func checkNamedTarget(from, text string) error {
	if name, _ := netname.CutName(text); name == "" {
		name, _, _ = strings.Cut(text, "=")
		return fault.Hint(fault.New(fault.Usage, "%s: %s cannot be the name of a target: names are made of letters, digits, _ and -", from, quoted(name)), "app: localhost:3000")
	}
	return checkTarget(from, text)
}

// checkRoute refuses what is no PATTERN[,PATTERN]=TARGET. A name instead of the target is compared when the run knows its targets.
func checkRoute(from, text string) error {
	patterns, to, _ := strings.Cut(text, "=")
	if _, ok := event.SplitPatterns([]string{patterns}); !ok {
		return fault.Hint(fault.New(fault.Usage, "%s: a route begins with an event type or a pattern, and here one is empty", from), "card.*: localhost:3000")
	}
	if netname.ValidName(to) {
		return nil
	}
	return checkTarget(from, to)
}

// routesByName reports whether routes name targets that stand elsewhere. Where those are is known when the run knows its targets.
func (l *layer) routesByName() bool {
	routes, _ := l.top.values["listen.routes"].value.(Pairs)
	here, _ := l.top.values["listen.targets"].value.(Pairs)
	return slices.ContainsFunc(routes, func(route string) bool {
		_, to, _ := strings.Cut(route, "=")
		return netname.ValidName(to) && !slices.ContainsFunc(here, func(t string) bool { return strings.HasPrefix(t, to+"=") })
	})
}
