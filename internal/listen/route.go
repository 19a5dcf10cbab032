package listen

// Which targets a delivery goes to, and why it may go to none.

import (
	"context"
	"slices"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// Route says to which targets deliveries of some event types go.
type Route struct {
	Name     string   // what records call it; "" for the one that takes the rest
	Patterns []string // of event types; none: every type
	Targets  []string // labels, each once; the first one's answer goes back to the sender
}

// Rest is the route that takes what no route before it takes.
func Rest(targets ...target.Target) Route {
	var r Route
	for _, t := range targets {
		r.Targets = append(r.Targets, t.Label())
	}
	return r
}

// Filter says whether a delivery is to be handed on. A delivery that it fails on is. It is safe for concurrent use, and bounded in
// time and memory.
type Filter func(ctx context.Context, d *record.Delivery) (keep bool, err error)

// Router decides where deliveries go. Events and Filter do not concern invalid deliveries. A delivery that they leave out is recorded and
// answered 200, not shown or handed on.
type Router struct {
	Events []string // patterns of event types; none: every type
	Filter Filter   // is asked next; nil: it keeps everything
	Routes []Route  // in order: the first that matches a delivery takes it
}

// way is where a delivery goes.
type way struct {
	targets []string
	route   string      // "" for the rest, and for none
	skipped record.Skip // why it goes nowhere; "" also where there is nowhere to go
	err     error       // the filter failed
}

// way finds where a delivery goes.
func (r *Router) way(ctx context.Context, d *record.Delivery) way {
	if !event.MatchAny(r.Events, d.EventType) {
		return way{skipped: record.SkipFiltered}
	}
	var failed error
	if r.Filter != nil {
		keep, err := r.Filter(ctx, d)
		if err == nil && !keep {
			return way{skipped: record.SkipFiltered}
		}
		failed = err
	}
	w := r.match(d)
	w.err = failed
	return w
}

// match finds the first route that takes a delivery. Nothing else is asked of an invalid one that is to be handed on.
func (r *Router) match(d *record.Delivery) way {
	i := slices.IndexFunc(r.Routes, func(route Route) bool { return event.MatchAny(route.Patterns, d.EventType) })
	switch {
	case i >= 0:
		return way{targets: r.Routes[i].Targets, route: r.Routes[i].Name}
	case len(r.Routes) > 0:
		return way{skipped: record.SkipUnrouted}
	default:
		return way{}
	}
}
