//go:build unix

package e2e

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// steadyRate is how many deliveries a second come in TestSteadyTraffic: few in go test, as many as WHCTL_SOAK_RATE says when
// tests/soak/run asks.
func steadyRate(t *testing.T) int {
	t.Helper()
	text := os.Getenv("WHCTL_SOAK_RATE")
	if text == "" {
		return 100
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("WHCTL_SOAK_RATE=%s: %v", text, err)
	}
	return n
}

// TestSteadyTraffic sends at a steady rate: of a hundred requests five are signed with another key, and one stalls half way,
// in its headers or in its body. All that was acknowledged is in the journal and reached the
// target, just once; nothing refused did; and the memory stays flat.
func TestSteadyTraffic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	took, rate := soakTime(t), steadyRate(t)
	var forwarded atomic.Int64
	tg := newTarget(t, func(message) string { forwarded.Add(1); return okAnswer })
	l := w.listen("--forward", tg.addr, "--body", "none")
	go l.drain()
	c := &traffic{t: t, addr: l.addr}
	var sizes []int64
	var all sync.WaitGroup
	ended := make(chan struct{})
	all.Go(func() {
		tick := time.NewTicker(max(took/60, 50*time.Millisecond))
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				sizes = append(sizes, memory(t, l.cmd.Process.Pid))
			case <-ended:
				return
			}
		}
	})
	c.run(took, rate)
	close(ended)
	all.Wait()
	l.stop()
	valid, refused := 0, 0
	for _, d := range jsonOf[[]object](t, w.must(0, "journal", "list", "--limit", "0", "-o", "json")) {
		if d.sub("verdict")["ok"] == true {
			valid++
		} else {
			refused++
		}
	}
	if n := int(c.good.Load()); n == 0 || valid != n || int(forwarded.Load()) != n {
		t.Errorf("%d were acknowledged, %d are in the journal, %d were handed on", n, valid, forwarded.Load())
	}
	if n := int(c.bad.Load()); n == 0 || refused != n {
		t.Errorf("%d were refused, %d are in the journal", n, refused)
	}
	if n := c.failed.Load(); n > 0 {
		t.Errorf("%d were not answered as they should be", n)
	}
	t.Logf("%d acknowledged, %d refused, %d stalled in %s", c.good.Load(), c.bad.Load(), c.stalled.Load(), took)
	checkFlat(t, sizes)
}

// traffic is what TestSteadyTraffic sends, counted.
type traffic struct {
	t                          *testing.T
	addr                       string
	good, bad, failed, stalled atomic.Int64
}

func (c *traffic) run(took time.Duration, rate int) {
	jobs := make(chan int, rate)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for i := range jobs {
				c.one(i)
			}
		})
	}
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	over := time.Now().Add(took)
	for i := 0; time.Now().Before(over); i++ {
		<-tick.C
		jobs <- i
	}
	close(jobs)
	all.Wait()
}

// one sends request number i. A sender that stalls does so on a connection of its own, until the test ends or it is cut off.
func (c *traffic) one(i int) {
	body := event(fmt.Sprintf("steady-%d", i))
	switch n := i % 100; {
	case n == 10:
		c.stalled.Add(1)
		raw := delivery(body)
		conn := dial(c.t, c.addr)
		_, _ = conn.Write(raw[:[]int{20, len(raw) - 10}[i/100%2]])
	case n%20 == 7:
		key := "whk_another0000000000000000000000000000000"
		if m := exchange(c.t, c.addr, request("POST", "/", signedHeader(key, time.Now(), body), body)); m.status == 401 {
			c.bad.Add(1)
		} else {
			c.failed.Add(1)
		}
	default:
		if send(c.t, c.addr, body) == 200 {
			c.good.Add(1)
		} else {
			c.failed.Add(1)
		}
	}
}
