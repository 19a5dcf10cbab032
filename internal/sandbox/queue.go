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
	heap     shipments
	lanes    map[string]*lane
	free     []*shipment          // due, in no lane
	held     map[string]*shipment // by webhook: what chaos holds back
	order    uint64
	inflight int
	paused   int           // above 0, an advance is played or the engine ends: it begins nothing
	idle     chan struct{} // closed when inflight falls to 0; nil when nobody waits
}

type lane struct {
	due  []*shipment
	busy bool
}

// shipments is a heap by due time, then order.
type shipments []*shipment

func (h shipments) Len() int           { return len(h) }
func (h shipments) Less(i, j int) bool { return before(h[i], h[j]) < 0 }
func (h shipments) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push is for container/heap.
func (h *shipments) Push(x any) {
	if s, ok := x.(*shipment); ok {
		s.index = len(*h)
		*h = append(*h, s)
	}
}

// Pop is for container/heap.
func (h *shipments) Pop() any {
	last := len(*h) - 1
	s := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	s.index = -1
	return s
}

func before(a, b *shipment) int {
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

func (q *queue) add(s *shipment) { heap.Push(&q.heap, s) }

// move changes when a shipment is due, wherever it is; one that is on its way stays there.
func (q *queue) move(s *shipment, due time.Time, order uint64) {
	if s.index < 0 {
		return
	}
	s.Due, s.Order = due, order
	heap.Fix(&q.heap, s.index)
}

// cancel takes a shipment out of the queue. One that is under way is only marked: what it brings is logged.
func (q *queue) cancel(s *shipment) {
	s.Stage = cancelled
	if s.index >= 0 {
		heap.Remove(&q.heap, s.index)
	}
	if q.held[s.Webhook] == s {
		delete(q.held, s.Webhook)
	}
	if l := q.lanes[s.Webhook]; l != nil {
		l.due = slices.DeleteFunc(l.due, func(o *shipment) bool { return o == s })
	}
	q.free = slices.DeleteFunc(q.free, func(o *shipment) bool { return o == s })
}

// collect moves what has come due out of the heap.
func (q *queue) collect(now time.Time) {
	for len(q.heap) > 0 && !q.heap[0].Due.After(now) {
		s := q.pop()
		if s.Attempt > 1 {
			q.free = append(q.free, s)
			continue
		}
		l := q.lanes[s.Webhook]
		if l == nil {
			l = &lane{}
			q.lanes[s.Webhook] = l
		}
		at, _ := slices.BinarySearchFunc(l.due, s, before)
		l.due = slices.Insert(l.due, at, s)
	}
}

func (q *queue) pop() *shipment {
	s, ok := heap.Pop(&q.heap).(*shipment)
	if !ok {
		return nil
	}
	if q.held[s.Webhook] == s {
		delete(q.held, s.Webhook)
	}
	return s
}

// putBack undoes collect for everything that was not begun.
func (q *queue) putBack() {
	for _, l := range q.lanes {
		for _, s := range l.due {
			q.add(s)
		}
		l.due = nil
	}
	for _, s := range q.free {
		q.add(s)
	}
	q.free = nil
}

// take gives one shipment that may begin now, or nil. The lane of a first attempt is busy from then on.
func (q *queue) take() (*shipment, *lane) {
	if q.inflight >= maxInflight {
		return nil, nil
	}
	if len(q.free) > 0 {
		s := q.free[0]
		q.free = q.free[1:]
		return s, nil
	}
	for id, l := range q.lanes {
		if l.busy {
			continue
		}
		if len(l.due) == 0 {
			delete(q.lanes, id)
			continue
		}
		s := l.due[0]
		l.due = l.due[1:]
		l.busy = true
		return s, l
	}
	return nil, nil
}

// waiting counts what is to come and gives the first n of it in order.
func (q *queue) waiting(n int) (total int, first []*shipment) {
	all := slices.Clone([]*shipment(q.heap))
	for _, l := range q.lanes {
		all = append(all, l.due...)
	}
	all = append(all, q.free...)
	slices.SortFunc(all, before)
	return len(all), all[:min(n, len(all))]
}
