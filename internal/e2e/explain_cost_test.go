//go:build unix

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestLargeRefusalIsAnsweredAtOnce refuses bodies of almost 5 MiB: the answer does not wait for the explanation, which is
// cut off and says so.
func TestLargeRefusalIsAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen()
	body := largeJSON(t, 3<<20)
	if len(body) < 4<<20 || len(body) > 5<<20 {
		t.Fatalf("%d bytes", len(body))
	}
	raw := request("POST", "/", signedHeader("another key", time.Now(), body), body)
	for i := range 3 {
		exchange(t, l.addr, raw)
		d := l.await("delivery")
		small := request("POST", "/", signedHeader("another key", time.Now(), event("x")), event("x"))
		start := time.Now() // while the large one is being explained
		if m := exchange(t, l.addr, small); m.status != 401 || time.Since(start) > 15*time.Second {
			t.Errorf("%d: answered %s after %s", i, m.start, time.Since(start))
		}
		x := l.await("diagnosis")
		if x["cutOff"] != true || x.str("deliveryId") != d.str("id") || x.num("elapsedMs") > 10_000 {
			t.Errorf("diagnosis %v", x)
		}
		// Half a second is all an explanation gets; on a machine that is busy enough it may pass before the first try.
		if x.num("tried") == 0 && x.num("elapsedMs") < 500 {
			t.Errorf("cut off with time left: %v", x)
		}
		if x := l.await("diagnosis"); x["cutOff"] != false {
			t.Errorf("of a small body: %v", x)
		}
	}
	if rss := memory(t, l.cmd.Process.Pid); rss > 400<<20 {
		t.Errorf("%d MiB of memory", rss>>20)
	}
	l.stop()
	r := w.must(0, "why", "last~1", "--secret-file", "key")
	if !strings.Contains(r.out, "only the first 64.0 KiB of") && !strings.Contains(r.out, "only the first 64 KiB of") {
		t.Errorf("why: %q", r.out)
	}
	r = w.must(3, "verify", w.write("large", string(body)), "--secret-file", "key", "-H", "X-Timestamp: 1", "-H", "X-Signature: "+strings.Repeat("0", 64), "--at", "1")
	if !strings.Contains(r.out, "the search was cut off after") {
		t.Errorf("verify: %q", r.out)
	}
}

// TestWhyOfALargeRefusedBody: only the beginning of a refused body is recorded, so why shows what the listener found.
func TestWhyOfALargeRefusedBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen("--body", "none")
	body := largeJSON(t, 80<<10)
	var compact bytes.Buffer
	if err := json.Compact(&compact, body); err != nil {
		t.Fatal(err)
	}
	if len(body) < 70<<10 {
		t.Fatalf("%d bytes", len(body))
	}
	exchange(t, l.addr, request("POST", "/", signedHeader(testKey, time.Now(), compact.Bytes()), body))
	x := l.await("diagnosis")
	l.stop()
	for _, args := range [][]string{{"why"}, {"why", "--secret-file", "key"}} {
		r := jsonOf[object](t, w.must(0, append(args, "-o", "json")...))
		if r["foundThen"] != true || fmt.Sprint(r["findings"]) != fmt.Sprint(x["findings"]) || !strings.Contains(fmt.Sprint(r["findings"]), "compact") {
			t.Errorf("%v: %v, the listener found %v", args, r, x["findings"])
		}
	}
}

// TestFloodOfRefusals sends many requests that need explaining: all are answered, the queue for explanations is bounded,
// and so is memory.
func TestFloodOfRefusals(t *testing.T) {
	t.Parallel()
	const each, size = 12, 100 << 10
	w := newWorld(t)
	l := w.listen("--body", "none")
	body := largeJSON(t, size)
	raw := request("POST", "/", signedHeader("another key", time.Now(), body), body)
	var group sync.WaitGroup
	slowest := make([]time.Duration, 24)
	for i := range slowest {
		group.Go(func() {
			for range each {
				start := time.Now()
				if m := exchange(t, l.addr, raw); m.status != 401 {
					t.Errorf("answered %s", m.start)
				}
				slowest[i] = max(slowest[i], time.Since(start))
			}
		})
	}
	group.Wait()
	for _, d := range slowest {
		if d > 15*time.Second {
			t.Errorf("an answer took %s", d)
		}
	}
	if rss := memory(t, l.cmd.Process.Pid); rss > 400<<20 {
		t.Errorf("%d MiB of memory", rss>>20)
	}
	l.stop()
	deliveries, diagnoses := len(slowest)*each, 0
	for o := range strings.Lines(l.out.String()) {
		if strings.HasPrefix(o, `{"type":"diagnosis"`) {
			diagnoses++
		}
	}
	if diagnoses == 0 || diagnoses > deliveries {
		t.Errorf("%d diagnoses of %d refusals", diagnoses, deliveries)
	}
	if n := len(jsonOf[[]object](t, w.must(0, "journal", "list", "--limit", "0", "-o", "json"))); n != deliveries {
		t.Errorf("%d in the journal, %s", n, fmt.Sprint(deliveries))
	}
}
