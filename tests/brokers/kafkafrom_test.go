package brokers

// What whctl listen --from takes of topics of Kafka, and what it hands on.

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// produce puts a signed event into a topic, with a key.
func (k *kafka) produce(topic, key string, body []byte, more ...kgo.Opt) {
	k.w.t.Helper()
	cl, err := kgo.NewClient(append(more, kgo.SeedBrokers(k.addr()))...)
	if err != nil {
		k.w.t.Fatal(err)
	}
	defer cl.Close()
	r := &kgo.Record{Topic: topic, Key: []byte(key), Value: body}
	for name, values := range signed("", body) {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: []byte(values[0])})
	}
	if err := cl.ProduceSync(k.w.t.Context(), r).FirstErr(); err != nil {
		k.w.t.Fatal(err)
	}
}

// behind is a listener that takes from a topic.
func (k *kafka) behind(host string, args ...string) *listener {
	k.w.t.Helper()
	return k.w.run(host, append(append(k.w.key(), "--from", "kafka://"+k.addr()+"/webhooks"), args...)...)
}

// settled waits until a group has committed all that the topic has.
func (k *kafka) settled(group, topic string) {
	k.w.t.Helper()
	k.w.wait("the commits", func() bool { return k.lag(group, topic) == 0 })
}

func (k *kafka) lag(group, topic string) (sum int64) {
	cl, err := kgo.NewClient(kgo.SeedBrokers(k.addr()))
	if err != nil {
		return -1
	}
	defer cl.Close()
	admin := kadm.NewClient(cl)
	ends, err := admin.ListEndOffsets(k.w.t.Context(), topic)
	if err != nil {
		return -1
	}
	committed, err := admin.FetchOffsets(k.w.t.Context(), group)
	if err != nil {
		return -1
	}
	ends.Each(func(o kadm.ListedOffset) {
		at, _ := committed.Lookup(o.Topic, o.Partition)
		sum += o.Offset - at.At
	})
	return sum
}

// A delivery comes out of the topic as it went in, and is committed.
func TestKafkaFrom(t *testing.T) {
	t.Parallel()
	for _, ack := range []string{"now", "forward"} {
		t.Run(ack, func(t *testing.T) {
			t.Parallel()
			k := newKafka(t)
			app := receive(t, always(200))
			l := k.behind("behind", "--ack", ack, "--forward", app.URL)
			front := k.w.listen(k.to("webhooks")...)
			body := event("evt_1")
			if status := front.send(body); status != 200 {
				t.Fatalf("status %d", status)
			}
			k.w.wait("the program", func() bool { return len(app.got()) == 1 })
			got := app.got()[0]
			if got.sum != sha256.Sum256(body) || !got.holds || got.Method != "POST" || got.RequestURI != "/hooks?a=%2F" || got.Header.Get("Authorization") != "" {
				t.Errorf("%s %s %v", got.Method, got.RequestURI, got.Header)
			}
			l.says("✓ valid")
			k.settled("whctl", "webhooks")
		})
	}
}

// Two in front, two in one group behind, and each is killed in turn, as the broker is stopped and started. Every event comes out at least
// once, with its bytes, and those of one key in their order.
func TestKafkaFour(t *testing.T) {
	t.Parallel()
	const n = 400
	k := newKafka(t)
	app := receive(t, always(200))
	front, behind := [2]*listener{}, [2]*listener{}
	startFront := func(i int) { front[i] = k.w.listenIn(fmt.Sprintf("front-%d", i), append(k.to("webhooks"), "-q")...) }
	startBehind := func(i int) {
		behind[i] = k.behind(fmt.Sprintf("behind-%d", i), "--timeout", "2s", "--forward", app.URL)
	}
	for i := range 2 {
		startFront(i)
		startBehind(i)
	}
	faults := map[int]func(){
		n / 8: func() { front[0].kill() }, 2 * n / 8: func() { startFront(0) }, 3 * n / 8: func() { behind[0].kill() },
		4 * n / 8: k.stop, 5 * n / 8: k.start, 6 * n / 8: func() { startBehind(0) }, 7 * n / 8: func() { front[1].kill(); startFront(1) },
	}
	want := map[string][32]byte{}
	for i := range n {
		if fault := faults[i]; fault != nil {
			fault()
		}
		id := fmt.Sprintf("evt_%d", i)
		body := event(id)
		if front[i%2].send(body) != 200 && front[(i+1)%2].send(body) != 200 {
			t.Fatalf("nobody took event %d", i)
		}
		want[id] = sha256.Sum256(body)
	}
	began := time.Now()
	k.w.wait(fmt.Sprintf("%d events", n), func() bool { return len(app.events()) >= n })
	t.Logf("all events out %s after the last was sent, in %d requests", time.Since(began), len(app.got()))
	for _, r := range app.got() {
		if want[r.id] != r.sum || !r.holds {
			t.Errorf("%s came with other bytes, or a signature that does not hold", r.id)
		}
	}
	k.inOrder("webhooks", app.events())
	behind[1].kill()
	startBehind(1)
	k.settled("whctl", "webhooks")
}

