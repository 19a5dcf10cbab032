package journal

// Records that may be late share a commit with others.

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"modernc.org/sqlite"

	"github.com/whctl/whctl/internal/record"
)

// An attempt that comes alone is written with the delivery after it.
func TestAnAttemptSharesACommit(t *testing.T) {
	t.Parallel()
	held := make(chan struct{}, 1)
	tune := defaultTuning()
	tune.patience, tune.held = time.Hour, func() { held <- struct{}{} }
	j, err := open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), Options{}, tune)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	first := appendTest(t, j, delivery(time.Now(), "e"))
	commits := 0
	err = j.do(t.Context(), func(w *writer) error {
		w.keepWithin() // it commits as well, and is due after the first delivery
		return w.conn.Raw(func(driverConn any) error {
			hooks, ok := driverConn.(sqlite.HookRegisterer)
			if !ok {
				return errors.New("the driver has no hooks")
			}
			hooks.RegisterCommitHook(func() int32 { commits++; return 0 })
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	a := &record.Attempt{DeliveryID: first.ID, Target: "t", Status: 200, Answer: 200}
	go func() { done <- j.AppendAttempts(t.Context(), a) }()
	<-held
	if got, err := j.Attempts(t.Context(), first.ID); err != nil || len(got) != 0 {
		t.Errorf("%d attempts are recorded already, %v", len(got), err)
	}
	d := appendTest(t, j, delivery(time.Now(), "e"))
	if err := <-done; err != nil || a.ID == "" || a.Number != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	if d.Duplicate == nil || !d.Duplicate.Answered {
		t.Errorf("the attempt did not count for the delivery after it: %+v", d.Duplicate)
	}
	if commits != 1 {
		t.Errorf("%d commits", commits)
	}
}

// A try of a lane is written at once: the next job of the lane waits for it.
func TestATryIsNotLate(t *testing.T) {
	t.Parallel()
	tune := defaultTuning()
	tune.patience = time.Hour
	j, err := open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), Options{}, tune)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	d := delivery(time.Now(), "e")
	d.Targets, d.Answer = []string{"t"}, 200
	appendTest(t, j, d)
	job := record.Job{Target: "t"}
	a := &record.Attempt{DeliveryID: d.ID, Target: "t", Status: 200}
	if err := j.Backlog("baanx", TakeUp).AppendTry(t.Context(), a, job, job); err != nil || a.ID == "" {
		t.Errorf("%+v, %v", a, err)
	}
}
