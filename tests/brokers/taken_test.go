package brokers

// What becomes of messages that are not as they should be, and of their consumer.

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// publish puts a message into the stream that whctl did not write.
func (w *world) publish(js jetstream.JetStream, header nats.Header, body []byte) {
	w.t.Helper()
	if _, err := js.PublishMsg(w.t.Context(), &nats.Msg{Subject: "webhooks.other", Header: header, Data: body}); err != nil {
		w.t.Fatal(err)
	}
}

// interrupt is a ^C.
func (l *listener) interrupt() {
	l.w.t.Helper()
	if err := l.cmd.Process.Signal(os.Interrupt); err != nil {
		l.w.t.Fatal(err)
	}
}

// signed are the headers that Stripe would send now.
func signed(prefix string, body []byte) nats.Header {
	at := time.Now().Unix()
	return nats.Header{prefix + "Stripe-Signature": {fmt.Sprintf("t=%d,v1=%s", at, mac(at, body))}}
}

// Nothing is valid on a message's own word: without a key it is unverified, and with another it is refused, recorded and acknowledged.
func TestFromKeys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key  []string
		says string
		got  int
	}{
		"no key":      {nil, "unverified", 1},
		"another key": {[]string{"--secret-file", "other"}, "✗ mismatch", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			js := w.jetstream()
			w.stream(js, webhooks())
			w.write("other", "whsec_of_somebody_else_0123456789")
			app := receive(t, always(200))
			l := w.behind("data", append(c.key, "--forward", app.URL)...)
			body := event("evt_1")
			header := signed("wh-h-", body)
			header["wh-verdict"], header["wh-received"] = []string{"valid"}, []string{time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00")}
			w.publish(js, header, body)
			l.says(c.says)
			w.settled(js, "whctl")
			if n := len(app.got()); n != c.got {
				t.Errorf("the program got %d, want %d:\n%s", n, c.got, l.out.String())
			}
			if out, err := w.whctl("journal", "list", "-o", "json"); err != nil || !strings.Contains(out, `"evt_1"`) || strings.Contains(out, `"ok":true`) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// A scheme that sends the key itself has it masked in the message: it is not refused, and not valid either.
func TestFromToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	js := w.jetstream()
	w.stream(js, webhooks())
	w.write("token", "token-of-gitlab-0123456789")
	app := receive(t, always(200))
	l := w.behind("data", "--scheme", "gitlab", "--secret-file", "token", "--forward", app.URL)
	front := w.run("front", "--addr", "127.0.0.1:0", "--scheme", "gitlab", "--secret-file", "token", "--forward", "nats://"+w.addr()+"/webhooks.all")
	for range 2 {
		header := map[string]string{"X-Gitlab-Token": "token-of-gitlab-0123456789"}
		if status := front.post("", header, []byte(`{"object_kind":"push"}`)); status != 200 {
			t.Fatalf("status %d", status)
		}
	}
	front.says("✓ valid")
	w.wait("the program", func() bool { return len(app.got()) == 2 })
	w.settled(js, "whctl")
	if token := app.got()[0].Header.Get("X-Gitlab-Token"); token != "" {
		t.Errorf("the program got the token %q", token)
	}
	l.says("unverified") // a line comes after the program's answer
	if out := l.out.String(); strings.Count(out, "sends the key itself, which is masked") != 1 || strings.Contains(out, "✓ valid") {
		t.Errorf("it says\n%s", out)
	}
}

// A provider that signs the URL is verified with the path as it came, also where a parameter of it looks like a secret.
func TestFromSignedURL(t *testing.T) {
	t.Parallel()
	const path, key = "/hooks?token=t0p-of-the-handler&a=1", "auth-token-of-twilio-0123456789"
	w := newWorld(t, nil)
	js := w.jetstream()
	s := w.stream(js, webhooks())
	w.write("token", key)
	app := receive(t, always(200))
	to := "nats://" + w.addr() + "/webhooks.all"
	twilio := []string{"--scheme", "twilio", "--secret-file", "token"}
	l := w.behind("data", append(twilio, "--forward", app.URL)...)
	for _, ack := range []string{"now", "forward"} {
		front := w.run("front-"+ack, append(twilio, "--addr", "127.0.0.1:0", "--public-url", "https://shop.example", "--ack", ack, "--forward", to)...)
		h := hmac.New(sha1.New, []byte(key)) // twilio.com/docs/usage/security: the URL, then names and values of the form in order
		fmt.Fprint(h, "https://shop.example"+path+"BodyhelloFrom+1")
		header := map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": base64.StdEncoding.EncodeToString(h.Sum(nil)),
		}
		if status := front.post(path, header, []byte("Body=hello&From=%2B1")); status != 200 {
			t.Fatalf("status %d", status)
		}
	}
	w.wait("the program", func() bool { return len(app.got()) == 2 })
	for _, m := range w.messages(s) {
		if got := m.Header["wh-path"]; len(got) != 1 || got[0] != path {
			t.Errorf("wh-path is %q", got)
		}
	}
	w.wait("both lines", func() bool { return strings.Count(l.out.String(), "✓ valid") == 2 }) // a line comes after the program's answer
	if out := l.out.String(); strings.Contains(out, "t0p-of-the-handler") {
		t.Errorf("it says\n%s", out)
	}
}

// A message of others is a POST of / with its own headers. One that is signed is verified.
func TestFromOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	js := w.jetstream()
	w.stream(js, webhooks())
	app := receive(t, always(200))
	l := w.behind("data", append(w.key(), "--forward", app.URL)...)
	w.publish(js, signed("", event("evt_1")), event("evt_1"))
	w.publish(js, nil, event("evt_2"))
	w.settled(js, "whctl")
	l.says("✗ missing_signature")
	if got := app.got(); len(got) != 1 || got[0].Method != "POST" || got[0].RequestURI != "/" || !got[0].holds {
		t.Errorf("%+v", got)
	}
}

