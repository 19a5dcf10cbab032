package journal

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
)

func capped(t *testing.T, limit int64, tell func(record.Changed)) *Journal {
	t.Helper()
	tune := defaultTuning()
	tune.settle = 50 << 10
	j, err := open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), Options{MaxBytes: limit, Tell: tell}, tune)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func sized(name string, bytes int, ok bool) *record.Delivery {
	d := delivery(time.Now(), name)
	d.Body, d.Size = make([]byte, bytes), int64(bytes)
	if !ok {
		d.Verdict.OK, d.Verdict.Reason, d.Answer = false, sign.Mismatch, 401
	}
	return d
}

func count(t *testing.T, j *Journal, prefix string) (n int) {
	t.Helper()
	err := j.Each(t.Context(), Filter{}, func(d *record.Delivery) error {
		if strings.HasPrefix(d.EventID, prefix) {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Whoever has no key pushes out nothing that verified, whatever the flood is made of, and the newest refusals are still there.
func TestAFloodOfRefusedDeliveriesPushesOutNothingElse(t *testing.T) {
	t.Parallel()
	for name, flood := range map[string]func(i int) *record.Delivery{
		"large bodies": func(int) *record.Delivery { return sized("flood", 20<<10, false) },
		"small bodies": func(int) *record.Delivery { return sized("flood", 10, false) },
		"headers": func(int) *record.Delivery {
			d := sized("flood", 10, false)
			d.Header = http.Header{"X": {strings.Repeat("x", 20<<10)}}
			return d
		},
		"too large": func(int) *record.Delivery {
			d := sized("flood", 10, false)
			d.Verdict.Reason, d.Answer, d.Size, d.BodySHA256 = sign.Unverified, 413, 6<<20, ""
			return d
		},
		"handed on": func(int) *record.Delivery {
			d := sized("flood", 10<<10, false)
			d.Answer = 0
			return d
		},
	} {
		underFlood(t, name, flood)
	}
}

func underFlood(t *testing.T, name string, flood func(i int) *record.Delivery) {
	t.Helper()
	const limit = 1 << 20
	said := newTold()
	j := capped(t, limit, said.tell)
	for i := range 30 {
		appendTest(t, j, sized(fmt.Sprint("good", i), 20<<10, true)) // 600 KiB
	}
	sent := pour(t, j, 3*limit/2, flood)
	left := count(t, j, "flood")
	if n := count(t, j, "good"); n != 30 {
		t.Errorf("%s: %d of 30 verified deliveries are left after %d", name, n, sent)
	}
	if left == 0 || left >= sent {
		t.Errorf("%s: %d refused deliveries are left of %d", name, left, sent)
	}
	// And the other way round: those that verify push the refused ones out, down to their share.
	for i := range 60 {
		appendTest(t, j, sized(fmt.Sprint("more", i), 20<<10, true))
		settle(t, j)
	}
	if n := count(t, j, "flood"); n == 0 || n > left {
		t.Errorf("%s: %d refused deliveries are left of %d", name, n, left)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	total := map[bool]int{}
	for _, s := range said.all("pruned") {
		total[strings.Contains(s.Message, "refused")] += s.Count
	}
	if total[true] < sent-left || total[false] < 45 {
		t.Errorf("%s: told of %v", name, total)
	}
}

// pour records refused deliveries until they have this many bytes, and gives their number.
func pour(t *testing.T, j *Journal, bytes int, flood func(i int) *record.Delivery) (sent int) {
	t.Helper()
	for used := 0; used < bytes; {
		var batch []*record.Delivery
		for range 64 {
			d := flood(sent)
			batch = append(batch, d)
			used += len(d.Body) + len(d.Header.Get("X")) + 700
			sent++
		}
		appendMany(t, j, batch)
		if err := j.AppendDiagnosis(t.Context(), &record.Diagnosis{DeliveryID: batch[0].ID, Next: explain.Steps{{Text: strings.Repeat("x", 10<<10)}}}); err != nil {
			t.Fatal(err)
		}
		settle(t, j)
	}
	return sent
}

// A journal that nobody has a key for has all the room.
func TestWithoutAKeyNothingHasAShare(t *testing.T) {
	t.Parallel()
	j := capped(t, 2<<20, nil)
	for i := range 60 {
		d := sized(fmt.Sprint("e", i), 40<<10, false)
		d.Verdict.Reason, d.Answer = sign.Unverified, 200
		appendTest(t, j, d)
		settle(t, j)
	}
	if n := count(t, j, "e"); n < 34 || n > 44 {
		t.Errorf("%d are left", n)
	}
}
