package sandbox

// Raising events.

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/record"
)

// raise makes events and their jobs, for all or none of what is asked. The caller holds the lock.
func (s *Sandbox) raise(q api.TriggerRequest) (api.Triggered, error) {
	s.steady()
	types := []string{q.Type}
	if q.Type == api.TypeAll {
		if types = everyType(s.scheme.Name, s.o.Own); len(types) == 0 {
			return api.Triggered{}, &event.UnknownTypeError{Scheme: s.scheme.Name, Type: q.Type}
		}
	}
	sets, err := craft.Edits(q.Sets)
	if err != nil {
		return api.Triggered{}, err
	}
	var (
		made  []*eventRecord
		notes []string
	)
	for range max(q.Count, 1) {
		for _, typ := range types {
			if q.Tricky && len(q.Body) == 0 {
				typ = strings.TrimSuffix(typ, "/"+event.Tricky) + "/" + event.Tricky
			}
			e, note, err := s.newEvent(wish{name: typ, body: q.Body, o: event.BuildOptions{Sets: sets}})
			if err != nil {
				return api.Triggered{}, err
			}
			made = append(made, e)
			if note != "" && !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
	}
	return s.enter(made, notes)
}

// everyType lists a sample of each type of a scheme, and those of the user's own. One is tricky, so that a handler which does not verify the raw bytes is found out.
func everyType(scheme string, own event.Own) []string {
	types := event.SampleTypes(scheme)
	tricky := event.TrickyName(scheme)
	for i, typ := range types {
		if typ+"/"+event.Tricky == tricky {
			types[i] = tricky
		}
	}
	for _, name := range own.Names() {
		if !slices.Contains(types, name) {
			types = append(types, name)
		}
	}
	return types
}

// enter adds new events to the state and their jobs to the queue.
func (s *Sandbox) enter(made []*eventRecord, notes []string) (api.Triggered, error) {
	if err := s.room(made); err != nil {
		return api.Triggered{}, err
	}
	out := api.Triggered{Notes: notes, Events: make([]api.TriggeredEvent, 0, len(made))}
	lines := make([]saved, 0, len(made))
	for _, e := range made {
		s.addEvent(e)
		s.notify(record.Raised{EventID: e.EventID, EventType: e.Type})
		n := 0
		for _, w := range s.webhooks {
			if w.Active && w.wants(e.Type) {
				s.owe(e, w)
				n++
			}
		}
		if n > 0 {
			e.Queued = e.Created
		}
		s.settle(e, e.Created)
		out.Events = append(out.Events, api.TriggeredEvent{ID: e.ID, EventID: e.EventID, EventType: e.Type, Sample: e.sample, Status: e.Status, Webhooks: n})
	}
	for _, e := range made { // after all are queued: a later one may have moved the job of an earlier one
		lines = append(lines, saved{Event: e})
	}
	s.prune()
	s.wake()
	return out, s.save(lines...)
}

// wish is an event to make: a sample by its name, or a body. The event's time is now if o has none.
type wish struct {
	name string
	body []byte
	o    event.BuildOptions
}

// newEvent makes one event, and a note if its sample is made up.
func (s *Sandbox) newEvent(w wish) (*eventRecord, string, error) {
	id, err := event.NewUUID(s.o.Rand)
	if err != nil {
		return nil, "", err
	}
	e := &eventRecord{ID: id, Seq: s.nextSeq, Created: s.clock.now(), progress: progress{Status: api.StatusPending}}
	s.nextSeq++
	w.o.Rand, w.o.Own = s.o.Rand, s.o.Own
	if s.o.Seed != nil {
		w.o.Rand = draws(s.seed, "event", e.Seq)
	}
	if w.o.Now.IsZero() {
		w.o.Now = e.Created
	}
	ev, err := s.craft(w)
	if err != nil {
		return nil, "", err
	}
	e.sample = w.name
	e.Body, e.Type, e.EventID, e.Fields = ev.Body, cmp.Or(ev.Type, w.name), cmp.Or(ev.ID, e.ID), ev.Fields
	return e, ev.Note, nil
}

// craft makes a sample of a type, or takes a body as it is. Type and id that the provider sends in headers are made for it.
func (s *Sandbox) craft(w wish) (craft.Event, error) {
	if len(w.body) == 0 {
		return craft.Sample(s.o.Rules, w.name, w.o)
	}
	ev, err := craft.Given(s.o.Rules, w.name, w.body, w.o.Sets)
	if err != nil {
		return ev, err
	}
	if ev.ID == "" {
		if ev.ID, err = event.NewUUID(w.o.Rand); err != nil {
			return ev, err
		}
	}
	ev.Type = cmp.Or(ev.Type, w.name)
	ev.Announce(s.o.Rules)
	err = ev.Complete(s.o.Rules, w.o.Rand)
	return ev, err
}

// triggerError refuses a request if the error is about it. Any other error stays as it is.
func triggerError(err error) error {
	var unknown *event.UnknownTypeError
	var set *jsonbytes.Error
	switch {
	case errors.As(err, &unknown) && unknown.Nearest != "":
		return refuse(http.StatusBadRequest, fmt.Sprintf("%s; did you mean %s?", err, unknown.Nearest))
	case errors.As(err, &unknown) && len(unknown.Variants) > 0:
		return refuse(http.StatusBadRequest, fmt.Sprintf("%s; there are %s", err, strings.Join(unknown.Variants, ", ")))
	case errors.As(err, &unknown) && unknown.Misformed:
		return refuse(http.StatusBadRequest, fmt.Sprintf("%s; the types of this provider look like %s", err, unknown.Known[0]))
	case errors.As(err, &unknown) && len(unknown.Known) > 0:
		return refuse(http.StatusBadRequest, fmt.Sprintf("%s; there are %s", err, strings.Join(unknown.Known, ", ")))
	case errors.As(err, &unknown), errors.As(err, &set):
		return refuse(http.StatusBadRequest, err.Error())
	default:
		return err
	}
}