// Whoever may publish can write any header. None of them makes another request than a sender could.
func TestFromHostile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	js := w.jetstream()
	w.stream(js, webhooks())
	app := receive(t, always(200))
	l := w.behind("data", append(w.key(), "--forward", app.URL)...)
	body := event("evt_1")
	h := signed("wh-h-", body)
	for name, value := range map[string]string{
		"wh-method": "GET / HTTP/1.1", "wh-path": "http://elsewhere/a", "wh-host": "a/b", "wh-public-url": "javascript:1", "wh-received": "2999-01-01T00:00:00.000Z",
		"wh-h-host": "elsewhere", "wh-h-content-length": "1", "wh-h-transfer-encoding": "chunked", "wh-h-connection": "close, stripe-signature", "wh-h-x-good": "1", "wh-verdict": "valid", "x-own": "1", "Nats-Rollup-Not": "all",
	} {
		h[name] = []string{value}
	}
	w.publish(js, h, body)
	w.wait("the program", func() bool { return len(app.got()) == 1 })
	got := app.got()[0]
	if !got.holds || got.Method != "POST" || got.RequestURI != "/" || "http://"+got.Host != app.URL || got.Header.Get("X-Good") != "1" || got.Header.Get("X-Own") != "" {
		t.Errorf("%s %s %s %v", got.Method, got.RequestURI, got.Host, got.Header)
	}
	many := signed("wh-h-", event("evt_2"))
	for i := range 300 {
		many[fmt.Sprintf("wh-h-x-%d", i)] = []string{"1"}
	}
	w.publish(js, many, event("evt_2"))
	l.says("a message has more than 256 headers")
	l.says("✗ missing_signature")
	w.settled(js, "whctl")
}

