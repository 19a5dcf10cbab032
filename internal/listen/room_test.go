package listen

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/serve"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// memory is a recorder without a disk, which can be made to fail.
type memory struct {
	full  atomic.Bool
	room  atomic.Int64 // the largest body it takes, in bytes; 0: any
	count atomic.Int64
}

func (m *memory) takes(size int64) error {
	if room := m.room.Load(); m.full.Load() || room > 0 && size > room {
		return errFull
	}
	return nil
}

var errFull = errors.New("the disk is full")

func (m *memory) AppendDelivery(_ context.Context, d *record.Delivery) error {
	if err := m.takes(d.Size); err != nil {
		return err
	}
	d.ID = fmt.Sprint(m.count.Add(1))
	return nil
}
func (m *memory) AppendAttempts(context.Context, ...*record.Attempt) error { return nil }
func (m *memory) Probe(_ context.Context, size int64) error                { return m.takes(size) }

func (m *memory) AppendDiagnosis(context.Context, *record.Diagnosis) error { return nil }
func (m *memory) SettleDuplicates(context.Context, []string) (int, error)  { return 0, nil }

func (m *memory) Queued(context.Context, string, int) ([]record.Job, error) { return nil, nil }

func (m *memory) Waiting(context.Context, string, int) ([]record.Job, error) { return nil, nil }

func (m *memory) Size(context.Context, string) (jobs int, bytes int64, err error) { return 0, 0, nil }
func (m *memory) Notify(func([]record.Job, bool))                                 {}
func (m *memory) AppendTry(context.Context, *record.Attempt, record.Job, record.Job) error {
	return nil
}

func (m *memory) Delivery(context.Context, string) (record.Delivery, error) {
	return record.Delivery{}, nil
}

func (m *memory) Own(context.Context, string) (*record.OwnedLane, error) {
	return &record.OwnedLane{Release: func() {}}, nil
}
func (m *memory) Resume(context.Context, string) error { return nil }
func (m *memory) Expire(context.Context, string, time.Time, int) ([]record.Job, error) {
	return nil, nil
}
func (m *memory) Lanes(context.Context) ([]record.Lane, error) { return nil, nil }
func (m *memory) Changed(context.Context) (bool, error)        { return false, nil }

// serving is a listener on a socket, with what it says.
type serving struct {
	addr string
	disk *memory
	said chan record.Event
	end  func()
}

func serveWith(t *testing.T, maxBody int64, change func(*Listener)) *serving {
	t.Helper()
	spec, err := scheme.Builtin("baanx")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := sign.Compile(spec)
	if err != nil {
		t.Fatal(err)
	}
	s := &serving{disk: &memory{}, said: make(chan record.Event, 1000)}
	j := judge.New(rules, nil, judge.Options{})
	l := New(Options{MaxBody: maxBody, Judge: func(context.Context) *judge.Judge { return j }, Now: time.Now, After: time.After, Recorder: s.disk, Queue: Queue{Jobs: s.disk}, Emit: func(_ time.Time, e record.Event) {
		select {
		case s.said <- e:
		default:
		}
	}})
	if change != nil {
		change(l)
	}
	ln, err := serve.Open(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = ln.Addr().String()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Serve(ctx, l.Socket(ln)) }()
	s.end = func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	return s
}

