package brokers

// The suite of all senders, over real brokers.

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/whctl/whctl/internal/broker"
	"github.com/whctl/whctl/internal/target"
	"github.com/whctl/whctl/internal/target/targettest"
)

// asRecorded is what arrives of a message's headers at a broker: those that the journal has.
func asRecorded(m target.Message) http.Header { return m.Delivery.Header }

func TestSenders(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T, targettest.Behaviour, time.Duration) (target.Sender, func() []target.Message){
		"NATS": openNATS, "Kafka": openKafka,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			targettest.Run(t, targettest.Kind{Open: open, Header: asRecorded, Tells: true})
		})
	}
}

func parse(t *testing.T, text string, timeout time.Duration) target.Target {
	t.Helper()
	to, err := target.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	to.Timeout = timeout
	return to
}

// providers are the provider's own headers of a broker's message.
func providers(names map[string][]string) http.Header {
	h := http.Header{}
	for name, values := range names {
		if own, is := strings.CutPrefix(name, "wh-h-"); is {
			h[http.CanonicalHeaderKey(own)] = values
		}
	}
	return h
}

// openNATS has a stream that takes, one whose messages are at most a byte, none at all, or a reader that acknowledges nothing.
func openNATS(t *testing.T, b targettest.Behaviour, timeout time.Duration) (target.Sender, func() []target.Message) {
	t.Helper()
	w := newWorld(t, func(o *server.Options) { o.MaxPayload = 4 << 20 })
	js := w.jetstream()
	config := webhooks()
	var mu sync.Mutex
	var read []target.Message
	switch b {
	case targettest.Refuses:
		config.MaxMsgSize = 1
	case targettest.Fails:
		config.Subjects = []string{"others"}
	case targettest.Hangs:
		config.Subjects = []string{"others"}
		if _, err := js.Conn().Subscribe("webhooks.>", func(m *nats.Msg) {
			mu.Lock()
			defer mu.Unlock()
			read = append(read, target.Message{Body: m.Data, Header: providers(m.Header)})
		}); err != nil {
			t.Fatal(err)
		}
		if err := js.Conn().Flush(); err != nil {
			t.Fatal(err)
		}
	case targettest.Takes, targettest.IsAway:
	}
	s := w.stream(js, jetstream.StreamConfig(config))
	if b == targettest.IsAway {
		w.stop()
	}
	n := broker.NewNATS(parse(t, "nats://"+w.addr()+"/webhooks.{type}", timeout))
	t.Cleanup(func() { _ = n.Close() })
	return n, func() []target.Message {
		mu.Lock()
		defer mu.Unlock()
		all := slices.Clone(read)
		if b == targettest.Takes {
			for _, m := range w.messages(s) {
				all = append(all, target.Message{Body: m.Data, Header: providers(m.Header)})
			}
		}
		return all
	}
}

// openKafka has a topic that takes, one whose messages are at most 100 bytes, none at all, or a broker that acknowledges nothing.
func openKafka(t *testing.T, b targettest.Behaviour, timeout time.Duration) (target.Sender, func() []target.Message) {
	t.Helper()
	most, topic := "4000000", "webhooks-{scheme}"
	switch b {
	case targettest.Refuses:
		most = "100"
	case targettest.Fails:
		topic = "others-{scheme}"
	case targettest.Takes, targettest.Hangs, targettest.IsAway:
	}
	c := kafkaCluster(t, kfake.SeedTopics(1, "webhooks-stripe"), kfake.BrokerConfigs(map[string]string{"message.max.bytes": most}))
	var mu sync.Mutex
	held := 0
	if b == targettest.Hangs {
		c.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			mu.Lock()
			defer mu.Unlock()
			held++
			return nil, nil, true
		})
	}
	addrs := strings.Join(c.ListenAddrs(), ",")
	if b == targettest.IsAway {
		c.Close()
	}
	k := broker.NewKafka(parse(t, "kafka://"+addrs+"/"+topic, timeout))
	t.Cleanup(func() { _ = k.Close() })
	return k, func() []target.Message {
		if b == targettest.Takes {
			return consumed(t, addrs, "webhooks-stripe")
		}
		mu.Lock()
		defer mu.Unlock()
		return make([]target.Message, held)
	}
}

// kafkaCluster is one broker of Kafka's protocol, unless the options say otherwise.
func kafkaCluster(t *testing.T, options ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// consumed is what a topic of one partition has.
func consumed(t *testing.T, addrs, topic string) (all []target.Message) {
	t.Helper()
	for _, r := range records(t, addrs, topic) {
		all = append(all, target.Message{Body: r.Value, Header: providers(headerOf(r))})
	}
	return all
}

// headerOf is the header of a record, by names.
func headerOf(r *kgo.Record) map[string][]string {
	names := map[string][]string{}
	for _, h := range r.Headers {
		names[h.Key] = append(names[h.Key], string(h.Value))
	}
	return names
}

// records are those of a topic, in the order of each partition.
func records(t *testing.T, addrs, topic string, more ...kgo.Opt) (all []*kgo.Record) {
	t.Helper()
	cl, err := kgo.NewClient(append(more, kgo.SeedBrokers(strings.Split(addrs, ",")...), kgo.ConsumeTopics(topic), kgo.FetchMaxWait(50*time.Millisecond))...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	n := ends(t, cl, topic)
	for int64(len(all)) < n && ctx.Err() == nil {
		all = append(all, cl.PollFetches(ctx).Records()...)
	}
	if int64(len(all)) < n {
		t.Fatalf("read %d records of %d", len(all), n)
	}
	return all
}

// ends counts the records that a topic has.
func ends(t *testing.T, cl *kgo.Client, topic string) (n int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	all, err := kadm.NewClient(cl).ListEndOffsets(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	all.Each(func(o kadm.ListedOffset) { n += max(o.Offset, 0) })
	return n
}
