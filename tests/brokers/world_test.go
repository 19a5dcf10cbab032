package brokers

// A NATS server in this process where a test wants one, whctl as a program beside it, and a provider that signs.

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// secret is the key of the deliveries. Stripe's keys are used as they are written, and those of Standard Webhooks are base64 behind whsec_.
const secret = "whsec_dGVzdC1vZi1icm9rZXJzLTAxMjM0NTY3ODk="

// patience bounds every wait.
const patience = 80 * time.Second

// world is one test's server, folder and programs.
type world struct {
	t      *testing.T
	dir    string
	opts   server.Options
	server *server.Server
	kafka  string // the address of a broker of Kafka's protocol, where there is one
}

func newWorld(t *testing.T, edit func(*server.Options)) *world {
	t.Helper()
	w := emptyWorld(t)
	w.opts = server.Options{
		Host: "127.0.0.1", Port: freePort(t), JetStream: true, StoreDir: filepath.Join(w.dir, "nats"), NoLog: true, NoSigs: true,
	}
	if edit != nil {
		edit(&w.opts)
	}
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

// emptyWorld has no server.
func emptyWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	w.write("key", secret)
	return w
}

// ports are those that tests were given: none twice.
var ports atomic.Int32

// freePort is a port that a server can have, and again after its end: it is not among those that systems give to whoever asks for any, or
// connects (/proc/sys/net/ipv4/ip_local_port_range begins with 32768).
func freePort(t *testing.T) int {
	t.Helper()
	const first, last = 16000, 32000
	for range last - first {
		port := first + (os.Getpid()*37+int(ports.Add(1)))%(last-first)
		ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		ln.Close()
		return port
	}
	t.Fatal("no port is free")
	return 0
}

