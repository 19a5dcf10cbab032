package e2e

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestSendExpect tries answers against expectations: 0 when the answer is the expected one, else 3.
func TestSendExpect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for status, want := range map[int]map[string]int{
		200: {"": 0, "2xx": 0, "200": 0, "201": 3, "4xx": 3, "refused": 3, "401,200": 0, "2XX": 0},
		204: {"": 0, "2xx": 0, "200": 3, "refused": 3},
		302: {"": 5, "3xx": 0, "2xx": 3, "302": 0},
		400: {"": 5, "refused": 0, "4xx": 0, "2xx": 3},
		401: {"": 5, "refused": 0, "401": 0, "403": 3, "403, 401": 0},
		403: {"refused": 0, "REFUSED": 0},
		404: {"refused": 3, "4xx": 0},
		419: {"refused": 3, "419": 0},
		422: {"refused": 3, "refused,422": 0},
		498: {"refused": 0},
		500: {"": 5, "refused": 3, "4xx": 3, "5xx": 0},
	} {
		to := newTarget(t, func(message) string { return answering(status) })
		for expect, code := range want {
			args := []string{"send", "card.activated", "--to", to.addr, "--secret-file", w.path("key"), "-q"}
			if expect != "" {
				args = append(args, "--expect", expect)
			}
			r := w.run(args...)
			if r.code != code {
				t.Errorf("%d with --expect %q: exit code %d, want %d: %s", status, expect, r.code, code, r.err)
			}
			if mark := map[bool]string{true: "✓", false: "✗"}[code == 0]; !strings.HasPrefix(r.out, mark) {
				t.Errorf("%d with --expect %q shows %q", status, expect, r.out)
			}
			if code == 3 && (!strings.Contains(r.err, fmt.Sprintf("answered %d", status)) || !strings.Contains(r.err, "\nhint: ")) {
				t.Errorf("%d with --expect %q says %q", status, expect, r.err)
			}
		}
	}
	ok := okTarget(t)
	r := w.must(3, "send", "card.activated", "--to", ok.addr, "--secret-file", w.path("key"), "--expect", "refused", "-o", "json")
	if v := jsonOf[object](t, r); v.num("status") != 200 || v.str("expected") != "refused" {
		t.Errorf("%v", v)
	}
	if r := w.must(6, "send", "card.activated", "--to", closedPort(t), "--secret-file", w.path("key"), "--expect", "refused"); r.out != "" {
		t.Errorf("%q", r.out)
	}
}

// TestSendWaits for the port to open: the receiver sees one request, signed when it was sent.
func TestSendWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	addr := closedPort(t)
	p := w.spawn("send", "card.activated", "--to", addr, "--secret-file", w.path("key"), "--wait", "60s", "--expect", "2xx", "--debug", "-o", "json")
	if !eventually(func() bool { return strings.Count(p.errs.String(), "connection refused") > 3 }) {
		t.Fatalf("it does not try again: %s", p.errs)
	}
	opened := time.Now()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan message, 10)
	srv := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got <- message{start: r.Header.Get("X-Timestamp")}
	})}
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close() })
	if code := p.wait(); code != 0 {
		t.Fatalf("exit code %d: %s", code, p.errs)
	}
	if len(got) != 1 {
		t.Errorf("%d requests came", len(got))
	}
	if stamp, err := strconv.ParseInt((<-got).start, 10, 64); err != nil || stamp < opened.Unix()-1 {
		t.Errorf("signed at %d, and the port opened at %d", stamp, opened.Unix())
	}
	began := time.Now()
	if r := w.must(6, "send", "card.activated", "--to", closedPort(t), "--secret-file", w.path("key"), "--wait", "300ms"); !strings.Contains(r.err, "refused") {
		t.Errorf("%q", r.err)
	}
	if took := time.Since(began); took < 200*time.Millisecond || took > 30*time.Second {
		t.Errorf("it waited %s", took)
	}
}

// TestTamperSendsNothingThatIsValid: a shared token does not sign the body, and a signature inside the body is spoiled there.
func TestTamperSendsNothingThatIsValid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("token", "rs-token")
	to := okTarget(t)
	r := w.must(2, "send", "push", "--scheme", "gitlab", "--to", to.addr, "--secret-file", w.path("token"), "--tamper", "body")
	if !strings.Contains(r.err, "does not sign the body") || !strings.Contains(r.err, "\nhint: ") || to.count() != 0 {
		t.Errorf("%d requests, %q", to.count(), r.err)
	}
	n := 0
	for _, c := range [][]string{{"gitlab", "push", "token"}, {"mailgun", "delivered", "key"}, {"stripe", "invoice.paid", "key"}} {
		for _, part := range []string{"body", "signature", "key"} {
			if c[0] == "gitlab" && part == "body" {
				continue
			}
			r := w.must(0, "send", c[1], "--scheme", c[0], "--to", to.addr, "--secret-file", w.path(c[2]), "--tamper", part)
			key := testKey
			if c[2] == "token" {
				key = "rs-token"
			}
			if v := w.verifies(to.nth(t, n), c[0], key); v.code != 3 {
				t.Errorf("%v, %s: %s", c, part, v.out)
			}
			if c[0] == "mailgun" && part == "body" && !strings.Contains(r.err, "only a part of the body") {
				t.Errorf("%q", r.err)
			}
			n++
		}
	}
}
