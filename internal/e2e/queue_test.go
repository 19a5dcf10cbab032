package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// handlerOf is a receiver whose answer can be changed.
func handlerOf(t *testing.T, first string) (tg *target, answers func(raw string)) {
	t.Helper()
	var now atomic.Pointer[string]
	now.Store(&first)
	return newTarget(t, func(message) string { return *now.Load() }), func(raw string) { now.Store(&raw) }
}

// sendEvents has a listener take events, each of which it must answer 200.
func sendEvents(t *testing.T, l *process, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if m := exchange(t, l.addr, delivery(event(id))); m.status != 200 {
			t.Fatalf("%s was answered %s", id, m.start)
		}
	}
}

// jobs are what whctl queue list shows, newest first.
func (w *world) jobs(args ...string) []object {
	w.t.Helper()
	return jsonOf[[]object](w.t, w.must(0, append([]string{"queue", "list", "-o", "json"}, args...)...))
}

// awaitJobs waits until whctl queue list shows n jobs.
func (w *world) awaitJobs(n int, args ...string) []object {
	w.t.Helper()
	var list []object
	if !eventually(func() bool { list = w.jobs(args...); return len(list) == n }) {
		w.t.Fatalf("%d jobs of %q, want %d: %v", len(list), args, n, list)
	}
	return list
}

// awaitState gives the next state line of one of some states.
func (p *process) awaitState(states ...string) object {
	p.t.Helper()
	for {
		o := p.await("state")
		for _, s := range states {
			if o.str("state") == s {
				return o
			}
		}
	}
}

// bodies are what came with a request line that begins with start, in order.
func (tg *target) bodies(start string) (out []string) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	for _, m := range tg.got {
		if strings.HasPrefix(m.start, start) {
			out = append(out, string(m.body))
		}
	}
	return out
}

// checkOrder looks at jobs for the first target of deliveries that just came: the newest first.
func checkOrder(t *testing.T, list []object) {
	t.Helper()
	for i, job := range list {
		if job.str("type") != "job" || job.str("id") != job.str("deliveryId")+".1" || job.str("origin") != "forward" || i > 0 && job.str("id") > list[i-1].str("id") {
			t.Errorf("listed %v", job)
		}
	}
}

// TestQueueBesideAListener pauses a lane, drops one of its jobs, resumes it and has the dropped job tried after all, all beside the
// listener that owns the lane.
func TestQueueBesideAListener(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen("--ack", "now", "--forward", "shop="+tg.addr, "--forward", tg.addr+"/other")
	if r := w.must(0, "queue", "pause", "shop"); r.out != "✓ paused  shop\n" {
		t.Errorf("said %q, %q", r.out, r.err)
	}
	if o := l.awaitState("lane_paused", "lane_resumed"); o.str("target") != "shop" || o.str("state") != "lane_paused" {
		t.Errorf("told %v", o)
	}
	sendEvents(t, l, "e1", "e2", "e3")
	tg.nth(t, 2) // the other lane goes on
	list := w.awaitJobs(3, "--target", "shop", "--state", "queued")
	checkOrder(t, list)
	if r := w.must(0, "queue", "list"); !strings.Contains(r.err, "shop: 3 open; paused: whctl queue resume shop\n") {
		t.Errorf("of the lanes: %q", r.err)
	}
	again := jsonOf[object](t, w.must(0, "queue", "pause", "shop", "-o", "json"))
	if paused, _ := again["paused"].(bool); !paused || again.str("target") != "shop" || again.str("profile") != "baanx" {
		t.Errorf("paused again: %v", again)
	}
	w.must(0, "queue", "drop", "e2", "--yes")
	if r := w.must(0, "queue", "retry", "e1"); !strings.Contains(r.err, ".1 is queued already") {
		t.Errorf("a queued job: %q", r.err)
	}
	w.must(0, "queue", "resume", "shop")
	if o := l.awaitState("lane_paused", "lane_resumed"); o.str("state") != "lane_resumed" {
		t.Errorf("told %v", o)
	}
	tg.nth(t, 4)
	w.awaitJobs(0, "--state", "open")
	if r := w.must(0, "queue", "retry", "e2"); !strings.Contains(r.err, "shop: sent by whctl (process ") || !strings.Contains(r.err, ".2 was delivered") {
		t.Errorf("said %q, %q", r.out, r.err)
	}
	tg.nth(t, 5)
	sent := tg.bodies("POST / ")
	if want := []string{string(event("e1")), string(event("e3")), string(event("e2"))}; fmt.Sprint(sent) != fmt.Sprint(want) {
		t.Errorf("sent %q, want %q", sent, want)
	}
	l.interrupt()
	for _, o := range l.rest("state") {
		if s := o.str("state"); s == "lane_paused" || s == "lane_resumed" {
			t.Errorf("told twice: %v", o)
		}
	}
}

