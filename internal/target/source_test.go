package target

import (
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/fault"
)

func TestParseSource(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Source{
		"nats://h/a":                        {Target: Target{URL: "nats://h/a", Name: "h/a", Subject: "a"}, Group: "whctl"},
		"NATS://h:1,i/a.*.>":                {Target: Target{URL: "nats://h:1,i/a.*.>", Name: "h:1,i/a.*.>", Subject: "a.*.>"}, Group: "whctl"},
		"mine=kafka://h/a.{scheme}":         {Target: Target{URL: "kafka://h/a.{scheme}", Name: "h/a.{scheme}", Subject: "a.{scheme}"}, Group: "mine"},
		"mine=nats://h/>":                   {Target: Target{URL: "nats://h/>", Name: "h/>", Subject: ">"}, Group: "mine"},
		"nats://h/a.{scheme}.x-{type}.{id}": {Target: Target{URL: "nats://h/a.{scheme}.x-{type}.{id}", Name: "h/a.{scheme}.x-{type}.{id}", Subject: "a.{scheme}.x-{type}.{id}"}, Group: "whctl"},
	} {
		got, err := ParseSource(in)
		if err != nil || got.URL != want.URL || got.Name != want.Name || got.Subject != want.Subject || got.Group != want.Group {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "h", "http://h/a", "nats://", "nats://h", "nats://h/", "nats://h/a.>.b", "nats://h/a*", "nats://h/a b", "nats://h/$JS.API.>", "nats://h/a?b", "kafka://h", "kafka://h/a*", "kafka://h/{id}", "nats://u:pass-word@h/a", "a b=nats://h/a"} {
		got, err := ParseSource(in)
		if fault.KindOf(err) != fault.Usage || fault.HintOf(err) == (fault.Step{}) || strings.Contains(err.Error(), "pass-word") {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
}

// What is handed over to where it is taken from would go round for ever.
func TestFeeds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"nats://localhost/a.>", "nats://127.0.0.1:4222/a.b", true},
		{"nats://h/a.*", "nats://H/a.{id}", true},
		{"nats://h/a.{id}", "nats://i,h/{scheme}.b", true},
		{"nats://h/a.*", "nats://h/a.b.c", false},
		{"nats://h/a.>", "nats://h/a", false},
		{"nats://h/a", "nats://h:1/a", false},
		{"nats://h/a", "nats://i/a", false},
		{"nats://h/a", "http://h:4222/a", false},
		{"nats://h/a", "kafka://h:4222/a", false},
		{"kafka://h/a", "kafka://h:9092/a", true},
		{"kafka://h/a", "kafka://h/b", false},
		{"kafka://h/a.{scheme}", "kafka://h/a.b", true},
		{"kafka://h/a", "kafka://h/b{scheme}", false},
		{"kafka://h/a{type}", "kafka://h/{scheme}", true},
	} {
		from, err := ParseSource(c.from)
		if err != nil {
			t.Fatal(err)
		}
		to, err := Parse(c.to)
		if err != nil || from.Feeds(to) != c.want {
			t.Errorf("%s to %s: %v", c.from, c.to, err)
		}
	}
}
