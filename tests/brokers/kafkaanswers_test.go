package brokers

// What an answer of Kafka means for a job, and what a sender leaves behind.

import (
	"bytes"
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/whctl/whctl/internal/broker"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/target"
)

func stripeMessage() target.Message {
	return target.Message{Body: []byte("{}"), Delivery: &record.Delivery{
		ID: "abc", ReceivedAt: time.Unix(1_700_000_000, 0), EventID: "evt_1", Verdict: sign.Verdict{OK: true, Reason: sign.Valid, Scheme: "stripe"},
	}}
}

// openTo is a sender to a cluster, with a password that nothing may show.
func openTo(t *testing.T, c *kfake.Cluster, topic string, access target.Access) *broker.Kafka {
	t.Helper()
	to := parse(t, "kafka://"+strings.Join(c.ListenAddrs(), ",")+"/"+topic, 5*time.Second)
	to.Access = access
	k := broker.NewKafka(to)
	t.Cleanup(func() { _ = k.Close() })
	return k
}

// What stops all messages is told of the broker, what stops one of that one, and what never passes is final. Each has its reason.
func TestKafkaAnswers(t *testing.T) {
	t.Parallel()
	type want struct {
		kind record.OutcomeKind
		many record.OutcomeKind // where events have several topics
		says string
	}
	for e, w := range map[*kerr.Error]want{
		kerr.NotEnoughReplicas:            {record.OutcomeUnreachable, record.OutcomeUnreachable, "NOT_ENOUGH_REPLICAS"},
		kerr.NotEnoughReplicasAfterAppend: {record.OutcomeTimeout, record.OutcomeTimeout, "no acknowledgement of all replicas"},
		kerr.KafkaStorageError:            {record.OutcomeUnreachable, record.OutcomeUnreachable, "KAFKA_STORAGE_ERROR"},
		kerr.TopicAuthorizationFailed:     {record.OutcomeUnreachable, record.OutcomeFailed, "may not write to topic"},
		kerr.ClusterAuthorizationFailed:   {record.OutcomeUnreachable, record.OutcomeUnreachable, "may not write idempotently"},
		kerr.InvalidTopicException:        {record.OutcomeUnreachable, record.OutcomeFailed, "INVALID_TOPIC_EXCEPTION"},
		kerr.MessageTooLarge:              {record.OutcomeRefused, record.OutcomeRefused, "MESSAGE_TOO_LARGE"},
		kerr.InvalidRecord:                {record.OutcomeRefused, record.OutcomeRefused, "INVALID_RECORD"},
		kerr.InvalidTimestamp:             {record.OutcomeRefused, record.OutcomeRefused, "INVALID_TIMESTAMP"},
		kerr.RequestTimedOut:              {record.OutcomeTimeout, record.OutcomeTimeout, "no acknowledgement of all replicas"},
		kerr.UnknownServerError:           {record.OutcomeFailed, record.OutcomeFailed, "UNKNOWN_SERVER_ERROR"},
	} {
		t.Run(e.Message, func(t *testing.T) {
			t.Parallel()
			c := kafkaCluster(t, kfake.SeedTopics(1, "webhooks", "webhooks-stripe"))
			c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: e, Count: -1})
			for topic, kind := range map[string]record.OutcomeKind{"webhooks": w.kind, "webhooks-{scheme}": w.many} {
				o := openTo(t, c, topic, target.Access{}).Send(t.Context(), stripeMessage())
				if o.Kind != kind || o.Final != (kind == record.OutcomeRefused) || o.InDoubt != (kind == record.OutcomeTimeout) || o.Err == nil || !strings.Contains(o.Err.Error(), w.says) || o.Took > 30*time.Second {
					t.Errorf("%s: %+v", topic, o)
				}
			}
		})
	}
}

