package e2e

// whctl events reconcile against a real sandbox that loses, repeats and misreads deliveries.

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// agreed is what events reconcile -o json printed.
type agreed struct {
	object
}

// reconciled runs events reconcile and expects an exit code. A listener records what a target answered some milliseconds after it has
// answered the sender, so a check that finds such a delivery still under way is made again.
func (w *world) reconciled(code int, args ...string) (a agreed) {
	w.t.Helper()
	var r result
	if !eventually(func() bool {
		r = w.run(append([]string{"events", "reconcile", "-o", "json"}, args...)...)
		a = agreed{jsonOf[object](w.t, r)}
		return a.sub("summary").num("waiting") == 0
	}) {
		w.t.Fatalf("deliveries stay under way: %s", r.out)
	}
	if r.code != code {
		w.t.Fatalf("events reconcile %q: exit code %d, want %d\nstdout: %s\nstderr: %s", args, r.code, code, r.out, r.err)
	}
	return a
}

// in gives the events in a state, sorted.
func (a agreed) in(state string) []string {
	return a.where(func(e object) bool { return e.str("state") == state })
}

func (a agreed) where(is func(object) bool) []string {
	ids := []string{}
	for _, e := range a.list("events") {
		if is(e) {
			ids = append(ids, e.str("eventId"))
		}
	}
	slices.Sort(ids)
	return ids
}

func (o object) list(key string) (out []object) {
	all, _ := o[key].([]any)
	for _, v := range all {
		m, _ := v.(map[string]any)
		out = append(out, m)
	}
	return out
}

// note says whether one of the notes holds a text.
func (a agreed) note(text string) bool {
	notes, _ := a.object["notes"].([]any)
	return slices.ContainsFunc(notes, func(n any) bool { return strings.Contains(fmt.Sprint(n), text) })
}

// received starts a listener for a new webhook, with its key and a target.
func (w *world) received(target string) *process {
	w.t.Helper()
	w.webhook("one", "http://"+closedPort(w.t))
	l := w.start("listen", "--addr", "127.0.0.1:0", "--webhook", "one", "--forward", "app="+target)
	w.must(0, "webhooks", "update", "one", "--url", "http://"+l.addr)
	return l
}

// lost gives the events of which a sandbox sent nothing, as its stream tells it once n events are settled.
func lost(p *process, n int) []string {
	p.t.Helper()
	sent := map[string]bool{}
	for settled := 0; settled < n; {
		o, open := <-p.lines
		if !open {
			p.t.Fatalf("the stream ended after %d of %d events", settled, n)
		}
		switch o.str("type") {
		case "attempted":
			sent[o.str("eventId")] = sent[o.str("eventId")] || o.str("note") != "chaos: dropped"
		case "settled":
			settled++
		}
	}
	maps.DeleteFunc(sent, func(_ string, was bool) bool { return was })
	return slices.Sorted(maps.Keys(sent))
}

// twice gives the ids that stand in a list more than once, sorted.
func twice(ids []string) []string {
	count := map[string]int{}
	for _, id := range ids {
		count[id]++
	}
	maps.DeleteFunc(count, func(_ string, n int) bool { return n < 2 })
	return slices.Sorted(maps.Keys(count))
}

// TestReconcileNamesWhatChaosDropped: of what a sandbox drops, repeats and takes for a 500, exactly the dropped events are named, and
// after --fix none is left. The sandbox's own stream and what the target got tell the truth.
func TestReconcileNamesWhatChaosDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.platform("--chaos", "drop=0.6,duplicate=0.3,status=500:0.3", "--seed", "11")
	tg := okTarget(t)
	w.received(tg.addr)
	w.trigger("card.activated", "--count", "80")
	w.must(0, "sandbox", "advance", "1h")
	dropped := lost(p, 80)

	found := w.reconciled(3)
	missing, again, arrivals := found.in("missing"), found.where(func(e object) bool { return e.truth("again") }), tg.eventIDs()
	if want := twice(arrivals); len(want) == 0 || !slices.Equal(again, want) {
		t.Errorf("arrived again: %q, want %q", again, want)
	}
	if len(dropped) < 2 || !slices.Equal(missing, dropped) {
		t.Errorf("missing are %q, and the sandbox dropped %q", missing, dropped)
	}
	if got := found.sub("summary"); got.num("events") != 80 || got.num("accepted") != 80-len(missing) || got.num("gaps") != len(missing) {
		t.Errorf("summary %v", got)
	}

	fixed := w.reconciled(0, "--fix", "--timeout", "80s")
	asked := []string{}
	for _, a := range fixed.sub("fix").list("asked") {
		if asked = append(asked, a.str("eventId")); a.str("by") != "platform" || a.str("error") != "" {
			t.Errorf("asked %v", a)
		}
	}
	slices.Sort(asked)
	if !slices.Equal(asked, missing) || fixed.sub("fix").num("left") != 0 || len(fixed.in("missing")) != 0 {
		t.Errorf("asked for %q, and %v", asked, fixed.sub("summary"))
	}
	after := tg.eventIDs()[len(arrivals):]
	slices.Sort(after)
	if got := slices.Compact(after); !slices.Equal(got, missing) {
		t.Errorf("--fix had %q delivered, want %q", got, missing)
	}
	w.reconciled(0)
}

