package client

// The calls of the API, a method each.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
)

// ListWebhooks gives all webhooks in the API's order.
func (c *Client) ListWebhooks(ctx context.Context) ([]api.Webhook, error) {
	q := call{method: http.MethodGet, path: api.PathWebhooks}
	list, err := get[[]api.Webhook](ctx, c, q)
	if err != nil {
		return nil, err
	}
	if list == nil || slices.ContainsFunc(list, func(w api.Webhook) bool { return w.ID == "" }) {
		return nil, c.misshapen("it is no list of webhooks")
	}
	for i := range list {
		list[i] = hideKey(list[i])
	}
	return list, nil
}

// CreateWebhook makes a webhook; the answer holds its full key, once. A call under way is waited for even when ctx
// ends, because its answer cannot be had again. When the API made the webhook and sent no key, both are returned:
// the webhook and an error.
func (c *Client) CreateWebhook(ctx context.Context, w api.CreateWebhook) (api.Webhook, error) {
	q := call{method: http.MethodPost, path: api.PathWebhooks, body: w, finish: true, unsure: "the webhook may have been created all the same"}
	made, err := c.changed(ctx, q)
	if err != nil {
		return made, err
	}
	return made, c.checkKey(made, "created")
}

// GetWebhook reads one webhook; its key is masked.
func (c *Client) GetWebhook(ctx context.Context, id string) (api.Webhook, error) {
	if err := checkWebhookID(id); err != nil {
		return api.Webhook{}, err
	}
	w, err := get[api.Webhook](ctx, c, call{method: http.MethodGet, path: api.WebhookPath(id)})
	if err == nil && w.ID == "" {
		return api.Webhook{}, c.misshapen("it has no webhook id")
	}
	return hideKey(w), err
}

// UpdateWebhook changes what u sets and gives the webhook as it is then.
func (c *Client) UpdateWebhook(ctx context.Context, id string, u api.UpdateWebhook) (api.Webhook, error) {
	if err := checkWebhookID(id); err != nil {
		return api.Webhook{}, err
	}
	if u.Empty() {
		return api.Webhook{}, fault.New(fault.Usage, "nothing to change was given")
	}
	q := call{method: http.MethodPut, path: api.WebhookPath(id), body: u, unsure: "the webhook may have been changed all the same"}
	w, err := c.changed(ctx, q)
	return hideKey(w), err
}

// DeleteWebhook deletes for good. The API does not document the answer. An empty one means done, and so does
// JSON that does not say otherwise.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	if err := checkWebhookID(id); err != nil {
		return err
	}
	q := call{method: http.MethodDelete, path: api.WebhookPath(id), unsure: "the webhook may have been deleted all the same"}
	body, err := c.do(ctx, q)
	if err != nil || len(bytes.TrimSpace(body)) == 0 {
		return err
	}
	var answer any
	if err := c.parse(body, &answer); err != nil {
		return c.doubt(q, err)
	}
	return c.doubt(q, c.denied(answer))
}

// RotateKey replaces the signing key; the answer holds the new one in full, once. A call under way is waited for
// even when ctx ends. When the key was replaced and not sent, both are returned: the webhook and an error.
func (c *Client) RotateKey(ctx context.Context, id string) (api.Webhook, error) {
	if err := checkWebhookID(id); err != nil {
		return api.Webhook{}, err
	}
	q := call{method: http.MethodPost, path: api.RotateKeyPath(id), finish: true, unsure: "the key may have been replaced all the same"}
	w, err := c.changed(ctx, q)
	if err != nil {
		return w, err
	}
	return w, c.checkKey(w, "rotated")
}

// WebhookLogs reads the delivery log of a webhook, newest first; limit 0 is the API's default.
func (c *Client) WebhookLogs(ctx context.Context, id string, limit int) (api.WebhookLogs, error) {
	if err := checkWebhookID(id); err != nil {
		return api.WebhookLogs{}, err
	}
	q := call{method: http.MethodGet, path: api.WebhookLogsPath(id)}
	if limit != 0 {
		q.query = "limit=" + strconv.Itoa(limit)
	}
	l, err := get[api.WebhookLogs](ctx, c, q)
	if err != nil {
		return l, err
	}
	if l.Logs == nil {
		return api.WebhookLogs{}, c.misshapen("it has no logs")
	}
	l.Count = max(l.Count, len(l.Logs))
	// The API documents no order.
	sort.SliceStable(l.Logs, func(i, j int) bool { return l.Logs[i].CreatedAt.After(l.Logs[j].CreatedAt.Time) })
	return l, nil
}

// ListEvents reads events, newest first.
func (c *Client) ListEvents(ctx context.Context, q api.EventQuery) (api.EventList, error) {
	l, err := get[api.EventList](ctx, c, call{method: http.MethodGet, path: api.PathEvents, query: q.Encode()})
	if err != nil {
		return l, err
	}
	if l.Events == nil || slices.ContainsFunc(l.Events, func(e api.Event) bool { return e.ID == "" && e.EventID == "" }) {
		return api.EventList{}, c.misshapen("it is no list of events")
	}
	l.Total = max(l.Total, len(l.Events))
	l.Newest = sort.SliceIsSorted(l.Events, func(i, j int) bool { return l.Events[i].CreatedAt.After(l.Events[j].CreatedAt.Time) })
	sort.SliceStable(l.Events, func(i, j int) bool { return l.Events[i].CreatedAt.After(l.Events[j].CreatedAt.Time) })
	return l, nil
}

