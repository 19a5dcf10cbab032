package sandbox

// The API's routes about events.

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/event"
)

func (s *Sandbox) listEvents(r *http.Request) (int, any, error) {
	q := r.URL.Query()
	limit, err := limitOf(q)
	if err != nil {
		return 0, nil, err
	}
	status := q.Get("status")
	if q.Has("status") && !slices.Contains(api.EventStatuses(), status) {
		return 0, nil, refuse(http.StatusBadRequest, "status must be one of "+strings.Join(api.EventStatuses(), ", "))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := api.EventList{Events: []api.Event{}}
	for _, e := range slices.Backward(s.events) {
		if status != "" && e.Status != status {
			continue
		}
		list.Total++
		if len(list.Events) < limit {
			list.Events = append(list.Events, e.view())
		}
	}
	return http.StatusOK, list, nil
}

func (s *Sandbox) eventStatus(e *eventRecord) (int, any, error) {
	v := e.view()
	return http.StatusOK, api.EventStatus{
		ID: v.ID, EventID: v.EventID, Status: v.Status, EventType: v.EventType, CreatedAt: v.CreatedAt, ProcessedAt: v.ProcessedAt,
	}, nil
}

func (s *Sandbox) eventLogs(e *eventRecord) (int, any, error) {
	s.prune()
	out := api.EventLogs{Event: e.view(), Logs: make([]api.DeliveryLog, 0, len(e.logs))}
	for _, a := range e.logs {
		out.Logs = append(out.Logs, a.view())
	}
	return http.StatusOK, out, nil
}

func (s *Sandbox) retryEvent(r *http.Request) (int, any, error) {
	fields, err := object(r)
	if err != nil {
		return 0, nil, err
	}
	id := ""
	if raw, ok := fields["webhookId"]; ok && (!read(raw, &id) || !event.IsUUID(id)) {
		return 0, nil, refuse(http.StatusBadRequest, textRetryID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.findEvent(r)
	if err != nil {
		return 0, nil, err
	}
	to := slices.DeleteFunc(slices.Clone(s.webhooks), func(w *webhook) bool { return !w.Active })
	if id != "" {
		w := s.webhook(strings.ToLower(id))
		if w == nil {
			return 0, nil, refuse(http.StatusNotFound, textNoWebhook)
		}
		to = []*webhook{w}
	}
	err = s.retry(e, to, id != "")
	return http.StatusOK, wrapped{true, api.Retried{
		EventID: e.EventID, WebhookCount: len(to), Message: fmt.Sprintf("Event queued for retry to %d webhook(s)", len(to)),
	}}, err
}

// findEvent returns the event of the path, by event id or record id. The caller holds the lock.
func (s *Sandbox) findEvent(r *http.Request) (*eventRecord, error) {
	id := r.PathValue("id")
	if e := cmp.Or(s.byEvent[id], s.byID[id]); e != nil {
		return e, nil
	}
	return nil, refuse(http.StatusNotFound, textNoEvent)
}