// TestQueueRetriesAtOnce has a job tried again that would wait for an hour, and dead ones of one target and one profile alone.
func TestQueueRetriesAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	slow, slowAnswers := handlerOf(t, answerOf("500 Because", "Retry-After: 3600\r\n", ""))
	gone, goneAnswers := handlerOf(t, answering(410))
	w.must(0, "profile", "create", "other", "--api-url", "https://api.example.com")
	l := w.listen("--ack", "now", "--forward", "slow="+slow.addr, "--forward", gone.addr)
	other := w.listen("--profile", "other", "--ack", "now", "--forward", gone.addr)
	sendEvents(t, l, "e1")
	sendEvents(t, other, "e2")
	waits := w.awaitJobs(1, "--state", "waiting")[0]
	due, err := time.Parse(time.RFC3339, waits.str("dueAt"))
	if err != nil || time.Until(due) < 50*time.Minute || waits.num("tries") != 1 {
		t.Errorf("waits: %v, %v", waits, err)
	}
	if r := w.must(0, "queue", "list", "--state", "waiting"); !strings.Contains(r.out, "in 59 min  500") {
		t.Errorf("listed %q", r.out)
	}
	dead := w.awaitJobs(1, "--state", "dead")[0]
	if dead.str("reason") != "refused" || dead.str("target") != "http://"+gone.addr {
		t.Errorf("dead: %v", dead)
	}
	w.awaitJobs(1, "--state", "dead", "--profile", "other")
	w.awaitJobs(2, "--state", "dead", "--all")

	slowAnswers(okAnswer)
	goneAnswers(okAnswer)
	w.must(0, "queue", "retry", waits.str("id"))
	slow.nth(t, 1)
	if r := w.must(0, "queue", "retry", "--dead", "--target", "slow"); r.out != "" || !strings.Contains(r.err, "no dead jobs for target slow of profile baanx") {
		t.Errorf("of a target without dead jobs: %q, %q", r.out, r.err)
	}
	got := jsonOf[[]object](t, w.must(0, "queue", "retry", "--dead", "--target", gone.addr, "-o", "json"))
	if len(got) != 1 || got[0].str("id") != dead.str("id") || got[0].str("state") != "queued" || got[0].str("origin") != "retry" {
		t.Errorf("tried again: %v", got)
	}
	gone.nth(t, 2)
	w.awaitJobs(0)
	w.awaitJobs(2, "--state", "delivered")
	w.awaitJobs(1, "--state", "dead", "--profile", "other")
	if r := w.must(5, "queue", "retry", dead.str("id")); !strings.Contains(r.err, "error: job "+dead.str("id")+" was delivered\n") {
		t.Errorf("a delivered job: %q", r.err)
	}
	if n := gone.count(); n != 3 {
		t.Errorf("%d requests", n)
	}
}

// TestQueueUnderWay leaves a job alone whose sender waits for the answer, and gets it back once its listener was killed.
func TestQueueUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var silent atomic.Bool
	silent.Store(true)
	tg := newTarget(t, func(message) string {
		if silent.Load() {
			return ""
		}
		return okAnswer
	})
	l := w.listen("--forward", tg.addr)
	conn := dial(t, l.addr)
	if _, err := conn.Write(delivery(event("e1"))); err != nil {
		t.Fatal(err)
	}
	tg.nth(t, 0)
	if got := w.jobs(); len(got) != 1 || got[0].str("state") != "sending" {
		t.Errorf("listed %v", got)
	}
	w.must(5, "queue", "retry", "last")
	if r := w.must(5, "queue", "drop", "last", "--yes"); !strings.Contains(r.err, "is being sent, and its sender waits") || r.out != "" {
		t.Errorf("said %q", r.err)
	}
	if err := l.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-l.done
	_, _ = bufio.NewReader(conn).ReadByte() // its sender learns of it
	w.must(5, "queue", "retry", "last")
	silent.Store(false)
	next := w.listen("--forward", tg.addr)
	if s := next.await("state"); s.str("state") != string(record.JobsInterrupted) { // its socket is open a moment before it has the lane
		t.Fatalf("state %v", s)
	}
	if got := w.jobs("--state", "interrupted"); len(got) != 1 {
		t.Fatalf("after the next start: %v", w.jobs("--state", "sending"))
	}
	w.must(0, "queue", "retry", "last")
	tg.nth(t, 1)
	if a := next.await("attempt"); a.str("origin") != "retry" || a.str("outcome") != "delivered" {
		t.Errorf("attempt %v", a)
	}
}

