package sandbox

// How much the sandbox holds, and what makes room when that is full. It may run for weeks against receivers that answer with
// megabytes, so events and attempts are bounded in number and bytes.

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/record"
)

const (
	maxEvents     = 20_000
	keptBytes     = 64 << 20    // of all events, and as many of all attempts
	maxLogs       = 100_000     // attempts
	maxKeptAnswer = 8 << 10     // bytes of a receiver's answer
	recordBytes   = 512         // about the bytes of an event or attempt without its texts
	lostInterval  = time.Minute // between two events about what was forgotten
	logRetention  = api.LogRetentionDays * 24 * time.Hour
)

// bytes returns about what an event takes in memory. It takes a little more on disk.
func (e *eventRecord) bytes() int64 {
	n := recordBytes + len(e.Body) + len(e.Type) + len(e.EventID)
	for _, f := range e.Fields {
		n += len(f.Name) + len(f.Value)
	}
	return int64(n)
}

func (a *attempt) bytes() int64 {
	n := recordBytes + len(a.Body) + len(a.URL) + len(value(a.Answer)) + len(value(a.Error))
	for name, value := range a.Header {
		n += len(name) + len(value)
	}
	return int64(n)
}

// lost counts what was forgotten to make room.
type lost struct{ events, logs int }

// trim forgets attempts past their retention. If there is too much it forgets the oldest attempts, and the oldest events that
// are over, and counts them. It returns the record ids of forgotten events.
func (s *Sandbox) trim() (ids []string) {
	now, old := s.clock.now(), 0
	for _, a := range s.logs {
		past := now.Sub(a.Created) > logRetention
		if !past && len(s.logs)-old <= maxLogs && s.logBytes <= s.keep {
			break
		}
		if !past {
			s.lost.logs++
		}
		s.logBytes -= a.counted
		a.counted = 0
		a.event.logs = slices.DeleteFunc(a.event.logs, func(o *attempt) bool { return o == a })
		old++
	}
	s.logs = slices.Delete(s.logs, 0, old)
	before := len(s.logs)
	ids = s.tooMany()
	s.forget(ids)
	s.lost.events += len(ids)
	s.lost.logs += before - len(s.logs)
	return ids
}

// tooMany returns the record ids of the events that have to make room: the oldest that are over.
func (st *state) tooMany() (ids []string) {
	count, size := len(st.events), st.eventBytes
	for _, e := range st.events {
		if count <= maxEvents && size <= st.keep {
			break
		}
		if !e.open() {
			ids = append(ids, e.ID)
			count--
			size -= e.bytes()
		}
	}
	return ids
}

// forget removes events and their attempts.
func (st *state) forget(ids []string) {
	if len(ids) == 0 {
		return
	}
	gone := map[*eventRecord]bool{}
	for _, id := range ids {
		if e := st.byID[id]; e != nil {
			gone[e] = true
		}
	}
	st.events = slices.DeleteFunc(st.events, func(e *eventRecord) bool { return gone[e] })
	st.logs = slices.DeleteFunc(st.logs, func(a *attempt) bool {
		if gone[a.event] {
			st.logBytes -= a.counted
			a.counted = 0
		}
		return gone[a.event]
	})
	for e := range gone {
		st.eventBytes -= e.bytes()
		delete(st.byID, e.ID)
		if st.byEvent[e.EventID] == e {
			delete(st.byEvent, e.EventID)
		}
	}
}

// makeRoom trims the state while the data file is read.
func (s *Sandbox) makeRoom() error {
	s.trim()
	if s.eventBytes > 2*s.keep {
		return fmt.Errorf("holds more than %d MiB of events that are still to be delivered", 2*s.keep>>20)
	}
	return nil
}

// count updates how much an attempt takes.
func (st *state) count(a *attempt) {
	n := a.bytes()
	st.logBytes += n - a.counted
	a.counted = n
}

// prune trims the state and says now and then how much was forgotten for want of room. The caller holds the lock.
func (s *Sandbox) prune() {
	if ids := s.trim(); len(ids) > 0 {
		_ = s.save(saved{Forget: ids})
	}
	if s.toldLost.IsZero() || s.clock.wall().Sub(s.toldLost).Abs() >= lostInterval {
		s.tellLost()
	}
}

// tellLost says how much was forgotten since the last time. The caller holds the lock.
func (s *Sandbox) tellLost() {
	if s.lost == s.told {
		return
	}
	s.notify(record.Forgotten{Events: s.lost.events - s.told.events, Attempts: s.lost.logs - s.told.logs, Keep: s.keep})
	s.told, s.toldLost = s.lost, s.clock.wall()
}

// room refuses new events where they and those still to be delivered are too much. An event that is still to be delivered is never
// forgotten to make room.
func (s *Sandbox) room(made []*eventRecord) error {
	count, size := len(made), int64(0)
	for _, e := range made {
		size += e.bytes()
	}
	for _, e := range s.events {
		if e.open() {
			count++
			size += e.bytes()
		}
	}
	if count <= maxEvents && size <= s.keep {
		return nil
	}
	return refuse(http.StatusServiceUnavailable, fmt.Sprintf(
		"too many events are still to be delivered: the sandbox holds %d, or %d MiB; whctl sandbox advance plays them, whctl sandbox reset forgets them",
		maxEvents, s.keep>>20))
}

// keptAnswer returns what is kept of a receiver's answer. It says if that is not all.
func keptAnswer(body []byte, size int64) string {
	size = max(size, int64(len(body)))
	if len(body) <= maxKeptAnswer {
		return strings.ToValidUTF8(string(body), "\ufffd")
	}
	return strings.ToValidUTF8(string(body[:maxKeptAnswer]), "") + fmt.Sprintf("… (the first %d of %d bytes)", maxKeptAnswer, size)
}
