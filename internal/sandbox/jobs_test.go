package sandbox

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/queue/queuetest"
	"github.com/whctl/whctl/internal/record"
)

// jobStore shows the jobs of a sandbox to the suite of all stores. Each job has an event of its own, which names it.
type jobStore struct {
	box     *Sandbox
	reopens bool
}

func TestJobs(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{"in memory": "", "in a data file": "data"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			queuetest.Run(t, func(t *testing.T) queuetest.Store {
				t.Helper()
				o := Options{}
				if file != "" {
					o.DataFile = filepath.Join(t.TempDir(), file)
				}
				s := &jobStore{reopens: file != ""}
				s.open(t, o)
				return s
			})
		})
	}
}

func (s *jobStore) open(t *testing.T, o Options) {
	t.Helper()
	box, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s.box = box
	t.Cleanup(func() { _ = box.Close() })
}

func (s *jobStore) Reopen(t *testing.T) {
	t.Helper()
	if !s.reopens {
		return
	}
	if err := s.box.Close(); err != nil {
		t.Fatal(err)
	}
	s.open(t, Options{DataFile: s.box.o.DataFile})
}

func (s *jobStore) Add(t *testing.T, target string, due time.Time) string {
	t.Helper()
	e, _, err := s.box.newEvent(wish{name: "card.activated"})
	if err != nil {
		t.Fatal(err)
	}
	j := &job{Webhook: target, Attempt: 1, Stage: waiting, Due: due, Order: s.box.jobs.nextOrder(), event: e}
	e.Jobs = []*job{j}
	s.box.addEvent(e)
	s.box.jobs.add(j)
	s.keep(t, saved{Event: e})
	return e.ID
}

func (s *jobStore) keep(t *testing.T, line saved) {
	t.Helper()
	if err := s.box.save(line); err != nil {
		t.Fatal(err)
	}
}

// conclude takes a job as the queue does, and keeps what came of it.
func (s *jobStore) conclude(t *testing.T, event string, came func(*job)) {
	t.Helper()
	e := s.box.byID[event]
	j := e.Jobs[0]
	s.box.jobs.remove(j)
	came(j)
	s.box.settle(e, s.box.now())
	s.keep(t, stateOf(e))
}

func (s *jobStore) Again(t *testing.T, event string, due time.Time) {
	t.Helper()
	s.conclude(t, event, func(j *job) {
		j.Due, j.Order = due, s.box.jobs.nextOrder()
		j.Attempt++
		s.box.jobs.add(j)
	})
}

func (s *jobStore) End(t *testing.T, event string) {
	t.Helper()
	s.conclude(t, event, func(j *job) { j.Stage = delivered })
}

func (s *jobStore) Due(t *testing.T, target string, now time.Time, n int) (events []string, next time.Time) {
	t.Helper()
	due, next, err := s.box.jobs.store.Due(laneOf(record.Job{Target: target}), now, n)
	if err != nil {
		t.Fatal(err)
	}
	for _, owed := range due {
		events = append(events, s.box.jobs.waiting[owed.DeliveryID].event.ID)
	}
	return events, next
}
