package listen_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/serve"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
	"github.com/whctl/whctl/internal/target"
)

// rig is a listener with a real journal on real sockets.
type rig struct {
	url     string
	journal *journal.Journal
	events  chan record.Event
	stop    func()
	force   func()
	ended   <-chan error
}

func start(t *testing.T, change func(*listen.Options)) *rig {
	t.Helper()
	ln, err := serve.Open(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := startOn(t, change, func(l *listen.Listener) listen.Way { return l.Socket(ln) })
	r.url = "http://" + ln.Addr().String()
	return r
}

// startOn starts a listener on a way of its own.
func startOn(t *testing.T, change func(*listen.Options), way func(*listen.Listener) listen.Way) *rig {
	t.Helper()
	j, err := journal.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	spec, err := scheme.Builtin("baanx")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := sign.Compile(spec)
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan record.Event, 1024)
	judging := judge.New(rules, nil, judge.Options{})
	o := listen.Options{
		Profile: "test", Judge: func(context.Context) *judge.Judge { return judging }, MaxBody: 1000, Recorder: j, Now: time.Now, After: time.After,
		Queue: listen.Queue{
			Jobs: j.Backlog("test", journal.TakeUp), MaxJobs: 1000, MaxBytes: 1 << 30,
			Policy: queue.Policy{Width: 1, GiveUp: time.Hour, Now: time.Now, Rand: queue.NoJitter},
		},
		Emit: func(_ time.Time, e record.Event) { events <- e },
		Open: func(to target.Target) target.Sender {
			return target.NewHTTP(to, deliver.New(deliver.Options{MaxBody: listen.KeptBody}), time.Now)
		},
	}
	if change != nil {
		change(&o)
	}
	if o.Router.Routes == nil && len(o.Targets) > 0 {
		o.Router.Routes = []listen.Route{listen.Rest(o.Targets...)}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	l := listen.New(o)
	go func() { ended <- l.Serve(ctx, way(l)) }()
	t.Cleanup(cancel)
	return &rig{journal: j, events: events, stop: cancel, force: l.Force, ended: ended}
}

func post(t *testing.T, url, body string) (status int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

// next waits for the next event of a type.
func next[E record.Event](t *testing.T, r *rig) (e E) {
	t.Helper()
	limit := time.After(patience)
	for {
		select {
		case came := <-r.events:
			if e, ok := came.(E); ok {
				return e
			}
		case <-limit:
			t.Fatalf("no %T came", e)
		}
	}
}

// slowReader says that it was given an event, and does not return until somebody takes it.
type slowReader struct {
	given chan struct{}
	taken chan record.Event
}

func (r slowReader) Read(s hub.Stamped) { r.given <- struct{}{}; r.taken <- s.Event }
func (r slowReader) Close() error       { return nil }

// A reader that reads nothing must not keep a sender waiting, and is told what it has missed.
func TestSlowReaderDelaysNoDelivery(t *testing.T) {
	t.Parallel()
	var small hub.Hub
	slow := slowReader{given: make(chan struct{}, 100), taken: make(chan record.Event)}
	feed := small.Attach(slow, 2)
	small.Emit(time.Now(), record.Ready{})
	<-slow.given
	r := start(t, func(o *listen.Options) { o.Emit = small.Emit })
	for range 10 {
		if status := post(t, r.url, "{}"); status != 200 {
			t.Fatalf("answered %d", status)
		}
	}
	all, err := r.journal.List(t.Context(), journal.Filter{})
	if err != nil || len(all) != 10 {
		t.Fatalf("the journal has %d of 10, %v", len(all), err)
	}
	for range 3 {
		<-slow.taken
	}
	small.Emit(time.Now(), record.Ready{})
	if e, ok := (<-slow.taken).(record.Missed); !ok || e.Count != 8 || e.From == 0 {
		t.Errorf("got %+v, want to be told of 8 that were missed", e)
	}
	if n := feed.Dropped(); n != 8 {
		t.Errorf("%d were dropped", n)
	}
	if e, ok := (<-slow.taken).(record.Ready); !ok {
		t.Errorf("what came after the gap is %+v", e)
	}
}

type brokenRecorder struct{}

var errBroken = errors.New("disk on fire")

func (brokenRecorder) AppendDelivery(context.Context, *record.Delivery) error  { return errBroken }
func (brokenRecorder) SettleDuplicates(context.Context, []string) (int, error) { return 0, errBroken }

func (brokenRecorder) AppendAttempts(context.Context, ...*record.Attempt) error { return errBroken }
func (brokenRecorder) AppendDiagnosis(context.Context, *record.Diagnosis) error { return errBroken }
func (brokenRecorder) Probe(context.Context, int64) error                       { return errBroken }

// buggyRecorder stands for a bug that a stranger's delivery finds while it is explained.
type buggyRecorder struct{ listen.Recorder }

func (buggyRecorder) AppendDiagnosis(context.Context, *record.Diagnosis) error { panic("out of range") }

// A bug in explaining is told, and deliveries are taken as before.
func TestBugInExplainingEndsNothing(t *testing.T) {
	t.Parallel()
	rules := signtest.Rules(t, "baanx")
	judging := judge.New(rules, []judge.Key{{Key: signtest.Keys(t, rules, "secret")[0]}}, judge.Options{})
	r := start(t, func(o *listen.Options) {
		o.Recorder = buggyRecorder{o.Recorder}
		o.Judge = func(context.Context) *judge.Judge { return judging }
	})
	for range 2 {
		if status := post(t, r.url, "{}"); status != 401 {
			t.Fatalf("answered %d, want 401", status)
		}
		if e := next[record.Failed](t, r); e.DeliveryID == "" || !strings.Contains(e.Message, "out of range") || e.Hint.String() == "" {
			t.Errorf("the failure is %+v", e)
		}
	}
}

// What cannot be recorded is neither forwarded nor acknowledged.
func TestNothingHappensWithoutARecord(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{}, 1)
	app := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached <- struct{}{} }))
	t.Cleanup(app.Close)
	r := start(t, func(o *listen.Options) {
		o.Recorder = brokenRecorder{}
		o.Targets = []target.Target{{URL: app.URL, Name: "target"}}
	})
	if status := post(t, r.url, "{}"); status != 503 {
		t.Errorf("answered %d, want 503", status)
	}
	if e := next[record.Changed](t, r); e.State != "storage_lost" || !strings.Contains(e.Message, errBroken.Error()) {
		t.Errorf("the failure says %q", e.Message)
	}
	select {
	case <-reached:
		t.Error("it was forwarded")
	default:
	}
}

