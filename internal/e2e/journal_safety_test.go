package e2e

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// TestLogThatIsTakenAway removes or cuts off the file or its log under a listener. From then on nothing is acknowledged, and the
// listener says why. What was acknowledged before is there after a kill, as far as it can be.
func TestLogThatIsTakenAway(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		harm func(t *testing.T, file string)
		says string
		code int // of a list after a kill
		left int
	}{
		"log removed":  {func(t *testing.T, f string) { t.Helper(); try(t, os.Remove(f+"-wal")) }, "-wal was removed or replaced", 0, 5},
		"log emptied":  {func(t *testing.T, f string) { t.Helper(); try(t, os.Truncate(f+"-wal", 0)) }, "-wal was cut off", 0, 0},
		"file emptied": {func(t *testing.T, f string) { t.Helper(); try(t, os.Truncate(f, 0)) }, "journal.db was cut off", 7, 0},
		"file replaced": {func(t *testing.T, f string) {
			t.Helper()
			b, err := os.ReadFile(f)
			try(t, err)
			try(t, os.WriteFile(f+".new", b, 0o600))
			try(t, os.Rename(f+".new", f))
		}, "was removed or replaced", 0, -1},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			harmed(t, w, c.harm, c.says)
			r := w.must(c.code, "journal", "list", "-o", "json")
			if n := strings.Count(r.out, `"type":"delivery"`); c.code == 0 && c.left >= 0 && n != c.left {
				t.Errorf("%d deliveries are left, want %d", n, c.left)
			}
			if c.code != 0 && !strings.Contains(r.err, "would be lost") {
				t.Error(r.err)
			}
		})
	}
}

// harmed has a listener take five deliveries, does harm to its journal, wants three 503 and what happened said, and kills it.
func harmed(t *testing.T, w *world, harm func(t *testing.T, file string), says string) {
	t.Helper()
	l := w.listen()
	for i := range 5 {
		if status := send(t, l.addr, event(fmt.Sprint(i))); status != 200 {
			t.Fatalf("answered %d", status)
		}
	}
	harm(t, filepath.Join(w.path("data"), "journal.db"))
	for i := range 3 {
		if status := send(t, l.addr, event(fmt.Sprint("late", i))); status != 503 {
			t.Errorf("answered %d", status)
		}
	}
	told := func() bool {
		return strings.Contains(l.out.String(), says) && strings.Contains(l.out.String(), "start the listener again")
	}
	if !eventually(told) { // a kill before it is printed would take it away
		t.Errorf("%q is not said", says)
	}
	try(t, l.cmd.Process.Kill())
	l.wait()
}

func try(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestLockedJournal holds the lock of the journal, as another program may. Each sender has its answer within five seconds, also one
// that came while another waited.
func TestLockedJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen()
	if status := send(t, l.addr, event("1")); status != 200 {
		t.Fatalf("answered %d", status)
	}
	db := openSQLite(t, w)
	conn, err := db.Conn(t.Context())
	try(t, err)
	_, err = conn.ExecContext(t.Context(), "PRAGMA busy_timeout = 10000")
	try(t, err)
	_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	try(t, err)
	type answer struct {
		took   time.Duration
		status int
		after  string
	}
	answers := make(chan answer, 4)
	for i := range cap(answers) {
		time.AfterFunc(time.Duration(i)*900*time.Millisecond, func() {
			start := time.Now()
			status, after := sendTimed(t, l.addr, event(fmt.Sprint("held", i)))
			answers <- answer{time.Since(start), status, after}
		})
	}
	for range cap(answers) {
		if a := <-answers; a.status != 503 || a.after == "" || a.took < 3*time.Second || a.took > 9*time.Second {
			t.Errorf("%+v", a)
		}
	}
	_, err = conn.ExecContext(t.Context(), "ROLLBACK")
	try(t, err)
	if status := send(t, l.addr, event("2")); status != 200 {
		t.Errorf("answered %d", status)
	}
	l.stop()
}

func sendTimed(t *testing.T, addr string, body []byte) (status int, retryAfter string) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Write(delivery(body)); err != nil {
		return 0, err.Error()
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode, res.Header.Get("Retry-After")
}

