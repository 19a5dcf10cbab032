package brokers

// The programs of docs/guides/consumers.md, as the page has them: they verify from the message alone, store each event once, and say what
// is not valid.

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/twmb/franz-go/pkg/kgo"
)

// page is where the programs stand.
const page = "../../docs/guides/consumers.md"

// written takes a file out of the page.
func written(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?ms)^`" + regexp.QuoteMeta(name) + "`:\n\n```\\w+\n(.*?)^```$").FindSubmatch(text)
	if m == nil {
		t.Fatalf("%s has no file %s", page, name)
	}
	return m[1]
}

// nodeConsumer is the command of the program for Node, in a folder of its own.
func nodeConsumer(t *testing.T, w *world) *exec.Cmd {
	t.Helper()
	modules, err := filepath.Abs("node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(modules, filepath.Join(w.dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"consumer.mjs", "webhook.mjs", "kafka.mjs"} {
		w.write(name, string(written(t, name)))
	}
	w.write("standard-webhooks.mjs", w.verifier("standard-webhooks", "node"))
	return exec.Command("node", "consumer.mjs")
}

// goConsumer is the command of the program for Go, which is built with the modules of this folder.
func goConsumer(t *testing.T, w *world) *exec.Cmd {
	t.Helper()
	src := filepath.Join(w.dir, "src")
	if err := os.MkdirAll(filepath.Join(src, "stripe"), 0o700); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	w.write("src/go.mod", regexp.MustCompile(`(?m)^module .*$`).ReplaceAllString(string(mod), "module consumer"))
	w.write("src/go.sum", string(sum))
	w.write("src/main.go", string(written(t, "main.go")))
	w.write("src/stripe/verify.go", w.verifier("stripe", "go"))
	build := exec.Command("go", "build", "-o", filepath.Join(w.dir, "consumer"), ".")
	build.Dir = src
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return exec.Command(filepath.Join(w.dir, "consumer"))
}

// verifier is the code that whctl writes for a scheme.
func (w *world) verifier(scheme, language string) string {
	w.t.Helper()
	code, err := w.whctl("schemes", "show", scheme, "--code", language)
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

// consumer is one of the programs while it runs.
type consumer struct {
	w        *world
	cmd      *exec.Cmd
	out, err output
}

func (w *world) consume(program *exec.Cmd) *consumer {
	w.t.Helper()
	c := &consumer{w: w, cmd: exec.Command(program.Path, program.Args[1:]...)}
	c.cmd.Dir, c.cmd.Stdout, c.cmd.Stderr = w.dir, &c.out, &c.err
	c.cmd.Env = append(os.Environ(), "NATS_URL="+w.addr(), "KAFKA_BROKERS="+w.kafka, "STRIPE_KEY="+secret, "STANDARD_WEBHOOKS_KEY="+secret)
	if err := c.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.kill)
	return c
}

func (c *consumer) kill() {
	if c.cmd.ProcessState == nil {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	}
}

// stop asks the program to end, which it does by itself.
func (c *consumer) stop() {
	c.w.t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		c.w.t.Fatal(err)
	}
	over := time.AfterFunc(patience, func() { _ = c.cmd.Process.Kill() })
	defer over.Stop()
	if err := c.cmd.Wait(); err != nil {
		c.w.t.Errorf("it did not end by itself: %v: %s", err, c.err.String())
	}
}

// done waits until the stream knows what became of all messages.
func (w *world) done(s jetstream.Stream, n int) {
	w.t.Helper()
	w.wait(fmt.Sprintf("the consumer of %d messages", n), func() bool {
		c, err := s.Consumer(w.t.Context(), "shop")
		if err != nil {
			return false
		}
		info, err := c.Info(w.t.Context())
		return err == nil && info.NumAckPending == 0 && info.NumPending == 0 && info.AckFloor.Stream == uint64(n)
	})
}

// inbox is what the program stored: hashes by the names of files. It is empty until the program has made its folder.
func (w *world) inbox() map[string][32]byte {
	w.t.Helper()
	files, err := os.ReadDir(filepath.Join(w.dir, "inbox"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.t.Fatal(err)
	}
	stored := map[string][32]byte{}
	for _, f := range files {
		if strings.HasPrefix(f.Name(), ".") { // on its way
			continue
		}
		body, err := os.ReadFile(filepath.Join(w.dir, "inbox", f.Name()))
		if err != nil {
			w.t.Fatal(err)
		}
		stored[f.Name()] = sha256.Sum256(body)
	}
	return stored
}

// inboxName is the file for an event.
func inboxName(scheme, id string) string {
	sum := sha256.Sum256([]byte(scheme + ":" + id))
	return hex.EncodeToString(sum[:])
}

// sendStandard delivers a body as Standard Webhooks has it, signed by their library.
func (l *listener) sendStandard(id string, body []byte) {
	l.w.t.Helper()
	signer, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		l.w.t.Fatal(err)
	}
	at := time.Now()
	signature, err := signer.Sign(id, at, body)
	if err != nil {
		l.w.t.Fatal(err)
	}
	header := map[string]string{"Webhook-Id": id, "Webhook-Timestamp": fmt.Sprint(at.Unix()), "Webhook-Signature": signature}
	if status := l.post("/hooks", header, body); status != 200 {
		l.w.t.Fatalf("%s: status %d: %s", id, status, l.out.String())
	}
}