// EventStatus reads the short status of an event.
func (c *Client) EventStatus(ctx context.Context, id string) (api.EventStatus, error) {
	if err := checkID("event", id); err != nil {
		return api.EventStatus{}, err
	}
	s, err := get[api.EventStatus](ctx, c, call{method: http.MethodGet, path: api.EventStatusPath(id)})
	if err == nil && s.Status == "" {
		return api.EventStatus{}, c.misshapen("it has no status")
	}
	return s, err
}

// EventLogs reads an event and its attempts, oldest first.
func (c *Client) EventLogs(ctx context.Context, id string) (api.EventLogs, error) {
	if err := checkID("event", id); err != nil {
		return api.EventLogs{}, err
	}
	l, err := get[api.EventLogs](ctx, c, call{method: http.MethodGet, path: api.EventLogsPath(id)})
	if err != nil {
		return l, err
	}
	if l.Logs == nil || l.Event.ID == "" && l.Event.EventID == "" {
		return api.EventLogs{}, c.misshapen("it has no event or no logs")
	}
	sort.SliceStable(l.Logs, func(i, j int) bool { return l.Logs[i].CreatedAt.Before(l.Logs[j].CreatedAt.Time) })
	return l, nil
}

// RetryEvent queues an event again, for one webhook or, with webhookID "", for all active ones. It is never repeated.
func (c *Client) RetryEvent(ctx context.Context, id, webhookID string) (api.Retried, error) {
	if err := checkID("event", id); err != nil {
		return api.Retried{}, err
	}
	q := call{method: http.MethodPost, path: api.RetryPath(id), unsure: "the event may have been queued all the same"}
	if webhookID != "" {
		q.body = api.RetryEvent{WebhookID: webhookID}
	}
	r, err := getData[api.Retried](ctx, c, q)
	if err == nil && r.EventID == "" {
		r.EventID = id
	}
	return r, err
}

// changed makes a call that changes a webhook, and gives the webhook as it is then.
func (c *Client) changed(ctx context.Context, q call) (api.Webhook, error) {
	w, err := getData[api.Webhook](ctx, c, q)
	if err == nil && w.ID == "" {
		return api.Webhook{}, c.doubt(q, c.misshapen("it has no webhook id"))
	}
	return w, err
}

// get makes a call and reads the answer's JSON into a T.
func get[T any](ctx context.Context, c *Client, q call) (T, error) {
	var v, zero T
	body, err := c.do(ctx, q)
	if err != nil {
		return zero, err
	}
	if err := c.parse(body, &v); err != nil {
		return zero, c.doubt(q, err)
	}
	return v, nil
}

// getData makes a call whose answer holds its data in an envelope, and reads them into a T.
func getData[T any](ctx context.Context, c *Client, q call) (T, error) {
	var v, zero T
	env, err := get[api.Envelope](ctx, c, q)
	if err != nil {
		return zero, err
	}
	if !env.Success {
		return zero, c.doubt(q, c.misshapen("it says neither success nor why not"))
	}
	if err := json.Unmarshal(env.Data, &v); err != nil || string(env.Data) == "null" {
		return zero, c.doubt(q, c.misshapen("its data is of another shape"))
	}
	return v, nil
}

// denied returns the error of an answer with a success status that says it failed.
func (c *Client) denied(answer any) error {
	if answer == false {
		return c.misshapen("it says neither success nor why not")
	}
	fields, _ := answer.(map[string]any)
	for _, name := range []string{"success", "ok", "deleted"} {
		if said, told := fields[name]; told && said != true {
			return c.misshapen("it says neither success nor why not")
		}
	}
	if fields["success"] == true {
		return nil
	}
	for _, name := range []string{"error", "errors"} {
		if problem := fields[name]; problem != nil && problem != "" && problem != false && !isEmpty(problem) {
			return c.misshapen("it says that there was an error")
		}
	}
	if word, _ := fields["status"].(string); slices.Contains([]string{"error", "fail", "failed", "failure"}, strings.ToLower(word)) {
		return c.misshapen("it says that there was an error")
	}
	return nil
}

// isEmpty says whether v is a list or an object with nothing in it.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	default:
		return false
	}
}

// checkKey makes sure that an answer which should hold a key does.
func (c *Client) checkKey(w api.Webhook, done string) error {
	if w.APIKey != "" && !sign.Masked(w.APIKey) {
		return nil
	}
	return fault.Hint(fault.New(fault.Refused, "webhook %q was %s, but %s sent no key with it", w.ID, done, c.base.Host),
		"get one: %s", fault.Command("whctl webhooks rotate", w.ID))
}

var errNoID = errors.New("no such id")

// checkID keeps an id from becoming another path.
func checkID(what, id string) error {
	if id == "" {
		return fault.New(fault.Usage, "an empty %s id", what)
	}
	if id == "." || id == ".." {
		return fault.Hint(fault.Wrap(fault.Refused, errNoID, "%s %q", what, id), "%s", fault.Command("whctl", what+"s", "list"))
	}
	return nil
}

// checkWebhookID also refuses the word that the API's own paths use beside webhook ids.
func checkWebhookID(id string) error {
	if id == "events" {
		return fault.Hint(fault.Wrap(fault.Refused, errNoID, "webhook %q", id), "whctl webhooks list")
	}
	return checkID("webhook", id)
}
