package e2e

import (
	"strings"
	"testing"
)

// shownDelivery is what journal show prints of a delivery.
type shownDelivery struct {
	Delivery object   `json:"delivery"`
	Attempts []object `json:"attempts"`
	Jobs     []object `json:"jobs"`
	Replays  []string `json:"replays"`
	Next     []string `json:"next"`
}

func (w *world) show(args ...string) shownDelivery {
	w.t.Helper()
	return jsonOf[shownDelivery](w.t, w.must(0, append([]string{"journal", "show", "-o", "json"}, args...)...))
}

// typed runs the commands that journal show says to type next, as they are printed. None is a mistake.
func (w *world) typed(s shownDelivery, want ...string) {
	w.t.Helper()
	id := s.Delivery.str("id")
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], "ID", id)
	}
	if got := strings.Join(s.Next, "; "); got != strings.Join(want, "; ") {
		w.t.Errorf("next: %s\nwant: %s", got, strings.Join(want, "; "))
	}
	text := w.must(0, "journal", "show", id, "--all").out
	for _, line := range s.Next {
		if !strings.Contains(text, " "+line+"\n") {
			w.t.Errorf("the text does not say %q:\n%s", line, text)
		}
		if r := w.run(strings.Fields(line)[1:]...); r.code != 0 && r.code != 3 && r.code != 5 {
			w.t.Errorf("%s: exit code %d, %s", line, r.code, r.err)
		}
	}
}

// TestShowNext has deliveries of all ends, and types what each says to type next.
func TestShowNext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plain := w.listen()
	first := exchange(t, plain.addr, delivery(event("e1")))
	exchange(t, plain.addr, delivery(event("e1")))
	exchange(t, plain.addr, delivery([]byte(`{"event_id":"e1","event_type":"card.frozen"}`)))
	exchange(t, plain.addr, request("POST", "/", "X-Signature: 00\r\nX-Timestamp: 1\r\n", event("e2")))
	plain.stop()
	if first.status != 200 {
		t.Fatal(first.start)
	}
	original := w.show("last~3")
	w.typed(original, "whctl journal export ID --format curl")
	w.typed(w.show("last~2"), "whctl journal diff "+original.Delivery.str("id")+" ID")
	w.typed(w.show("last~1"), "whctl journal diff "+original.Delivery.str("id")+" ID")
	w.typed(w.show("last"), "whctl why ID")

	tg := newTarget(t, func(message) string {
		return answerOf("401 Unauthorized", "Content-Type: application/json\r\nX-Odd: a\u009b2J\r\n", `{"error":"bad signature","odd":"\u001b[2J"}`)
	})
	l := w.listen("--forward", tg.addr)
	exchange(t, l.addr, delivery(event("e3")))
	l.stop()
	refused := w.show("last")
	w.typed(refused, "whctl why ID", "whctl queue retry ID.1", "whctl replay ID --as-captured")
	text := w.must(0, "journal", "show", refused.Delivery.str("id")).out
	for _, want := range []string{"answered 401 Unauthorized to attempt 1\n", `X-Odd: a\u009b2J`, `"error": "bad signature"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the text does not show %q:\n%s", want, text)
		}
	}
	if len(refused.Attempts) != 1 || refused.Attempts[0].num("status") != 401 || len(refused.Jobs) != 1 || refused.Jobs[0].str("target") == "" {
		t.Errorf("attempts %v, jobs %v", refused.Attempts, refused.Jobs)
	}
	// the replay that was just typed
	again := w.show(refused.Delivery.str("id"))
	if len(again.Replays) != 1 {
		t.Fatalf("replays: %v", again.Replays)
	}
	replay := w.show(again.Replays[0])
	if replay.Delivery.str("replayOf") != refused.Delivery.str("id") {
		t.Errorf("the replay is of %q", replay.Delivery.str("replayOf"))
	}
	w.typed(replay, "whctl why ID", "whctl queue retry ID.1", "whctl journal diff "+refused.Delivery.str("id")+" ID")
	for id, want := range map[string]string{again.Replays[0]: "\nreplay     of " + refused.Delivery.str("id") + "\n", refused.Delivery.str("id"): "\nreplays    " + again.Replays[0] + "\n"} {
		if text := w.must(0, "journal", "show", id).out; !strings.Contains(text, want) {
			t.Errorf("%q is not shown:\n%s", want, text)
		}
	}
	w.must(0, "queue", "drop", refused.Delivery.str("id"), "--yes") // which was just retried, and what is owed stays
	w.must(0, "journal", "prune", "--event", "e3", "--yes")
	w.typed(w.show(again.Replays[0]), "whctl why ID", "whctl replay ID --as-captured") // there is nothing left to compare it with
}

// TestShowNextElsewhere has a saved key, another profile, and a scrubbed delivery.
func TestShowNextElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings("profiles:\n  shop: {scheme: baanx}\n")
	w.must(0, "keys", "add", "mine", "--secret-file", "key", "--profile", "shop")
	tg := okTarget(t)
	l := w.listen("--profile", "shop", "--forward", tg.addr, "--webhook", "mine")
	exchange(t, l.addr, delivery(event("e1")))
	l.stop()
	w.typed(w.show("last", "--all"), "whctl replay ID --profile shop")
	w.typed(w.show("last", "--profile", "shop"), "whctl replay ID --profile shop")

	l = w.listen("--forward", tg.addr, "--scrub", "email")
	exchange(t, l.addr, delivery([]byte(`{"event_type":"card.activated","event_id":"e2","mail":"jane@example.com"}`)))
	l.stop()
	w.typed(w.show("last"), "whctl journal export ID --format curl")
	text := w.must(0, "journal", "show", "last").out
	if !strings.Contains(text, "scrubbed in 1 place") || !strings.Contains(text, "\nscrubbed   it does not verify any more as it is recorded") || strings.Contains(text, "jane@") {
		t.Errorf("a scrubbed delivery does not say so:\n%s", text)
	}
}
