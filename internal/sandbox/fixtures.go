package sandbox

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
	after   time.Duration
	outcome string
	status  int // 0: no answer
	answer  string
	problem string
	next    time.Duration // after the event; 0: none planned
}

func fixtures() []fixture {
	sec := time.Second
	busy := func(n, next time.Duration) fixtureTry {
		return fixtureTry{after: n, outcome: api.DeliveryFailed, status: 503, answer: "upstream busy", next: next}
	}
	return []fixture{
		{50 * time.Hour, api.StatusCompleted, []fixtureTry{
			{after: sec, outcome: api.DeliveryFailed, problem: "connect timeout", next: 2 * sec},
			{after: 2 * sec, outcome: api.DeliverySuccess, status: 200, answer: "ok"},
		}},
		{26 * time.Hour, api.StatusFailed, []fixtureTry{
			busy(sec, 2*sec), busy(2*sec, 4*sec), busy(4*sec, 8*sec), busy(8*sec, 16*sec), busy(16*sec, 32*sec), busy(32*sec, 0),
		}},
		{3 * time.Hour, api.StatusSkipped, nil},
		{40 * time.Minute, api.StatusCompleted, []fixtureTry{{after: sec, outcome: api.DeliverySuccess, status: 204}}},
		{20 * time.Minute, api.StatusFailed, []fixtureTry{
			{after: sec, outcome: api.DeliveryFailed, status: 401, answer: `{"error":"invalid signature"}`},
		}},
		{2 * time.Minute, api.StatusProcessing, []fixtureTry{busy(sec, 2*sec), {after: 2 * sec, outcome: api.DeliveryProcessing}}},
		{time.Minute, api.StatusPending, []fixtureTry{{after: sec, outcome: api.DeliveryPending}}},
	}
}

// fixture reports whether an event is one of the samples, which have logs and no jobs.
func (e *eventRecord) fixture() bool { return len(e.Jobs) == 0 && len(e.logs) > 0 }

// addFixtures fills the sandbox with samples of every status, some days old.
func (s *Sandbox) addFixtures() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, err := s.addFixtureWebhook("Card alerts (staging)", []string{"card.*", "transaction.cleared"})
	if err != nil {
		return err
	}
	if _, err := s.addFixtureWebhook("Everything (archive)", []string{"*"}); err != nil {
		return err
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
	return s.saveAll()
}

func (s *Sandbox) addFixtureWebhook(name string, types []string) (*webhook, error) {
	w, err := s.newWebhook()
	if err != nil {
		return nil, err
	}
	w.Name, w.URL, w.Types = name, fixtureURL, types
	w.Created = w.Created.Add(-72 * time.Hour)
	w.Updated = w.Created
	s.webhooks = append(s.webhooks, w)
	return w, nil
}

func (s *Sandbox) addFixtureEvent(w *webhook, typ string, f fixture) error {
	e, _, err := s.newEvent(typ, nil, nil)
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
		a := &attempt{
			ID: id, Event: e.ID, Webhook: w.ID, Number: i + 1, URL: w.URL, Outcome: t.outcome, Created: e.Created.Add(t.after), event: e,
		}
		if _, err := s.sign(w, e, a); err != nil {
			return err
		}
		t.fill(a, e)
		s.addLog(a)
		if t.outcome == api.DeliverySuccess {
			e.Processed = a.Created
		}
	}
	return nil
}

func (t fixtureTry) fill(a *attempt, e *eventRecord) {
	if t.status != 0 {
		ms := int64(91 + 117*(a.Number-1))
		a.Status, a.Answer, a.Duration = &t.status, &t.answer, &ms
	}
	if t.problem != "" {
		a.Error = &t.problem
	}
	if t.next != 0 {
		a.Next = e.Created.Add(t.next)
	}
}
