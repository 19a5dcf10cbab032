package brokers

// What becomes of a source and a target while others change topics and groups of Kafka under them.

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// admin is what an operator has.
func (k *kafka) admin() *kadm.Client {
	k.w.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(k.addr()))
	if err != nil {
		k.w.t.Fatal(err)
	}
	k.w.t.Cleanup(cl.Close)
	return kadm.NewClient(cl)
}

// taking is a listener that takes from a topic, in front of a program.
func (k *kafka) taking(host, topic string, app *receiver, more ...string) *listener {
	k.w.t.Helper()
	return k.w.run(host, append(append(k.w.key(), "--from", "kafka://"+k.addr()+"/"+topic, "--forward", app.URL), more...)...)
}

// events puts events from one number to before another into a topic, each with a key of its own.
func (k *kafka) events(topic string, from, to int) {
	k.w.t.Helper()
	for i := from; i < to; i++ {
		k.produce(topic, fmt.Sprint(i), event(fmt.Sprintf("evt_%d", i)))
	}
}

// end is a ^C, and waits for the end.
func (l *listener) end() {
	l.w.t.Helper()
	l.interrupt()
	if err := l.cmd.Wait(); err != nil {
		l.w.t.Errorf("%v\n%s", err, l.out.String())
	}
}

// A member comes to a group while the other's program is at work, and goes again: the partitions that come back are taken as before.
func TestKafkaFromMembers(t *testing.T) {
	t.Parallel()
	const n = 40
	k := newKafka(t, kfake.SeedTopics(4, "four"))
	let := make(chan struct{})
	app := receive(t, func(int) int { <-let; return 200 })
	k.events("four", 0, n)
	k.taking("first", "four", app)
	k.w.wait("the first member", func() bool { return len(app.got()) >= 3 })
	watch := func(key kmsg.Key) *kfake.FaultHandle {
		return k.c.Fault(kfake.Fault{Keys: []kmsg.Key{key}, Group: "whctl", Observe: true, Count: -1})
	}
	shares, beats := watch(kmsg.SyncGroup), watch(kmsg.Heartbeat)
	second := k.taking("second", "four", app)
	k.w.wait("shares for both members", func() bool { return shares.Hits() >= 2 })
	heard := beats.Hits()
	k.w.wait("the first member to give up its partitions", func() bool { return beats.Hits() >= heard+2 })
	close(let)
	k.w.wait("all events", func() bool { return len(app.events()) == n })
	k.settled("whctl", "four")
	second.end()
	k.events("four", n, 2*n)
	k.w.wait("all events that come later", func() bool { return len(app.events()) == 2*n })
	k.settled("whctl", "four")
}

// A topic that is deleted and made anew is another one, with which a listener goes on.
func TestKafkaTopicAnew(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	l := k.w.listen(k.to("webhooks")...)
	if status := l.send(event("evt_1")); status != 200 {
		t.Fatalf("status %d", status)
	}
	k.waitFor("webhooks", 1)
	admin := k.admin()
	if _, err := admin.DeleteTopics(t.Context(), "webhooks"); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.CreateTopic(t.Context(), 2, 1, nil, "webhooks"); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"evt_2", "evt_3"} {
		if status := l.send(event(id)); status != 200 {
			t.Fatalf("status %d", status)
		}
	}
	k.waitFor("webhooks", 2)
}

// What a topic no longer has is told, and so is what comes again as the topic has less than was taken.
func TestKafkaFromDropped(t *testing.T) {
	t.Parallel()
	k := newKafka(t, kfake.SeedTopics(1, "one"))
	app := receive(t, always(200))
	k.events("one", 0, 1)
	l := k.taking("data", "one", app)
	k.w.wait("the first event", func() bool { return len(app.events()) == 1 })
	k.settled("whctl", "one")
	l.end()
	k.events("one", 1, 7)
	admin := k.admin()
	at := func(offset int64) kadm.Offsets {
		o := kadm.Offsets{}
		o.AddOffset("one", 0, offset, -1)
		return o
	}
	if _, err := admin.DeleteRecords(t.Context(), at(4)); err != nil {
		t.Fatal(err)
	}
	l = k.taking("data", "one", app)
	l.says("messages gone: " + k.addr() + "/one: the broker dropped 3 messages of partition 0 of topic one before they were taken")
	k.w.wait("the events that are left", func() bool { return len(app.events()) == 4 })
	k.settled("whctl", "one")
	l.end()
	if _, err := admin.CommitOffsets(t.Context(), "whctl", at(500)); err != nil {
		t.Fatal(err)
	}
	l = k.taking("data", "one", app)
	l.says("partition 0 of topic one ends before message 500, which is the next: it begins again with message 4")
	k.w.wait("them again", func() bool { return len(app.got()) == 7 })
	if out := l.out.String(); strings.Contains(out, "messages gone") {
		t.Errorf("it says\n%s", out)
	}
}

// Partitions that come to a topic are found without an end.
func TestKafkaFromGrows(t *testing.T) {
	t.Parallel()
	k := newKafka(t, kfake.SeedTopics(1, "grows"))
	app := receive(t, always(200))
	k.taking("data", "grows", app)
	k.events("grows", 0, 1)
	k.w.wait("the first event", func() bool { return len(app.events()) == 1 })
	if _, err := k.admin().CreatePartitions(t.Context(), 4, "grows"); err != nil {
		t.Fatal(err)
	}
	k.events("grows", 1, 20)
	k.w.wait("all events", func() bool { return len(app.events()) == 20 })
}

// Few bytes that become very many are not unpacked, which is told, and what is behind them is taken.
func TestKafkaFromBomb(t *testing.T) {
	t.Parallel()
	const large = 100 << 20
	k := newKafka(t, kfake.SeedTopics(1, "bomb"))
	app := receive(t, always(200))
	cl, err := kgo.NewClient(kgo.SeedBrokers(k.addr()), kgo.ProducerBatchCompression(kgo.GzipCompression()), kgo.ProducerBatchMaxBytes(large+1<<20), kgo.BrokerMaxWriteBytes(2*large))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: "bomb", Value: bytes.Repeat([]byte{' '}, large)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	k.events("bomb", 1, 2)
	l := k.taking("data", "bomb", app)
	l.says("messages gone: " + k.addr() + "/bomb: messages 0 to 0 of partition 0 of topic bomb would take more than 96 MiB once they are unpacked")
	k.w.wait("the event behind it", func() bool { return len(app.got()) == 1 })
	k.settled("whctl", "bomb")
}

// A group that others use in another way is told once, however often it is tried.
func TestKafkaFromOtherProtocol(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	cl, err := kgo.NewClient(kgo.SeedBrokers(k.addr()), kgo.ConsumerGroup("whctl"), kgo.ConsumeTopics("webhooks"), kgo.GroupProtocol("other"))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	admin := k.admin()
	k.w.wait("the others", func() bool {
		groups, err := admin.DescribeGroups(t.Context(), "whctl")
		return err == nil && groups["whctl"].State == "Stable"
	})
	joins := k.c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.JoinGroup}, Group: "whctl", Observe: true, Count: -1})
	l := k.behind("data")
	l.says("others use group whctl in another way than whctl; give this run another: --from NAME=kafka://")
	k.w.wait("three tries", func() bool { return joins.Hits() >= 3 })
	if out := l.out.String(); strings.Count(out, "source lost") != 1 || strings.Contains(out, "source recovered") {
		t.Errorf("it says\n%s", out)
	}
}
