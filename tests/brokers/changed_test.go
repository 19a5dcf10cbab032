package brokers

// What becomes of a source while others change its stream and its consumer, and where they made them otherwise than whctl does.

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
)

// A consumer that is deleted, and a stream that is deleted and made anew, cost no event. That messages may come again is told.
func TestFromConsumerAnew(t *testing.T) {
	t.Parallel()
	for name, anew := range map[string]func(w *world, js jetstream.JetStream) error{
		"consumer": func(w *world, js jetstream.JetStream) error {
			return js.DeleteConsumer(w.t.Context(), "WEBHOOKS", "whctl")
		},
		"stream": func(w *world, js jetstream.JetStream) error {
			if err := js.DeleteStream(w.t.Context(), "WEBHOOKS"); err != nil {
				return err
			}
			w.stream(js, webhooks())
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			js := w.jetstream()
			w.stream(js, webhooks())
			app := receive(t, always(200))
			l := w.behind("data", append(w.key(), "--forward", app.URL)...)
			w.publish(js, signed("", event("evt_1")), event("evt_1"))
			w.wait("the first event", func() bool { return len(app.events()) == 1 })
			w.settled(js, "whctl")
			if err := anew(w, js); err != nil {
				t.Fatal(err)
			}
			w.publish(js, signed("", event("evt_2")), event("evt_2"))
			w.wait("the second event", func() bool { return len(app.events()) == 2 })
			l.says("consumer whctl of stream WEBHOOKS was gone and is made anew: it begins with the oldest message")
			l.says("it answers again")
			w.settled(js, "whctl")
		})
	}
}

// A right that is missing is told once, however often the source is tried. Nothing is handed on that could not be acknowledged.
func TestFromRights(t *testing.T) {
	t.Parallel()
	names, consumers, acks := "$JS.API.STREAM.NAMES", "$JS.API.CONSUMER.>", "$JS.ACK.>"
	for name, c := range map[string]struct {
		may  []string
		says string
	}{
		"those of the guide": {[]string{names, consumers, acks}, "✓ valid"},
		"no acknowledgement": {[]string{names, consumers}, "the credentials may not publish to subject $JS.ACK.>; allow them"},
		"no question":        {[]string{names, "$JS.API.CONSUMER.INFO.>", "$JS.API.CONSUMER.CREATE.>", acks}, "the credentials may not publish to subject $JS.API.CONSUMER.MSG.NEXT.WEBHOOKS.whctl; allow them"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *server.Options) {
				o.Users = []*server.User{
					{Username: "admin", Password: "password-of-the-admin"},
					{Username: "whctl", Password: "password-of-whctl", Permissions: &server.Permissions{
						Publish: &server.SubjectPermission{Allow: c.may}, Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX.>"}},
					}},
				}
			})
			js := w.jetstream(nats.UserInfo("admin", "password-of-the-admin"))
			w.stream(js, webhooks())
			w.publish(js, signed("", event("evt_1")), event("evt_1"))
			app := receive(t, always(200))
			l := w.behind("data", append(w.key(), "--timeout", "1s", "--forward", app.URL, "--nats-creds", w.write("creds", "whctl:password-of-whctl"))...)
			l.says(c.says)
			if c.says == "✓ valid" {
				w.settled(js, "whctl")
				return
			}
			w.wait("more tries", func() bool {
				v, err := w.server.Varz(nil)
				return err == nil && v.TotalConnections >= 4 // one is the admin's
			})
			if out := l.out.String(); strings.Count(out, "source lost") != 1 || strings.Contains(out, "source recovered") || len(app.got()) != 0 {
				t.Errorf("%d requests:\n%s", len(app.got()), out)
			}
		})
	}
}

