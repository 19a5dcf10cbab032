package brokers

// What Kafka gets of whctl listen, and what whctl says where it gets nothing.

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"
)

// kafka is a broker with a port and a folder that it keeps.
type kafka struct {
	w       *world
	port    int
	options []kfake.Opt
	c       *kfake.Cluster
}

// newKafka starts a broker with the topic webhooks.
func newKafka(t *testing.T, options ...kfake.Opt) *kafka {
	t.Helper()
	w := emptyWorld(t)
	k := &kafka{w: w, port: freePort(t)}
	k.options = append([]kfake.Opt{
		kfake.NumBrokers(1), kfake.Ports(k.port), kfake.DataDir(filepath.Join(w.dir, "kafka")), kfake.SyncWrites(), kfake.SeedTopics(2, "webhooks"),
	}, options...)
	k.start()
	t.Cleanup(k.stop)
	return k
}

func (k *kafka) start() {
	k.w.t.Helper()
	c, err := kfake.NewCluster(k.options...)
	if err != nil {
		k.w.t.Fatal(err)
	}
	k.c = c
}

func (k *kafka) stop() { k.c.Close() }

func (k *kafka) addr() string { return fmt.Sprintf("127.0.0.1:%d", k.port) }

// to is the flags of a listener that answers from its journal and hands over to a topic.
func (k *kafka) to(topic string, more ...string) []string {
	return append([]string{"--ack", "now", "--forward", "bus=kafka://" + k.addr() + "/" + topic}, more...)
}

// waitFor waits until a topic has records of n events, and gives all it has.
func (k *kafka) waitFor(topic string, n int, more ...kgo.Opt) (all []*kgo.Record) {
	k.w.t.Helper()
	cl, err := kgo.NewClient(append(more, kgo.SeedBrokers(k.addr()))...)
	if err != nil {
		k.w.t.Fatal(err)
	}
	defer cl.Close()
	k.w.wait(fmt.Sprintf("%d events", n), func() bool {
		if ends(k.w.t, cl, topic) < int64(n) {
			return false
		}
		all = records(k.w.t, k.addr(), topic, more...)
		return distinct(all) >= n
	})
	return all
}

// create makes a topic, as an operator does.
func (k *kafka) create(topic string) {
	k.w.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(k.addr()))
	if err != nil {
		k.w.t.Fatal(err)
	}
	defer cl.Close()
	if _, err := kadm.NewClient(cl).CreateTopic(k.w.t.Context(), 1, 1, nil, topic); err != nil {
		k.w.t.Fatal(err)
	}
}

