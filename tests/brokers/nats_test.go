package brokers

// What a NATS server gets of whctl listen, and what whctl says where it gets nothing.

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
)

func webhooks() jetstream.StreamConfig {
	return jetstream.StreamConfig{Name: "WEBHOOKS", Subjects: []string{"webhooks.>"}}
}

// A consumer verifies the signature from the message alone. The body is what came, byte for byte.
func TestMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	s := w.stream(w.jetstream(), webhooks())
	l := w.listen("--ack", "now", "--forward", "nats://"+w.addr()+"/webhooks.{scheme}.{type}.{id}")
	body := event("evt *.> 1")
	if status := l.send(body); status != 200 {
		t.Fatalf("status %d: %s", status, l.out.String())
	}
	w.waitFor(s, 1)
	m := w.messages(s)[0]
	if sha256.Sum256(m.Data) != sha256.Sum256(body) {
		t.Errorf("the body is %q", m.Data)
	}
	if want := "webhooks.stripe.charge%2Esucceeded.evt%20%2A%2E%3E%201"; m.Subject != want {
		t.Errorf("subject %s, want %s", m.Subject, want)
	}
	for name, want := range map[string]string{
		"ce-specversion": "1.0", "ce-id": "evt%20*.>%201", "ce-source": "whctl:stripe", "ce-type": "charge.succeeded", "ce-datacontenttype": "application/json",
		"wh-verdict": "valid", "wh-scheme": "stripe", "wh-method": "POST", "wh-path": "/hooks?a=%2F", "Nats-Msg-Id": "stripe:evt%20*.>%201",
		"wh-h-content-type": "application/json",
	} {
		if got := m.Header[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := strings.Join(m.Header["wh-h-authorization"], ""); got == "" || strings.Contains(got, "token-of-the-sender") {
		t.Errorf("the sender's token: %q", got)
	}
	if m.Header.Get("wh-received") == "" || m.Header.Get("ce-time") == "" {
		t.Errorf("no times: %v", m.Header)
	}
	verify(t, m)
}

// signatureOf reads a Stripe-Signature.
func signatureOf(header string) (at int64, signature string) {
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "t":
			at, _ = strconv.ParseInt(value, 10, 64)
		case "v1":
			signature = value
		}
	}
	return at, signature
}

// verify is a consumer's own check, as Stripe's page has it.
func verify(t *testing.T, m *jetstream.RawStreamMsg) {
	t.Helper()
	verifySignature(t, m.Header.Get("wh-h-stripe-signature"), m.Data)
}

func verifySignature(t *testing.T, header string, body []byte) {
	t.Helper()
	if at, signature := signatureOf(header); signature == "" || mac(at, body) != signature {
		t.Errorf("the signature does not hold: %s", header)
	}
}

// The broker stops and starts, and the listener is killed meanwhile: each event arrives, once within the stream's window.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	const n = 300
	w := newWorld(t, nil)
	s := w.stream(w.jetstream(), webhooks())
	to := []string{"--ack", "now", "--forward", "bus=nats://" + w.addr() + "/webhooks.{scheme}"}
	l := w.listen(to...)
	want := map[string][32]byte{}
	for i := range n {
		switch i {
		case n / 4:
			w.stop()
		case n / 2:
			l.says("it takes nothing now")
			l.kill()
			l = w.listen(to...)
		case 3 * n / 4:
			w.start()
			l.says("it answers again")
			l.kill()
			l = w.listen(to...)
		}
		body := event(fmt.Sprintf("evt_%d", i))
		if status := l.send(body); status != 200 {
			t.Fatalf("event %d: status %d: %s", i, status, l.out.String())
		}
		want[fmt.Sprintf("stripe:evt_%d", i)] = sha256.Sum256(body)
	}
	s, err := w.jetstream().Stream(t.Context(), "WEBHOOKS")
	if err != nil {
		t.Fatal(err)
	}
	w.waitFor(s, n)
	all := w.messages(s)
	if len(all) != n {
		t.Errorf("%d messages of %d events", len(all), n)
	}
	for _, m := range all {
		id := m.Header.Get("Nats-Msg-Id")
		if sum, ok := want[id]; !ok || sum != sha256.Sum256(m.Data) {
			t.Errorf("%s came twice, or with other bytes", id)
		}
		delete(want, id)
		verify(t, m)
	}
}

// With --ack forward the sender has its answer once the stream has the event, and an error where it has not.
func TestAckForward(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	s := w.stream(w.jetstream(), webhooks())
	l := w.listen("--forward", "nats://"+w.addr()+"/webhooks.all")
	if status := l.send(event("evt_1")); status != 200 || len(w.messages(s)) != 1 {
		t.Errorf("status %d, %d messages", status, len(w.messages(s)))
	}
	l.says("acknowledged in")
	w.stop()
	if status := l.send(event("evt_2")); status != 502 {
		t.Errorf("status %d without a server", status)
	}
	l.says("it gives no answer")
	w.start()
	if status := l.send(event("evt_2")); status != 200 {
		t.Errorf("status %d once it is there again", status)
	}
	l.says("it answers again")
}