func TestLimitIsInclusive(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	if status := post(t, r.url, strings.Repeat("x", 1000)); status != 200 {
		t.Errorf("a body of exactly the limit was answered %d", status)
	}
	if status := post(t, r.url, strings.Repeat("x", 1001)); status != 413 {
		t.Errorf("a body over the limit was answered %d", status)
	}
	next[record.Received](t, r)
	if d := next[record.Received](t, r).Delivery; d.Answer != 413 || d.Size != 1001 {
		t.Errorf("recorded answer %d, size %d", d.Answer, d.Size)
	}
}

// A sender that is still sending gets to read its 413.
func TestTooLargeIsReadableWhileSending(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	const size = 20 << 20
	if _, err := fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", size); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Write(bytes.Repeat([]byte("x"), size)); err != nil {
		t.Fatalf("the connection broke after %d bytes: %v", n, err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 413 ") {
		t.Errorf("read %q, %v", answer, err)
	}
}

// The first interrupt lets a delivery that is under way have its answer.
func TestDrainFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(app.Close)
	r := start(t, func(o *listen.Options) { o.Targets = []target.Target{{URL: app.URL, Name: "target"}} })
	var wg sync.WaitGroup
	var status int
	wg.Go(func() { status = post(t, r.url, "{}") })
	<-arrived
	r.stop()
	if s := next[record.Changed](t, r); s.State != "draining" || s.Count != 1 {
		t.Errorf("got state %+v", s)
	}
	close(release)
	wg.Wait()
	if err := <-r.ended; err != nil || status != http.StatusAccepted {
		t.Errorf("the sender got %d, the listener ended with %v", status, err)
	}
}