// A consumer verifies the signature from the message alone. The body is what came, byte for byte.
func TestKafkaMessage(t *testing.T) {
	t.Parallel()
	k := newKafka(t, kfake.SeedTopics(1, "webhooks.stripe.charge.succeeded"))
	l := k.w.listen(k.to("webhooks.{scheme}.{type}")...)
	body := event("evt *.> \u00e9 1")
	if status := l.send(body); status != 200 {
		t.Fatalf("status %d: %s", status, l.out.String())
	}
	r := k.waitFor("webhooks.stripe.charge.succeeded", 1)[0]
	if sha256.Sum256(r.Value) != sha256.Sum256(body) {
		t.Errorf("the value is %q", r.Value)
	}
	if want := "stripe:evt%20*.>%20%C3%A9%201"; string(r.Key) != want {
		t.Errorf("key %s, want %s", r.Key, want)
	}
	header := headerOf(r)
	for name, want := range map[string]string{
		"ce_specversion": "1.0", "ce_id": "evt *.> \u00e9 1", "ce_source": "whctl:stripe", "ce_type": "charge.succeeded", "content-type": "application/json",
		"wh-verdict": "valid", "wh-scheme": "stripe", "wh-method": "POST", "wh-path": "/hooks?a=%2F", "wh-h-content-type": "application/json",
		"wh-received": r.Timestamp.UTC().Format("2006-01-02T15:04:05.000Z07:00"),
	} {
		if got := header[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := strings.Join(header["wh-h-authorization"], ""); got == "" || strings.Contains(got, "token-of-the-sender") {
		t.Errorf("the sender's token: %q", got)
	}
	for name := range header {
		if strings.HasPrefix(name, "ce-") || strings.HasPrefix(name, "Nats") {
			t.Errorf("%s is of another broker", name)
		}
	}
	verifyRecord(t, r)
}

// verifyRecord is a consumer's own check.
func verifyRecord(t *testing.T, r *kgo.Record) {
	t.Helper()
	verifySignature(t, strings.Join(headerOf(r)["wh-h-stripe-signature"], ","), r.Value)
}

// arrived holds records against the events that were sent: each is there at least once, with its bytes.
func arrived(t *testing.T, all []*kgo.Record, want map[string][32]byte) {
	t.Helper()
	got := map[string]int{}
	for _, r := range all {
		if sum, sent := want[string(r.Key)]; !sent || sum != sha256.Sum256(r.Value) {
			t.Errorf("%s was not sent, or came with other bytes", r.Key)
		}
		got[string(r.Key)]++
		verifyRecord(t, r)
	}
	for id := range want {
		if got[id] == 0 {
			t.Errorf("%s is lost", id)
		}
	}
	t.Logf("%d records of %d events", len(all), len(want))
}

// The broker stops and starts, and the listener is killed meanwhile: each event arrives.
func TestKafkaNothingIsLost(t *testing.T) {
	t.Parallel()
	const n = 300
	k := newKafka(t)
	l := k.w.listen(k.to("webhooks")...)
	want := map[string][32]byte{}
	for i := range n {
		switch i {
		case n / 4:
			k.stop()
		case n / 2:
			l.says("it takes nothing now")
			l.kill()
			l = k.w.listen(k.to("webhooks")...)
		case 3 * n / 4:
			k.start()
			l.says("it answers again")
			l.kill()
			l = k.w.listen(k.to("webhooks")...)
		}
		body := event(fmt.Sprintf("evt_%d", i))
		if status := l.send(body); status != 200 {
			t.Fatalf("event %d: status %d: %s", i, status, l.out.String())
		}
		want[fmt.Sprintf("stripe:evt_%d", i)] = sha256.Sum256(body)
	}
	arrived(t, k.waitFor("webhooks", n), want)
}

// distinct counts the keys of records.
func distinct(all []*kgo.Record) int {
	keys := map[string]bool{}
	for _, r := range all {
		keys[string(r.Key)] = true
	}
	return len(keys)
}

// A listener that is killed in the middle of many events and starts again hands over each of them.
func TestKafkaListenerIsKilled(t *testing.T) {
	t.Parallel()
	const n = 1000
	k := newKafka(t)
	l := k.w.listen(k.to("webhooks", "-q")...)
	want := map[string][32]byte{}
	for i := range n {
		if i == n/3 || i == 2*n/3 {
			l.kill()
			l = k.w.listen(k.to("webhooks", "-q")...)
		}
		body := event(fmt.Sprintf("evt_%d", i))
		if status := l.send(body); status != 200 {
			t.Fatalf("event %d: status %d: %s", i, status, l.out.String())
		}
		want[fmt.Sprintf("stripe:evt_%d", i)] = sha256.Sum256(body)
	}
	arrived(t, k.waitFor("webhooks", n), want)
}

// Two listeners are killed in turn, and the broker is stopped and started: each event is there, with its bytes.
func TestKafkaTwoListeners(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	sent := throughTwo(t, k.stop, k.start, func(host string) *listener { return k.w.listenIn(host, k.to("webhooks", "-q")...) })
	want := map[string][32]byte{}
	for id, sum := range sent {
		want["stripe:"+id] = sum
	}
	arrived(t, k.waitFor("webhooks", len(want)), want)
}

// A broker that a project file names gets none of the user's credentials, and must be on this machine.
func TestKafkaOfProject(t *testing.T) {
	t.Parallel()
	const password = "password-of-the-user"
	k := newKafka(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "whctl", password))
	creds := k.w.write("creds", "whctl:"+password)
	k.w.write(".whctl.yaml", "listen:\n  forward: [\"kafka://"+k.addr()+"/webhooks\"]\n")
	l := k.w.listen("--ack", "now", "--kafka-creds", creds)
	l.says("your credentials are not sent to a broker that a project file names")
	if status := l.send(event("evt_1")); status != 200 {
		t.Fatalf("status %d", status)
	}
	l.says("the broker ended the connection at once")
	l.kill()
	k.w.write(".whctl.yaml", "listen:\n  forward: [\"kafka://"+k.addr()+",evil.example/webhooks\"]\n")
	c := exec.Command(os.Getenv("WHCTL"), "listen", "--addr", "127.0.0.1:0", "--for", "1ms")
	c.Env, c.Dir = k.w.env("data"), k.w.dir
	if out, err := c.CombinedOutput(); err == nil || !strings.Contains(string(out), "hint:") || !strings.Contains(string(out), "config trust") {
		t.Errorf("%v: %s", err, out)
	}
}

// With --ack sink the sender has its answer once the topic has the event, and an error where it has not.
func TestKafkaAcks(t *testing.T) {
	t.Parallel()
	for _, ack := range []string{"sink", "forward"} {
		t.Run(ack, func(t *testing.T) {
			t.Parallel()
			k := newKafka(t)
			l := k.w.listen("--ack", ack, "--timeout", "5s", "--forward", "kafka://"+k.addr()+"/webhooks")
			if status := l.send(event("evt_1")); status != 200 || len(records(t, k.addr(), "webhooks")) != 1 {
				t.Errorf("status %d, %d records", status, len(records(t, k.addr(), "webhooks")))
			}
			l.says("acknowledged in")
			k.stop()
			if status := l.send(event("evt_2")); status != 502 {
				t.Errorf("status %d without a broker", status)
			}
			l.says("it gives no answer")
			k.start()
			if status := l.send(event("evt_2")); status != 200 {
				t.Errorf("status %d once it is there again: %s", status, l.out.String())
			}
			l.says("it answers again")
			held := k.c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: -1})
			if status := l.send(event("evt_3")); status != 502 {
				t.Errorf("status %d without replicas", status)
			}
			held.Remove()
			if n := distinct(records(t, k.addr(), "webhooks")); n != 2 {
				t.Errorf("%d events", n)
			}
		})
	}
}