// Both programs store every event once, with its bytes, and name each message that nobody signed.
func TestConsumers(t *testing.T) {
	t.Parallel()
	for name, program := range map[string]func(*testing.T, *world) *exec.Cmd{"Node": nodeConsumer, "Go": goConsumer} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			js := w.jetstream()
			s := w.stream(js, webhooks())
			command := program(t, w)
			c := w.consume(command)
			want := w.odd([]string{"--ack", "now", "--forward", "nats://" + w.addr() + "/webhooks.{scheme}.{id}"})
			n := len(want)
			w.waitFor(s, n)
			w.done(s, n)
			c.kill() // it is killed with nothing open, and what comes meanwhile waits

			again, forged := w.forge(js, w.messages(s))
			c = w.consume(command)
			w.done(s, n+again+len(forged))
			c.stop()
			if got := w.inbox(); !maps.Equal(got, want) {
				t.Errorf("stored %d of %d events, or other bytes: %v, want %v", len(got), len(want), got, want)
			}
			if got := strings.Count(c.out.String(), "again: "); got != again || strings.Contains(c.out.String(), "stored: ") {
				t.Errorf("%d events came again, want %d:\n%s", got, again, c.out.String())
			}
			for i, what := range forged {
				if !strings.Contains(c.err.String(), fmt.Sprintf("not valid: message %d:", n+again+i+1)) {
					t.Errorf("%s is not told", what)
				}
			}
			if strings.Count(c.err.String(), "not valid: ") != len(forged) || strings.Contains(c.out.String()+c.err.String(), secret) {
				t.Errorf("the program says:\n%s", c.err.String())
			}
		})
	}
}

// odd sends events of two providers, with bodies that a parser would change, through a listener each.
func (w *world) odd(to []string) map[string][32]byte {
	w.t.Helper()
	want := map[string][32]byte{}
	stripe := w.listenIn("stripe", to...)
	for id, body := range map[string]string{
		"evt_blanks":  "\n\t { \"id\" :\"evt_blanks\" , \"type\":\"charge.succeeded\", \"n\":1.50e+02}\r\n ",
		"evt_escaped": `{"id":"evt_\u0065scaped","type":"charge.succeeded","text":"\u00e9\/\u2028é😀\ud83d\ude00"}`,
		"evt 100% é":  `{"id":"evt 100% é","type":"charge.succeeded","id2":"a+b"}`,
	} {
		if status := stripe.send([]byte(body)); status != 200 {
			w.t.Fatalf("%s: status %d: %s", id, status, stripe.out.String())
		}
		want[inboxName("stripe", id)] = sha256.Sum256([]byte(body))
	}
	standard := w.listenIn("standard", append(to, "--scheme", "standard-webhooks")...)
	for id, body := range map[string]string{
		"msg_empty":  "",
		"msg_binary": "\x00\xff\xfe\x80{\"type\":\"a\"}\xc3",
		"msg_bom":    "\ufeff{\"type\":\"a.b\"} ",
		"msg_form":   "a=1&b=%2B+%zz\n",
	} {
		standard.sendStandard(id, []byte(body))
		want[inboxName("standard-webhooks", id)] = sha256.Sum256([]byte(body))
	}
	return want
}

// forge publishes past whctl: first messages that are right and came already, then what nobody signed, each said to be valid.
func (w *world) forge(js jetstream.JetStream, right []*jetstream.RawStreamMsg) (again int, forged []string) {
	w.t.Helper()
	publish := func(data []byte, header map[string][]string) {
		m := &nats.Msg{Subject: fmt.Sprintf("webhooks.other.%d", again+len(forged)), Data: data, Header: header}
		m.Header.Del("Nats-Msg-Id")
		if _, err := js.PublishMsg(w.t.Context(), m); err != nil {
			w.t.Fatal(err)
		}
	}
	for _, m := range right {
		publish(m.Data, maps.Clone(m.Header))
		again++
	}
	for _, f := range forgeries() {
		for _, scheme := range []string{"stripe", "standard-webhooks"} {
			i := slices.IndexFunc(right, func(m *jetstream.RawStreamMsg) bool { return m.Header.Get("wh-scheme") == scheme && len(m.Data) > 0 })
			publish(f.of(right[i].Data, maps.Clone(right[i].Header), "ce-id"))
			forged = append(forged, f.name+" of "+scheme)
		}
	}
	return again, forged
}

