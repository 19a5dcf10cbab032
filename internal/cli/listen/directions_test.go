package listen

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
)

// described is what directions say, as text: routes with their targets, and of each target whether it stays here and who named it.
func described(d *directions) string {
	var parts []string
	for _, r := range d.all() {
		parts = append(parts, r.Name+" → "+strings.Join(r.Targets, " "))
	}
	for _, to := range d.used() {
		if to.Here {
			parts = append(parts, to.Label()+" here")
		}
		if to.foreign {
			parts = append(parts, to.Label()+" foreign")
		}
	}
	return strings.Join(parts, "; ")
}

func TestDirections(t *testing.T) {
	t.Parallel()
	type pairs = config.Pairs
	for name, c := range map[string]struct {
		set  config.ListenSettings
		from foreign
		want string
	}{
		"nothing":               {want: ""},
		"fan-out":               {set: config.ListenSettings{Forward: []string{"3000", "app=3001"}}, want: " → http://localhost:3000 app"},
		"routes and the rest":   {set: config.ListenSettings{Forward: []string{"app=3000"}, Routes: pairs{"card.*=3001", "kyc.*,a=app"}}, want: "card.* → http://localhost:3001; kyc.*,a → app;  → app"},
		"no rest":               {set: config.ListenSettings{Routes: pairs{"*=h.example"}}, want: "* → http://h.example"},
		"same pattern again":    {set: config.ListenSettings{Routes: pairs{"b, a=1", "c=2", "b,a=3", "b,a=1"}}, want: "b,a → http://localhost:1 http://localhost:3; c → http://localhost:2"},
		"named in a later one":  {set: config.ListenSettings{Routes: pairs{"a=x", "b=x=3000/in?k=v"}}, want: "a → x; b → x"},
		"named twice, the same": {set: config.ListenSettings{Forward: []string{"x=3000"}, Routes: pairs{"b=x=localhost:3000"}}, want: "b → x;  → x"},
		"the file's names":      {set: config.ListenSettings{Targets: pairs{"x=3000", "unused=3001"}, Forward: []string{"x"}, Routes: pairs{"a=x"}}, want: "a → x;  → x"},
		"a name of digits":      {set: config.ListenSettings{Targets: pairs{"3000=localhost:1"}, Routes: pairs{"a=3000", "b=3001"}}, want: "a → 3000; b → http://localhost:3001"},
		"a query with =":        {set: config.ListenSettings{Routes: pairs{"a=h.example:1/?x=y"}}, want: "a → http://h.example:1"},

		"project's forward":                {set: config.ListenSettings{Forward: []string{"3000"}}, from: foreign{forward: true}, want: " → http://localhost:3000; http://localhost:3000 here; http://localhost:3000 foreign"},
		"project's targets":                {set: config.ListenSettings{Targets: pairs{"x=3000"}, Forward: []string{"y=h.example"}, Routes: pairs{"a=x"}}, from: foreign{targets: true}, want: "a → x;  → y; x here; x foreign"},
		"project's routes, user's target":  {set: config.ListenSettings{Targets: pairs{"x=127.0.0.1:1", "y=h.example"}, Routes: pairs{"a=x"}}, from: foreign{routes: true}, want: "a → x; x here"},
		"project's route is user's too":    {set: config.ListenSettings{Forward: []string{"3000"}, Routes: pairs{"a=localhost:3000"}}, from: foreign{routes: true}, want: "a → http://localhost:3000;  → http://localhost:3000; http://localhost:3000 here"},
		"trusted project's":                {set: config.ListenSettings{Targets: pairs{"x=h.example"}, Routes: pairs{"a=x"}}, from: foreign{routes: true, targets: true, trusted: true}, want: "a → x; x foreign"},
		"user's routes, project's forward": {set: config.ListenSettings{Forward: []string{"x=3000"}, Routes: pairs{"a=h.example"}}, from: foreign{forward: true}, want: "a → http://h.example;  → x; x here; x foreign"},
	} {
		o := &options{set: c.set, foreign: c.from}
		d, err := o.directions()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := described(d); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestBadDirections(t *testing.T) {
	t.Parallel()
	type pairs = config.Pairs
	for name, c := range map[string]struct {
		set  config.ListenSettings
		from foreign
		want []string
	}{
		"two names":              {set: config.ListenSettings{Forward: []string{"x=1", "x=2"}}, want: []string{"two targets are called x", "give each a name"}},
		"two names in files":     {set: config.ListenSettings{Targets: pairs{"x=1", "x=2"}}, want: []string{"two targets are called x"}},
		"file and flag":          {set: config.ListenSettings{Targets: pairs{"x=1"}, Forward: []string{"x=2"}}, want: []string{"two targets are called x"}},
		"route and flag":         {set: config.ListenSettings{Forward: []string{"x=2"}, Routes: pairs{"a=x=1"}}, want: []string{"two targets are called x"}},
		"the same twice":         {set: config.ListenSettings{Forward: []string{"3000", "localhost:3000"}}, want: []string{"two targets are called localhost:3000"}},
		"a name twice":           {set: config.ListenSettings{Targets: pairs{"x=1"}, Forward: []string{"x", "x"}}, want: []string{"two targets are called x"}},
		"a query apart":          {set: config.ListenSettings{Forward: []string{"3000/?a"}, Routes: pairs{"a=3000/?b"}}, want: []string{"two targets are called localhost:3000"}},
		"unknown, near":          {set: config.ListenSettings{Targets: pairs{"cards=1", "kyc=2"}, Routes: pairs{"card.*=crads"}}, want: []string{"route 'card.*': there is no target crads", "did you mean cards?"}},
		"unknown, not near":      {set: config.ListenSettings{Forward: []string{"app=1"}, Routes: pairs{"card.*=zzzz"}}, want: []string{"there is no target zzzz", "there are app; an address is written as HOST:PORT"}},
		"unknown, none":          {set: config.ListenSettings{Routes: pairs{"card.*=app"}}, want: []string{"there is no target app", "--forward app=localhost:3000"}},
		"no target":              {set: config.ListenSettings{Routes: pairs{"card.*"}}, want: []string{"route 'card.*': it is not", "--route 'card.*=localhost:3000'"}},
		"an empty target":        {set: config.ListenSettings{Routes: pairs{"card.*="}}, want: []string{"cannot forward to"}},
		"no pattern":             {set: config.ListenSettings{Routes: pairs{"=3000"}}, want: []string{"it is not an event type"}},
		"an empty pattern":       {set: config.ListenSettings{Routes: pairs{"a,,b=3000"}}, want: []string{"it is not an event type"}},
		"turned round":           {set: config.ListenSettings{Routes: pairs{"app=card.*"}}, want: []string{"cannot forward to \"card.*\"", "names no host"}},
		"a password":             {set: config.ListenSettings{Routes: pairs{"a=http://u:hunter22@h.example"}}, want: []string{"user name or password"}},
		"a query is not shown":   {set: config.ListenSettings{Routes: pairs{"a=ftp://h.example/?k=hunter22"}}, want: []string{"cannot forward to"}},
		"too many targets":       {set: config.ListenSettings{Targets: slices.Repeat(pairs{"x=1"}, 257)}, want: []string{"256 targets or routes at most, and these are 257"}},
		"too many routes":        {set: config.ListenSettings{Routes: slices.Repeat(pairs{"a=1"}, 257)}, want: []string{"256 targets or routes at most"}},
		"project's route to far": {set: config.ListenSettings{Targets: pairs{"prod=h.example"}, Routes: pairs{"a=prod"}}, from: foreign{routes: true}, want: []string{"may not route deliveries to prod", "whctl config trust"}},
	} {
		o := &options{set: c.set, foreign: c.from}
		_, err := o.directions()
		text := fmt.Sprint(err) + " | " + fault.HintOf(err).String()
		if fault.KindOf(err) != fault.Usage || strings.Contains(text, "hunter22") || slices.ContainsFunc(c.want, func(w string) bool { return !strings.Contains(text, w) }) {
			t.Errorf("%s: %s\nwant %q", name, text, c.want)
		}
	}
}