// A message that its consumer gives no more is told, with what to do.
func TestFromMaxDeliver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	js := w.jetstream()
	w.stream(js, webhooks())
	w.consumer(js, jetstream.ConsumerConfig{MaxDeliver: 2})
	app := receive(t, always(503))
	l := w.behind("data", append(w.key(), "--forward", app.URL)...)
	l.says("it gives up a message after 2 times")
	w.publish(js, signed("", event("evt_1")), event("evt_1"))
	l.says("messages gone: " + w.addr() + "/webhooks.>: consumer whctl gives a message 2 times at most, and message 1 of stream WEBHOOKS was not acknowledged the last time")
	l.says("nats consumer edit WEBHOOKS whctl --max-deliver=-1")
	if len(app.got()) != 2 {
		t.Errorf("%d requests", len(app.got()))
	}
}

// consumer makes the durable consumer before whctl does.
func (w *world) consumer(js jetstream.JetStream, c jetstream.ConsumerConfig) {
	w.t.Helper()
	c.Durable, c.FilterSubject, c.AckPolicy = "whctl", "webhooks.>", jetstream.AckExplicitPolicy
	if _, err := js.CreateConsumer(w.t.Context(), "WEBHOOKS", c); err != nil {
		w.t.Fatal(err)
	}
}

// The limits that a consumer has for questions are kept, and one without bodies is refused.
func TestFromConsumersOfOthers(t *testing.T) {
	t.Parallel()
	for says, c := range map[string]jetstream.ConsumerConfig{
		"✓ valid": {MaxRequestExpires: time.Second, MaxAckPending: 1},
		"consumer whctl of stream WEBHOOKS gives messages without their bodies; give this run another: --from NAME=nats://": {HeadersOnly: true},
	} {
		t.Run(fmt.Sprint(c.HeadersOnly), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			js := w.jetstream()
			w.stream(js, webhooks())
			w.consumer(js, c)
			l := w.behind("data", w.key()...)
			w.publish(js, signed("", event("evt_1")), event("evt_1"))
			l.says(says)
			if lost := strings.Contains(l.out.String(), "source lost"); lost != c.HeadersOnly {
				t.Errorf("it says\n%s", l.out.String())
			}
		})
	}
}

// A stream that takes no consumer says so, and not that it cannot be found.
func TestFromTakesNoConsumer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	js := w.jetstream()
	config := webhooks()
	config.MaxConsumers = 1
	s := w.stream(js, config)
	if _, err := s.CreateConsumer(t.Context(), jetstream.ConsumerConfig{Durable: "other"}); err != nil {
		t.Fatal(err)
	}
	l := w.behind("data", w.key()...)
	l.says("stream WEBHOOKS has no consumer whctl, and takes none: maximum consumers limit reached (JetStream 10026); name one that it has")
}

// The name of a stream may have characters that a placeholder's value may not.
func TestOddStreamName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	config := webhooks()
	config.Name = "WÉB:hooks%20+1"
	s := w.stream(w.jetstream(), config)
	l := w.listen("--forward", "nats://"+w.addr()+"/webhooks.all")
	if status := l.send(event("evt_1")); status != 200 {
		t.Errorf("status %d", status)
	}
	w.waitFor(s, 1)
	if out := l.out.String(); strings.Contains(out, "is not known") {
		t.Errorf("it says\n%s", out)
	}
	behind := w.behind("behind", w.key()...)
	behind.says("✓ valid")
}

// Credentials that expire while a source and a target run are told, and cost no event.
func TestCredentialsExpire(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	creds := w.operated()
	js := w.jetstream(nats.UserCredentialBytes(creds(time.Hour)))
	w.stream(js, webhooks())
	app := receive(t, always(200))
	old, young := w.write("old.creds", string(creds(3*time.Second))), w.write("young.creds", string(creds(time.Hour)))
	from := append(w.key(), "--forward", app.URL, "--nats-creds")
	to := []string{"--ack", "now", "--forward", "nats://" + w.addr() + "/webhooks.all", "--nats-creds"}
	behind, front := w.behind("behind", append(from, old)...), w.listenIn("front", append(to, old)...)
	behind.says("the broker does not take the credentials; give those it asks for: --nats-creds FILE, which is read when the listener starts")
	if status := front.send(event("evt_1")); status != 200 {
		t.Fatalf("status %d", status)
	}
	front.says("the broker does not take the credentials")
	front.kill()
	behind.kill()
	w.listenIn("front", append(to, young)...)
	w.behind("behind", append(from, young)...)
	w.wait("the event", func() bool { return len(app.got()) == 1 })
	for _, l := range []*listener{behind, front} {
		if strings.Contains(l.out.String(), "eyJ") || strings.Contains(l.out.String(), "SEED") {
			t.Errorf("credentials are shown:\n%s", l.out.String())
		}
	}
}

