package brokers

// Two listeners in front of one stream.

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Two listeners, each with a journal of its own, are killed in turn, and the broker is stopped and started. What one of them did not
// answer, the provider sends to the other. Every event is in the stream once, with its bytes. WHCTL_BROKERS_EVENTS says how many there are.
func TestTwoListeners(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	config := webhooks()
	config.Duplicates = 100 * time.Millisecond // so that the subject alone keeps duplicates out
	w.stream(w.jetstream(), config)
	want := throughTwo(t, w.stop, w.start, func(host string) *listener {
		return w.listenIn(host, "-q", "--ack", "now", "--dedupe", "subject", "--forward", "bus=nats://"+w.addr()+"/webhooks.{scheme}.{id}")
	})
	s, err := w.jetstream().Stream(t.Context(), "WEBHOOKS")
	if err != nil {
		t.Fatal(err)
	}
	w.waitFor(s, len(want))
	check(t, w.messages(s), want)
}

// throughTwo sends events to two listeners, and gives the hash of each by its id.
func throughTwo(t *testing.T, stopBroker, startBroker func(), listen func(host string) *listener) (want map[string][32]byte) {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("WHCTL_BROKERS_EVENTS"))
	if err != nil {
		n = 1000
	}
	front := [2]*listener{}
	start := func(i int) { front[i] = listen(fmt.Sprintf("host-%d", i)) }
	start(0)
	start(1)
	faults := map[int]func(){
		n / 8: func() { front[0].kill() }, 2 * n / 8: func() { start(0) },
		3 * n / 8: stopBroker, 4 * n / 8: func() { front[1].kill() }, 5 * n / 8: func() { start(1) }, 6 * n / 8: startBroker,
		7 * n / 8: func() { front[0].kill(); start(0) },
	}
	want = map[string][32]byte{}
	for i := range n {
		if fault := faults[i]; fault != nil {
			fault()
		}
		id := fmt.Sprintf("evt_%d", i)
		body := event(id)
		if front[i%2].send(body) != 200 && front[(i+1)%2].send(body) != 200 {
			t.Fatalf("nobody took event %d", i)
		}
		if i%50 == 0 && front[(i+1)%2].send(body) != 200 { // a needless retry
			t.Logf("event %d came once", i)
		}
		want[id] = sha256.Sum256(body)
	}
	return want
}

// check compares the messages with the events that were sent, each once.
func check(t *testing.T, all []*jetstream.RawStreamMsg, want map[string][32]byte) {
	t.Helper()
	if len(all) != len(want) {
		t.Errorf("%d messages of %d events", len(all), len(want))
	}
	for _, m := range all {
		id := m.Header.Get("ce-id")
		if sum, ok := want[id]; !ok || sum != sha256.Sum256(m.Data) {
			t.Errorf("%s came twice, or with other bytes", id)
		}
		delete(want, id)
		verify(t, m)
	}
	t.Logf("%d messages, %d events missing", len(all), len(want))
}
