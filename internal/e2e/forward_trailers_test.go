package e2e

import (
	"io"
	"strconv"
	"strings"
	"testing"
)

// TestTrailersArePassedOn gives the sender an answer in chunks with its trailers, but none that would frame a message.
func TestTrailersArePassedOn(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{"announced": "Trailer: X-Sum, X-Two\r\n", "not announced": ""} {
		for size, body := range map[string]string{"small": "hi", "large": strings.Repeat("x", 200_000)} {
			t.Run(name+"/"+size, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				tg := newTarget(t, func(message) string {
					return "HTTP/1.1 200 OK\r\n" + head + "Transfer-Encoding: chunked\r\n\r\n" + chunk(body) +
						"0\r\nX-Sum: abc\r\nX-Two: 1\r\nX-Two: 2\r\nConnection: x\r\nContent-Type: text/evil\r\n\r\n"
				})
				l := w.listen("--forward", tg.addr)
				checkTrailers(t, rawAnswer(t, l.addr), body)
				l.stop()
			})
		}
	}
}

// rawAnswer sends a delivery and gives every byte of its answer.
func rawAnswer(t *testing.T, addr string) string {
	t.Helper()
	conn := dial(t, addr)
	if _, err := conn.Write(delivery(event("1"))); err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func checkTrailers(t *testing.T, got, body string) {
	t.Helper()
	_, end, _ := strings.Cut(got, "\r\n0\r\n")
	for _, want := range []string{"X-Sum: abc\r\n", "X-Two: 1\r\n", "X-Two: 2\r\n"} {
		if !strings.Contains(end, want) {
			t.Errorf("%q is not behind the body: %q", want, end)
		}
	}
	if strings.Contains(end, "evil") || strings.Contains(end, "Connection") || strings.Count(got, "x") < strings.Count(body, "x") {
		t.Errorf("the answer is %.300q", got)
	}
}

func chunk(body string) string {
	return strconv.FormatInt(int64(len(body)), 16) + "\r\n" + body + "\r\n"
}