// inOrder holds the order in which events came against that of each partition.
func (k *kafka) inOrder(topic string, came []string) {
	k.w.t.Helper()
	partitions, want := map[string]int32{}, map[int32][]string{}
	for _, r := range records(k.w.t, k.addr(), topic) {
		id := strings.Join(headerOf(r)["ce_id"], "")
		if _, again := partitions[id]; !again {
			partitions[id], want[r.Partition] = r.Partition, append(want[r.Partition], id)
		}
	}
	got := map[int32][]string{}
	for _, id := range came {
		got[partitions[id]] = append(got[partitions[id]], id)
	}
	for n, ids := range want {
		if !slices.Equal(got[n], ids) {
			k.w.t.Errorf("the events of partition %d come out in another order than they have there", n)
		}
	}
}

// What the program cannot take now comes again before what is behind it in its partition, and holds up no other. What it refuses for good
// does not come again.
func TestKafkaFromAgain(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{400: "[evt_1 evt_2]", 503: "[evt_1 evt_1 evt_2]"} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			k := newKafka(t)
			app := receive(t, first(status))
			k.produce("webhooks", "a", event("evt_1"))
			k.produce("webhooks", "a", event("evt_2"))
			l := k.behind("data", "--forward", app.URL)
			k.w.wait("the second event", func() bool { return len(app.events()) == 2 })
			var ids []string
			for _, r := range app.got() {
				ids = append(ids, r.id)
			}
			if got := fmt.Sprint(ids); got != want {
				t.Errorf("%s, want %s:\n%s", got, want, l.out.String())
			}
			k.settled("whctl", "webhooks")
		})
	}
}

// What is not acknowledged is not committed: after a kill it comes again, in the group of another machine.
func TestKafkaFromKilled(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	let := make(chan struct{})
	app := receive(t, func(n int) int {
		if n == 1 {
			<-let
		}
		return 200
	})
	for i := range 3 {
		k.produce("webhooks", "a", event(fmt.Sprintf("evt_%d", i)))
	}
	l := k.behind("data", "--forward", app.URL)
	k.w.wait("the second event", func() bool { return len(app.got()) == 2 })
	k.w.wait("the first commit", func() bool { return k.lag("whctl", "webhooks") == 2 })
	l.kill()
	k.behind("other", "--forward", app.URL)
	k.w.wait("all events", func() bool { return len(app.events()) == 3 })
	close(let)
	k.settled("whctl", "webhooks")
	if got := app.got(); len(got) != 4 || got[2].id != "evt_1" || got[3].id != "evt_2" {
		t.Errorf("%+v", got)
	}
}

// A broker that is away, and a topic that is not there, are told once with the next step, and tried again. An end leaves the group, so that
// another machine goes on at once.
func TestKafkaFromNothingThere(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	k.stop()
	app := receive(t, always(200))
	l := k.w.run("data", append(k.w.key(), "--from", "mine=kafka://"+k.addr()+"/later", "--forward", app.URL)...)
	l.says("connection refused; start the broker")
	k.start()
	l.says("there is no topic later; make it: kafka-topics.sh")
	k.create("later")
	k.produce("later", "a", event("evt_1"))
	k.w.wait("the program", func() bool { return len(app.got()) == 1 })
	if out := l.out.String(); strings.Count(out, "source lost") != 2 || strings.Count(out, "it answers again") != 1 {
		t.Errorf("it says\n%s", out)
	}
	leaves := k.c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.LeaveGroup}, Observe: true, Count: -1})
	l.end()
	if leaves.Hits() == 0 {
		t.Error("it does not leave the group")
	}
	k.w.run("other", append(k.w.key(), "--from", "mine=kafka://"+k.addr()+"/later", "--forward", app.URL)...)
	k.produce("later", "a", event("evt_2"))
	k.w.wait("the second event", func() bool { return len(app.got()) == 2 })
	k.settled("mine", "later")
}