// TestReconcileSaysWhatItCouldNotSee: with more than a hundred events of a status it says so and never ends with 0.
func TestReconcileSaysWhatItCouldNotSee(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	w.received(okTarget(t).addr)
	const n = 130
	w.trigger("card.activated", "--count", fmt.Sprint(n))
	w.must(0, "sandbox", "advance", "1h")
	found := w.reconciled(5)
	for _, r := range found.list("ranges") {
		want := "0 of 0"
		if r.str("status") == "completed" {
			want = "100 of 130"
		}
		if got := fmt.Sprintf("%d of %d", r.num("seen"), r.num("total")); got != want || r.truth("whole") != (want == "0 of 0") {
			t.Errorf("%v, want %s", r, want)
		}
	}
	if s := found.sub("summary"); found.truth("whole") || s.num("events") != 100 || s.num("accepted") != 100 || !found.note("30 of 130 completed events were not checked") {
		t.Errorf("%v %v", s, found.object["notes"])
	}
	r := w.must(5, "events", "reconcile")
	if !strings.Contains(r.out, "checked  100 of 130 completed") || !strings.Contains(r.err, "--since") {
		t.Errorf("stdout %s\nstderr %s", r.out, r.err)
	}
}

// TestReconcileTellsWhoRefused: an event that whctl or a target refused is a gap, with who and why; --fix mends both once the cause is
// gone.
func TestReconcileTellsWhoRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	var sick atomic.Bool
	sick.Store(true)
	tg := newTarget(t, func(message) string {
		if sick.Load() {
			return answering(http.StatusUnprocessableEntity)
		}
		return okAnswer
	})
	l := w.received(tg.addr)
	byTarget := w.trigger("card.activated")
	w.must(0, "sandbox", "advance", "1h")
	l.stop()
	l = w.start("listen", "--addr", "127.0.0.1:0", "--secret-file", w.path("key"), "--forward", "app="+tg.addr)
	w.must(0, "webhooks", "update", "one", "--url", "http://"+l.addr)
	byWhctl := w.trigger("card.activated")
	w.must(0, "sandbox", "advance", "1h")
	l.stop()

	found := w.reconciled(3)
	who := func(by string) []string {
		return found.where(func(e object) bool { return e.truth("gap") && e.str("by") == by })
	}
	if !slices.Equal(who("target"), byTarget) || !slices.Equal(who("whctl"), byWhctl) {
		t.Errorf("refused by the target %q, by whctl %q", who("target"), who("whctl"))
	}
	r := w.must(3, "events", "reconcile")
	for _, text := range []string{"refused by app: answered 422", "refused by whctl: mismatch, answered 401", "2 events: 2 refused"} {
		if !strings.Contains(r.out, text) {
			t.Errorf("no %q in %s", text, r.out)
		}
	}

	sick.Store(false)
	l = w.start("listen", "--addr", "127.0.0.1:0", "--webhook", "one", "--forward", "app="+tg.addr)
	w.must(0, "webhooks", "update", "one", "--url", "http://"+l.addr)
	if fixed := w.reconciled(0, "--fix"); fixed.sub("fix").num("left") != 0 || fixed.sub("summary").num("gaps") != 0 {
		t.Errorf("%v", fixed)
	}
}

