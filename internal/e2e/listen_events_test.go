package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// TestEventsAreSplitAtCommas: one flag with a list and several flags mean the same, in listen and in all that takes patterns.
func TestEventsAreSplitAtCommas(t *testing.T) {
	t.Parallel()
	for name, events := range map[string][]string{
		"one list":    {"--events", "card.*,transaction.cleared"},
		"with blanks": {"--events", " card.* , transaction.cleared"},
		"two flags":   {"--events", "card.*", "--events", "transaction.cleared"},
		"both":        {"--events", "card.activated,card.*", "--events", "transaction.cleared,card.*"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, app := newWorld(t), okTarget(t)
			l := w.listen(append(events, "--forward", app.addr)...)
			for _, typ := range []string{"card.activated", "transaction.cleared", "kyc.status.changed"} {
				w.must(0, "send", typ, "--to", l.addr, "--secret-file", w.path("key"), "-q")
			}
			l.stop()
			if app.count() != 2 {
				t.Errorf("%d deliveries were handed on, want 2", app.count())
			}
			if strings.Contains(l.errs.String(), "warning") {
				t.Errorf("it warns: %s", l.errs)
			}
		})
	}
	w := newWorld(t)
	for _, empty := range []string{"", ",", "card.*,", ",card.*", "card.*,,kyc.*", " "} {
		for _, args := range [][]string{
			{"listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--events", empty},
			{"webhooks", "create", "--name", "n", "--url", "https://a.test/", "--events", empty},
			{"journal", "list", "--type", empty},
		} {
			if args[0] == "journal" && empty == "" {
				continue // no pattern at all
			}
			if r := w.must(2, args...); !strings.Contains(r.err, "empty") {
				t.Errorf("%q: %q", args, r.err)
			}
		}
	}
}

// TestTypesAreSplitAtCommas: the filters of lists take several patterns.
func TestTypesAreSplitAtCommas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.embedded("--trigger", "all", "--exit-after", "3")
	l.wait()
	for list, want := range map[string]int{"card.*,kyc.*": 2, "card.activated": 1, "nothing.*": 0, "*": 3, "kyc.status.changed, transaction.cleared": 2} {
		got := jsonOf[[]object](t, w.must(0, "journal", "list", "--profile", "sandbox", "--type", list, "-o", "json"))
		if len(got) != want {
			t.Errorf("journal list --type %q gives %d, want %d", list, len(got), want)
		}
	}
	box := w.start("sandbox", "--addr", "127.0.0.1:0")
	at := []string{"--profile", "sandbox", "--api-url", "http://" + box.addr}
	w.must(0, "sandbox", "trigger", "all", "--api-url", "http://"+box.addr)
	got := jsonOf[object](t, w.must(0, append([]string{"events", "list", "--type", "card.*,kyc.*", "-o", "json"}, at...)...))
	if list, _ := got["events"].([]any); len(list) != 2 {
		t.Errorf("events list gives %v", got)
	}
	made := jsonOf[object](t, w.must(0, append([]string{"webhooks", "create", "--name", "n", "--url", "http://localhost:1/", "--events", "card.*,kyc.status.changed", "-o", "json"}, at...)...))
	if fmt.Sprint(made["eventTypes"]) != "[card.* kyc.status.changed]" {
		t.Errorf("made for %v", made["eventTypes"])
	}
	changed := jsonOf[object](t, w.must(0, append([]string{"webhooks", "update", "n", "--add-event", "transaction.cleared,kyc.*", "--remove-event", "card.*,kyc.status.changed", "-o", "json"}, at...)...))
	if fmt.Sprint(changed["eventTypes"]) != "[transaction.cleared kyc.*]" {
		t.Errorf("changed to %v", changed["eventTypes"])
	}
	box.stop()
}

// TestUnknownPatternsWarn: a pattern that covers no event type that is known warns once, and names the nearest.
func TestUnknownPatternsWarn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	box := w.start("sandbox", "--addr", "127.0.0.1:0")
	at := []string{"--profile", "sandbox", "--api-url", "http://" + box.addr}
	w.must(0, append([]string{"webhooks", "create", "--name", "there", "--url", "http://localhost:1/", "--events", "*", "--active"}, at...)...)
	warns := func(r result, text string) {
		t.Helper()
		if n := strings.Count(r.err, "warning: "); text == "" && n != 0 || text != "" && (n != 1 || !strings.Contains(r.err, text)) {
			t.Errorf("it says %q, want a warning with %q", r.err, text)
		}
	}
	const events = "did you mean --events "
	for pattern, meant := range map[string]string{
		"card.actived": events + "card.activated?", "cards.*": events + "'card.*'?", "CARD.*": events + "'card.*'?", "zzzzzzzzzzzz": "zzzzzzzzzzzz",
		"card.activated": "", "kyc.*": "", "*": "", "card.*,transaction.cleared": "", "card.*,transaction.clearde": events + "transaction.cleared?",
	} {
		listen := func(extra ...string) result {
			return w.must(0, append([]string{"listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--secret-file", w.path("key"), "--events", pattern}, extra...)...)
		}
		warns(listen(), meant)
		warns(listen("-o", "json"), meant)
		warns(listen("-q"), "")
		warns(w.must(0, append([]string{"webhooks", "update", "there", "--events", pattern, "-o", "json"}, at...)...), meant)
		if meant != "" {
			warns(w.must(0, append([]string{"webhooks", "update", "there", "--add-event", pattern}, at...)...), strings.Replace(meant, events, "did you mean --add-event ", 1))
		}
		r := w.must(0, append([]string{"webhooks", "create", "--name", "new", "--url", "http://localhost:1/", "--events", pattern, "--active"}, at...)...)
		warns(r, meant)
		w.must(0, append([]string{"webhooks", "delete", "new", "--yes"}, at...)...)
	}
	// Of a provider with more types than samples only that is said; of one without samples nothing is known.
	for _, c := range [][3]string{{"stripe", "radar.early_fraud_warning.created", "that whctl knows"}, {"stripe", "invoice.payd", "did you mean --events invoice.paid?"}, {"hookdeck", "anything", ""}, {"stripe", "invoice.*", ""}} {
		warns(w.must(0, "listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--secret-file", w.path("key"), "--scheme", c[0], "--events", c[1]), c[2])
	}
	warns(w.must(0, "listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--secret-file", w.path("key"), "--scheme", "auto", "--events", "anything"), "")
	box.stop()
}