// openSQLite opens the journal as any other program of this user could.
func openSQLite(t *testing.T, w *world) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.path("data"), "journal.db"))
	try(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// sqlite runs statements on the journal.
func sqlite(t *testing.T, w *world, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := openSQLite(t, w).ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// filled makes a journal in the world's data folder.
func filled(t *testing.T, w *world, n, size int) {
	t.Helper()
	j, err := journal.Open(t.Context(), filepath.Join(w.path("data"), "journal.db"), journal.Options{})
	try(t, err)
	errs := make(chan error, n)
	for i := range n {
		body := fmt.Appendf(nil, `{"event_id":"e%d","pad":"%s"}`, i, strings.Repeat("x", size))
		sum := sha256.Sum256(body)
		one := func() {
			errs <- j.AppendDelivery(t.Context(), &record.Delivery{
				Profile: "baanx", ReceivedAt: time.Now(), Method: "POST", Path: "/", Host: "localhost", Header: http.Header{"A": {"b"}},
				Body: body, Size: int64(len(body)), BodySHA256: hex.EncodeToString(sum[:]), EventID: fmt.Sprint("e", i),
				Verdict: sign.Verdict{OK: true, Reason: sign.Valid, Scheme: "baanx"}, Answer: 200,
			})
		}
		if size > 1000 {
			go one()
		} else {
			one() // in order
		}
	}
	for range n {
		try(t, <-errs)
	}
	try(t, j.Close())
}

// TestChangedBytesAreNotGivenOut changes a byte of a stored body on disk.
func TestChangedBytesAreNotGivenOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	filled(t, w, 3, 100)
	file := filepath.Join(w.path("data"), "journal.db")
	b, err := os.ReadFile(file)
	try(t, err)
	at := bytes.Index(b, []byte(`{"event_id":"e1"`))
	b[at+40] ^= 1
	try(t, os.WriteFile(file, b, 0o600))
	id := ""
	for _, d := range jsonOf[[]object](t, w.must(0, "journal", "list", "-o", "json")) {
		if d.str("eventId") == "e1" {
			id = d.str("id")
		}
	}
	for _, args := range [][]string{
		{"journal", "show", id, "--raw"},
		{"journal", "show", id},
		{"journal", "show", id, "-o", "json"},
		{"journal", "show", id, "-o", "yaml"},
		{"journal", "diff", id, "last"},
		{"journal", "export"},
		{"journal", "export", id},
		{"journal", "export", "--format", "har"},
		{"journal", "export", "--format", "curl"},
		{"journal", "export", id, "--format", "http"},
		{"journal", "export", "--format", "files", "--out", w.path("out")},
		{"journal", "list", "--bodies", "-o", "json"},
		{"journal", "list", "--bodies", "-o", "yaml"},
		{"journal", "list", "--search", "xxx"},
		{"journal", "list", "--bodies", "--jq", ".[]"},
		{"why", id, "--secret-file", "key"},
		{"verify", "--delivery", id, "--secret-file", "key"},
	} {
		r := w.must(7, args...)
		if !strings.Contains(r.err, "no longer what was received") || !strings.Contains(r.err, "hint: ") {
			t.Errorf("%q: %s", args, r.err)
		}
		if strings.Contains(r.out, "xxxyxxx") || strings.Contains(r.out, `event_id\":\"e1`) || args[len(args)-1] == "--raw" && r.out != "" {
			t.Errorf("%q gives the bytes out: %s", args, r.out)
		}
	}
	list := jsonOf[[]object](t, w.run("journal", "list", "--bodies", "-o", "json"))
	for _, d := range list {
		if damaged, _ := d["bodyDamaged"].(bool); damaged != (d.str("id") == id) || damaged == (d.str("body") != "") {
			t.Errorf("%v", d)
		}
	}
	if len(list) != 3 {
		t.Errorf("%d deliveries", len(list))
	}
}

// TestBadPage makes one page of the journal unreadable: the others are listed, and what is missing is counted.
func TestBadPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	filled(t, w, 150, 900)
	file := filepath.Join(w.path("data"), "journal.db")
	b, err := os.ReadFile(file)
	try(t, err)
	at := bytes.Index(b, []byte(`{"event_id":"e70"`)) / 4096 * 4096
	clear(b[at : at+4096])
	try(t, os.WriteFile(file, b, 0o600))
	for _, args := range [][]string{{"--limit", "0", "-o", "json"}, {"--limit", "0", "--bodies", "-o", "json"}} {
		r := w.must(7, append([]string{"journal", "list"}, args...)...)
		list := jsonOf[[]object](t, r)
		if n := len(list); n < 130 || n >= 150 || !strings.Contains(r.err, fmt.Sprintf("%d deliver", 150-n)) || !strings.Contains(r.err, ".recover") {
			t.Errorf("%d deliveries: %s", n, r.err)
		}
	}
	if r := w.must(7, "journal", "list", "--limit", "0"); strings.Count(r.out, "\n") < 130 {
		t.Errorf("%d lines: %s", strings.Count(r.out, "\n"), r.err)
	}
	r := w.must(7, "journal", "search", "event_id", "--limit", "0", "-o", "json")
	if n := len(jsonOf[[]object](t, r)); n < 130 || n >= 150 || !strings.Contains(r.err, fmt.Sprintf("%d deliver", 150-n)) {
		t.Errorf("%d deliveries are found: %s", n, r.err)
	}
	w.must(0, "journal", "list", "--limit", "2") // as far as that nothing is wrong
}
