package queue

// A store of jobs in memory.

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// Memory is a store in memory. A job is taken out when it is tried, and put back to be tried again.
type Memory struct {
	lane func(record.Job) Lane

	mu    sync.Mutex
	lanes map[Lane][]*place // each in the order in which to try its jobs
}

// place is a job and its order among those that are due at the same moment.
type place struct {
	record.Job
	order uint64
}

func before(a, b *place) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.order, b.order)) }

// NewMemory makes an empty store. The function says which lane a job is in.
func NewMemory(lane func(record.Job) Lane) *Memory {
	return &Memory{lane: lane, lanes: map[Lane][]*place{}}
}

// Put adds a job. Of jobs that are due at the same moment, the one with the lowest order comes first.
func (m *Memory) Put(job record.Job, order uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	lane, p := m.lane(job), &place{job, order}
	at, _ := slices.BinarySearchFunc(m.lanes[lane], p, before)
	m.lanes[lane] = slices.Insert(m.lanes[lane], at, p)
}

// Take removes a job and reports whether it was there.
func (m *Memory) Take(job record.Job) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	lane := m.lane(job)
	at := slices.IndexFunc(m.lanes[lane], func(p *place) bool { return keyOf(p.Job) == keyOf(job) })
	if at < 0 {
		return false
	}
	left := m.lanes[lane][1:] // most are the first: nothing else moves
	if at > 0 {
		left = slices.Delete(m.lanes[lane], at, at+1)
	}
	if m.lanes[lane] = left; len(left) == 0 {
		delete(m.lanes, lane)
	}
	return true
}

// Clear removes all jobs.
func (m *Memory) Clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.lanes)
}

// Lanes is for Store. It returns them by name.
func (m *Memory) Lanes() ([]Lane, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	lanes := slices.Collect(maps.Keys(m.lanes))
	sort.Slice(lanes, func(i, j int) bool { return lanes[i].Name < lanes[j].Name })
	return lanes, nil
}

// Due is for Store.
func (m *Memory) Due(lane Lane, now time.Time, n int) (due []record.Job, next time.Time, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.lanes[lane] {
		switch {
		case p.Due.After(now):
			return due, p.Due, nil
		case len(due) == n:
			return due, time.Time{}, nil
		}
		due = append(due, p.Job)
	}
	return due, time.Time{}, nil
}

// First returns up to n jobs of all lanes in the order in which they are due, and how many jobs there are.
func (m *Memory) First(n int) (first []record.Job, total int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []*place
	for _, lane := range m.lanes {
		all = append(all, lane[:min(n, len(lane))]...)
		total += len(lane)
	}
	slices.SortFunc(all, before)
	for _, p := range all[:min(n, len(all))] {
		first = append(first, p.Job)
	}
	return first, total
}