// TestQueueOfABusyListener changes a queue while deliveries come in: nobody waits long, and no delivery is turned away.
func TestQueueOfABusyListener(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen("--ack", "now", "--forward", "shop="+tg.addr)
	const senders, each = 8, 25
	var wait sync.WaitGroup
	for s := range senders {
		wait.Go(func() {
			for i := range each {
				if m := exchange(t, l.addr, delivery(event(fmt.Sprintf("e%d-%d", s, i)))); m.status != 200 {
					t.Errorf("answered %s", m.start)
				}
			}
		})
	}
	for range 3 {
		for _, args := range [][]string{{"list"}, {"pause", "shop"}, {"retry", "--dead"}, {"resume", "shop"}} {
			begun := time.Now()
			w.must(0, append([]string{"queue"}, args...)...)
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("queue %q took %s", args, took)
			}
		}
	}
	wait.Wait()
	tg.nth(t, senders*each-1)
	w.awaitJobs(0)
	if n := tg.count(); n != senders*each {
		t.Errorf("%d requests, want %d", n, senders*each)
	}
}

// TestQueueOfAnEarlierWhctl asks for the queue of a journal that no listener has brought up to date yet. It stays as it is.
func TestQueueOfAnEarlierWhctl(t *testing.T) {
	t.Parallel()
	for _, format := range []int{2, 3} {
		old, err := os.ReadFile(filepath.Join("..", "journal", "testdata", fmt.Sprintf("format%d.db", format)))
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t)
		if err := os.Mkdir(w.path("data"), 0o700); err != nil {
			t.Fatal(err)
		}
		file := w.write(filepath.Join("data", "journal.db"), string(old))
		if r := w.must(0, "queue", "list", "-o", "json"); r.out != "[]\n" || !strings.Contains(r.err, "which had no queue; the next whctl listen brings it up to date") {
			t.Errorf("format %d: listed %q, %q", format, r.out, r.err)
		}
		for _, args := range [][]string{{"retry", "last"}, {"retry", "--dead"}, {"drop", "last", "--yes"}, {"pause", "api"}, {"resume", "api"}} {
			r := w.must(5, append([]string{"queue"}, args...)...)
			if !strings.Contains(r.err, "which had no queue\nhint: the next whctl listen brings it up to date\n") || r.out != "" {
				t.Errorf("format %d: queue %q says %q", format, args, r.err)
			}
		}
		if now, err := os.ReadFile(file); err != nil || !bytes.Equal(now, old) {
			t.Errorf("format %d: the file has changed, %v", format, err)
		}
	}
}

// TestQueueWords completes ids of jobs and targets.
func TestQueueWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	down := closedPort(t)
	l := w.listen("--ack", "now", "--forward", "shop="+down, "--forward", down)
	sendEvents(t, l, "e1")
	list := w.awaitJobs(2)
	for _, c := range []struct {
		typed []string
		want  string
	}{
		{[]string{"drop", ""}, list[0].str("id") + "\tqueued, card.activated\n" + list[1].str("id") + "\tqueued, card.activated\n"},
		{[]string{"drop", list[0].str("id"), ""}, list[1].str("id") + "\tqueued, card.activated\n"},
		{[]string{"retry", ""}, ""}, // both are queued
		{[]string{"pause", ""}, down + "\nshop\n"},
		{[]string{"pause", "sh"}, "shop\n"},
		{[]string{"resume", "shop", ""}, ""},
		{[]string{"list", "--target", "s"}, "shop\n"},
		{[]string{"list", "--state", "d"}, "delivered\ndead\ndropped\n"},
		{[]string{"retry", "--dead", "--target", ""}, down + "\nshop\n"},
	} {
		r := w.must(0, append([]string{"__complete", "queue"}, c.typed...)...)
		if got, _, _ := strings.Cut(r.out, ":"+fmt.Sprint(directive(r.out))); got != c.want {
			t.Errorf("%q: %q, want %q", c.typed, got, c.want)
		}
	}
}

// directive is the number in the last line of what a shell gets.
func directive(out string) (n int) {
	_, _ = fmt.Sscanf(out[strings.LastIndex(out, ":")+1:], "%d", &n)
	return n
}