// What the program refuses for good does not come again and holds up nothing. What it cannot take now comes again, in its order.
func TestFromAgain(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{400: 2, 500: 3, 503: 3} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			js := w.jetstream()
			w.stream(js, webhooks())
			app := receive(t, first(status))
			l := w.behind("data", append(w.key(), "--forward", app.URL)...)
			for _, id := range []string{"evt_1", "evt_2"} {
				w.publish(js, signed("", event(id)), event(id))
			}
			w.wait("the second event", func() bool { return len(app.events()) == 2 })
			w.settled(js, "whctl")
			got := app.got()
			if len(got) != want || got[len(got)-1].id != "evt_2" {
				t.Errorf("%d requests, want %d:\n%s", len(got), want, l.out.String())
			}
			if says := strings.Contains(l.out.String(), "does not come again; send it again: whctl replay"); says != (status == 400) {
				t.Errorf("it says\n%s", l.out.String())
			}
			if out, err := w.whctl("journal", "list", "--outcome", "failed", "-o", "json"); err != nil || !strings.Contains(out, `"evt_1"`) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// A message that is under way for longer than the consumer waits is given to nobody else. A consumer that somebody made is used as it is,
// and a line says what does not fit.
func TestFromSlow(t *testing.T) {
	t.Parallel()
	const slowWait = 6 * time.Second // a third of it is time enough for a busy machine
	w := newWorld(t, nil)
	js := w.jetstream()
	s := w.stream(js, webhooks())
	if _, err := s.CreateConsumer(t.Context(), jetstream.ConsumerConfig{Durable: "mine", AckPolicy: jetstream.AckExplicitPolicy, AckWait: slowWait, MaxDeliver: 7}); err != nil {
		t.Fatal(err)
	}
	let := make(chan struct{})
	app := receive(t, func(int) int { <-let; return 200 })
	from := append(w.key(), "--from", "mine=nats://"+w.addr()+"/webhooks.>", "--forward", app.URL)
	l := w.run("data", from...)
	w.run("other", from...)
	l.says("consumer mine of stream WEBHOOKS is used as it is: it has the messages of all subjects, and not those of webhooks.>; it gives up a message after 7 times; it lets several messages be unacknowledged, so their order is not kept")
	w.publish(js, signed("", event("evt_1")), event("evt_1"))
	w.wait("the program", func() bool { return len(app.got()) == 1 })
	began := time.Now()
	w.wait("longer than the consumer waits", func() bool { return time.Since(began) > slowWait*3/2 })
	close(let)
	w.settled(js, "mine")
	if n := len(app.got()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// The first ^C finishes what is under way. The second gives it back at once, and another machine takes it.
func TestFromInterrupt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	js := w.jetstream()
	w.stream(js, webhooks())
	let := make(chan struct{})
	slow := receive(t, func(n int) int { <-let; return 200 })
	l := w.behind("data", append(w.key(), "--forward", slow.URL)...)
	w.publish(js, signed("", event("evt_1")), event("evt_1"))
	w.wait("the program", func() bool { return len(slow.got()) == 1 })
	l.interrupt()
	l.says("finishing what is under way")
	app := receive(t, always(200))
	w.behind("other", append(w.key(), "--forward", app.URL)...)
	if n := len(app.got()); n != 0 {
		t.Errorf("%d requests before the end", n)
	}
	l.interrupt()
	began := time.Now()
	w.wait("the other program", func() bool { return len(app.got()) == 1 })
	if took := time.Since(began); took > 45*time.Second { // the consumer waits for 58 s
		t.Errorf("given back after %s", took)
	}
	close(let)
	w.settled(js, "whctl")
}

// A stream that is not there, and a broker that is not, are told once with the next step. Once they are there, deliveries are taken.
func TestFromNothingThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.stop()
	app := receive(t, always(200))
	l := w.behind("data", append(w.key(), "--forward", app.URL)...)
	l.says("connection refused; start the NATS server")
	w.start()
	l.says("no stream has subject webhooks.>; make one, nats stream add WEBHOOKS --subjects")
	js := w.jetstream()
	w.stream(js, webhooks())
	w.publish(js, signed("", event("evt_1")), event("evt_1"))
	w.wait("the program", func() bool { return len(app.got()) == 1 })
	if out := l.out.String(); strings.Count(out, "no stream has subject") != 1 || strings.Count(out, "it answers again") != 1 {
		t.Errorf("it says\n%s", out)
	}
	w.settled(js, "whctl")
	w.stop()
	w.start()
	w.publish(w.jetstream(), signed("", event("evt_2")), event("evt_2"))
	w.wait("the program", func() bool { return len(app.got()) == 2 })
}

// A journal that cannot be written acknowledges nothing, and a line says so. Once it can, the message is taken.
func TestFromFullDisk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	js := w.jetstream()
	w.stream(js, webhooks())
	app := receive(t, always(200))
	args := append(w.key(), "--from", "nats://"+w.addr()+"/webhooks.>", "--forward", app.URL, "--scheme", "stripe", "--body", "none")
	full := &listener{w: w, cmd: exec.Command("sh", append([]string{"-c", `ulimit -f 2000; exec "$0" "$@"`, os.Getenv("WHCTL"), "listen"}, args...)...)}
	full.cmd.Env, full.cmd.Stdout, full.cmd.Stderr, full.cmd.Dir = w.env("data"), &full.out, &full.out, w.dir
	if err := full.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(full.kill)
	large := append(event("evt_1"), bytes.Repeat([]byte(" "), 900<<10)...)
	for range 2 {
		w.publish(js, signed("", large), large)
	}
	full.says("messages stay with their broker until they can be recorded")
	full.interrupt()
	_ = full.cmd.Wait()
	n := len(app.got())
	l := w.run("data", args[:len(args)-4]...)
	w.wait("the program", func() bool { return len(app.got()) == 2 })
	w.settled(js, "whctl")
	if n > 1 || strings.Count(full.out.String(), "storage lost") != 1 {
		t.Errorf("%d taken:\n%s\n%s", n, full.out.String(), l.out.String())
	}
}

