package listen_test

// A target that verifies and is down for a long time, under a given clock: every job arrives, in order, with a signature that holds.

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/serve"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/target"
)

// patience is how long a test waits for what must come. It is far more than is needed on a machine that is not busy, and only a test that
// fails waits so long.
const patience = 90 * time.Second

// givenClock is a clock that a test moves.
type givenClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []givenTimer
}

type givenTimer struct {
	at   time.Time
	fire chan time.Time
}

func (c *givenClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *givenClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := givenTimer{c.now.Add(d), make(chan time.Time, 1)}
	if d <= 0 {
		t.fire <- c.now
	} else {
		c.timers = append(c.timers, t)
	}
	return t.fire
}

func (c *givenClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.timers = slices.DeleteFunc(c.timers, func(t givenTimer) bool {
		if t.at.After(c.now) {
			return false
		}
		t.fire <- c.now
		return true
	})
}

// shape is how a provider signs, and how the handler of a user checks that. The checks are written from the providers' pages, not with
// the code under test.
type shape struct {
	name, scheme, key string
	rename            string // the beginning of header names that this sender uses instead of the scheme's first ones
	timed             bool   // a signature holds for five minutes
	holds             func(c check) error
}

// check is one request as a handler sees it.
type check struct {
	header http.Header
	url    string
	body   string
	now    time.Time
}

const secretText = "whk_exampleonly0000000000000000000000011"

func shapes() []shape {
	base := "whsec_" + base64.StdEncoding.EncodeToString([]byte(secretText))
	return []shape{
		{name: "baanx", scheme: "baanx", key: secretText, timed: true, holds: func(c check) error {
			at := c.header.Get("X-Timestamp")
			return errors.Join(c.fresh(at), same(c.header.Get("X-Signature"), hex.EncodeToString(mac(at, ".", c.body))))
		}},
		{name: "stripe", scheme: "stripe", key: secretText, timed: true, holds: func(c check) error {
			at, rest, _ := strings.Cut(strings.TrimPrefix(c.header.Get("Stripe-Signature"), "t="), ",")
			return errors.Join(c.fresh(at), same(rest, "v1="+hex.EncodeToString(mac(at, ".", c.body))))
		}},
		{name: "github", scheme: "github", key: secretText, holds: func(c check) error {
			return same(c.header.Get("X-Hub-Signature-256"), "sha256="+hex.EncodeToString(mac(c.body)))
		}},
		{name: "slack", scheme: "slack", key: secretText, timed: true, holds: func(c check) error {
			at := c.header.Get("X-Slack-Request-Timestamp")
			return errors.Join(c.fresh(at), same(c.header.Get("X-Slack-Signature"), "v0="+hex.EncodeToString(mac("v0:", at, ":", c.body))))
		}},
		{name: "standard webhooks", scheme: "standard-webhooks", key: base, timed: true, holds: func(c check) error { return c.standard("webhook-") }},
		{name: "svix", scheme: "svix", key: base, timed: true, holds: func(c check) error { return c.standard("svix-") }},
		{name: "svix, other names", scheme: "svix", key: base, rename: "webhook-", timed: true, holds: func(c check) error { return c.standard("webhook-") }},
		{name: "url", scheme: "hubspot.v3", key: secretText, timed: true, holds: func(c check) error {
			at := c.header.Get("X-HubSpot-Request-Timestamp")
			want := base64.StdEncoding.EncodeToString(mac(http.MethodPost, c.url, c.body, at))
			return errors.Join(c.fresh(strings.TrimSuffix(at, at[max(len(at)-3, 0):])), same(c.header.Get("X-HubSpot-Signature-v3"), want))
		}},
		{name: "token", scheme: "gitlab", key: secretText, holds: func(c check) error { return same(c.header.Get("X-Gitlab-Token"), secretText) }},
	}
}

func mac(parts ...string) []byte {
	m := hmac.New(sha256.New, []byte(secretText))
	for _, p := range parts {
		_, _ = io.WriteString(m, p)
	}
	return m.Sum(nil)
}

func same(got, want string) error {
	if !hmac.Equal([]byte(got), []byte(want)) {
		return fmt.Errorf("the signature is %q, want %q", got, want)
	}
	return nil
}

// fresh checks a time in Unix seconds.
func (c check) fresh(at string) error {
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return err
	}
	if age := c.now.Sub(time.Unix(seconds, 0)); age.Abs() > 5*time.Minute {
		return fmt.Errorf("it was signed %s ago", age)
	}
	return nil
}

