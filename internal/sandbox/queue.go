package sandbox

import (
	"container/heap"
	"slices"
	"time"
)

const (
	// maxInflight bounds the deliveries under way at one time.
	maxInflight = 64
	// laneGrace is how long the first attempt to one webhook holds up the next one: they arrive in order, and a
	// receiver that takes its time delays those behind it by no more than this.
	laneGrace = time.Second
	// holdTime is how long chaos holds an event back for another one to overtake it.
	holdTime = time.Second
)

// queue is what is to be delivered: a heap of what is to come, and a lane for each webhook with first attempts that
// have come due, which go out one after the other. Later attempts do not wait for anybody. The sandbox's lock guards it.
type queue struct {
	heap     jobs
	lanes    map[string]*lane
	free     []*job          // due, in no lane
	held     map[string]*job // by webhook: what chaos holds back
	order    uint64
	inflight int
	paused   int           // above 0, an advance is played or the engine ends: it begins nothing
	idle     chan struct{} // closed when inflight falls to 0; nil when nobody waits
}

type lane struct {
	due  []*job
	busy bool
}

// jobs is a heap by due time, then order.
type jobs []*job

func (h jobs) Len() int           { return len(h) }
func (h jobs) Less(i, j int) bool { return before(h[i], h[j]) < 0 }
func (h jobs) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push is for container/heap.
func (h *jobs) Push(x any) {
	if j, ok := x.(*job); ok {
		j.index = len(*h)
		*h = append(*h, j)
	}
}

// Pop is for container/heap.
func (h *jobs) Pop() any {
	last := len(*h) - 1
	j := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	j.index = -1
	return j
}

func before(a, b *job) int {
	if c := a.Due.Compare(b.Due); c != 0 {
		return c
	}
	switch {
	case a.Order < b.Order:
		return -1
	case a.Order > b.Order:
		return 1
	default:
		return 0
	}
}

// nextOrder leaves room for one more right behind each, which is where a duplicate goes.
func (q *queue) nextOrder() uint64 {
	q.order += 2
	return q.order
}

func (q *queue) add(j *job) { heap.Push(&q.heap, j) }

// move changes when a job is due, wherever it is; one that is on its way stays there.
func (q *queue) move(j *job, due time.Time, order uint64) {
	if j.index < 0 {
		return
	}
	j.Due, j.Order = due, order
	heap.Fix(&q.heap, j.index)
}

// cancel takes a job out of the queue. One that is under way is only marked: what it brings is logged.
func (q *queue) cancel(j *job) {
	j.Stage = cancelled
	if j.index >= 0 {
		heap.Remove(&q.heap, j.index)
	}
	if q.held[j.Webhook] == j {
		delete(q.held, j.Webhook)
	}
	if l := q.lanes[j.Webhook]; l != nil {
		l.due = slices.DeleteFunc(l.due, func(o *job) bool { return o == j })
	}
	q.free = slices.DeleteFunc(q.free, func(o *job) bool { return o == j })
}

// collect moves what has come due out of the heap.
func (q *queue) collect(now time.Time) {
	for len(q.heap) > 0 && !q.heap[0].Due.After(now) {
		j := q.pop()
		if j.Attempt > 1 {
			q.free = append(q.free, j)
			continue
		}
		l := q.lanes[j.Webhook]
		if l == nil {
			l = &lane{}
			q.lanes[j.Webhook] = l
		}
		at, _ := slices.BinarySearchFunc(l.due, j, before)
		l.due = slices.Insert(l.due, at, j)
	}
}

func (q *queue) pop() *job {
	j, ok := heap.Pop(&q.heap).(*job)
	if !ok {
		return nil
	}
	if q.held[j.Webhook] == j {
		delete(q.held, j.Webhook)
	}
	return j
}

// putBack undoes collect for everything that was not begun.
func (q *queue) putBack() {
	for _, l := range q.lanes {
		for _, j := range l.due {
			q.add(j)
		}
		l.due = nil
	}
	for _, j := range q.free {
		q.add(j)
	}
	q.free = nil
}

// take gives one job that may begin now, or nil. The lane of a first attempt is busy from then on.
func (q *queue) take() (*job, *lane) {
	if q.inflight >= maxInflight {
		return nil, nil
	}
	if len(q.free) > 0 {
		j := q.free[0]
		q.free = q.free[1:]
		return j, nil
	}
	for id, l := range q.lanes {
		if l.busy {
			continue
		}
		if len(l.due) == 0 {
			delete(q.lanes, id)
			continue
		}
		j := l.due[0]
		l.due = l.due[1:]
		l.busy = true
		return j, l
	}
	return nil, nil
}

// waiting counts what is to come and gives the first n of it in order.
func (q *queue) waiting(n int) (total int, first []*job) {
	all := slices.Clone([]*job(q.heap))
	for _, l := range q.lanes {
		all = append(all, l.due...)
	}
	all = append(all, q.free...)
	slices.SortFunc(all, before)
	return len(all), all[:min(n, len(all))]
}