// A line says what is missing, and nothing is lost: once that is there, the event is.
func TestKafkaTrouble(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		topic string
		begin func(k *kafka) (mend func())
		says  []string
	}{
		"no topic": {
			topic: "others",
			begin: func(k *kafka) func() { return func() { k.create("others") } },
			says:  []string{"there is no topic others", "kafka-topics.sh --create --topic others", "it takes nothing now"},
		},
		"too few replicas": {
			topic: "webhooks",
			begin: func(k *kafka) func() {
				return k.c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: -1}).Remove
			},
			says: []string{"topic webhooks takes nothing now: NOT_ENOUGH_REPLICAS", "it takes nothing now"},
		},
		"no rights": {
			topic: "webhooks",
			begin: func(k *kafka) func() {
				return k.c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "webhooks", Err: kerr.TopicAuthorizationFailed, Count: -1}).Remove
			},
			says: []string{"the credentials may not write to topic webhooks", "kafka-acls.sh --add --operation Write --topic webhooks", "it takes nothing now"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKafka(t)
			mend := c.begin(k)
			l := k.w.listen(k.to(c.topic)...)
			if status := l.send(event("evt_1")); status != 200 {
				t.Fatalf("status %d", status)
			}
			for _, text := range c.says {
				l.says(text)
			}
			mend()
			k.waitFor(c.topic, 1)
			l.says("it answers again")
		})
	}
}

// What no topic will ever take becomes a dead letter with its reason, and holds up nothing. What is only larger than usual arrives.
func TestKafkaTooLarge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		most  string
		large int
		dead  int
	}{
		"for a small limit": {"2000", 3000, 1}, "for a large limit": {"3000000", 2_000_000, 0}, "for the usual limit": {"1048588", 2_000_000, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKafka(t, kfake.BrokerConfigs(map[string]string{"message.max.bytes": c.most}))
			l := k.w.listen(k.to("webhooks")...)
			large := append(event("evt_large"), []byte(strings.Repeat(" ", c.large))...)
			if first, second := l.send(large), l.send(event("evt_small")); first != 200 || second != 200 {
				t.Fatalf("status %d, %d", first, second)
			}
			k.waitFor("webhooks", 2-c.dead)
			if c.dead > 0 {
				l.says("topic webhooks does not take a message of this size: MESSAGE_TOO_LARGE (Kafka 10)")
				l.says("dead: refused")
			}
			if out, err := k.w.whctl("queue", "list", "--state", "dead", "-o", "json"); err != nil || strings.Count(out, `"refused"`) != c.dead {
				t.Errorf("%v: %s", err, out)
			}
			if strings.Contains(l.out.String(), "it takes nothing now") {
				t.Errorf("one message is too large, and that is said of the broker:\n%s", l.out.String())
			}
		})
	}
}

