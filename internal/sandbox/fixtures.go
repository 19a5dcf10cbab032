package sandbox

// The samples of --fixtures.

import (
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/event"
)

// fixtureURL gets no requests: the webhooks of the fixtures are inactive.
const fixtureURL = "https://hooks.acme.test/baanx"

// fixture is one event of the samples.
type fixture struct {
	age    time.Duration
	status string
	tries  []fixtureTry
}

// fixtureTry is one attempt of it.
type fixtureTry struct {
	after time.Duration
	next  time.Duration // after the event; 0: none planned
	log   attempt       // what came of it
}

func fixtures() []fixture {
	sec := time.Second
	ended := func(outcome string, status int, answer string) attempt {
		return attempt{Outcome: outcome, Status: &status, Answer: &answer}
	}
	busy := func(n, next time.Duration) fixtureTry {
		return fixtureTry{n, next, ended(api.DeliveryFailed, 503, "upstream busy")}
	}
	return []fixture{
		{50 * time.Hour, api.StatusCompleted, []fixtureTry{
			{sec, 2 * sec, attempt{Outcome: api.DeliveryFailed, Error: new("connect timeout")}},
			{2 * sec, 0, ended(api.DeliverySuccess, 200, "ok")},
		}},
		{26 * time.Hour, api.StatusFailed, []fixtureTry{
			busy(sec, 2*sec), busy(2*sec, 4*sec), busy(4*sec, 8*sec), busy(8*sec, 16*sec), busy(16*sec, 32*sec), busy(32*sec, 0),
		}},
		{3 * time.Hour, api.StatusSkipped, nil},
		{40 * time.Minute, api.StatusCompleted, []fixtureTry{{sec, 0, ended(api.DeliverySuccess, 204, "")}}},
		{20 * time.Minute, api.StatusFailed, []fixtureTry{{sec, 0, ended(api.DeliveryFailed, 401, `{"error":"invalid signature"}`)}}},
		{2 * time.Minute, api.StatusProcessing, []fixtureTry{busy(sec, 2*sec), {2 * sec, 0, attempt{Outcome: api.DeliveryProcessing}}}},
		{time.Minute, api.StatusPending, []fixtureTry{{sec, 0, attempt{Outcome: api.DeliveryPending}}}},
	}
}

// fixture reports whether an event is one of the samples, which have logs and no jobs.
func (e *eventRecord) fixture() bool { return len(e.Jobs) == 0 && len(e.logs) > 0 }

// addFixtures fills the sandbox with samples of every status, some days old.
func (s *Sandbox) addFixtures() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := &webhook{Name: "Card alerts (staging)", Types: []string{"card.*", "transaction.cleared"}}
	for _, w := range []*webhook{first, {Name: "Everything (archive)", Types: []string{"*"}}} {
		w.URL = fixtureURL
		if err := s.addWebhook(w, s.clock.now().Add(-72*time.Hour)); err != nil {
			return err
		}
	}
	types := event.SampleTypes(s.scheme.Name)
	if len(types) == 0 {
		types = []string{"sample.created"}
	}
	for i, f := range fixtures() {
		if err := s.addFixtureEvent(first, types[i%len(types)], f); err != nil {
			return err
		}
	}
	if s.data != nil {
		s.data.replace(s.lines())
	}
	return s.data.failure()
}

func (s *Sandbox) addFixtureEvent(w *webhook, typ string, f fixture) error {
	e, _, err := s.newEvent(wish{name: typ})
	if err != nil {
		return err
	}
	e.Created = s.clock.now().Add(-f.age)
	e.Status = f.status
	if f.status == api.StatusSkipped {
		e.Processed = e.Created
	} else {
		e.Queued = e.Created.Add(time.Second)
	}
	s.addEvent(e)
	for i, t := range f.tries {
		id, err := event.NewUUID(s.o.Rand)
		if err != nil {
			return err
		}
		a := t.log
		a.ID, a.Event, a.Webhook, a.Number, a.URL, a.Created, a.event = id, e.ID, w.ID, i+1, w.URL, e.Created.Add(t.after), e
		if _, err := s.sign(w, e, &a, s.clock.now()); err != nil {
			return err
		}
		if a.Status != nil {
			a.Duration = new(int64(91 + 117*i))
		}
		if t.next != 0 {
			a.Next = e.Created.Add(t.next)
		}
		s.addLog(&a)
		if a.Outcome == api.DeliverySuccess {
			e.Processed = a.Created
		}
	}
	return nil
}
