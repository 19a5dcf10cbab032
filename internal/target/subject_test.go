package target

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

func TestParseBroker(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Target{
		"nats://localhost:4222/a.{scheme}.{type}.{id}": {URL: "nats://localhost:4222/a.{scheme}.{type}.{id}", Name: "localhost:4222/a.{scheme}.{type}.{id}", Subject: "a.{scheme}.{type}.{id}"},
		"bus=nats://h/x-{id}":                          {URL: "nats://h/x-{id}", Name: "bus", Named: true, Subject: "x-{id}"},
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
		"nats://u:pass-word@h/a", "nats://token-1@h/a", "kafka://h/x", "bus=kafka://h/x",
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

// delivery is one that verified.
func delivery(scheme, eventType, id string) *record.Delivery {
	return &record.Delivery{
		ID: "abc", ReceivedAt: time.Unix(1e9, 0), Method: "POST", Path: "/a%2Fb", Header: http.Header{"X-Sig": {"a", "b"}},
		Verdict: sign.Verdict{OK: true, Reason: sign.Valid, Scheme: scheme}, EventType: eventType, EventID: id,
	}
}

// No value makes another subject, no two values make one, and a header holds one line.
func TestSubjects(t *testing.T) {
	t.Parallel()
	to := Target{Subject: "wh.{scheme}.{type}.{id}"}
	seen := map[string]string{}
	for _, value := range []string{
		"", "_x", "a", "a.b", "a_b", "a%2Eb", "a b", "*", ">", "a.*.>", "$JS", "é", "\x00", "\r\nNats-Rollup: all", "{id}", "{scheme}",
		strings.Repeat("x", 150), strings.Repeat("x", 151), strings.Repeat("x", 152), strings.Repeat(".", 1<<20), "sha256-", "%sha256-",
	} {
		d := delivery("stripe", value, "evt"+value)
		subject := to.subject(d)
		parts := strings.Split(subject, ".")
		if len(parts) != 4 || strings.ContainsAny(subject, " *>\r\n\x00{}") || len(subject) > 500 {
			t.Errorf("%.40q: %q", value, subject)
		}
		if old, has := seen[parts[2]]; has {
			t.Errorf("%.40q and %.40q are one", value, old)
		}
		seen[parts[2]] = value
		if id := messageID(d); strings.ContainsAny(id, "\r\n \x00") || len(id) > 400 {
			t.Errorf("%.40q: id %q", value, id)
		}
		for name, values := range messageHeader(d) {
			if strings.HasPrefix(name, "ce-") && strings.ContainsAny(values[0], "\r\n \x00\"") {
				t.Errorf("%s is %.60q", name, values)
			}
		}
	}
}

// What no signature vouches for has no event's id, so a forged event keeps no other out of a stream. Every delivery of it is told apart.
func TestIdentity(t *testing.T) {
	t.Parallel()
	right, forged := delivery("stripe", "a", "evt_1"), delivery("stripe", "a", "evt_1")
	forged.Verdict.OK, forged.Verdict.Reason = false, sign.Mismatch
	again := *forged
	again.ReceivedAt = again.ReceivedAt.Add(time.Millisecond)
	if messageID(right) != "stripe:evt_1" || messageID(forged) == messageID(right) || messageID(forged) == messageID(&again) {
		t.Errorf("%s, %s, %s", messageID(right), messageID(forged), messageID(&again))
	}
	if h := messageHeader(forged); h["wh-verdict"][0] != string(sign.Mismatch) || h["ce-id"][0] != "evt_1" || len(h["wh-h-x-sig"]) != 2 || h["wh-path"][0] != "/a%2Fb" {
		t.Errorf("%v", h)
	}
	for _, d := range []*record.Delivery{right, forged} {
		if first, second := messageID(d), messageID(d); first != second {
			t.Errorf("a later try is another: %s, %s", first, second)
		}
	}
}