// A line says what is missing, and nothing is lost: once that is there, the event is.
func TestTrouble(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit  func(*server.Options)
		begin *jetstream.StreamConfig
		says  []string
		mend  func(t *testing.T, w *world, js jetstream.JetStream)
	}{
		"no stream": {
			says: []string{"no stream takes subject webhooks.all", "it takes nothing now"},
			mend: func(t *testing.T, w *world, js jetstream.JetStream) { w.stream(js, webhooks()) },
		},
		"a full stream": {
			begin: &jetstream.StreamConfig{Name: "WEBHOOKS", Subjects: []string{"webhooks.>"}, MaxBytes: 100, Discard: jetstream.DiscardNew},
			says:  []string{"the stream is full: maximum bytes exceeded", "it takes nothing now"},
			mend: func(t *testing.T, _ *world, js jetstream.JetStream) {
				if _, err := js.UpdateStream(t.Context(), webhooks()); err != nil {
					t.Fatal(err)
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.edit)
			js := w.jetstream()
			if c.begin != nil {
				w.stream(js, *c.begin)
			}
			l := w.listen("--ack", "now", "--forward", "nats://"+w.addr()+"/webhooks.all")
			if status := l.send(event("evt_1")); status != 200 {
				t.Fatalf("status %d", status)
			}
			for _, text := range c.says {
				l.says(text)
			}
			c.mend(t, w, js)
			s, err := js.Stream(t.Context(), "WEBHOOKS")
			if err != nil {
				t.Fatal(err)
			}
			w.waitFor(s, 1)
			l.says("it answers again")
		})
	}
}

// What no stream will ever take becomes a dead letter with its reason, and holds up nothing.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		payload int32
		most    int32
		says    string
	}{
		"for the server": {2000, -1, "and the broker takes 2000"},
		"for the stream": {0, 2000, "message size exceeds maximum allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *server.Options) { o.MaxPayload = c.payload })
			config := webhooks()
			config.MaxMsgSize = c.most
			s := w.stream(w.jetstream(), config)
			l := w.listen("--ack", "now", "--forward", "nats://"+w.addr()+"/webhooks.all")
			large := append(event("evt_large"), []byte(strings.Repeat(" ", 3000))...)
			if first, second := l.send(large), l.send(event("evt_small")); first != 200 || second != 200 {
				t.Fatalf("status %d, %d", first, second)
			}
			w.waitFor(s, 1)
			l.says(c.says)
			l.says("dead: refused")
			if out, err := w.whctl("queue", "list", "--state", "dead", "-o", "json"); err != nil || strings.Count(out, `"refused"`) < 1 {
				t.Errorf("%v: %s", err, out)
			}
			if strings.Contains(l.out.String(), "it takes nothing now") {
				t.Errorf("one message is too large, and that is said of the broker:\n%s", l.out.String())
			}
		})
	}
}

// Credentials come from a file. Wrong ones are told, and are shown nowhere.
func TestCredentials(t *testing.T) {
	t.Parallel()
	const right, wrong = "password-that-is-right", "password-that-is-wrong"
	w := newWorld(t, func(o *server.Options) { o.Username, o.Password = "whctl", right })
	s := w.stream(w.jetstream(nats.UserInfo("whctl", right)), webhooks())
	to := []string{"--ack", "now", "--forward", "nats://" + w.addr() + "/webhooks.all", "--nats-creds", w.write("creds", "whctl:"+wrong+"\n")}
	l := w.listen(to...)
	if status := l.send(event("evt_1")); status != 200 {
		t.Fatalf("status %d", status)
	}
	l.says("the broker does not take the credentials")
	l.kill()
	if out, _ := w.whctl("journal", "show", "last", "-o", "json"); strings.Contains(out+l.out.String(), wrong) {
		t.Errorf("the password is shown:\n%s\n%s", out, l.out.String())
	}
	w.write("creds", "whctl:"+right+"\n")
	w.listen(to...)
	w.waitFor(s, 1)
	out, err := w.whctl("listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--forward", "nats://whctl:"+right+"@"+w.addr()+"/webhooks.all")
	if err == nil || !strings.Contains(out, "--nats-creds FILE") || strings.Contains(out, right) {
		t.Errorf("%v: %s", err, out)
	}
}