// standard checks as https://www.standardwebhooks.com has it.
func (c check) standard(begin string) error {
	id, at := c.header.Get(begin+"id"), c.header.Get(begin+"timestamp")
	return errors.Join(c.fresh(at), same(c.header.Get(begin+"signature"), "v1,"+base64.StdEncoding.EncodeToString(mac(id, ".", at, ".", c.body))))
}

// outage is a listener in front of a target that is down, with a journal that outlives it.
type outage struct {
	shape
	clock  *givenClock
	rules  *sign.Rules
	keys   []judge.Key
	file   string
	target string // its address
	url    string // of the listener

	journal *journal.Journal
	events  chan record.Event
	end     func()

	mu      sync.Mutex
	arrived []string
	refused []error
}

func newOutage(t *testing.T, s shape) *outage {
	t.Helper()
	spec, err := scheme.Builtin(s.scheme)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := sign.Compile(spec)
	if err != nil {
		t.Fatal(err)
	}
	key, err := rules.Key(s.key)
	if err != nil {
		t.Fatal(err)
	}
	return &outage{
		shape: s, clock: &givenClock{now: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}, rules: rules, keys: []judge.Key{{Label: "the key", Key: key}},
		file: filepath.Join(t.TempDir(), "journal.db"), target: closedPort(t),
	}
}

// closedPort is an address on which nothing listens. Its port is below those that systems give out, so that no test beside this one
// gets it.
func closedPort(t *testing.T) string {
	t.Helper()
	for range 100 {
		ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000)))
		if err == nil {
			_ = ln.Close()
			return ln.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

// start starts the listener, on the journal as it is.
func (o *outage) start(t *testing.T) {
	t.Helper()
	var err error
	if o.journal, err = journal.Open(t.Context(), o.file, journal.Options{Now: o.clock.Now}); err != nil {
		t.Fatal(err)
	}
	judging := judge.New(o.rules, o.keys, judge.Options{})
	o.events = make(chan record.Event, 100_000)
	app := target.Target{URL: "http://" + o.target, Name: "app", Named: true}
	l := listen.New(listen.Options{
		Profile: "test", Judge: func(context.Context) *judge.Judge { return judging }, MaxBody: 1 << 20, Recorder: o.journal, AckNow: true,
		Now: o.clock.Now, After: o.clock.After, Emit: func(_ time.Time, e record.Event) { o.events <- e },
		Targets: []target.Target{app}, Router: listen.Router{Routes: []listen.Route{listen.Rest(app)}},
		Queue: listen.Queue{
			Jobs: o.journal.Backlog("test", journal.TakeUp), MaxJobs: 100_000, MaxBytes: 1 << 30,
			Policy: queue.Policy{Width: 1, GiveUp: 72 * time.Hour, Now: o.clock.Now, Rand: queue.NoJitter},
		},
		Open: func(to target.Target) target.Sender {
			return target.NewHTTP(to, deliver.New(deliver.Options{MaxBody: listen.KeptBody}), o.clock.Now)
		},
	})
	ln, err := serve.Open(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.url = "http://" + ln.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Serve(ctx, l.Socket(ln)) }()
	o.end = func() {
		cancel()
		if err := errors.Join(<-ended, o.journal.Close()); err != nil {
			t.Error(err)
		}
	}
}

// send sends a delivery that is signed now.
func (o *outage) send(t *testing.T, n int) {
	t.Helper()
	body := fmt.Sprintf(`{"n":%d}`, n)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.url+"/hooks?a=b", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := o.rules.Sign(sign.SignRequest{
		Time: o.clock.Now(), ID: fmt.Sprintf("msg_%d", n), Method: http.MethodPost, URL: req.URL.String(), Body: strings.NewReader(body),
	}, []sign.Key{o.keys[0].Key})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range signed.Fields {
		name := f.Name
		if _, rest, found := strings.Cut(name, "-"); found && o.rename != "" {
			name = o.rename + rest
		}
		req.Header.Set(name, f.Value)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("delivery %d was answered %d", n, resp.StatusCode)
	}
}

// await waits for an event that is asked for. Time goes on meanwhile, a second at a time.
func (o *outage) await(t *testing.T, wanted func(record.Event) bool) {
	t.Helper()
	const second = 2 * time.Millisecond // of the given clock
	tick, limit := time.NewTicker(second), time.NewTimer(patience)
	defer tick.Stop()
	defer limit.Stop()
	for {
		select {
		case e := <-o.events:
			if wanted(e) {
				return
			}
		case <-tick.C:
			o.clock.advance(time.Second)
		case <-limit.C:
			t.Fatal("what is waited for never came")
		}
	}
}

func tried(e record.Event) bool { _, ok := e.(record.Attempted); return ok }

// pass lets time pass until a moment, in some large steps. After each of them the target is tried once.
func (o *outage) pass(t *testing.T, until time.Time) {
	t.Helper()
	step := until.Sub(o.clock.Now()) / 8
	for o.clock.Now().Add(step).Before(until) {
		o.clock.advance(step)
		o.await(t, tried)
	}
}

// up starts the target.
func (o *outage) up(t *testing.T) {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", o.target)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		err := o.holds(check{r.Header, "http://" + r.Header.Get("X-Forwarded-Host") + r.URL.RequestURI(), string(body), o.clock.Now()})
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.arrived = append(o.arrived, string(body)); err != nil {
			o.refused = append(o.refused, err)
			w.WriteHeader(http.StatusUnauthorized)
		}
	})}
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close() })
}