// open sends text on a connection of its own and leaves it open.
func (s *serving) open(t *testing.T, text string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

// status reads an answer and drops its body.
func status(t *testing.T, conn net.Conn) int {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode
}

const whole = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"

// TestNewSendersTakeThePlaceOfIdleOnes fills a listener with connections that do nothing, of each kind: those that come
// after are answered, and what is at work keeps its place.
func TestNewSendersTakeThePlaceOfIdleOnes(t *testing.T) {
	t.Parallel()
	s := serveWith(t, 1000, func(l *Listener) { l.server.Limits.Conns, l.server.Limits.Grace = 4, 100*time.Millisecond })
	defer s.end()
	kept := s.open(t, whole)
	if n := status(t, kept); n != 200 {
		t.Fatalf("answered %d", n)
	}
	fresh := s.open(t, "")
	head := s.open(t, "POST / HTTP/1.1\r\nHost: x\r\nX-Half: ")
	body := s.open(t, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
	for i, loser := range []net.Conn{kept, fresh, head, body} {
		began := time.Now()
		if n := status(t, s.open(t, strings.Replace(whole, "Host", "Connection: close\r\nHost", 1))); n != 200 {
			t.Errorf("sender %d was answered %d", i, n)
		}
		if took := time.Since(began); took > 25*time.Second {
			t.Errorf("sender %d waited %s", i, took)
		}
		if i < 3 {
			// The place that was made is taken again, so that the next one has to go too.
			if n := status(t, loser); n != 0 {
				t.Errorf("number %d was answered %d, want the end of the connection", i, n)
			}
			s.open(t, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
		}
	}
}

// TestHalvesHoldUpNobody has senders that hold half of the budget for bodies with large ones that they do not send to their
// end: whole ones, small and large, are taken all the same.
func TestHalvesHoldUpNobody(t *testing.T) {
	t.Parallel()
	const size = 5 << 20
	s := serveWith(t, size, func(l *Listener) { l.server.Limits.Grace = 300 * time.Millisecond })
	defer s.end()
	halves := make([]net.Conn, 40)
	for i := range halves {
		halves[i] = s.open(t, fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat("x", firstBytes+1)))
	}
	began := time.Now()
	if n := status(t, s.open(t, whole)); n != 200 {
		t.Errorf("a small one was answered %d", n)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("a small one waited %s", took)
	}
	began = time.Now()
	for range 3 {
		if n := status(t, s.open(t, fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat("x", size)))); n != 200 {
			t.Errorf("a large one was answered %d", n)
		}
	}
	if took := time.Since(began); took > 25*time.Second {
		t.Errorf("large ones waited %s", took)
	}
	if n := status(t, halves[0]); n != http.StatusServiceUnavailable {
		t.Errorf("the first half was answered %d", n)
	}
}

// TestBusyCanBeRead has no room for large bodies, and senders that send all before they read: each can read its 503.
func TestBusyCanBeRead(t *testing.T) {
	t.Parallel()
	const size = 3 << 20
	s := serveWith(t, size, func(l *Listener) {
		l.bodies.patience = 10 * time.Millisecond
		if !l.bodies.coming.TryAcquire(largeBudget / 2) {
			t.Error("there is no budget")
		}
	})
	defer s.end()
	for range 5 {
		conn := s.open(t, fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat("x", size)))
		if n := status(t, conn); n != http.StatusServiceUnavailable {
			t.Errorf("answered %d", n)
		}
	}
	if n := status(t, s.open(t, whole)); n != 200 {
		t.Errorf("a small one was answered %d", n)
	}
}

// TestFullDiskIsSaidOnce has a disk that is full for a while: one state when it begins, one when it ends.
func TestFullDiskIsSaidOnce(t *testing.T) {
	t.Parallel()
	s := serveWith(t, 1000, nil)
	s.disk.full.Store(true)
	conn := s.open(t, "")
	send := func(want int) {
		t.Helper()
		if _, err := io.WriteString(conn, whole); err != nil {
			t.Fatal(err)
		}
		if n := status(t, conn); n != want {
			t.Errorf("answered %d, want %d", n, want)
		}
	}
	for range 20 {
		send(http.StatusServiceUnavailable)
	}
	s.disk.full.Store(false)
	for range 3 {
		send(http.StatusOK)
	}
	if got := s.states(t); got != "storage_lost 0, storage_recovered 20" {
		t.Errorf("states: %s", got)
	}
}

// states ends the listener, and gives what it said of changes.
func (s *serving) states(t *testing.T) string {
	t.Helper()
	s.end()
	close(s.said)
	var states []string
	for e := range s.said {
		switch e := e.(type) {
		case record.Failed:
			t.Errorf("an error line: %s", e.Message)
		case record.Changed:
			states = append(states, fmt.Sprintf("%s %d", e.State, e.Count))
		default:
		}
	}
	return strings.Join(states, ", ")
}

// TestSmallRecordsAreNoRecovery has a disk that is nearly full: what is small is recorded, and that ends nothing.
func TestSmallRecordsAreNoRecovery(t *testing.T) {
	t.Parallel()
	s := serveWith(t, 1000, nil)
	s.disk.room.Store(100)
	conn := s.open(t, "")
	send := func(size, want int) {
		t.Helper()
		if _, err := fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat("x", size)); err != nil {
			t.Fatal(err)
		}
		if n := status(t, conn); n != want {
			t.Errorf("%d bytes: answered %d, want %d", size, n, want)
		}
	}
	for range 3 {
		send(500, http.StatusServiceUnavailable)
		send(10, http.StatusOK)
	}
	s.disk.room.Store(0)
	send(10, http.StatusOK)
	send(500, http.StatusOK)
	if got := s.states(t); got != "storage_lost 0, storage_recovered 3" {
		t.Errorf("states: %s", got)
	}
}