// operated starts a server with an operator and an account, and gives what makes the .creds file of a user.
func (w *world) operated() (creds func(time.Duration) []byte) {
	w.t.Helper()
	pair := func(pair nkeys.KeyPair, err error) (nkeys.KeyPair, string) {
		w.t.Helper()
		public, wrong := pair.PublicKey()
		if err != nil || wrong != nil {
			w.t.Fatal(err, wrong)
		}
		return pair, public
	}
	operator, operatorKey := pair(nkeys.CreateOperator())
	account, accountKey := pair(nkeys.CreateAccount())
	_, systemKey := pair(nkeys.CreateAccount())
	accounts := &server.MemAccResolver{}
	for _, key := range []string{accountKey, systemKey} {
		claims := jwt.NewAccountClaims(key)
		if key == accountKey {
			claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
		}
		text, err := claims.Encode(operator)
		if err != nil {
			w.t.Fatal(err)
		}
		if err := accounts.Store(key, text); err != nil {
			w.t.Fatal(err)
		}
	}
	trusted := jwt.NewOperatorClaims(operatorKey)
	trusted.SystemAccount = systemKey
	w.opts = server.Options{
		Host: "127.0.0.1", Port: freePort(w.t), JetStream: true, StoreDir: w.dir + "/nats", NoLog: true, NoSigs: true,
		TrustedOperators: []*jwt.OperatorClaims{trusted}, AccountResolver: accounts, SystemAccount: systemKey,
	}
	w.start()
	w.t.Cleanup(w.stop)
	return func(lasts time.Duration) []byte {
		w.t.Helper()
		user, key := pair(nkeys.CreateUser())
		claims := jwt.NewUserClaims(key)
		claims.Expires = time.Now().Add(lasts).Unix()
		text, err := claims.Encode(account)
		if err != nil {
			w.t.Fatal(err)
		}
		seed, err := user.Seed()
		if err != nil {
			w.t.Fatal(err)
		}
		file, err := jwt.FormatUserConfig(text, seed)
		if err != nil {
			w.t.Fatal(err)
		}
		return file
	}
}

// A server without room for streams says so. What comes meanwhile waits in its order, and is taken once there is room.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	const n = 20
	w := newWorld(t, func(o *server.Options) { o.JetStreamMaxStore = 8000 })
	s := w.stream(w.jetstream(), webhooks())
	l := w.listen("--ack", "now", "--forward", "bus=nats://"+w.addr()+"/webhooks.all")
	for i := range n {
		if status := l.send(event(fmt.Sprintf("evt_%d", i))); status != 200 {
			t.Fatalf("status %d", status)
		}
	}
	l.says("the broker has no room: insufficient resources (JetStream 10023)")
	l.says("raise what the account and its streams may have")
	w.wait("all events", func() bool {
		if err := s.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		out, err := w.whctl("queue", "list", "-o", "json")
		return err == nil && strings.TrimSpace(out) == "[]"
	})
	var took []string
	for line := range strings.Lines(l.out.String()) {
		if _, id, found := strings.Cut(line, "evt_"); found && strings.Contains(line, "acknowledged in") {
			took = append(took, strings.Fields(id)[0])
		}
	}
	for i, id := range took {
		if id != fmt.Sprint(i) {
			t.Fatalf("event %s is number %d: %v", id, i, took)
		}
	}
	if len(took) != n {
		t.Errorf("%d events of %d", len(took), n)
	}
}