// A target that was down gets everything that came meanwhile, in order, each with a signature that its own check takes. The pauses
// used up no try. The listener is started again in between, so that what it sends comes from the journal, which has no secrets.
func TestOutage(t *testing.T) {
	t.Parallel()
	for _, s := range shapes() {
		for _, down := range []time.Duration{10 * time.Minute, 24 * time.Hour, 72 * time.Hour} {
			t.Run(fmt.Sprintf("%s, %s", s.name, down), func(t *testing.T) {
				t.Parallel()
				const each = 3
				o := newOutage(t, s)
				began := o.clock.Now()
				o.start(t)
				for n := range each {
					o.send(t, n)
				}
				o.await(t, tried)
				o.pass(t, began.Add(down/2))
				o.end()
				o.start(t)
				for n := range each {
					o.send(t, each+n)
				}
				o.pass(t, began.Add(down))
				o.up(t)
				o.clock.advance(max(began.Add(down).Sub(o.clock.Now()), time.Minute))
				done := 0
				o.await(t, func(e record.Event) bool {
					if a, ok := e.(record.Attempted); ok && a.Attempt.Outcome != record.OutcomeUnreachable {
						done++
					}
					return done == 2*each
				})
				o.check(t, 2*each)
				o.end()
			})
		}
	}
}

// check compares what arrived with what was sent, and looks at what the journal says of it.
func (o *outage) check(t *testing.T, n int) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := errors.Join(o.refused...); err != nil {
		t.Errorf("the target refused: %s", err)
	}
	for i := range n {
		if want := fmt.Sprintf(`{"n":%d}`, i); len(o.arrived) != n || o.arrived[i] != want {
			t.Fatalf("there arrived %q", o.arrived)
		}
	}
	jobs, err := o.journal.Jobs(t.Context(), journal.JobFilter{})
	if err != nil || len(jobs) != n {
		t.Fatalf("%d jobs, %v", len(jobs), err)
	}
	for _, job := range jobs {
		if job.State != record.JobDelivered || job.Tries != 1 {
			t.Errorf("job %s is %s after %d tries", job.ID(), job.State, job.Tries)
		}
		attempts, err := o.journal.Attempts(t.Context(), job.DeliveryID)
		if err != nil || len(attempts) == 0 {
			t.Fatalf("%d attempts, %v", len(attempts), err)
		}
		want := record.AsCaptured
		if o.timed {
			want = record.Resigned
		}
		if last := attempts[len(attempts)-1]; last.Signing != want || last.Overtook {
			t.Errorf("job %s was signed %q, overtook %t; want %q", job.ID(), last.Signing, last.Overtook, want)
		}
	}
}

// What waits for a target that is down for days takes no more memory with the time.
func TestOutageMemory(t *testing.T) { //nolint:paralleltest // the memory of the process is measured
	const jobs, most = 2000, 2 << 20
	o := newOutage(t, shapes()[0])
	o.start(t)
	defer o.end()
	var senders sync.WaitGroup
	for s := range 16 {
		senders.Go(func() {
			for n := s; n < jobs; n += 16 {
				o.send(t, n)
			}
		})
	}
	senders.Wait()
	o.await(t, tried)
	before := heap()
	o.pass(t, o.clock.Now().Add(24*time.Hour))
	o.pass(t, o.clock.Now().Add(24*time.Hour))
	o.pass(t, o.clock.Now().Add(23*time.Hour))
	after := heap()
	t.Logf("%d jobs: %d KiB at the beginning, %d KiB after three days", jobs, before>>10, after>>10)
	if after > before+most {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
