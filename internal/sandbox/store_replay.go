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
	case v.Hook != nil:
		if s.state.putHook(v.Hook); len(s.state.hooks) > maxHooks {
			return fmt.Errorf("is damaged: it holds more than %d webhooks", maxHooks)
		}
	case v.Unhook != "":
		s.state.dropHook(v.Unhook)
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
			v.Log.ev = e
			s.state.addLog(v.Log)
		}
	case v.Forget != nil:
		gone := map[*happening]bool{}
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
func (s *Sandbox) requeue(e *happening) {
	for _, sh := range e.Shipments {
		sh.ev, sh.index = e, -1
		s.queue.order = max(s.queue.order, sh.Order+sh.Order%2)
		if !sh.over() {
			sh.Stage = waiting
			s.queue.add(sh)
		}
	}
}

func (st *state) putHook(h *hook) {
	st.nextOrd = max(st.nextOrd, h.Ordinal)
	for i, old := range st.hooks {
		if old.ID == h.ID {
			st.hooks[i] = h
			return
		}
	}
	st.hooks = append(st.hooks, h)
}

func (st *state) dropHook(id string) {
	for i, h := range st.hooks {
		if h.ID == id {
			st.hooks = append(st.hooks[:i], st.hooks[i+1:]...)
			return
		}
	}
}
