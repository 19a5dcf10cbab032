package target

import (
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/fault"
)

func TestParseBroker(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Target{
		"nats://localhost:4222/a.{scheme}.{type}.{id}": {URL: "nats://localhost:4222/a.{scheme}.{type}.{id}", Name: "localhost:4222/a.{scheme}.{type}.{id}", Subject: "a.{scheme}.{type}.{id}"},
		"bus=nats://h/x-{id}":                          {URL: "nats://h/x-{id}", Name: "bus", Named: true, Subject: "x-{id}"},
		"kafka://h/webhooks":                           {URL: "kafka://h/webhooks", Name: "h/webhooks", Subject: "webhooks"},
		"log=KAFKA://a:1,b/x-{scheme}.{type}":          {URL: "kafka://a:1,b/x-{scheme}.{type}", Name: "log", Named: true, Subject: "x-{scheme}.{type}"},
		"nats://a,b:1/x":                               {URL: "nats://a,b:1/x", Name: "a,b:1/x", Subject: "x"},
		"NATS://h/é":                                   {URL: "nats://h/é", Name: "h/é", Subject: "é"},
	} {
		got, err := Parse(in)
		if err != nil || got.URL != want.URL || got.Name != want.Name || got.Named != want.Named || got.Subject != want.Subject || !got.Broker() {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
		if again, err := Parse(got.URL); err != nil || again.URL != got.URL {
			t.Errorf("%s as a label: %+v, %v", in, again, err)
		}
		if _, err := ParseHTTP(in); fault.KindOf(err) != fault.Usage {
			t.Errorf("%s takes requests: %v", in, err)
		}
	}
	for _, in := range []string{
		"nats://h", "nats://h/", "nats:///x", "nats://h:0/x", "nats://h:/x", "nats://h/a b", "nats://h/a.*", "nats://h/a.>", "nats://h/a..b", "nats://h/.a", "nats://h/a.",
		"nats://h/$JS.API.x", "nats://h/_INBOX.x", "nats://h/{card}", "nats://h/{id", "nats://h/a?b", "nats://h/a#b", "nats://h/a/b", "nats://h/" + strings.Repeat("x", 1001),
		"kafka://h", "kafka://h/", "kafka:///x", "kafka://h,/x", "kafka://h/a b", "kafka://h/a,b", "kafka://h/a/b", "kafka://h/a?b", "kafka://h/.", "kafka://h/..", "kafka://h/é",
		"kafka://h/{id}", "kafka://h/{card}", "kafka://h/{type", "kafka://h/__consumer_offsets", "kafka://h/" + strings.Repeat("x", 250), "kafka://h/{type}{scheme}" + strings.Repeat("x", 106),
		"nats://u:pass-word@h/a", "nats://token-1@h/a", "kafka://u:pass-word@h/a", "kafka://h,u:pass-word@b/a", "nats://u:pass-word with,blanks@h/a",
	} {
		got, err := Parse(in)
		if fault.KindOf(err) != fault.Usage || fault.HintOf(err) == (fault.Step{}) {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
		if err != nil && (strings.Contains(err.Error(), "pass-word") || strings.Contains(err.Error(), "token-1")) {
			t.Errorf("%s: the secret is shown: %v", in, err)
		}
	}
}
