package sandbox

// The sandbox's own routes: trigger, advance, status and reset.

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/whctl/whctl/internal/api"
)

const (
	maxRaised     = keptBytes // bytes of the bodies of one trigger call
	shownInStatus = 100
)

// trigger raises events. The platform has no such call.
func (s *Sandbox) trigger(r *http.Request) (int, any, error) {
	var q api.TriggerRequest
	if err := request(r, &q); err != nil {
		return 0, nil, err
	}
	switch {
	case q.Type == "" && len(q.Body) == 0:
		return 0, nil, refuse(http.StatusBadRequest, "type must name an event type, or be \"all\"")
	case q.Count < 0 || q.Count > api.MaxTrigger:
		return 0, nil, refuse(http.StatusBadRequest, fmt.Sprintf("count must be from 1 to %d", api.MaxTrigger))
	case max(q.Count, 1)*len(q.Body) > maxRaised:
		return 0, nil, refuse(http.StatusBadRequest, "count times body is too much to hold")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out, err := s.raise(q)
	return http.StatusOK, out, triggerError(err)
}

func (s *Sandbox) advanceClock(r *http.Request) (int, any, error) {
	var q api.AdvanceRequest
	if err := request(r, &q); err != nil {
		return 0, nil, err
	}
	if q.ByMs < 0 || q.ByMs > api.MaxAdvance.Milliseconds() {
		return 0, nil, refuse(http.StatusBadRequest, "byMs must be from 0 to the milliseconds of a year")
	}
	s.mu.Lock()
	ahead := s.clock.offset
	s.mu.Unlock()
	if ahead+q.By() > maxAhead {
		return 0, nil, refuse(http.StatusBadRequest, "the clock would be more than a hundred years ahead: whctl sandbox reset sets it right")
	}
	done, err := s.advance(r.Context(), q.By())
	return http.StatusOK, done, err
}

func (s *Sandbox) status(*http.Request) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := api.SandboxStatus{
		Now: api.At(s.clock.now()), Stands: s.clock.stood != nil, OffsetMs: s.clock.offset.Round(time.Millisecond).Milliseconds(), Scheme: s.scheme.Name, Schedule: append([]float64{}, s.scheme.Retry...),
		Webhooks: []api.Webhook{}, Events: map[string]int{}, Queue: []api.Queued{}, Chaos: s.o.Chaos.String(), Seed: s.seed,
		ForgottenEvents: s.lost.events, ForgottenAttempts: s.lost.logs,
	}
	names := map[string]string{}
	for _, w := range s.webhooks {
		out.Webhooks = append(out.Webhooks, w.view())
		names[w.ID] = w.Name
	}
	for _, status := range api.EventStatuses() {
		out.Events[status] = 0
	}
	for _, e := range s.events {
		out.Events[e.Status]++
	}
	var first []*job
	first, out.Queued = s.jobs.first(shownInStatus)
	for _, j := range first {
		out.Queue = append(out.Queue, api.Queued{
			EventID: j.event.EventID, EventType: j.event.Type, WebhookID: j.Webhook, WebhookName: names[j.Webhook], Attempt: j.Attempt, DueAt: api.At(j.Due),
		})
	}
	return http.StatusOK, out, nil
}

// resetAll makes the sandbox as it was at its first start. Attempts under way end and leave no trace.
func (s *Sandbox) resetAll(*http.Request) (int, any, error) {
	s.mu.Lock()
	s.reset()
	s.clock.offset = 0
	if len(s.play) == 0 { // else what moves the clock lets it run
		s.clock.stood = nil
	}
	s.wake()
	err := s.save(saved{Reset: true})
	s.mu.Unlock()
	if err == nil && s.o.Fixtures {
		err = s.addFixtures()
	}
	return http.StatusOK, map[string]bool{"success": true}, err
}

// request decodes the JSON object of a control route.
func request(r *http.Request, v any) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	if json.Unmarshal(body, v) != nil {
		return refuse(http.StatusBadRequest, "Request body must be a JSON object of the documented shape")
	}
	return nil
}
