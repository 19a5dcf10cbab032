package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// many makes a journal of n deliveries of about a KiB with their right hashes and gives its path.
func many(t *testing.T, n int) string {
	t.Helper()
	j := openTest(t, Options{})
	var ds []*record.Delivery
	for i := range n {
		d := delivery(time.Now(), fmt.Sprint("e", i))
		d.Body = fmt.Appendf(nil, "body %d %s", i, strings.Repeat("x", 1000))
		d.Size, d.BodySHA256 = int64(len(d.Body)), hash(d.Body)
		if ds = append(ds, d); n < 10 {
			appendTest(t, j, d)
		}
	}
	if n >= 10 {
		appendMany(t, j, ds)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return j.Path()
}

func edit(t *testing.T, path string, change func(b []byte)) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	change(b)
	write(t, path, b)
}

// A page that went bad takes what stood on it and nothing else, wherever it is; what is left out is counted.
func TestOneBadPageDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	const n = 200
	path := many(t, n)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	hidden := 0
	for page := 2; page < len(good)/4096; page += 3 {
		write(t, path, good)
		edit(t, path, func(b []byte) { copy(b[page*4096:], bytes.Repeat([]byte{0xff}, 4096)) })
		j, err := Open(t.Context(), path, Options{ReadOnly: true})
		if err != nil {
			if page > 20 { // the roots of the tables stand at the beginning
				t.Errorf("page %d: %v", page, err)
			}
			continue
		}
		for _, f := range []Filter{{}, {Bodies: true}, {Profile: "baanx", Bodies: true}} {
			if !whole(t, j, f, n) {
				hidden++
			}
		}
		_ = j.Close()
	}
	if hidden < 20 {
		t.Errorf("only %d walks met a bad page", hidden)
	}
}

// whole says whether all n deliveries are given. If not, the error must say how many are not.
func whole(t *testing.T, j *Journal, f Filter, n int) bool {
	t.Helper()
	seen := map[string]bool{}
	err := j.Each(t.Context(), f, func(d *record.Delivery) error {
		if seen[d.ID] || f.Bodies && hash(d.Body) != d.BodySHA256 {
			t.Errorf("%s is given twice, or wrong", d.ID)
		}
		seen[d.ID] = true
		return nil
	})
	if err == nil && len(seen) == n {
		return true
	}
	wantFault(t, err, fault.Storage)
	if len(seen) == n && strings.Contains(err.Error(), fmt.Sprintf("the targets of %d deliveries", n)) {
		return false // it was a page of the jobs
	}
	if len(seen) < n-20 || len(seen) == n || !strings.Contains(err.Error(), fmt.Sprintf("%d deliver", n-len(seen))) {
		t.Errorf("%+v: %d of %d deliveries, %v", f, len(seen), n, err)
	}
	if !strings.Contains(fault.HintOf(err).String(), ".recover") {
		t.Errorf("hint %q", fault.HintOf(err))
	}
	return false
}

// A row that makes no sense is left out like one that cannot be read.
func TestRowsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"headers": "header = '{'", "params": "params = '['", "type": "received_at = 'never'", "time": "signed_at = 'x.y'", "number": "size = 'x'",
	} {
		path := many(t, 6)
		makeFile(t, path, "UPDATE deliveries SET "+change+" WHERE event_id IN ('e1', 'e5')")
		j := openAt(t, path, Options{ReadOnly: true})
		var got []string
		err := j.Each(t.Context(), Filter{}, func(d *record.Delivery) error { got = append(got, d.EventID); return nil })
		wantFault(t, err, fault.Storage)
		if fmt.Sprint(got) != "[e4 e3 e2 e0]" || !strings.Contains(err.Error(), "2 deliveries") {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// In an old file the targets may make no sense, too.
func TestOldTargetsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, targets := range []string{"{}", "[", "1"} {
		path := oldFile(t, 2)
		makeFile(t, path, "UPDATE deliveries SET targets = '"+targets+"' WHERE event_id IN ('evt_2', 'evt_3')")
		for _, o := range []Options{{ReadOnly: true}, {MaxAge: -1}} {
			n := 0
			err := openAt(t, path, o).Each(t.Context(), Filter{}, func(*record.Delivery) error { n++; return nil })
			if !o.ReadOnly { // what was no list of targets has no jobs now
				if n != 19 || err != nil {
					t.Errorf("%s: %d, %v", targets, n, err)
				}
				continue
			}
			wantFault(t, err, fault.Storage)
			if n != 17 || !strings.Contains(err.Error(), "2 deliveries") {
				t.Errorf("%s: %d, %v", targets, n, err)
			}
		}
	}
}

// Bytes that are not what was received are known.
func TestAChangedBodyIsKnown(t *testing.T) {
	t.Parallel()
	path := many(t, 5)
	edit(t, path, func(b []byte) {
		at := bytes.Index(b, []byte("body 3 xxx"))
		b[at+500] ^= 1
	})
	makeFile(t, path, "UPDATE deliveries SET body = body || 'more' WHERE event_id = 'e1'")
	makeFile(t, path, "UPDATE deliveries SET body = substr(body, 1, 50) WHERE event_id = 'e2'")
	makeFile(t, path, "UPDATE deliveries SET body = substr(body, 1, 50), answer = 401 WHERE event_id = 'e4'") // as a refused one is kept
	j := openAt(t, path, Options{ReadOnly: true})
	damaged := map[string]bool{}
	err := j.Each(t.Context(), Filter{Bodies: true}, func(d *record.Delivery) error {
		if d.BodyDamaged {
			damaged[d.EventID] = true
		}
		one, _, err := j.Get(t.Context(), "", d.ID)
		if err != nil || one.BodyDamaged != d.BodyDamaged {
			t.Errorf("%s: %v, %v", d.EventID, one.BodyDamaged, err)
		}
		return nil
	})
	wantFault(t, err, fault.Storage)
	if len(damaged) != 3 || !damaged["e1"] || !damaged["e2"] || !damaged["e3"] || !strings.Contains(err.Error(), "the body of 3 deliveries") {
		t.Errorf("%v, %v", damaged, err)
	}
	if got, err := j.List(t.Context(), Filter{}); err != nil || len(got) != 5 { // bodies are not looked at
		t.Errorf("%d, %v", len(got), err)
	}
}

// A long list does not keep the log from being folded while somebody looks at it.
func TestALookDoesNotHoldTheLog(t *testing.T) {
	t.Parallel()
	path := many(t, 3*walkRows)
	r := openAt(t, path, Options{ReadOnly: true})
	w := openAt(t, path, Options{})
	n := 0
	err := r.Each(t.Context(), Filter{}, func(*record.Delivery) error {
		if n++; n%walkRows == 10 {
			appendTest(t, w, delivery(time.Now(), "meanwhile"))
			var busy, log, folded int
			if err := w.do(t.Context(), func(w *writer) error {
				return w.conn.QueryRowContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &folded)
			}); err != nil || busy != 0 {
				t.Errorf("after %d: busy %d, %v", n, busy, err)
			}
		}
		return nil
	})
	if err != nil || n != 3*walkRows {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), "journal.db")); err != nil {
		t.Error(err)
	}
}