// What a broker says of credentials is told with the next step, and shows nothing of them, nor what it says itself.
func TestKafkaSaysNo(t *testing.T) {
	t.Parallel()
	for says, c := range map[string]struct {
		handshake, authenticate int16
		mechanism               target.Mechanism
	}{
		"the broker does not take the credentials":         {authenticate: kerr.SaslAuthenticationFailed.Code, mechanism: target.Plain},
		"the broker does not take credentials in this way": {handshake: kerr.UnsupportedSaslMechanism.Code, mechanism: target.Plain},
		"the broker does not answer as Kafka does":         {mechanism: target.ScramSHA256},
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			kafka := kafkaCluster(t, kfake.SeedTopics(1, "webhooks"), kfake.EnableSASL())
			kafka.Control(func(q kmsg.Request) (kmsg.Response, error, bool) {
				kafka.KeepControl()
				own := "not s3cr3t-of-the-broker"
				switch q := q.(type) {
				case *kmsg.SASLHandshakeRequest:
					answer := q.ResponseKind().(*kmsg.SASLHandshakeResponse)
					answer.ErrorCode, answer.SupportedMechanisms = c.handshake, []string{"GSSAPI"}
					return answer, nil, true
				case *kmsg.SASLAuthenticateRequest:
					answer := q.ResponseKind().(*kmsg.SASLAuthenticateResponse)
					answer.ErrorCode, answer.ErrorMessage, answer.SASLAuthBytes = c.authenticate, &own, []byte(own)
					return answer, nil, true
				}
				return nil, nil, false
			})
			access := target.Access{User: "whctl", Password: "s3cr3t-of-the-broker", Mechanism: c.mechanism}
			o := openTo(t, kafka, "webhooks", access).Send(t.Context(), stripeMessage())
			if o.Kind != record.OutcomeUnreachable || o.Err == nil || o.Err.Error() != says || o.Hint.String() == "" || strings.Contains(o.Err.Error()+o.Hint.String(), "s3cr3t") {
				t.Errorf("%+v", o)
			}
		})
	}
}

// A topic that a broker makes when it is written to needs nobody else.
func TestKafkaMakesTopics(t *testing.T) {
	t.Parallel()
	c := kafkaCluster(t, kfake.AllowAutoTopicCreation())
	if o := openTo(t, c, "new.{scheme}", target.Access{}).Send(t.Context(), stripeMessage()); o.Kind != record.OutcomeDelivered {
		t.Errorf("%+v", o)
	}
	if n := len(records(t, strings.Join(c.ListenAddrs(), ","), "new.stripe")); n != 1 {
		t.Errorf("%d records", n)
	}
}

// A node that ends leaves the others to take what comes.
func TestKafkaNodeEnds(t *testing.T) {
	t.Parallel()
	c := kafkaCluster(t, kfake.NumBrokers(3), kfake.SeedTopics(3, "webhooks"))
	addrs := strings.Join(c.ListenAddrs(), ",")
	k := openTo(t, c, "webhooks", target.Access{})
	for i := range 60 {
		if i == 20 {
			if err := c.RemoveNode(c.LeaderFor("webhooks", 0)); err != nil {
				t.Fatal(err)
			}
		}
		m := stripeMessage()
		m.Delivery.EventID += strings.Repeat("x", i)
		if o := k.Send(t.Context(), m); o.Kind != record.OutcomeDelivered {
			t.Errorf("%d: %+v", i, o)
		}
	}
	if n := distinct(records(t, addrs, "webhooks")); n != 60 {
		t.Errorf("%d events", n)
	}
}

// A sender leaves nothing behind, whatever became of its messages. This test runs by itself: others have clients of their own.
func TestKafkaCloses(t *testing.T) {
	c := kafkaCluster(t, kfake.SeedTopics(1, "webhooks"))
	addrs := strings.Join(c.ListenAddrs(), ",")
	for name, begin := range map[string]func(k *broker.Kafka){
		"delivered": func(k *broker.Kafka) { k.Send(t.Context(), stripeMessage()) },
		"unused":    func(*broker.Kafka) {},
		"too large": func(k *broker.Kafka) {
			m := stripeMessage()
			m.Body = make([]byte, 2<<20)
			k.Send(t.Context(), m)
		},
		"waiting": func(k *broker.Kafka) {
			c.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) { return nil, nil, true })
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			k.Send(ctx, stripeMessage())
		},
	} {
		k := broker.NewKafka(parse(t, "kafka://"+addrs+"/webhooks", 0))
		begin(k)
		if err := k.Close(); err != nil {
			t.Error(err)
		}
		left, over := "", time.After(patience)
		for tick := time.NewTicker(5 * time.Millisecond); ; {
			if left = ofClients(); left == "" {
				break
			}
			select {
			case <-tick.C:
				continue
			case <-over:
			}
			break
		}
		if left != "" {
			t.Errorf("%s: it goes on:\n%s", name, left)
		}
	}
}

// ofClients is the goroutines of Kafka's clients in this process.
func ofClients() string {
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	var own [][]byte
	for stack := range bytes.SplitSeq(all, []byte("\n\n")) {
		if bytes.Contains(stack, []byte("franz-go/pkg/kgo.")) {
			own = append(own, stack)
		}
	}
	return string(bytes.Join(own, []byte("\n\n")))
}
