package e2e

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// killRounds is how often TestKilledWithSecondTriesUnderWay kills: twice in go test, as often as WHCTL_KILLS says when
// tests/soak/run asks.
func killRounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("WHCTL_KILLS")
	if text == "" {
		return 2
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// tries counts, by event id, how often a delivery was handed on or acknowledged.
type tries struct {
	mu    sync.Mutex
	seen  map[string]int
	acked map[string]int
}

func (c *tries) add(to map[string]int, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	to[id]++
}

// total is how many of the ids that begin so were counted.
func (c *tries) total(of map[string]int, begin string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for id, times := range of {
		if strings.HasPrefix(id, begin) {
			n += times
		}
	}
	return n
}

// TestKilledWithSecondTriesUnderWay kills a listener, as the system would, while senders send each event twice and do not read
// large answers. The journal has what was acknowledged, and what was received whole and forwarded, as often as it came.
func TestKilledWithSecondTriesUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := &tries{seen: map[string]int{}, acked: map[string]int{}}
	answer := bigAnswer()
	tg := newTarget(t, func(m message) string {
		id := idOf(m.body)
		c.add(c.seen, id)
		if strings.HasPrefix(id, "big") {
			return answer
		}
		return okAnswer
	})
	for round := range killRounds(t) {
		killWithSecondTries(t, w, c, tg.addr, round)
	}
	rows := map[string]int{}
	for _, d := range jsonOf[[]object](t, w.must(0, "journal", "list", "--limit", "0", "-o", "json")) {
		rows[d.str("eventId")]++
	}
	for _, counted := range []map[string]int{c.seen, c.acked} {
		for id, times := range counted {
			if rows[id] < times {
				t.Errorf("%s: %d times in the journal, came %d times", id, rows[id], times)
			}
		}
	}
	t.Logf("%d acknowledged, %d handed on, %d in the journal", c.total(c.acked, ""), c.total(c.seen, ""), len(rows))
}

// idOf takes the id out of what event makes.
func idOf(body []byte) string {
	_, rest, _ := strings.Cut(string(body), `"event_id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

func killWithSecondTries(t *testing.T, w *world, c *tries, target string, round int) {
	t.Helper()
	const large, plenty = 6, 100
	l := w.listen("--forward", target)
	go l.drain()
	var deafs []net.Conn
	for range 2 { // the second tries come while the first answers stand on the way
		for i := range large {
			deafs = append(deafs, deaf(t, l.addr, delivery(event(fmt.Sprintf("big-%d-%d", round, i)))))
		}
	}
	var all sync.WaitGroup
	for s := range 8 {
		all.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("small-%d-%d-%d", round, s, i)
				for range 2 {
					if send(t, l.addr, event(id)) != 200 {
						return
					}
					c.add(c.acked, id)
				}
			}
		})
	}
	if !eventually(func() bool {
		return c.total(c.seen, fmt.Sprintf("big-%d-", round)) == 2*large && c.total(c.acked, fmt.Sprintf("small-%d-", round)) >= plenty
	}) {
		t.Errorf("round %d: %d of %d large ones were handed on", round, c.total(c.seen, fmt.Sprintf("big-%d-", round)), 2*large)
	}
	if err := l.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	<-l.done
	for _, conn := range deafs {
		_ = conn.Close()
	}
}