// Credentials come from a file. Wrong ones are told, and are shown nowhere.
func TestKafkaCredentials(t *testing.T) {
	t.Parallel()
	const right, wrong = "password-that-is-right", "password-that-is-wrong"
	for mechanism, flag := range map[string]string{"PLAIN": "plain", "SCRAM-SHA-256": "scram-sha-256", "SCRAM-SHA-512": "scram-sha-512"} {
		t.Run(flag, func(t *testing.T) {
			t.Parallel()
			k := newKafka(t, kfake.EnableSASL(), kfake.Superuser(mechanism, "whctl", right), kfake.Superuser("PLAIN", "reader", "password-of-the-reader"))
			none := k.w.listen(k.to("webhooks")...)
			if status := none.send(event("evt_0")); status != 200 {
				t.Fatalf("status %d", status)
			}
			none.says("the broker ended the connection at once")
			none.kill()
			with := k.to("webhooks", "--kafka-sasl", flag, "--kafka-creds", k.w.write("creds", "whctl:"+wrong+"\n"))
			l := k.w.listen(with...)
			if status := l.send(event("evt_1")); status != 200 {
				t.Fatalf("status %d", status)
			}
			l.says("the broker ended the connection at once")
			l.says("it may not take the credentials")
			l.kill()
			if out, _ := k.w.whctl("journal", "show", "last", "-o", "json"); strings.Contains(out+l.out.String(), wrong) {
				t.Errorf("the password is shown:\n%s\n%s", out, l.out.String())
			}
			k.w.write("creds", "whctl:"+right+"\n")
			k.w.listen(with...)
			k.waitFor("webhooks", 2, kgo.SASL(plain.Auth{User: "reader", Pass: "password-of-the-reader"}.AsMechanism()))
			out, err := k.w.whctl("listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--forward", "kafka://whctl:"+right+"@"+k.addr()+"/webhooks")
			if err == nil || !strings.Contains(out, "--kafka-creds FILE") || strings.Contains(out, right) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// Brokers that want TLS get it. Their certificate is checked, by those who vouch for it, and so may be whctl's own.
func TestKafkaTLS(t *testing.T) {
	t.Parallel()
	certificate, authority := selfSigned(t)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	own := roots // whoever has the one certificate may come in
	k := newKafka(t, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12, ClientCAs: own, ClientAuth: tls.VerifyClientCertIfGiven}))
	ca := k.w.write("ca.pem", string(authority))
	for flags, says := range map[string]string{
		"": "the broker ended the connection at once", "--kafka-ca " + k.w.write("other.pem", pemOf(t)): "TLS: ",
	} {
		l := k.w.listen(k.to("webhooks", strings.Fields(flags)...)...)
		if status := l.send(event("evt " + flags)); status != 200 {
			t.Fatalf("status %d", status)
		}
		l.says(says)
		l.says("--kafka-ca FILE")
		l.kill()
	}
	k.w.listen(k.to("webhooks", "--kafka-ca", ca)...)
	k.waitFor("webhooks", 2, kgo.DialTLSConfig(&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}))
}

// pemOf is the certificate of somebody else.
func pemOf(t *testing.T) string {
	t.Helper()
	_, authority := selfSigned(t)
	return string(authority)
}

// TLS that was asked for is not left out where a broker speaks none.
func TestKafkaSpeaksNoTLS(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	l := k.w.listen(k.to("webhooks", "--kafka-ca", k.w.write("ca.pem", pemOf(t)))...)
	if status := l.send(event("evt_1")); status != 200 {
		t.Fatalf("status %d", status)
	}
	l.says("it takes nothing now")
	if n := len(records(t, k.addr(), "webhooks")); n != 0 {
		t.Errorf("%d records came without TLS", n)
	}
}

// One of several hosts is enough, whichever that is.
func TestSeveralHosts(t *testing.T) {
	t.Parallel()
	away := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	t.Run("Kafka", func(t *testing.T) {
		t.Parallel()
		k := newKafka(t)
		l := k.w.listen("--forward", "kafka://"+away+","+k.addr()+"/webhooks")
		if status := l.send(event("evt_1")); status != 200 {
			t.Errorf("status %d: %s", status, l.out.String())
		}
		k.waitFor("webhooks", 1)
	})
	t.Run("NATS", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		s := w.stream(w.jetstream(), webhooks())
		l := w.listen("--forward", "nats://"+away+","+w.addr()+"/webhooks.all")
		if status := l.send(event("evt_1")); status != 200 {
			t.Errorf("status %d: %s", status, l.out.String())
		}
		w.waitFor(s, 1)
	})
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		w := emptyWorld(t)
		l := w.listen("--forward", "kafka://"+away+",127.0.0.1:1/webhooks")
		if status := l.send(event("evt_1")); status != http.StatusBadGateway {
			t.Errorf("status %d", status)
		}
		l.says("connection refused")
	})
}

// --dedupe subject is refused, with the reason.
func TestKafkaFindsNoDuplicates(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	out, err := w.whctl("listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--dedupe", "subject", "--forward", "kafka://localhost/webhooks")
	if err == nil || !strings.Contains(out, "Kafka, which finds no duplicates of several producers") || !strings.Contains(out, "ce_id") {
		t.Errorf("%v: %s", err, out)
	}
}