func (w *world) write(name, content string) string {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// start starts the server, with what is in its folder.
func (w *world) start() {
	w.t.Helper()
	opts := w.opts
	s, err := server.NewServer(&opts)
	if err != nil {
		w.t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(patience) {
		w.t.Fatal("the NATS server does not start")
	}
	w.server = s
}

func (w *world) stop() {
	w.server.Shutdown()
	w.server.WaitForShutdown()
}

func (w *world) addr() string { return fmt.Sprintf("127.0.0.1:%d", w.opts.Port) }

// jetstream is the API of the server, for a consumer.
func (w *world) jetstream(o ...nats.Option) jetstream.JetStream {
	w.t.Helper()
	nc, err := nats.Connect("nats://"+w.addr(), o...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		w.t.Fatal(err)
	}
	return js
}

// stream makes a stream.
func (w *world) stream(js jetstream.JetStream, c jetstream.StreamConfig) jetstream.Stream {
	w.t.Helper()
	s, err := js.CreateStream(w.t.Context(), c)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// messages are all that a stream has, in its order.
func (w *world) messages(s jetstream.Stream) []*jetstream.RawStreamMsg {
	w.t.Helper()
	info, err := s.Info(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var all []*jetstream.RawStreamMsg
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq; seq++ {
		m, err := s.GetMsg(w.t.Context(), seq)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// wait asks until something holds.
func (w *world) wait(what string, holds func() bool) {
	w.t.Helper()
	tick, over := time.NewTicker(20*time.Millisecond), time.After(patience)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-over:
			w.t.Fatalf("waited for %s", what)
		}
	}
}

func (w *world) waitFor(s jetstream.Stream, n int) {
	w.t.Helper()
	w.wait(fmt.Sprintf("%d messages", n), func() bool {
		info, err := s.Info(w.t.Context())
		return err == nil && info.State.Msgs >= uint64(n)
	})
}

// env is that of whctl: nothing of the user's.
func (w *world) env(host string) []string {
	return []string{"HOME=" + w.dir, "PATH=" + os.Getenv("PATH"), "XDG_DATA_HOME=" + filepath.Join(w.dir, host), "XDG_CONFIG_HOME=" + filepath.Join(w.dir, "config"), "XDG_RUNTIME_DIR=" + w.dir, "TMPDIR=" + w.dir}
}

// whctl runs a command to its end.
func (w *world) whctl(args ...string) (out string, err error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, os.Getenv("WHCTL"), args...)
	c.Env = w.env("data")
	b, err := c.CombinedOutput()
	return string(b), err
}

// listener is whctl listen.
type listener struct {
	w   *world
	cmd *exec.Cmd
	out output
	url string
}

// output is what a program printed until now.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func (w *world) listen(args ...string) *listener {
	w.t.Helper()
	return w.listenIn("data", args...)
}

// listenIn is a listener with its journal in a folder, as on a machine of its own.
func (w *world) listenIn(host string, args ...string) *listener {
	w.t.Helper()
	return w.run(host, append([]string{"--addr", "127.0.0.1:0", "--secret-file", filepath.Join(w.dir, "key")}, args...)...)
}

// run is a listener with what it is given alone.
func (w *world) run(host string, args ...string) *listener {
	w.t.Helper()
	ready := filepath.Join(w.dir, fmt.Sprintf("ready-%d", time.Now().UnixNano()))
	l := &listener{w: w, cmd: exec.Command(os.Getenv("WHCTL"), append([]string{
		"listen", "--ready-file", ready, "--scheme", "stripe", "--body", "none",
	}, args...)...)}
	l.cmd.Env, l.cmd.Stdout, l.cmd.Stderr, l.cmd.Dir = w.env(host), &l.out, &l.out, w.dir
	if err := l.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(l.kill)
	w.t.Cleanup(func() {
		if l.url == "" {
			w.t.Logf("the listener says:\n%s", l.out.String())
		}
	})
	w.wait("the listener", func() bool {
		b, err := os.ReadFile(ready)
		if err != nil || len(b) == 0 {
			return false
		}
		l.url = "http://" + strings.TrimSpace(string(b))
		return true
	})
	return l
}

// kill ends the listener at once, as a crash does.
func (l *listener) kill() {
	if l.cmd.ProcessState == nil {
		_ = l.cmd.Process.Kill()
		_ = l.cmd.Wait()
	}
}

func (l *listener) says(text string) {
	l.w.t.Helper()
	tick, over := time.NewTicker(20*time.Millisecond), time.After(patience)
	defer tick.Stop()
	for !strings.Contains(l.out.String(), text) {
		select {
		case <-tick.C:
		case <-over:
			l.w.t.Fatalf("it does not say %q:\n%s", text, l.out.String())
		}
	}
}

// event is one event as Stripe sends it, in bytes that no JSON library writes.
func event(id string) []byte {
	return fmt.Appendf(nil, "{\n  \"id\": %q,   \"type\": \"charge.succeeded\",\"amount\":1.50, \"text\":\"\\u00e9\\/é\" }\n", id)
}

// send delivers a body as Stripe does (docs.stripe.com/webhooks: t=TIME,v1=HMAC-SHA256 of TIME.BODY), and gives the status.
func (l *listener) send(body []byte) int {
	l.w.t.Helper()
	at := time.Now().Unix()
	return l.post("/hooks?a=%2F", map[string]string{
		"Content-Type": "application/json", "Stripe-Signature": fmt.Sprintf("t=%d,v1=%s", at, mac(at, body)),
		"Authorization": "Bearer token-of-the-sender-1234567890",
	}, body)
}

// post sends a request, and gives the status; 0 where nobody answers.
func (l *listener) post(path string, header map[string]string, body []byte) int {
	l.w.t.Helper()
	r, err := http.NewRequestWithContext(l.w.t.Context(), http.MethodPost, l.url+path, bytes.NewReader(body))
	if err != nil {
		l.w.t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	return res.StatusCode
}

func mac(at int64, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(h, "%d.%s", at, body)
	return hex.EncodeToString(h.Sum(nil))
}