// Senders that announce much and send little must not keep others out.
func TestSlowSendersHoldUpNobody(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *listen.Options) { o.MaxBody = 64 << 20 })
	for range 60 { // far over the budget, if announcing were enough
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\nx", 60<<20); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now()
	if status := post(t, r.url, "{}"); status != 200 {
		t.Errorf("answered %d", status)
	}
	if took := time.Since(before); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// A sender that hung up before its answer has none, so its next try is not one too many; and the target is not blamed.
func TestHangUpIsNoAnswer(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		_, _ = w.Write(bytes.Repeat([]byte("x"), 4<<20))
	}))
	t.Cleanup(app.Close)
	r := start(t, func(o *listen.Options) { o.Targets = []target.Target{{URL: app.URL, Name: "target"}} })
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"); err != nil {
		t.Fatal(err)
	}
	<-arrived
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset, as a sender that has waited too long sends
	}
	_ = conn.Close()
	close(release)
	a := next[record.Attempted](t, r).Attempt
	if a.Answer != 0 || a.Error != "" || a.Status != 200 || a.BodySize != 4<<20 {
		t.Errorf("recorded answer %d, error %q, status %d, %d bytes; want none, none, 200 and all", a.Answer, a.Error, a.Status, a.BodySize)
	}
}

// What net/http refuses by itself is told of all the same, and OPTIONS * is a delivery like any other.
func TestNothingIsSilent(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	for request, want := range map[string]string{
		"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n": "HTTP/1.1 200 ",
		"POST / HTTP/1.1\r\nHost: x\r\nBad\x00Name: 1\r\n\r\n":       "HTTP/1.1 400 ",
	} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, request)
		answer, _ := io.ReadAll(conn)
		_ = conn.Close()
		if !strings.HasPrefix(string(answer), want) {
			t.Errorf("%q was answered %q", request, answer)
		}
	}
	if e := next[record.Failed](t, r); !strings.Contains(e.Message, "could not be read") {
		t.Errorf("said %q", e.Message)
	}
	all, err := r.journal.List(t.Context(), journal.Filter{})
	if err != nil || len(all) != 1 || all[0].Method != http.MethodOptions || all[0].Path != "*" {
		t.Errorf("recorded %+v, %v", all, err)
	}
}

// A sender that is back at once, before its first answer is on disk, is still told rightly from one that had none.
func TestQuickDuplicateKnowsOfTheAnswer(t *testing.T) {
	t.Parallel()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	t.Cleanup(app.Close)
	const text = "whk_exampleonly0000000000000000000000001"
	var rules *sign.Rules
	var key sign.Key
	r := start(t, func(o *listen.Options) {
		o.Targets = []target.Target{{URL: app.URL, Name: "target"}}
		rules = o.Judge(t.Context()).Rules()
		var err error
		if key, err = rules.Key(text); err != nil {
			t.Fatal(err)
		}
		judging := judge.New(rules, []judge.Key{{Key: key}}, judge.Options{})
		o.Judge = func(context.Context) *judge.Judge { return judging }
	})
	client := &http.Client{}
	for i := range 50 {
		body := fmt.Sprintf(`{"event_type":"card.activated","event_id":"e%d"}`, i)
		postSigned(t, client, r.url, body, rules, key)
		postSigned(t, client, r.url, body, rules, key)
	}
	all, err := r.journal.List(t.Context(), journal.Filter{})
	if err != nil || len(all) != 100 {
		t.Fatalf("%d deliveries, %v", len(all), err)
	}
	for _, d := range all {
		if d.Duplicate != nil && !d.Duplicate.Answered {
			t.Errorf("%s: the delivery before it counts as unanswered", d.EventID)
		}
	}
}

// postSigned posts a body as the platform would, over a connection that is kept.
func postSigned(t *testing.T, client *http.Client, url, body string, rules *sign.Rules, key sign.Key) {
	t.Helper()
	signed, err := rules.Sign(sign.SignRequest{Time: time.Now(), Body: strings.NewReader(body)}, []sign.Key{key})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range signed.Fields {
		req.Header.Set(f.Name, f.Value)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}
