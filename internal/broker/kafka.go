package broker

// Handing deliveries over to Kafka, as messages of topics.

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

const (
	// kafkaTries is how often a client asks within one attempt: a partition's leader may just have moved. After that the queue decides.
	kafkaTries = 3
	// kafkaAnswer bounds what a broker answers, in bytes.
	kafkaAnswer = 4 << 20
	// kafkaLargest bounds a message with its headers, in bytes. Brokers take no request of more than 100 MiB (socket.request.max.bytes).
	kafkaLargest = 96 << 20
)

// Kafka hands deliveries over to topics. It connects when there is something to send.
type Kafka struct {
	target target.Target
	usual  kafkaLink
	alone  kafkaLink // for what the usual one finds too large: it puts messages together, and has a limit of its own
}

// kafkaLink is one client, which connects by itself.
type kafkaLink struct {
	open     func(more ...kgo.Opt) (*kgo.Client, error)
	patience time.Duration // with all brokers, for the first answer
	dials    dials
	ready    atomic.Bool // a broker answered, and nothing has gone wrong since

	mu     sync.Mutex
	client *kgo.Client
	closed bool
}

// NewKafka makes a sender. It opens nothing.
func NewKafka(t target.Target) *Kafka {
	k := &Kafka{target: t}
	k.usual.patience = connectTime * time.Duration(len(t.Hosts()))
	k.alone.patience = k.usual.patience
	k.usual.open = func(more ...kgo.Opt) (*kgo.Client, error) { return kafkaClient(t, more...) }
	k.alone.open = func(more ...kgo.Opt) (*kgo.Client, error) {
		return kafkaClient(t, append(more, kgo.ProducerBatchMaxBytes(kafkaLargest), kgo.MaxBufferedRecords(1))...)
	}
	return k
}

// Close ends the connections, and all that the clients do.
func (k *Kafka) Close() error {
	k.usual.close()
	k.alone.close()
	return nil
}

// Send hands one message over and waits until all replicas in sync have it.
func (k *Kafka) Send(ctx context.Context, m target.Message) target.Outcome {
	return timed(ctx, k.target.Timeout, func(ctx context.Context) target.Outcome {
		message := kafkaMessage(k.target, m)
		link := &k.usual
		err := link.produce(ctx, message())
		if errors.Is(err, kerr.MessageTooLarge) {
			link = &k.alone
			err = link.produce(ctx, message())
		}
		o := k.outcome(ctx, link, topic(k.target, m.Delivery), err)
		o.InDoubt = o.Kind == record.OutcomeTimeout // the order of a partition holds
		return o
	})
}

// Check asks the brokers for an answer, and closes the sender. Its error is that of an attempt, with its next step. Whether the topic is there it
// does not ask: a broker may make topics when they are written to.
func (k *Kafka) Check(ctx context.Context) error {
	defer func() { _ = k.Close() }()
	_, err := k.usual.connect(ctx)
	return stepped(k.outcome(ctx, &k.usual, k.target.Subject, err))
}

// kafkaMessage makes the message for a delivery, anew for each try: a client may have it for longer than whoever sends waits.
func kafkaMessage(t target.Target, m target.Message) func() *kgo.Record {
	header := kafkaBinding().header(m)
	addHops(header, m.Header)
	var list []kgo.RecordHeader
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			list = append(list, kgo.RecordHeader{Key: name, Value: []byte(value)})
		}
	}
	key, value := []byte(messageID(m.Delivery)), append([]byte{}, m.Body...) // no value at all would delete others with the key in a compacted topic
	return func() *kgo.Record {
		return &kgo.Record{Topic: topic(t, m.Delivery), Key: key, Value: value, Headers: list, Timestamp: m.Delivery.ReceivedAt}
	}
}

// produce sends one message. Its error is a connectError where no broker is reached.
func (l *kafkaLink) produce(ctx context.Context, r *kgo.Record) error {
	client, err := l.connect(ctx)
	if err != nil {
		return err
	}
	l.dials.forget()
	done := make(chan error, 1)
	client.Produce(ctx, r, func(_ *kgo.Record, err error) { done <- err })
	select {
	case err = <-done:
	case <-ctx.Done(): // the client waits for an answer to what it wrote
		err = ctx.Err()
	}
	l.ready.Store(err == nil)
	if errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.UnknownTopicID) {
		client.PurgeTopicsFromProducing(r.Topic) // which it would ask for until its end, also where the topic was made anew
	}
	return err
}

// connectError is why no broker is reached, or lets nobody in.
type connectError struct{ error }

func (e connectError) Unwrap() error { return e.error }

// connect gives the client, once a broker has answered.
func (l *kafkaLink) connect(ctx context.Context) (*kgo.Client, error) {
	client, err := l.opened()
	if err != nil || l.ready.Load() {
		return client, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	if err := client.Ping(ctx); err != nil {
		return nil, connectError{err}
	}
	l.ready.Store(true)
	return client, nil
}

func (l *kafkaLink) opened() (*kgo.Client, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return nil, kgo.ErrClientClosed
	case l.client != nil:
		return l.client, nil
	}
	var err error
	l.client, err = l.open(
		kgo.WithHooks(&l.dials), kgo.AllowAutoTopicCreation(), kgo.RequiredAcks(kgo.AllISRAcks()), kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.ProducerLinger(0),
		kgo.FetchMaxBytes(kafkaAnswer), kgo.BrokerMaxReadBytes(kafkaAnswer),
		kgo.RequestRetries(kafkaTries), kgo.RecordRetries(kafkaTries), kgo.UnknownTopicRetries(kafkaTries), kgo.AllowIdempotentProduceCancellation(),
	)
	return l.client, err
}

func (l *kafkaLink) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed = true; l.client != nil {
		l.client.Close()
	}
}

// dials knows what came of a client's last connection.
type dials struct {
	mu  sync.Mutex
	err error
}

// OnBrokerConnect is for kgo.HookBrokerConnect.
func (d *dials) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

// forget leaves what came of connections before a message out of what became of it.
func (d *dials) forget() { d.OnBrokerConnect(kgo.BrokerMetadata{}, 0, nil, nil) }

// last is why the last connection failed, or nil.
func (d *dials) last() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}
