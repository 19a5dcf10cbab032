package brokers

// Events that come twice, and what answers their sender.

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
)

// An event that comes again after the stream's window is there twice, save where it has a subject of its own.
func TestDedupe(t *testing.T) {
	t.Parallel()
	for way, want := range map[string]int{"window": 2, "subject": 1} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			config := webhooks()
			config.Duplicates = 100 * time.Millisecond
			s := w.stream(w.jetstream(), config)
			to := []string{"--ack", "sink", "--dedupe", way, "--forward", "nats://" + w.addr() + "/webhooks.{scheme}.{id}"}
			l := w.listen(to...)
			if status := l.send(event("evt_1")); status != 200 {
				t.Fatalf("status %d: %s", status, l.out.String())
			}
			first := w.messages(s)[0].Time
			w.wait("the window's end", func() bool { return time.Since(first) > 500*time.Millisecond })
			l.kill()
			l = w.listen(to...)
			for _, id := range []string{"evt_1", "evt_2"} {
				if status := l.send(event(id)); status != 200 {
					t.Fatalf("%s: status %d: %s", id, status, l.out.String())
				}
			}
			count := 0
			for _, m := range w.messages(s) {
				if m.Header.Get("ce-id") == "evt_1" {
					count++
				}
			}
			if count != want {
				t.Errorf("%d messages of one event, want %d", count, want)
			}
		})
	}
}

// With --ack sink the broker answers, wherever it stands, and a program gets the delivery from the queue.
func TestAckSink(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	s := w.stream(w.jetstream(), webhooks())
	var got atomic.Int32
	app := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		got.Add(1)
		rw.WriteHeader(http.StatusTeapot)
	}))
	t.Cleanup(app.Close)
	l := w.listen("--ack", "sink", "--forward", app.URL, "--forward", "nats://"+w.addr()+"/webhooks.all")
	if status := l.send(event("evt_1")); status != 200 || len(w.messages(s)) != 1 {
		t.Errorf("status %d, %d messages", status, len(w.messages(s)))
	}
	w.wait("the program", func() bool { return got.Load() == 1 })
	w.stop()
	if status := l.send(event("evt_2")); status != 502 {
		t.Errorf("status %d without a broker", status)
	}
	for _, args := range [][]string{
		{"--ack", "sink", "--forward", app.URL},
		{"--ack", "sink"},
		{"--ack", "sink", "--route", "a=" + app.URL, "--forward", "nats://" + w.addr() + "/webhooks.all"},
		{"--dedupe", "subject", "--forward", "nats://" + w.addr() + "/webhooks.{id}"},
	} {
		out, err := w.whctl(append([]string{"listen", "--addr", "127.0.0.1:0", "--for", "1ms"}, args...)...)
		if err == nil || !strings.Contains(out, "hint:") {
			t.Errorf("%v: %v: %s", args, err, out)
		}
	}
}

// A window that is shorter than the provider sends an event again is told at the start, and so is a stream that is not there.
func TestWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	start := func(args ...string) string {
		out, err := w.whctl(append([]string{"listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--scheme", "baanx", "--secret-file", w.dir + "/key", "--forward", "bus=nats://" + w.addr() + "/webhooks.{scheme}.{id}"}, args...)...)
		if err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return out
	}
	if out := start(); !strings.Contains(out, "no stream takes subject webhooks.*.*") {
		t.Errorf("without a stream: %s", out)
	}
	if out := start(); !strings.Contains(out, "nats stream add WEBHOOKS --subjects 'webhooks.*.*'") || !strings.Contains(out, "senders get 502") {
		t.Errorf("no next step: %s", out)
	}
	w.stop()
	if out := start("--ack", "now"); !strings.Contains(out, "connection refused") || !strings.Contains(out, "deliveries wait in the queue; start the NATS server") {
		t.Errorf("without a server: %s", out)
	}
	w.start()
	js := w.jetstream()
	config := webhooks()
	config.Duplicates = 10 * time.Second
	w.stream(js, config)
	if out := start(); !strings.Contains(out, "finds duplicates for 10s") || !strings.Contains(out, "baanx sends an event again for 31s") || !strings.Contains(out, "--dedupe subject") {
		t.Errorf("with a short window: %s", out)
	}
	if out := start("--dedupe", "subject"); strings.Contains(out, "duplicates") {
		t.Errorf("with a subject each: %s", out)
	}
	config.Duplicates = time.Minute
	if _, err := js.UpdateStream(t.Context(), jetstream.StreamConfig(config)); err != nil {
		t.Fatal(err)
	}
	if out := start(); strings.Contains(out, "duplicates") {
		t.Errorf("with a window that is long enough: %s", out)
	}
}

// TestNoJetStream starts with an account that has no JetStream: the server's own error is told, and not that there is no stream.
func TestNoJetStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *server.Options) {
		plain := server.NewAccount("PLAIN")
		o.Accounts, o.Users = []*server.Account{plain}, []*server.User{{Username: "plain", Password: "s3cr3t-of-plain", Account: plain}}
	})
	out, err := w.whctl("listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--scheme", "baanx", "--secret-file", w.dir+"/key",
		"--nats-creds", w.write("creds", "plain:s3cr3t-of-plain"), "--forward", "bus=nats://"+w.addr()+"/webhooks.{scheme}.{id}")
	if err != nil || !strings.Contains(out, "the broker does not tell of its streams: ") || !strings.Contains(out, "JetStream 100") || strings.Contains(out, "s3cr3t") {
		t.Errorf("%v: %s", err, out)
	}
}
