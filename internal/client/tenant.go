package client

// The events of a tenant, as reconcile.Platform has them.

import (
	"context"
	"slices"
	"sort"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/reconcile"
)

// Tenant is the events of the token's tenant, of one of its webhooks or of all.
type Tenant struct {
	c       *Client
	webhook *api.Webhook // nil: all
}

// Tenant returns the events of the tenant; webhook nil means those of all webhooks.
func (c *Client) Tenant(webhook *api.Webhook) *Tenant { return &Tenant{c: c, webhook: webhook} }

// Now is for reconcile.Platform.
func (t *Tenant) Now() time.Time { return t.c.o.Now().Add(t.c.Ahead()) }

// Events asks for the events of each status, as the API lists at most 100 of what it is asked for and has no way to go on. An event that
// moves on meanwhile is seen in its next status, as they are asked for in the order of its life.
func (t *Tenant) Events(ctx context.Context, since time.Time) (reconcile.View, error) {
	var v reconcile.View
	place := map[string]int{} // of an event in the view
	for _, status := range api.EventStatuses() {
		list, err := t.c.ListEvents(ctx, api.EventQuery{Status: status, Limit: api.MaxLimit})
		if err != nil {
			return v, err
		}
		v.Ranges = append(v.Ranges, rangeOf(status, list, since))
		for _, listed := range list.Events {
			if listed.CreatedAt.Before(since) {
				continue
			}
			e := eventOf(listed)
			if i, seen := place[e.ID]; seen {
				v.Events[i] = e
				continue
			}
			place[e.ID] = len(v.Events)
			v.Events = append(v.Events, e)
		}
	}
	sort.SliceStable(v.Events, func(i, j int) bool { return v.Events[i].Created.After(v.Events[j].Created) })
	return v, nil
}

// rangeOf says what was seen of a status. A list that is cut off still holds everything since a time, if it goes back further.
func rangeOf(status string, list api.EventList, since time.Time) reconcile.Range {
	r := reconcile.Range{Status: status, Seen: len(list.Events), Total: list.Total}
	if r.Seen > 0 { // newest first
		r.From, r.To = list.Events[r.Seen-1].CreatedAt.Time, list.Events[0].CreatedAt.Time
	}
	r.Whole = r.Total <= r.Seen || list.Newest && r.From.Before(since)
	return r
}

func eventOf(e api.Event) reconcile.Event {
	out := reconcile.Event{ID: e.EventID, Type: e.EventType, Created: e.CreatedAt.Time, Status: e.Status, Ref: e.EventID}
	if out.ID == "" {
		out.ID, out.Ref = e.ID, e.ID
	}
	switch e.Status {
	case api.StatusCompleted:
		out.Phase = reconcile.Done
	case api.StatusFailed:
		out.Phase = reconcile.Failed
	case api.StatusSkipped:
		out.Phase = reconcile.Unsent
	default:
		out.Phase = reconcile.Trying
	}
	return out
}

// Attempts is for reconcile.Platform. The logs tell which webhooks an event went to, for as long as the platform has them. Without logs
// an event is one of the webhook's if it came after the webhook and is of a type that the webhook takes.
func (t *Tenant) Attempts(ctx context.Context, e reconcile.Event) (full reconcile.Event, its bool, err error) {
	logs, err := t.c.EventLogs(ctx, e.Ref)
	if err != nil {
		return e, false, err
	}
	full = e
	if logs.Event.Status != "" {
		now := eventOf(logs.Event)
		full.Status, full.Phase = now.Status, now.Phase
	}
	full.Attempts = nil
	for _, l := range logs.Logs {
		if t.webhook != nil && l.WebhookID != t.webhook.ID || l.DeliveryStatus == api.DeliveryPending || l.DeliveryStatus == api.DeliveryProcessing {
			continue
		}
		a := reconcile.Attempt{At: l.CreatedAt.Time}
		if l.ResponseStatus != nil {
			a.Status = *l.ResponseStatus
		}
		if l.ErrorMessage != nil {
			a.Error = *l.ErrorMessage
		}
		full.Attempts = append(full.Attempts, a)
	}
	return full, t.webhook == nil || t.goes(full, logs), nil
}

// goes says whether an event goes to the webhook.
func (t *Tenant) goes(e reconcile.Event, logs api.EventLogs) bool {
	w := t.webhook
	toIt := slices.ContainsFunc(logs.Logs, func(l api.DeliveryLog) bool { return l.WebhookID == w.ID })
	switch {
	case toIt:
		return true
	case e.Phase == reconcile.Unsent:
		return false
	case len(logs.Logs) > 0 && e.Phase != reconcile.Trying:
		return false // it went to others
	default:
		return !e.Created.Before(w.CreatedAt.Time) && event.MatchAny(w.EventTypes, e.Type)
	}
}

// Retry is for reconcile.Platform. Without a webhook the event goes to all active ones.
func (t *Tenant) Retry(ctx context.Context, e reconcile.Event) error {
	id := ""
	if t.webhook != nil {
		id = t.webhook.ID
	}
	_, err := t.c.RetryEvent(ctx, e.Ref, id)
	return err
}