// Two listeners that hand over to one another find the circle.
func TestFromCircle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	js := w.jetstream()
	w.stream(js, webhooks())
	w.stream(js, jetstream.StreamConfig{Name: "BACK", Subjects: []string{"back.>"}}) // a stream would keep the event out by its id
	at := "nats://" + w.addr() + "/"
	a := w.run("a", append(w.key(), "--from", "a="+at+"webhooks.>", "--forward", at+"back.all")...)
	w.run("b", append(w.key(), "--from", "b="+at+"back.all", "--forward", at+"webhooks.all")...)
	w.publish(js, signed("", event("evt_1")), event("evt_1"))
	a.says("a message came back to where it was handed on")
	w.settled(js, "a")
	out, err := w.whctl("listen", "--from", at+"webhooks.*", "--forward", at+"webhooks.{scheme}", "--for", "1ms")
	if err == nil || !strings.Contains(out, "--from takes deliveries from there") {
		t.Errorf("%v: %s", err, out)
	}
}

// A run ends after its number of deliveries, and leaves the others to the next. whctl expect works with a source too.
func TestFromEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	js := w.jetstream()
	w.stream(js, webhooks())
	for i := range 13 {
		id := fmt.Sprintf("evt_%d", i)
		w.publish(js, signed("", event(id)), event(id))
	}
	common := append(w.key(), "--scheme", "stripe", "--from", "nats://"+w.addr()+"/webhooks.>")
	for range 5 {
		if out, err := w.whctl(append([]string{"listen", "--exit-after", "2", "-o", "json"}, common...)...); err != nil || strings.Count(out, `"type":"delivery"`) != 2 || !strings.Contains(out, `"from":["nats://`) {
			t.Errorf("%v: %s", err, out)
		}
	}
	if out, err := w.whctl(append([]string{"expect", "--type", "charge.succeeded", "--count", "3", "--within", "20s", "--verified"}, common...)...); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	w.settled(js, "whctl")
	if out, err := w.whctl(append([]string{"listen", "--for", "100ms", "-o", "json"}, common...)...); err != nil || strings.Contains(out, `"type":"delivery"`) {
		t.Errorf("%v: %s", err, out)
	}
}

// Other commands see a listener without a socket, and /metrics says how many messages wait.
func TestFromIsSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	js := w.jetstream()
	w.stream(js, webhooks())
	let := make(chan struct{})
	app := receive(t, func(int) int { <-let; return 200 })
	l := w.behind("data", append(w.key(), "--forward", app.URL, "--admin", "127.0.0.1:0", "-o", "json")...)
	for i := range 4 {
		id := fmt.Sprintf("evt_%d", i)
		w.publish(js, signed("", event(id)), event(id))
	}
	w.wait("the program", func() bool { return len(app.got()) == 1 })
	_, admin, _ := strings.Cut(l.out.String(), `"adminUrl":"`)
	admin, _, _ = strings.Cut(admin, `"`)
	w.wait("the lag", func() bool {
		return strings.Contains(get(t, admin+"/metrics"), "whctl_source_lag_messages 3") || strings.Contains(get(t, admin+"/metrics"), "whctl_source_lag_messages 2")
	})
	if body := get(t, admin+"/readyz"); body == "" {
		t.Error("nothing at /readyz")
	}
	if out, err := w.whctl("status", "-o", "json"); err != nil || !strings.Contains(out, w.addr()+"/webhooks.>") {
		t.Errorf("%v: %s", err, out)
	}
	close(let)
	w.settled(js, "whctl")
	if err := l.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := l.cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, l.out.String())
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	var b bytes.Buffer
	_, _ = b.ReadFrom(res.Body)
	return b.String()
}

