package client

// The events of a tenant, as reconcile.Platform has them.

import (
	"context"
	"slices"
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

// Events is for reconcile.Platform.
func (t *Tenant) Events(ctx context.Context, since time.Time) (reconcile.View, error) {
	var v reconcile.View
	events, ranges, err := t.c.EventsSince(ctx, api.EventStatuses(), func() time.Time { return since })
	v.Ranges = ranges
	for _, e := range events {
		v.Events = append(v.Events, eventOf(e))
	}
	return v, err
}

func eventOf(e api.Event) reconcile.Event {
	out := reconcile.Event{ID: idOf(e), Type: e.EventType, Created: e.CreatedAt.Time, Status: e.Status, Ref: idOf(e)}
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
