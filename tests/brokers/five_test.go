package brokers

// Two listeners in front of a stream, and three behind it.

import (
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"
)

// TestFiveListeners: any of them is killed, and the broker is stopped and started. Every event comes out at least once, with its bytes and a signature that
// holds, and is in the stream once. Where all events have one subject, they come out in the order of the stream.
// WHCTL_BROKERS_EVENTS says how many there are.
func TestFiveListeners(t *testing.T) {
	t.Parallel()
	n, err := strconv.Atoi(os.Getenv("WHCTL_BROKERS_EVENTS"))
	if err != nil {
		n = 1000
	}
	for name, subject := range map[string]string{"a subject each": "webhooks.{scheme}.{id}", "one subject": "webhooks.all"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			f := newFive(t, subject)
			want := f.sendAll(n)
			sent := time.Since(began)
			f.w.wait(fmt.Sprintf("%d events", n), func() bool { return len(f.app.events()) >= n })
			t.Logf("%d events sent in %s, all of them out after %s, in %d requests", n, sent, time.Since(began), len(f.app.got()))
			for _, r := range f.app.got() {
				if want[r.id] != r.sum || !r.holds {
					t.Errorf("%s came with other bytes, or a signature that does not hold", r.id)
				}
			}
			s, err := f.w.jetstream().Stream(t.Context(), "WEBHOOKS")
			if err != nil {
				t.Fatal(err)
			}
			all := f.w.messages(s)
			var order []string
			for _, m := range all {
				order = append(order, m.Header.Get("ce-id"))
			}
			check(t, all, want)
			if subject == "webhooks.all" && !slices.Equal(order, f.app.events()) {
				t.Error("the events come out in another order than they have in the stream")
			}
		})
	}
}

// five is the listeners, the broker between them and the program behind.
type five struct {
	w      *world
	app    *receiver
	front  [2]*listener
	behind [3]*listener
	to     []string
	from   string
}

func newFive(t *testing.T, subject string) *five {
	t.Helper()
	f := &five{w: newWorld(t, nil), app: receive(t, always(200))}
	f.w.stream(f.w.jetstream(), webhooks())
	f.from = "nats://" + f.w.addr() + "/" + subject
	f.to = []string{"-q", "--ack", "now", "--forward", "bus=" + f.from}
	if subject != "webhooks.all" {
		f.to = append(f.to, "--dedupe", "subject")
	}
	for i := range f.front {
		f.startFront(i)
	}
	for i := range f.behind {
		f.startBehind(i)
	}
	return f
}

func (f *five) startFront(i int) { f.front[i] = f.w.listenIn(fmt.Sprintf("front-%d", i), f.to...) }

// startBehind starts one with a short timeout, so that what a killed one had is soon given to another.
func (f *five) startBehind(i int) {
	f.behind[i] = f.w.run(fmt.Sprintf("behind-%d", i), append(f.w.key(), "-q", "--timeout", "1s", "--from", f.from, "--forward", f.app.URL)...)
}

// sendAll sends events to both in front. What one of them does not answer, the provider sends to the other.
func (f *five) sendAll(n int) map[string][32]byte {
	f.w.t.Helper()
	faults := map[int]func(){
		n / 8: func() { f.front[0].kill() }, n/8 + 5: func() { f.startFront(0) },
		2 * n / 8: func() { f.behind[0].kill() }, 3 * n / 8: f.w.stop, 3*n/8 + 5: func() { f.startBehind(0) },
		4 * n / 8: func() { f.front[1].kill() }, 4*n/8 + 5: func() { f.startFront(1) }, 5 * n / 8: f.w.start,
		6 * n / 8: func() { f.behind[1].kill(); f.startBehind(1) }, 7 * n / 8: func() { f.behind[2].kill(); f.startBehind(2) },
	}
	want := map[string][32]byte{}
	for i := range n {
		if fault := faults[i]; fault != nil {
			fault()
		}
		id := fmt.Sprintf("evt_%d", i)
		body := event(id)
		if f.front[i%2].send(body) != 200 && f.front[(i+1)%2].send(body) != 200 {
			f.w.t.Fatalf("nobody took event %d", i)
		}
		want[id] = sha256.Sum256(body)
	}
	return want
}