// A signature is verified as of when the delivery was received first, however long the stream had it. The program gets a fresh one, and the
// recorded delivery verifies again.
func TestFromOld(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	js := w.jetstream()
	w.stream(js, webhooks())
	app := receive(t, always(200))
	l := w.behind("data", append(w.key(), "--forward", app.URL)...)
	body, then := event("evt_1"), time.Now().Add(-5*time.Hour)
	w.publish(js, nats.Header{
		"wh-received":           {then.UTC().Format("2006-01-02T15:04:05.000Z07:00")},
		"wh-h-stripe-signature": {fmt.Sprintf("t=%d,v1=%s", then.Unix(), mac(then.Unix(), body))},
	}, body)
	w.wait("the program", func() bool { return len(app.got()) == 1 })
	got := app.got()[0]
	if at, _ := signatureOf(got.Header.Get("Stripe-Signature")); !got.holds || time.Since(time.Unix(at, 0)) > time.Minute {
		t.Errorf("the program got %s", got.Header.Get("Stripe-Signature"))
	}
	l.says("✓ valid")
	l.says("resigned")
	w.settled(js, "whctl")
	if out, err := w.whctl("verify", "--delivery", "last", "--scheme", "stripe", "--secret-file", w.dir+"/key"); err != nil || !strings.HasPrefix(out, "valid: ") {
		t.Errorf("%v: %s", err, out)
	}
}

// What a killed listener had under way another one gets.
func TestFromKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	js := w.jetstream()
	w.stream(js, webhooks())
	let := make(chan struct{})
	app := receive(t, func(n int) int {
		if n == 0 {
			<-let
		}
		return 200
	})
	l := w.behind("data", append(w.key(), "--timeout", "2s", "--forward", app.URL)...)
	for _, id := range []string{"evt_1", "evt_2"} {
		w.publish(js, signed("", event(id)), event(id))
	}
	w.wait("the program", func() bool { return len(app.got()) == 1 })
	l.kill()
	w.behind("other", append(w.key(), "--timeout", "2s", "--forward", app.URL)...)
	w.wait("both events", func() bool { return len(app.events()) == 2 })
	close(let)
	w.settled(js, "whctl")
	if got := app.got(); len(got) != 3 || got[1].id != "evt_1" || got[2].id != "evt_2" {
		t.Errorf("%+v", got)
	}
}

// With --addr requests are taken beside messages. Wrong credentials are told and shown nowhere.
func TestFromBeside(t *testing.T) {
	t.Parallel()
	const right, wrong = "password-that-is-right", "password-that-is-wrong"
	w := newWorld(t, func(o *server.Options) { o.Username, o.Password = "whctl", right })
	js := w.jetstream(nats.UserInfo("whctl", right))
	w.stream(js, webhooks())
	app := receive(t, always(200))
	args := append(w.key(), "--addr", "127.0.0.1:0", "--forward", app.URL, "--nats-creds", w.write("creds", "whctl:"+wrong))
	l := w.behind("data", args...)
	l.says("the broker does not take the credentials; give those it asks for: --nats-creds FILE")
	if status := l.send(event("evt_1")); status != 200 {
		t.Errorf("status %d", status)
	}
	l.kill()
	if strings.Contains(l.out.String(), wrong) {
		t.Errorf("the password is shown:\n%s", l.out.String())
	}
	w.write("creds", "whctl:"+right)
	l = w.behind("data", args...)
	w.publish(js, signed("", event("evt_2")), event("evt_2"))
	if status := l.send(event("evt_3")); status != 200 {
		t.Errorf("status %d", status)
	}
	w.wait("all events", func() bool { return len(app.events()) == 3 })
	w.settled(js, "whctl")
}