// forgery is a message that nobody signed, made of one that is right.
type forgery struct {
	name string
	of   func(data []byte, header map[string][]string, id string) ([]byte, map[string][]string)
}

// forgeries are those that a consumer has to tell. id is the header with the event's id.
func forgeries() []forgery {
	with := func(name string, values ...string) func([]byte, map[string][]string, string) ([]byte, map[string][]string) {
		return func(data []byte, header map[string][]string, id string) ([]byte, map[string][]string) {
			if name == "" {
				name = id
			}
			if header[name] = values; values == nil {
				delete(header, name)
			}
			return data, header
		}
	}
	signatures := []string{"wh-h-stripe-signature", "wh-h-webhook-signature"}
	return []forgery{
		{"a changed body", func(data []byte, header map[string][]string, _ string) ([]byte, map[string][]string) {
			return append(slices.Clone(data), ' '), header
		}},
		{"another id", with("", "evt_other")},
		{"no id", with("")},
		{"an id that is no text", with("", "%zz")},
		{"an old signature", with("wh-received", time.Now().Add(time.Hour).UTC().Format(time.RFC3339))},
		{"a time that is none", with("wh-received", "x")},
		{"no time", with("wh-received")},
		{"another scheme", with("wh-scheme", "github")},
		{"a scheme that is a property", with("wh-scheme", "constructor")},
		{"no headers", func(data []byte, _ map[string][]string, _ string) ([]byte, map[string][]string) {
			return data, map[string][]string{}
		}},
		{"no signature", func(data []byte, header map[string][]string, _ string) ([]byte, map[string][]string) {
			for _, name := range signatures {
				delete(header, name)
			}
			return data, header
		}},
		{"a signature twice", func(data []byte, header map[string][]string, _ string) ([]byte, map[string][]string) {
			for _, name := range signatures {
				if values := header[name]; values != nil {
					header[name] = slices.Concat(values, values)
				}
			}
			return data, header
		}},
	}
}

// A consumer of Kafka does the same: it stores every event once, with its bytes, and names each message that nobody signed.
func TestKafkaConsumer(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	k.w.kafka = k.addr()
	command := nodeConsumer(t, k.w)
	want := k.w.odd(k.to("webhooks"))
	right := k.waitFor("webhooks", len(want))
	cl, err := kgo.NewClient(kgo.SeedBrokers(k.addr()), kgo.ProducerBatchCompression(kgo.NoCompression())) // kafkajs knows gzip alone
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	publish := func(data []byte, header map[string][]string) (place string) {
		r := &kgo.Record{Topic: "webhooks", Value: data}
		for name, values := range header {
			for _, value := range values {
				r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
			}
		}
		if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("message %d:%d:", r.Partition, r.Offset)
	}
	forged := map[string]string{}
	for _, r := range right {
		header := map[string][]string{}
		for _, h := range r.Headers {
			header[h.Key] = append(header[h.Key], string(h.Value))
		}
		publish(r.Value, header)
		if len(r.Value) == 0 {
			continue
		}
		for _, f := range forgeries() {
			data, changed := f.of(r.Value, maps.Clone(header), "ce_id")
			forged[publish(data, changed)] = f.name
		}
	}
	c := k.w.consume(exec.Command(command.Path, "kafka.mjs"))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the program says:\n%s\n%s", c.out.String(), c.err.String())
		}
	})
	k.w.wait("the consumer", func() bool {
		return strings.Count(c.out.String(), "\n") >= 2*len(right) && strings.Count(c.err.String(), "not valid: ") >= len(forged)
	})
	c.stop()
	if got := k.w.inbox(); !maps.Equal(got, want) {
		t.Errorf("stored %d of %d events, or other bytes", len(got), len(want))
	}
	for place, name := range forged {
		if !strings.Contains(c.err.String(), "not valid: "+place) {
			t.Errorf("%s is not told: %s", name, place)
		}
	}
	if told, again := strings.Count(c.err.String(), "not valid: "), strings.Count(c.out.String(), "again: "); told != len(forged) || again != len(right) {
		t.Errorf("%d messages are told as not valid, want %d; %d came again, want %d", told, len(forged), again, len(right))
	}
}
