package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// eventIDs are the event ids of what a receiver got, in order.
func (tg *target) eventIDs() []string {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	ids := make([]string, 0, len(tg.got))
	for _, m := range tg.got {
		_, after, _ := strings.Cut(string(m.body), `"event_id":"`)
		id, _, _ := strings.Cut(after, `"`)
		ids = append(ids, id)
	}
	return ids
}

// TestPlatformThousand raises a thousand events at once: all arrive, in order, each once.
func TestPlatformThousand(t *testing.T) {
	t.Parallel()
	const n = 1000
	w := newWorld(t)
	w.platform()
	tg := okTarget(t)
	w.webhook("one", "http://"+tg.addr)
	began := time.Now()
	raised := w.trigger("card.activated", "--count", "1000")
	tg.nth(t, n-1)
	t.Logf("%d events raised, signed and delivered in %s", n, time.Since(began).Round(time.Millisecond))
	if got := tg.eventIDs(); !slices.Equal(got, raised) {
		t.Errorf("%d raised, %d delivered, and not in the order of raising", len(raised), len(got))
	}
	w.must(0, "sandbox", "advance", "1s") // waits for what is under way
	list := jsonOf[object](t, w.must(0, "events", "list", "--status", "completed", "--limit", "1", "-o", "json"))
	if list.num("total") != n {
		t.Errorf("%d events completed, want %d", list.num("total"), n)
	}
}

// TestPlatformSurvivesKill ends a sandbox with a data file by kill -9 while it delivers, and starts it again: webhooks,
// keys and events are there, what was delivered stays so, and the rest is delivered now.
func TestPlatformSurvivesKill(t *testing.T) {
	t.Parallel()
	const n, atLeast = 300, 50
	w := newWorld(t)
	file := w.path("state")
	p := w.platform("--data", file)
	tg := okTarget(t)
	id, key := w.webhook("one", "http://"+tg.addr)
	raised := w.trigger("card.activated", "--count", "300")
	tg.nth(t, atLeast)
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.wait()
	before := tg.count()

	w.platform("--data", file)
	hook := jsonOf[object](t, w.must(0, "webhooks", "get", id, "-o", "json"))
	if hook.str("name") != "one" || !strings.HasSuffix(key, hook.str("apiKey")[len(hook.str("apiKey"))-4:]) {
		t.Errorf("the webhook is %v", hook)
	}
	w.must(0, "sandbox", "advance", "1m") // whatever failed when it was killed is tried again
	list := jsonOf[struct {
		Total  int      `json:"total"`
		Events []object `json:"events"`
	}](t, w.must(0, "events", "list", "--status", "completed", "--limit", "100", "-o", "json"))
	if list.Total != n {
		t.Errorf("%d events completed, want %d", list.Total, n)
	}
	got := tg.eventIDs()
	t.Logf("killed after %d deliveries, %d in all for %d events", before, len(got), n)
	times := map[string]int{}
	for _, id := range got {
		times[id]++
	}
	twice := 0
	for _, id := range raised {
		if times[id] == 0 {
			t.Errorf("event %s was lost", id)
		}
		twice += max(times[id]-1, 0)
	}
	if twice > before-atLeast+20 { // only what was under way, or just answered, may come again
		t.Errorf("%d events were delivered again", twice)
	}
	for i := range got {
		m := tg.nth(t, i)
		if want := hmacHex(key, []byte(m.value("X-Timestamp")+"."), m.body); m.value("X-Signature") != want {
			t.Fatalf("delivery %d has a wrong signature", i)
		}
	}
	// a file in use, damaged or foreign is refused and left as it is
	if r := w.must(7, "sandbox", "--addr", "127.0.0.1:0", "--data", file); !strings.Contains(r.err, "hint: ") {
		t.Errorf("a data file in use: %s", r.err)
	}
	foreign := w.write("foreign", "not a sandbox\n")
	w.must(7, "sandbox", "--addr", "127.0.0.1:0", "--data", foreign)
	w.must(2, "sandbox", "--addr", "127.0.0.1:0", "--data", w.dir)
	w.must(7, "sandbox", "--addr", "127.0.0.1:0", "--data", w.path("gone/state"))
}

// TestPlatformManyAtOnce makes webhooks and adds keys in several processes at once: every key that was printed is saved.
func TestPlatformManyAtOnce(t *testing.T) {
	t.Parallel()
	const n = 5
	w := newWorld(t)
	w.platform()
	var running []*process
	for i := range n {
		running = append(running,
			w.spawn("webhooks", "create", "--name", fmt.Sprint("hook", i), "--url", "http://127.0.0.1:1/", "--events", "*", "--active", "--key-only"),
			w.spawn("keys", "add", fmt.Sprint("added", i), "--secret-file", "key"))
	}
	for i, p := range running {
		line := p.awaitLine()
		if code := p.wait(); code != 0 {
			t.Errorf("exit code %d, stderr %s", code, p.errs)
		}
		if i%2 == 0 {
			w.write(fmt.Sprint("printed", i/2), line+"\n")
		}
	}
	if r := w.must(0, "keys", "list", "--jq", "length"); r.out != fmt.Sprintln(2*n) {
		t.Errorf("saved %s keys, want %d", r.out, 2*n)
	}
	for i := range n {
		sign := []string{"sign", "key", "--format", "value", "--timestamp", "1750000000"}
		saved := w.must(0, append(sign, "--webhook", fmt.Sprint("hook", i))...).out
		if printed := w.must(0, append(sign, "--secret-file", fmt.Sprint("printed", i))...).out; saved != printed {
			t.Errorf("the key saved for hook%d is not the one that was printed", i)
		}
	}
}
