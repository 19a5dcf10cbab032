package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestExitAfterIsExact has many senders at once and a listener that takes ten. Ten are acknowledged, ten are in the journal, ten are
// on the stream and ten reach the target. Later ones are told so.
func TestExitAfterIsExact(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"--count-refused"}, {"--forward"}} {
		t.Run(strings.Join(args, ""), func(t *testing.T) {
			t.Parallel()
			const want = 10
			w := newWorld(t)
			tg := okTarget(t)
			if len(args) == 1 && args[0] == "--forward" {
				args = []string{"--forward", tg.addr}
			}
			l := w.listen(append(args, "--exit-after", fmt.Sprint(want))...)
			answered := crowd(t, l.addr)
			if code := l.wait(); code != 0 {
				t.Errorf("exit code %d, %s", code, l.errs)
			}
			reached := want
			if len(args) == 2 {
				reached = tg.count()
			}
			counts := []int{answered[200], answered[200] + answered[503] + answered[0] - 86, len(l.rest("delivery")), len(recorded(t, w)), reached}
			if slices.ContainsFunc(counts, func(n int) bool { return n != want }) {
				t.Errorf("acknowledged, and answered so or 503, on the stream, in the journal, at the target: %v, want %d", counts, want)
			}
			if !strings.HasPrefix(l.errs.String(), "ended after ") || !strings.Contains(l.errs.String(), ": 10 deliveries (10 valid)") {
				t.Errorf("the summary is %q", l.errs)
			}
		})
	}
}

// crowd has 24 senders send four deliveries each, and counts the answers by status.
func crowd(t *testing.T, addr string) map[int]int {
	t.Helper()
	var mu sync.Mutex
	answered := map[int]int{}
	var all sync.WaitGroup
	for s := range 24 {
		all.Go(func() {
			for i := range 4 {
				status := send(t, addr, event(fmt.Sprintf("%d-%d", s, i)))
				mu.Lock()
				answered[status]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return answered
}

// TestWhatCountsForExitAfter sends refused deliveries, filtered ones, a browser's requests and a proxy's before
// the one that counts.
func TestWhatCountsForExitAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := []byte(`{"event_id":"k","event_type":"kyc.status.changed"}`)
	large := []byte(`{"event_id":"large","event_type":"card.activated","pad":"` + strings.Repeat("x", 1000) + `"}`)
	noise := map[string][]byte{
		"no signature": request("GET", "/", "", nil),
		"wrong key":    request("POST", "/", signedHeader("whk_another0000000000000000000000000000", time.Now(), event("1")), event("1")),
		"too old":      request("POST", "/", signedHeader(testKey, time.Now().Add(-time.Hour), event("1")), event("1")),
		"too large":    delivery(large),
		"a web page":   request("POST", "/", "Origin: https://evil.example\r\n", event("1")),
		"filtered":     delivery(other),
		"a look":       request("GET", "/", "Sec-Fetch-Mode: navigate\r\n", nil),
		"a proxy's":    request("CONNECT", "x:1", "", nil),
	}
	l := w.listen("--exit-after", "1", "--events", "card.*", "--max-body", "500")
	for name, raw := range noise {
		if m := exchange(t, l.addr, raw); m.status == 503 || m.status == 0 {
			t.Errorf("%s: answered %s", name, m.start)
		}
	}
	if m := exchange(t, l.addr, delivery(event("good"))); m.status != 200 {
		t.Errorf("the good one was answered %s", m.start)
	}
	if code := l.wait(); code != 0 || !strings.Contains(l.errs.String(), ": 6 deliveries (1 valid, 5 refused), 1 filtered\n") {
		t.Errorf("exit code %d, %s", code, l.errs)
	}

	l = w.listen("--exit-after", "5", "--count-refused", "--events", "card.*", "--max-body", "500")
	for _, name := range []string{"filtered", "a look", "a proxy's", "no signature", "wrong key", "too old", "too large", "a web page"} {
		exchange(t, l.addr, noise[name])
	}
	if code := l.wait(); code != 0 {
		t.Errorf("exit code %d, %s", code, l.errs)
	}
	l = w.listen("--exit-after", "1", "--on-invalid", "forward") // which was not refused
	exchange(t, l.addr, noise["wrong key"])
	if code := l.wait(); code != 0 {
		t.Errorf("with --on-invalid forward: exit code %d, %s", code, l.errs)
	}
}

// TestExitAfterThatIsNotReached ends with 6 when the time is up and with 130 after a signal. Neither flag alone does.
func TestExitAfterThatIsNotReached(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		args []string
		code int
		said string
	}{
		{[]string{"--exit-after", "3", "--for", "10ms"}, 6, "error: 0 of 3 deliveries came in 10 ms\nhint: "},
		{[]string{"--exit-after", "1", "--count-refused", "--for", "10ms"}, 6, "error: 0 of 1 delivery came in 10 ms\nhint: "},
		{[]string{"--for", "10ms"}, 0, "ended after "},
		{[]string{"--count-refused"}, 2, "--count-refused needs --exit-after\nhint: "},
	} {
		r := w.run(append([]string{"listen", "--addr", "127.0.0.1:0", "--secret-file", "key"}, c.args...)...)
		if r.code != c.code || !strings.Contains(r.err, c.said) || r.out != "" {
			t.Errorf("%v: exit code %d, %q %q", c.args, r.code, r.out, r.err)
		}
	}
	if r := w.run("listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--for", "1ms", "-q"); r.code != 0 || r.err != "" {
		t.Errorf("-q: exit code %d, %q", r.code, r.err)
	}

	l := w.listen("--exit-after", "2", "--for", "300ms")
	if status := send(t, l.addr, event("1")); status != 200 {
		t.Errorf("answered %d", status)
	}
	exchange(t, l.addr, request("POST", "/", "", event("refused")))
	if code := l.wait(); code != 6 || !strings.Contains(l.errs.String(), "error: 1 of 2 deliveries came") || !strings.Contains(l.errs.String(), "--count-refused") {
		t.Errorf("exit code %d, %s", code, l.errs)
	}
	l = w.listen("--exit-after", "2", "--for", "1h")
	send(t, l.addr, event("1"))
	l.interrupt()
	if code := l.wait(); code != 130 || !strings.Contains(l.errs.String(), "error: stopped after 1 of 2 deliveries") {
		t.Errorf("exit code %d, %s", code, l.errs)
	}
}

// TestLastDeliveryUnderWayAtTheInterrupt interrupts a listener that has let in its last delivery: it ends with 0.
func TestLastDeliveryUnderWayAtTheInterrupt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	release := make(chan struct{})
	tg := newTarget(t, func(message) string {
		<-release
		return okAnswer
	})
	l := w.listen("--exit-after", "1", "--forward", tg.addr)
	conn := dial(t, l.addr)
	if _, err := conn.Write(delivery(event("1"))); err != nil {
		t.Fatal(err)
	}
	tg.nth(t, 0)
	if status := send(t, l.addr, event("2")); status != 503 {
		t.Errorf("one too many was answered %d", status)
	}
	l.interrupt()
	if s := l.await("state"); s.str("state") != "draining" {
		t.Errorf("state %v", s)
	}
	close(release)
	if code := l.wait(); code != 0 || !strings.HasSuffix(l.errs.String(), ": 1 delivery (1 valid); handed on 1 time, 1 answered 2xx\n") {
		t.Errorf("exit code %d, %s", code, l.errs)
	}
}
