package queue_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/queue/queuetest"
	"github.com/whctl/whctl/internal/record"
)

// memory is a queue.Memory for the suite.
type memory struct {
	store *queue.Memory
	jobs  map[string]record.Job
}

func laneOf(job record.Job) queue.Lane { return queue.Lane{Name: job.Target, Width: 1} }

func TestMemory(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(*testing.T) queuetest.Store {
		return &memory{queue.NewMemory(laneOf), map[string]record.Job{}}
	})
}

func (m *memory) put(job record.Job) {
	m.jobs[job.DeliveryID] = job
	order, _ := strconv.ParseUint(job.DeliveryID, 10, 64)
	m.store.Put(job, order)
}

func (m *memory) Add(_ *testing.T, target string, due time.Time) string {
	id := strconv.Itoa(len(m.jobs))
	m.put(record.Job{DeliveryID: id, Target: target, State: record.JobQueued, Due: due})
	return id
}

func (m *memory) Again(t *testing.T, delivery string, due time.Time) {
	t.Helper()
	m.End(t, delivery)
	job := m.jobs[delivery]
	job.State, job.Due = record.JobWaiting, due
	job.Tries++
	m.put(job)
}

func (m *memory) End(t *testing.T, delivery string) {
	t.Helper()
	if !m.store.Take(m.jobs[delivery]) || m.store.Take(m.jobs[delivery]) {
		t.Errorf("%s was not there once", delivery)
	}
}

func (m *memory) Due(t *testing.T, target string, now time.Time, n int) (ids []string, next time.Time) {
	t.Helper()
	jobs, next, err := m.store.Due(laneOf(record.Job{Target: target}), now, n)
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range jobs {
		ids = append(ids, job.DeliveryID)
	}
	return ids, next
}

func (m *memory) Reopen(*testing.T) {} // it does not outlive its process
