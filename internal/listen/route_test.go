package listen

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/whctl/whctl/internal/record"
)

// TestWay has, for each order of --events, --filter, routes and the rest, where a delivery goes.
func TestWay(t *testing.T) {
	t.Parallel()
	errFilter := errors.New("not an object")
	answers := func(keep bool, err error) Filter {
		return func(context.Context, *record.Delivery) (bool, error) { return keep, err }
	}
	cards := Route{Name: "card.*", Patterns: []string{"card.*"}, Targets: []string{"cards", "audit"}}
	some := Route{Name: "card.activated,kyc.*", Patterns: []string{"card.activated", "kyc.*"}, Targets: []string{"kyc"}}
	rest := Route{Targets: []string{"app"}}
	for name, c := range map[string]struct {
		r    Router
		typ  string
		want way
	}{
		"nothing to do":                {Router{}, "card.x", way{}},
		"the rest alone":               {Router{Routes: []Route{rest}}, "", way{targets: rest.Targets}},
		"first that matches":           {Router{Routes: []Route{cards, some, rest}}, "card.activated", way{targets: cards.Targets, route: "card.*"}},
		"in the other order":           {Router{Routes: []Route{some, cards, rest}}, "card.activated", way{targets: some.Targets, route: some.Name}},
		"second pattern":               {Router{Routes: []Route{cards, some, rest}}, "kyc.status.changed", way{targets: some.Targets, route: some.Name}},
		"fall through":                 {Router{Routes: []Route{cards, some, rest}}, "transaction.cleared", way{targets: rest.Targets}},
		"the category alone":           {Router{Routes: []Route{cards, rest}}, "card", way{targets: rest.Targets}},
		"a star takes what has none":   {Router{Routes: []Route{{Name: "*", Patterns: []string{"*"}, Targets: []string{"all"}}, rest}}, "", way{targets: []string{"all"}, route: "*"}},
		"unrouted":                     {Router{Routes: []Route{cards}}, "kyc.status.changed", way{skipped: record.SkipUnrouted}},
		"unrouted without a type":      {Router{Routes: []Route{cards, some}}, "", way{skipped: record.SkipUnrouted}},
		"events before routes":         {Router{Events: []string{"kyc.*"}, Routes: []Route{cards, rest}}, "card.x", way{skipped: record.SkipFiltered}},
		"events, then routes":          {Router{Events: []string{"card.*"}, Routes: []Route{cards, rest}}, "card.x", way{targets: cards.Targets, route: "card.*"}},
		"events without targets":       {Router{Events: []string{"kyc.*"}}, "card.x", way{skipped: record.SkipFiltered}},
		"events before the filter":     {Router{Events: []string{"kyc.*"}, Filter: answers(true, errFilter)}, "card.x", way{skipped: record.SkipFiltered}},
		"filter leaves out":            {Router{Filter: answers(false, nil), Routes: []Route{cards, rest}}, "card.x", way{skipped: record.SkipFiltered}},
		"filter before unrouted":       {Router{Filter: answers(false, nil), Routes: []Route{cards}}, "kyc.x", way{skipped: record.SkipFiltered}},
		"filter keeps":                 {Router{Filter: answers(true, nil), Routes: []Route{cards}}, "card.x", way{targets: cards.Targets, route: "card.*"}},
		"filter fails, so it keeps":    {Router{Filter: answers(false, errFilter), Routes: []Route{cards}}, "card.x", way{targets: cards.Targets, route: "card.*", err: errFilter}},
		"filter fails on the unrouted": {Router{Filter: answers(false, errFilter), Routes: []Route{cards}}, "kyc.x", way{skipped: record.SkipUnrouted, err: errFilter}},
	} {
		got := c.r.way(t.Context(), &record.Delivery{EventType: c.typ})
		if !slices.Equal(got.targets, c.want.targets) || got.route != c.want.route || got.skipped != c.want.skipped || !errors.Is(got.err, c.want.err) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	r := Router{Events: []string{"kyc.*"}, Filter: answers(false, nil), Routes: []Route{cards, rest}}
	if got := r.match(&record.Delivery{EventType: "card.x"}); got.route != "card.*" {
		t.Errorf("an invalid delivery that is handed on goes %+v", got)
	}
}
