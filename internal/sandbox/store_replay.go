package sandbox

import (
	"errors"
	"fmt"
	"time"
)

// Each line of the data file changes the state once more, in the order in which they were written.

func (s *Sandbox) replay(v saved) error {
	switch {
	case v.Head != nil:
		return s.replayHead(v.Head)
	case v.Webhook != nil:
		if s.state.putWebhook(v.Webhook); len(s.state.webhooks) > maxWebhooks {
			return fmt.Errorf("is damaged: it holds more than %d webhooks", maxWebhooks)
		}
	case v.Deleted != "":
		s.state.dropWebhook(v.Deleted)
	case v.Event != nil:
		if s.state.byID[v.Event.ID] != nil {
			return errors.New("is damaged: it holds an event twice")
		}
		s.state.addEvent(v.Event)
		s.state.nextSeq = max(s.state.nextSeq, v.Event.Seq+1)
	case v.State != nil:
		if e := s.state.byID[v.State.ID]; e != nil {
			e.progress = v.State.progress
		}
	case v.Log != nil:
		if e := s.state.byID[v.Log.Event]; e != nil {
			v.Log.event = e
			s.state.addLog(v.Log)
		}
	case v.Forget != nil:
		gone := map[*eventRecord]bool{}
		for _, id := range v.Forget {
			if e := s.state.byID[id]; e != nil {
				gone[e] = true
			}
		}
		s.state.forget(gone)
	case v.Clock != nil:
		s.clock.offset = time.Duration(*v.Clock) * time.Millisecond
	case v.Reset:
		s.reset()
		s.clock.offset = 0
	}
	return nil
}

func (s *Sandbox) replayHead(h *head) error {
	if h.Version != storeVersion {
		return fmt.Errorf("was written by another version of whctl (format %d)", h.Version)
	}
	if h.Scheme != s.scheme.Name {
		return fmt.Errorf("belongs to a sandbox with --scheme %s", h.Scheme)
	}
	s.state.nextSeq, s.state.nextOrd = h.NextSeq, h.NextOrd
	return nil
}

// requeue takes up what an event still has to deliver. What was under way when the process ended is done again.
func (s *Sandbox) requeue(e *eventRecord) {
	for _, j := range e.Jobs {
		j.event = e
		s.jobs.order = max(s.jobs.order, j.Order+j.Order%2)
		if !j.over() {
			j.Stage = waiting
			s.jobs.add(j)
		}
	}
}

func (st *state) putWebhook(w *webhook) {
	st.nextOrd = max(st.nextOrd, w.Ordinal)
	for i, old := range st.webhooks {
		if old.ID == w.ID {
			st.webhooks[i] = w
			return
		}
	}
	st.webhooks = append(st.webhooks, w)
}

func (st *state) dropWebhook(id string) {
	for i, w := range st.webhooks {
		if w.ID == id {
			st.webhooks = append(st.webhooks[:i], st.webhooks[i+1:]...)
			return
		}
	}
}
