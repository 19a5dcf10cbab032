package listen

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/serve"
)

// TestSlowSendersAreCutOff shortens the limits, as a test cannot wait as long as people may.
func TestSlowSendersAreCutOff(t *testing.T) {
	t.Parallel()
	events := make(chan record.Event, 100)
	l := New(Options{MaxBody: 1000, Now: time.Now, After: time.After, Queue: Queue{Jobs: new(memory)}, Emit: func(_ time.Time, e record.Event) { events <- e }})
	l.server.Limits.Header, l.server.Limits.Read = 100*time.Millisecond, 200*time.Millisecond
	ln, err := serve.Open(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Serve(ctx, l.Socket(ln)) }()
	for name, c := range map[string]struct {
		sent, answer, said string
	}{
		"a header that does not end": {"POST / HTTP/1.1\r\nHost: a\r\nX-A: ", "", "could not be read"},
		"a body that does not end":   {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf", "HTTP/1.1 408 ", "cut off after 4 bytes"},
		"chunks that do not end":     {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "HTTP/1.1 408 ", "cut off after 4 bytes"},
	} {
		answer := sendHalf(t, ln.Addr().String(), c.sent)
		if !strings.HasPrefix(answer, c.answer) || c.answer == "" && answer != "" {
			t.Errorf("%s: answer %q, want %q and the end of the connection", name, answer, c.answer)
		}
		if e, ok := (<-events).(record.Failed); !ok || !strings.Contains(e.Message, c.said) {
			t.Errorf("%s: said %+v", name, e)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// sendHalf sends what is no whole request and gives all that comes back until the connection ends.
func sendHalf(t *testing.T, addr, text string) string {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Errorf("the connection did not end: %v", err)
	}
	return string(answer)
}
