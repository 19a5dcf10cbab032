package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// cardEvent is a body of the scheme baanx about a card.
func cardEvent(id, card string, at time.Time, status string) []byte {
	return fmt.Appendf(nil, `{"event_id":%q,"event_type":"card.activated","event_object_id":%q,"event_object_status":%q,"occurred_at":%q}`, id, card, status, at.UTC().Format(time.RFC3339Nano))
}

// marksOf are the marks of a delivery's JSON.
func marksOf(o object) string {
	var marks []string
	for _, name := range []string{"duplicate", "conflict", "lateMs", "outOfOrder"} {
		switch v := o[name].(type) {
		case bool:
			if v {
				marks = append(marks, name)
			}
		case string, float64:
			marks = append(marks, name)
		}
	}
	return strings.Join(marks, " ")
}

// TestMarks sends events late, out of order and with other bytes, before and after a start, and wants the marks on the stream and in the
// journal alike.
func TestMarks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := time.Now()
	p := w.listen()
	sent := 0
	send := func(what, key string, body []byte, want string) object {
		t.Helper()
		sent++
		exchange(t, p.addr, request("POST", "/", signedHeader(key, time.Now(), body), body))
		d := p.await("delivery")
		if got := marksOf(d); got != want {
			t.Errorf("%s: marked %q, want %q: %v", what, got, want, d)
		}
		return d
	}
	first := send("the first", testKey, cardEvent("e1", "card-1", now, "active"), "")
	send("the same again", testKey, cardEvent("e1", "card-1", now, "active"), "duplicate")
	conflict := send("other bytes", testKey, cardEvent("e1", "card-1", now, "frozen"), "duplicate conflict")
	if conflict["conflict"] != first["id"] {
		t.Errorf("conflict with %v, want %v", conflict["conflict"], first["id"])
	}
	late := send("three hours ago, of another card", testKey, cardEvent("e2", "card-2", now.Add(-3*time.Hour), "active"), "lateMs")
	if ms, _ := late["lateMs"].(float64); ms < 3*3600*1000 || ms > 3*3600*1000+60_000 {
		t.Errorf("late by %v ms", late["lateMs"])
	}
	send("four minutes ago, of another card", testKey, cardEvent("e3", "card-3", now.Add(-4*time.Minute), "active"), "")
	send("older than the first of its card", testKey, cardEvent("e4", "card-1", now.Add(-time.Minute), "active"), "outOfOrder")
	send("as old as the newest", testKey, cardEvent("e5", "card-1", now, "active"), "")
	send("without a time", testKey, []byte(`{"event_id":"e6","event_type":"card.activated","event_object_id":"card-1"}`), "")
	send("a forged one, far newer", "another key", cardEvent("e7", "card-1", now.Add(time.Hour), "active"), "")
	send("after the forged one", testKey, cardEvent("e8", "card-1", now.Add(time.Second), "active"), "")
	send("a forged one with the id of the first", "another key", cardEvent("e1", "card-1", now, "forged"), "duplicate")
	p.stop()

	p = w.listen()
	send("older, after a new start", testKey, cardEvent("e9", "card-1", now, "active"), "outOfOrder")
	send("older of another card, after a new start", testKey, cardEvent("e10", "card-3", now.Add(-5*time.Minute), "active"), "lateMs outOfOrder")
	send("newer, after a new start", testKey, cardEvent("e11", "card-1", now.Add(2*time.Second), "active"), "")
	p.stop()

	list := jsonOf[[]object](t, w.must(0, "journal", "list", "--limit", "0", "-o", "json"))
	if len(list) != sent {
		t.Fatalf("%d deliveries of %d", len(list), sent)
	}
	count := map[string]int{}
	for _, d := range list {
		count[marksOf(d)]++
	}
	if want := map[string]int{"": 7, "duplicate": 2, "duplicate conflict": 1, "lateMs": 1, "outOfOrder": 2, "lateMs outOfOrder": 1}; fmt.Sprint(count) != fmt.Sprint(want) {
		t.Errorf("the journal has %v, want %v", count, want)
	}
}

// TestMarksOfWhatIsLeftOut sends a newer event that --events leaves out: it neither has marks nor makes any.
func TestMarksOfWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := time.Now()
	p := w.listen("--events", "card.activated", "--exit-after", "2")
	send := func(body []byte) {
		exchange(t, p.addr, request("POST", "/", signedHeader(testKey, time.Now(), body), body))
	}
	left := func(at time.Time) []byte {
		return []byte(strings.Replace(string(cardEvent("left", "card-1", at, "x")), "card.activated", "card.other", 1))
	}
	send(cardEvent("e1", "card-1", now, "active"))
	send(left(now.Add(time.Minute)))
	send(left(now.Add(-3 * time.Hour)))
	send(cardEvent("e2", "card-1", now.Add(time.Second), "active"))
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, d := range jsonOf[[]object](t, w.must(0, "journal", "list", "-o", "json")) {
		if got := marksOf(d); got != "" && got != "duplicate" {
			t.Errorf("%s is marked %q", d.str("eventId"), got)
		}
	}
}

// TestMarksInText compares the lines that people see.
func TestMarksInText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := time.Now()
	ready := w.path("ready")
	p := w.spawn("listen", "--addr", "127.0.0.1:0", "--secret-file", w.path("key"), "--ready-file", ready, "--exit-after", "3", "--body", "none")
	addr := strings.TrimSpace(waitFile(t, ready))
	for _, body := range [][]byte{
		cardEvent("e1", "card-1", now, "active"), cardEvent("e1", "card-1", now, "frozen"), cardEvent("e2", "card-1", now.Add(-3*time.Hour), "active"),
	} {
		exchange(t, addr, request("POST", "/", signedHeader(testKey, time.Now(), body), body))
	}
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if show := w.must(0, "journal", "show", "last~1").out; !strings.Contains(show, "1 change of JSON") {
		t.Errorf("journal show says %s", show)
	}
	out := p.out.String()
	for _, text := range []string{"conflict with ", "1 change of JSON", `~ event_object_status  "active" → "frozen"`, "late 3 h", "out of order"} {
		if !strings.Contains(out, text) {
			t.Errorf("%q is not in %s", text, out)
		}
	}
}
