package e2e

import (
	"fmt"
	"slices"
	"testing"
)

// acked sends deliveries and wants each to be acknowledged.
func acked(t *testing.T, addr string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if status := send(t, addr, event(id)); status != 200 {
			t.Fatalf("%s was answered %d", id, status)
		}
	}
}

// states waits for a state on the stream.
func (p *process) state(name string) object {
	p.t.Helper()
	for {
		if o := p.await("state"); o.str("state") == name {
			return o
		}
	}
}

// delivered waits until so many attempts were delivered.
func (p *process) delivered(n int) {
	p.t.Helper()
	for n > 0 {
		if p.await("attempt").str("outcome") == "delivered" {
			n--
		}
	}
}

func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	<-p.done
}

// bodiesOf are the distinct bodies that a target got.
func bodiesOf(tg *target) (out []string) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	for _, m := range tg.got {
		if b := string(m.body); !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return out
}

// TestKilledOwner kills the listener that sends the jobs of a target. The other one on the same journal goes on at once, with its own
// jobs and those of the dead one.
func TestKilledOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	args := []string{"--ack", "now", "--forward", "app=" + tg.addr}
	first := w.listen(args...)
	acked(t, first.addr, "a")
	first.delivered(1)
	second := w.listen(args...)
	second.state("lane_elsewhere")
	acked(t, second.addr, "b")
	first.delivered(1)
	first.kill()
	acked(t, second.addr, "c")
	second.state("lane_owned")
	second.delivered(1)
	second.stop()
	if got := bodiesOf(tg); len(got) != 3 {
		t.Errorf("the target got %q", got)
	}
}

// TestKilledWithJobs kills a listener whose target is down. Its jobs are sent by the next, in order, each once.
func TestKilledWithJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const n = 20
	first := w.listen("--ack", "now", "--forward", "app="+closedPort(t))
	var want []string
	for i := range n {
		acked(t, first.addr, fmt.Sprint(i))
		want = append(want, string(event(fmt.Sprint(i))))
	}
	first.kill()
	tg := okTarget(t)
	second := w.listen("--ack", "now", "--forward", "app="+tg.addr)
	second.delivered(n)
	second.stop()
	if got := bodiesOf(tg); !slices.Equal(got, want) || tg.count() != n {
		t.Errorf("the target got %d, %q", tg.count(), got)
	}
}

// TestKilledWhileAnswering kills a listener that waits for the answer of its target: the job is interrupted, and the next run says so
// and does not send it again.
func TestKilledWhileAnswering(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hangs := newTarget(t, func(message) string { return "" })
	first := w.listen("--forward", "app="+hangs.addr)
	go send(t, first.addr, event("a"))
	hangs.nth(t, 0)
	first.kill()
	tg := okTarget(t)
	second := w.listen("--forward", "app="+tg.addr)
	if o := second.state("jobs_interrupted"); o.num("count") != 1 || o.str("target") != "app" {
		t.Errorf("%v", o)
	}
	if status := send(t, second.addr, event("b")); status != 200 {
		t.Errorf("answered %d", status)
	}
	second.stop()
	if tg.count() != 1 {
		t.Errorf("the target got %q", bodiesOf(tg))
	}
}

// TestSecondInterruptLeavesJobs cuts a job off. The run says so, and the next sends it.
func TestSecondInterruptLeavesJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hangs := newTarget(t, func(message) string { return "" })
	first := w.listen("--ack", "now", "--forward", "app="+hangs.addr)
	acked(t, first.addr, "a")
	hangs.nth(t, 0)
	first.interrupt()
	first.state("draining")
	first.interrupt()
	if code := first.wait(); code != 130 {
		t.Errorf("exit code %d, %s", code, first.errs)
	}
	tg := okTarget(t)
	second := w.listen("--ack", "now", "--forward", "app="+tg.addr)
	second.delivered(1)
	second.stop()
}

// TestExitAfterSendsTheLast: the run that takes one delivery sends it too.
func TestExitAfterSendsTheLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen("--ack", "now", "--forward", tg.addr, "--exit-after", "1")
	acked(t, l.addr, "a")
	if code := l.wait(); code != 0 || tg.count() != 1 {
		t.Errorf("exit code %d; the target got %d; %s", code, tg.count(), l.errs)
	}
}
