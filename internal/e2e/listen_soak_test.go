//go:build unix

package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// soakTime is how long the soak goes on: a moment in go test, as long as WHCTL_SOAK says when tests/soak/run asks.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("WHCTL_SOAK")
	if text == "" {
		return time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestSoak runs a listener and a sandbox side by side: 64 senders and the platform deliver to the listener for a while.
// Nothing that was answered is lost, handed on twice or left out, and the memory stays flat.
func TestSoak(t *testing.T) {
	t.Parallel()
	took := soakTime(t)
	w := newWorld(t)
	platform := w.start("sandbox", "--addr", "127.0.0.1:0")
	api := []string{"--profile", "sandbox", "--api-url", "http://" + platform.addr}
	var forwarded atomic.Int64
	tg := newTarget(t, func(message) string { forwarded.Add(1); return okAnswer })
	made := jsonOf[object](t, w.must(0, append([]string{"webhooks", "create", "--name", "soak", "--url", "http://127.0.0.1:1/", "--events", "*", "--active", "--no-save", "-o", "json"}, api...)...))
	l := w.listen("--forward", tg.addr, "--secret-file", w.path("key"), "--secret-file", w.write("second", made.str("apiKey")))
	w.must(0, append([]string{"webhooks", "update", "soak", "--url", "http://" + l.addr + "/"}, api...)...)

	go platform.drain() // somebody reads what they say
	go l.drain()

	over := time.Now().Add(took)
	var answered, raised atomic.Int64
	var all sync.WaitGroup
	for s := range senders {
		all.Go(func() { sendUntil(t, l.addr, s, over, &answered) })
	}
	all.Go(func() {
		for time.Now().Before(over) {
			r := w.run(append([]string{"sandbox", "trigger", "all", "--count", "5"}, api...)...)
			if r.code != 0 {
				t.Errorf("trigger: exit code %d, %s", r.code, r.err)
				return
			}
			raised.Add(15)
			// The platform can raise more than it delivers beside 64 senders; what waits is to be done soon after the end.
			_ = eventually(func() bool { return raised.Load()+answered.Load()-forwarded.Load() < 500 || !time.Now().Before(over) })
		}
	})
	var sizes []int64
	all.Go(func() {
		tick := time.NewTicker(max(took/60, 50*time.Millisecond))
		defer tick.Stop()
		for time.Now().Before(over) {
			sizes = append(sizes, memory(t, l.cmd.Process.Pid))
			<-tick.C
		}
	})
	all.Wait()
	want := int(answered.Load() + raised.Load())
	if !eventually(func() bool { return int(forwarded.Load()) >= want }) {
		t.Errorf("%d were handed on, %d expected", forwarded.Load(), want)
	}
	platform.stop()
	l.stop()
	if n := int(forwarded.Load()); n != want {
		t.Errorf("%d were handed on, %d expected", n, want)
	}
	if n := countRecorded(t, w); n != want {
		t.Errorf("%d are in the journal, %d expected", n, want)
	}
	t.Logf("%d deliveries of senders and %d of the sandbox in %s", answered.Load(), raised.Load(), took)
	checkFlat(t, sizes)
}

// sendUntil sends over one connection until the time has come, and counts what was answered 200.
func sendUntil(t *testing.T, addr string, sender int, over time.Time, answered *atomic.Int64) {
	t.Helper()
	conn := dial(t, addr)
	if err := conn.SetDeadline(over.Add(patience)); err != nil {
		t.Error(err)
		return
	}
	r := bufio.NewReader(conn)
	for i := 0; time.Now().Before(over); i++ {
		raw := delivery(event(fmt.Sprintf("soak-%d-%d", sender, i)))
		if _, err := conn.Write(bytes.Replace(raw, []byte("Connection: close\r\n"), nil, 1)); err != nil {
			t.Errorf("sender %d: %v", sender, err)
			return
		}
		m, err := readMessage(r, false)
		if err != nil || m.status != 200 {
			t.Errorf("sender %d: answered %q, %v", sender, m.start, err)
			return
		}
		answered.Add(1)
	}
}

// countRecorded is how many deliveries with ids of their own are in the journal.
func countRecorded(t *testing.T, w *world) int {
	t.Helper()
	ids := map[string]bool{}
	for _, d := range jsonOf[[]object](t, w.must(0, "journal", "list", "--limit", "0", "-o", "json")) {
		ids[d.str("eventId")] = true
		if d["duplicate"] == true || d.sub("verdict")["ok"] != true {
			t.Errorf("delivery %s: verdict %v, duplicate %v", d.str("id"), d["verdict"], d["duplicate"])
		}
	}
	return len(ids)
}

// checkFlat compares the memory of the last third with that of the middle one, once there is enough to compare.
func checkFlat(t *testing.T, sizes []int64) {
	t.Helper()
	if len(sizes) < 30 {
		return
	}
	third := len(sizes) / 3
	median := func(part []int64) int64 {
		part = slices.Sorted(slices.Values(part))
		return part[len(part)/2]
	}
	middle, last := median(sizes[third:2*third]), median(sizes[2*third:])
	t.Logf("memory: %d MiB in the middle, %d MiB at the end, %d MiB at most", middle>>20, last>>20, slices.Max(sizes)>>20)
	if last > middle+middle/4+16<<20 {
		t.Errorf("memory grows: %d MiB in the middle, %d MiB at the end", middle>>20, last>>20)
	}
}