// A user's seed signs the server's question. Another's is told, and no seed is shown or journalled.
func TestSeed(t *testing.T) {
	t.Parallel()
	right, wrong := seed(t), seed(t)
	w := newWorld(t, func(o *server.Options) { o.Nkeys = []*server.NkeyUser{{Nkey: right.public}} })
	s := w.stream(w.jetstream(nats.Nkey(right.public, right.pair.Sign)), webhooks())
	to := []string{"--ack", "now", "--forward", "nats://" + w.addr() + "/webhooks.all", "--nats-creds", w.write("seed", wrong.text+"\n")}
	l := w.listen(to...)
	if status := l.send(event("evt_1")); status != 200 {
		t.Fatalf("status %d", status)
	}
	l.says("the broker does not take the credentials")
	l.kill()
	w.write("seed", right.text+"\n"+right.public+"\n")
	second := w.listen(to...)
	w.waitFor(s, 1)
	out, _ := w.whctl("journal", "show", "last", "-o", "json")
	for _, text := range []string{wrong.text, right.text} {
		if strings.Contains(out+l.out.String()+second.out.String(), text) {
			t.Errorf("a seed is shown:\n%s\n%s\n%s", out, l.out.String(), second.out.String())
		}
	}
	w.write("seed", right.text[:30]+strings.Map(func(r rune) rune { return 'A' + (r+1)%26 }, right.text[30:31])+right.text[31:]+"\n")
	out, err := w.whctl(append([]string{"listen", "--addr", "127.0.0.1:0", "--for", "1ms"}, to...)...)
	if err == nil || !strings.Contains(out, "that is not whole") || strings.Contains(out, right.text[:30]) {
		t.Errorf("%v: %s", err, out)
	}
}

// user is one whom a server knows by its key.
type user struct {
	pair         nkeys.KeyPair
	text, public string
}

func seed(t *testing.T) user {
	t.Helper()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	text, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return user{pair: pair, text: string(text), public: public}
}

// A server that asks for TLS gets it. Its certificate is checked, by those who vouch for it.
func TestTLS(t *testing.T) {
	t.Parallel()
	certificate, authority := selfSigned(t)
	w := newWorld(t, func(o *server.Options) {
		o.TLS, o.TLSConfig, o.Authorization = true, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}, "token-of-the-server"
	})
	ca := w.write("ca.pem", string(authority))
	s := w.stream(w.jetstream(nats.RootCAs(ca), nats.Token("token-of-the-server")), webhooks())
	to := []string{"--ack", "now", "--forward", "nats://" + w.addr() + "/webhooks.all", "--nats-creds", w.write("creds", "token-of-the-server\n")}
	l := w.listen(to...)
	if status := l.send(event("evt_1")); status != 200 {
		t.Fatalf("status %d", status)
	}
	l.says("TLS: ")
	l.says("--nats-ca FILE")
	l.kill()
	w.listen(append(to, "--nats-ca", ca)...)
	w.waitFor(s, 1)
	if strings.Contains(l.out.String(), "token-of-the-server") {
		t.Errorf("the token is shown:\n%s", l.out.String())
	}
}

// selfSigned is a certificate for this machine that vouches for itself.
func selfSigned(t *testing.T) (pair tls.Certificate, authority []byte) {
	t.Helper()
	pair, authority, _ = certified(t, net.IPv4(127, 0, 0, 1), time.Now().Add(time.Hour))
	return pair, authority
}

// Credentials that may not publish there are told, at once.
func TestPermissions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *server.Options) {
		o.Users = []*server.User{
			{Username: "admin", Password: "password-of-the-admin"},
			{Username: "whctl", Password: "password-of-whctl", Permissions: &server.Permissions{Publish: &server.SubjectPermission{Allow: []string{"other.>", "$JS.API.>"}}}},
		}
	})
	s := w.stream(w.jetstream(nats.UserInfo("admin", "password-of-the-admin")), webhooks())
	l := w.listen("--ack", "now", "--forward", "nats://"+w.addr()+"/webhooks.all", "--nats-creds", w.write("creds", "whctl:password-of-whctl"))
	if status := l.send(event("evt_1")); status != 200 {
		t.Fatalf("status %d", status)
	}
	l.says("the credentials may not publish to subject webhooks.all")
	l.says("it takes nothing now")
	l.kill()
	w.listen("--ack", "now", "--forward", "nats://"+w.addr()+"/webhooks.all", "--nats-creds", w.write("creds", "admin:password-of-the-admin"))
	w.waitFor(s, 1)
}

// Where each event has a subject of its own, one that no stream takes holds up no other.
func TestOtherSubjectsGoOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	s := w.stream(w.jetstream(), jetstream.StreamConfig{Name: "SOME", Subjects: []string{"webhooks.evt_2"}})
	l := w.listen("--ack", "now", "--forward", "nats://"+w.addr()+"/webhooks.{id}")
	if first, second := l.send(event("evt_1")), l.send(event("evt_2")); first != 200 || second != 200 {
		t.Fatalf("status %d, %d", first, second)
	}
	w.waitFor(s, 1)
	l.says("no stream takes subject webhooks.evt_1")
	l.says("retry 1 in 2 s")
}
