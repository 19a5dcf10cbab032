package listen

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestCutOffCanBeRead cuts slow large bodies off for others, and their senders go on sending: none sees its write cut, and each
// can read its 503, also where the body comes in chunks.
func TestCutOffCanBeRead(t *testing.T) {
	t.Parallel()
	const size, part = 3 << 20, firstBytes + 100
	body := strings.Repeat("x", size)
	for form, head := range map[string]string{
		"length": fmt.Sprintf("Content-Length: %d\r\n\r\n", size),
		"chunk":  fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n", size),
		"chunks": "Transfer-Encoding: chunked\r\n\r\n",
	} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			sent := body
			switch form {
			case "chunk":
				sent += "\r\n0\r\n\r\n"
			case "chunks":
				sent = strings.Repeat("4000\r\n"+body[:0x4000]+"\r\n", size/0x4000) + "0\r\n\r\n"
			}
			var bodies *budget
			s := serveWith(t, size, func(l *Listener) {
				bodies = l.bodies
				l.server.Limits.Grace = 100 * time.Millisecond
				if !l.bodies.coming.TryAcquire(largeBudget/2 - size - 1) {
					t.Error("there is no budget")
				}
			})
			defer s.end()
			slow := s.open(t, "POST / HTTP/1.1\r\nHost: x\r\n"+head+sent[:part])
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for bodies.coming.TryAcquire(size + 1) { // until the slow one has its part
				bodies.coming.Release(size + 1)
				<-tick.C
			}
			if n := status(t, s.open(t, fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", size, body))); n != 200 {
				t.Errorf("the other one was answered %d", n)
			}
			if _, err := io.WriteString(slow, sent[part:]); err != nil {
				t.Errorf("its write was cut: %v", err)
			}
			if n := status(t, slow); n != http.StatusServiceUnavailable {
				t.Errorf("it was answered %d", n)
			}
		})
	}
}