// TestReconcileReplaysWhatTheJournalHas: an event that only a target did not take is sent to it again from the journal, where its address
// is known. The platform is not asked. A target that still refuses it leaves the gap.
func TestReconcileReplaysWhatTheJournalHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	var sick atomic.Bool
	sick.Store(true)
	tg := newTarget(t, func(message) string {
		if sick.Load() {
			return answering(http.StatusUnprocessableEntity)
		}
		return okAnswer
	})
	w.webhook("one", "http://"+closedPort(t))
	l := w.start("listen", "--addr", "127.0.0.1:0", "--webhook", "one", "--forward", "http://"+tg.addr)
	w.must(0, "webhooks", "update", "one", "--url", "http://"+l.addr)
	ids := w.trigger("card.activated", "--count", "2")
	slices.Sort(ids)
	w.must(0, "sandbox", "advance", "1h")
	l.stop()
	ways := func(a agreed) (by []string) {
		for _, one := range a.sub("fix").list("asked") {
			by = append(by, one.str("by")+one.str("error"))
		}
		return by
	}
	still := w.reconciled(3, "--fix", "--timeout", "30s")
	if !slices.Equal(ways(still), []string{"replay", "replay"}) || still.sub("fix").num("left") != 2 {
		t.Errorf("%v", still.sub("fix"))
	}
	sick.Store(false)
	fixed := w.reconciled(0, "--fix", "--timeout", "30s")
	if got := fixed.in("replayed"); !slices.Equal(ways(fixed), []string{"replay", "replay"}) || !slices.Equal(got, ids) {
		t.Errorf("replayed are %q, want %q: %v", got, ids, fixed.sub("fix"))
	}
	for _, e := range fixed.list("events") {
		if len(e.list("arrivals")) != 1 || len(e.list("replays")) != 2 || len(e.list("platformAttempts")) > 1 || e.truth("again") {
			t.Errorf("%v", e)
		}
	}
	if n := tg.count(); n != 6 {
		t.Errorf("the target got %d requests, want 6", n)
	}
	if logs := jsonOf[object](t, w.must(0, "webhooks", "logs", "one", "-o", "json")); logs.num("count") != 2 {
		t.Errorf("the platform made %d attempts, want 2", logs.num("count"))
	}
	w.reconciled(0)
}

// TestReconcileLeavesOtherWebhooksOut: events that only another webhook takes are no gaps of this one, a disabled webhook is named, and
// --fix without a webhook asks for nothing.
func TestReconcileLeavesOtherWebhooksOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	other := okTarget(t)
	w.must(0, "webhooks", "create", "--name", "prod", "--url", "http://"+other.addr, "--events", "kyc.*,card.*", "--active")
	l := w.start("listen", "--addr", "127.0.0.1:0", "--secret-file", w.path("key"))
	w.must(0, "webhooks", "create", "--name", "mine", "--url", "http://"+l.addr, "--events", "card.*", "--active", "--no-save")
	theirs := w.trigger("kyc.status.changed")
	nobodys := w.trigger("transaction.cleared")
	w.must(0, "sandbox", "advance", "1h")
	found := w.reconciled(0, "--webhook", "mine")
	if got := found.in("other_webhook"); !slices.Equal(got, theirs) {
		t.Errorf("of other webhooks are %q, want %q", got, theirs)
	}
	if got := found.in("not_sent"); !slices.Equal(got, nobodys) || !found.note("1 event went to no webhook") {
		t.Errorf("sent to nobody are %q, want %q (%v)", got, nobodys, found.object["notes"])
	}
	if r := w.must(2, "events", "reconcile", "--fix"); r.out != "" || !strings.Contains(r.err, "--webhook") {
		t.Errorf("stdout %s, stderr %s", r.out, r.err)
	}
	w.must(0, "webhooks", "disable", "mine")
	if found = w.reconciled(0, "--webhook", "mine"); !found.note("webhook mine is disabled") {
		t.Errorf("notes %v", found.object["notes"])
	}
}

// TestReconcileWithoutAJournal: nothing arrived here, and it says why; --fix does not ask for everything without a word.
func TestReconcileWithoutAJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	tg := okTarget(t)
	w.webhook("one", "http://"+tg.addr)
	w.trigger("card.activated", "--count", "3")
	w.must(0, "sandbox", "advance", "1h")
	found := w.reconciled(3)
	if len(found.in("missing")) != 3 || !found.note("no listener has recorded anything here") {
		t.Errorf("%v", found)
	}
	if r := w.must(2, "events", "reconcile", "--fix", "--no-input"); !strings.Contains(r.err, "--yes") || len(tg.eventIDs()) != 3 {
		t.Errorf("stderr %s, and the target got %q", r.err, tg.eventIDs())
	}
	l := w.start("listen", "--addr", "127.0.0.1:0", "--profile", "baanx", "--secret-file", w.path("key"))
	exchange(t, l.addr, delivery(event("e1")))
	if found = w.reconciled(3); !found.note("only of baanx") {
		t.Errorf("notes %v", found.object["notes"])
	}
}
