package journal

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
	"github.com/whctl/whctl/internal/sign"
)

func attempted(t testing.TB, j *Journal, d *record.Delivery, status int) {
	t.Helper()
	outcome := record.OutcomeFailed
	switch {
	case refusal.Is(status):
		outcome = record.OutcomeRefused
	case status == 200:
		outcome = record.OutcomeDelivered
	}
	if err := j.AppendAttempts(t.Context(), &record.Attempt{DeliveryID: d.ID, Target: "http://localhost:1", StartedAt: d.ReceivedAt, Status: status, Outcome: outcome}); err != nil {
		t.Fatal(err)
	}
}

// lastRefused checks which delivery is the last one refused, for everybody and for the profile of the tests.
func lastRefused(t *testing.T, j *Journal, what string, want *record.Delivery) {
	t.Helper()
	for _, profile := range []string{"", "baanx"} {
		d, err := j.LastRefused(t.Context(), profile)
		if err != nil || d.ID != want.ID || len(d.Body) == 0 {
			t.Errorf("%s, profile %q: %s, want %s, %v", what, profile, d.ID, want.ID, err)
		}
	}
	_, err := j.LastRefused(t.Context(), "sandbox")
	wantFault(t, err, fault.Refused)
}

func TestLastRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	j := openAt(t, path, Options{})
	_, err := j.LastRefused(t.Context(), "")
	wantFault(t, err, fault.Refused)

	refused := delivery(time.Now(), "")
	refused.Verdict = sign.Verdict{Reason: sign.TooOld, KeyIndex: -1}
	appendTest(t, j, refused)
	unverified := delivery(time.Now(), "")
	unverified.Verdict = sign.Verdict{Reason: sign.Unverified, KeyIndex: -1}
	appendTest(t, j, unverified)
	fine := appendTest(t, j, delivery(time.Now(), ""))
	attempted(t, j, fine, 500)
	attempted(t, j, fine, 200)
	lastRefused(t, j, "by verification", refused)
	attempted(t, j, fine, 401)
	attempted(t, j, fine, 200)
	for _, outcome := range []record.OutcomeKind{record.OutcomeUnreachable, record.OutcomeDelivered} { // of a broker, which gives no status
		if err := j.AppendAttempts(t.Context(), &record.Attempt{DeliveryID: fine.ID, Target: "nats://localhost/a", StartedAt: fine.ReceivedAt, Outcome: outcome}); err != nil {
			t.Fatal(err)
		}
	}
	lastRefused(t, j, "by verification, as the target took the other one in the end", refused)
	failed := appendTest(t, j, delivery(time.Now(), ""))
	attempted(t, j, failed, 200)
	attempted(t, j, failed, 500)
	lastRefused(t, j, "by a target that fails", failed)

	large := delivery(time.Now(), "")
	large.Answer, large.Verdict = 413, unverified.Verdict
	appendTest(t, j, large)
	lastRefused(t, j, "by the listener", large)

	for _, status := range refusal.Statuses() {
		d := appendTest(t, j, delivery(time.Now(), ""))
		attempted(t, j, d, 200)
		attempted(t, j, d, status)
		lastRefused(t, j, fmt.Sprintf("by the target with %d", status), d)
	}
	again := delivery(time.Now(), "")
	again.Verdict = refused.Verdict
	appendTest(t, j, again)
	lastRefused(t, j, "by verification once more", again)

	// A file of a whctl of before has no such indexes until something writes to it.
	makeFile(t, path, "DROP INDEX deliveries_answered", "DROP INDEX attempts_refused", "DROP INDEX attempts_failed")
	lastRefused(t, openAt(t, path, Options{ReadOnly: true}), "without the indexes", again)
	if countIndexes(t, j) != 1 {
		t.Fatal("the indexes are still there")
	}
	openAt(t, path, Options{})
	if n := countIndexes(t, j); n != 4 {
		t.Errorf("%d indexes of refusals", n)
	}
}

func countIndexes(t *testing.T, j *Journal) int {
	t.Helper()
	n := 0
	const count = "SELECT count(*) FROM sqlite_schema WHERE name IN ('deliveries_refused', 'deliveries_answered', 'attempts_refused', 'attempts_failed')"
	if err := j.readers.QueryRowContext(t.Context(), count).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// BenchmarkLastRefused looks for the one refusal, the oldest, in a journal of 100,000 deliveries.
func BenchmarkLastRefused(b *testing.B) {
	j := openTest(b, Options{})
	refused := benchDelivery()
	refused.Answer = 413
	appendTest(b, j, refused)
	for range 200 {
		ds := make([]*record.Delivery, 500)
		for i := range ds {
			ds[i] = benchDelivery()
		}
		appendMany(b, j, ds)
		attempted(b, j, ds[0], 200)
	}
	for b.Loop() {
		if d, err := j.LastRefused(b.Context(), "baanx"); err != nil || d.ID != refused.ID {
			b.Fatal(d.ID, err)
		}
	}
}
