package sandbox

// The API's routes about webhooks.

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign/explain"
)

// wrapped is the envelope of the answers to create, update, rotate and retry.
type wrapped struct {
	Success bool `json:"success"`
	Data    any  `json:"data"`
}

// deleted is the answer to a delete. Nothing documents what the platform sends.
type deleted struct {
	Success bool   `json:"success"`
	Message string `json:"message"`
}

func (s *Sandbox) listWebhooks(*http.Request) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]api.Webhook, 0, len(s.webhooks))
	for _, w := range s.webhooks {
		list = append(list, w.view())
	}
	return http.StatusOK, list, nil
}

// createWebhook checks JSON, name, url, event_types and the limit, in this order.
func (s *Sandbox) createWebhook(r *http.Request) (int, any, error) {
	fields, err := object(r)
	if err != nil {
		return 0, nil, err
	}
	var w webhook
	if err := w.set(fields); err != nil {
		return 0, nil, err
	}
	switch {
	case w.Name == "":
		return 0, nil, refuse(http.StatusBadRequest, textName)
	case w.URL == "":
		return 0, nil, refuse(http.StatusBadRequest, textURL)
	case w.Types == nil:
		return 0, nil, refuse(http.StatusBadRequest, textTypes)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.webhooks) >= api.MaxWebhooks {
		return 0, nil, refuse(http.StatusBadRequest, textLimit)
	}
	if err := s.addWebhook(&w, s.clock.now()); err != nil {
		return 0, nil, err
	}
	s.changed(&w, "created")
	return http.StatusCreated, wrapped{true, w.viewWithKey()}, s.save(saved{Webhook: &w})
}

// addWebhook adds a webhook and gives it an id and a key. The caller holds the lock.
func (s *Sandbox) addWebhook(w *webhook, created time.Time) (err error) {
	if w.ID, err = event.NewUUID(s.o.Rand); err != nil {
		return err
	}
	if w.Key, w.Private, err = craft.NewKeyText(s.scheme, s.o.Rand); err != nil {
		return err
	}
	s.nextOrd++
	w.Ordinal, w.Created, w.Updated = s.nextOrd, created, created
	s.webhooks = append(s.webhooks, w)
	return nil
}

func (s *Sandbox) changed(w *webhook, how string) {
	s.notify(record.WebhookChanged{WebhookID: w.ID, Webhook: w.Name, URL: w.URL, How: how})
}

func (s *Sandbox) getWebhook(w *webhook) (int, any, error) {
	return http.StatusOK, w.view(), nil
}

func (s *Sandbox) updateWebhook(r *http.Request) (int, any, error) {
	fields, err := object(r)
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.findWebhook(r)
	if err != nil {
		return 0, nil, err
	}
	if err := w.set(fields); err != nil {
		return 0, nil, err
	}
	w.Updated = s.clock.now()
	s.changed(w, "updated")
	return http.StatusOK, wrapped{true, w.view()}, s.save(saved{Webhook: w})
}

func (s *Sandbox) deleteWebhook(w *webhook) (int, any, error) {
	s.dropWebhook(w.ID)
	lines := []saved{{Deleted: w.ID}}
	for _, e := range s.events { // deliveries stop at once
		if s.giveUp(e, w.ID) {
			lines = append(lines, stateOf(e))
		}
	}
	s.wake()
	s.changed(w, "deleted")
	return http.StatusOK, deleted{true, "Webhook deleted"}, s.save(lines...)
}

// rotateKey replaces the key. The old one signs nothing any more.
func (s *Sandbox) rotateKey(w *webhook) (int, any, error) {
	key, private, err := craft.NewKeyText(s.scheme, s.o.Rand)
	if err != nil {
		return 0, nil, err
	}
	w.Key, w.Private, w.Given, w.Updated = key, private, false, s.clock.now()
	s.changed(w, "key rotated")
	return http.StatusOK, wrapped{true, w.viewWithKey()}, s.save(saved{Webhook: w})
}

// UseKey makes a webhook sign with a key of the user's until it is rotated. The key is kept in memory and in the data file. No
// answer of the API shows any of it.
func (s *Sandbox) UseKey(webhookID, text string) error {
	if _, err := explain.SigningKey(s.o.Rules, text); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.webhook(webhookID)
	if w == nil {
		return refuse(http.StatusNotFound, textNoWebhook)
	}
	w.Key, w.Private, w.Given = text, "", true
	return s.save(saved{Webhook: w})
}

func (s *Sandbox) webhookLogs(r *http.Request) (int, any, error) {
	limit, err := limitOf(r.URL.Query())
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.findWebhook(r)
	if err != nil {
		return 0, nil, err
	}
	s.prune()
	logs := []api.DeliveryLog{}
	for i := len(s.logs) - 1; i >= 0 && len(logs) < limit; i-- {
		if a := s.logs[i]; a.Webhook == w.ID {
			logs = append(logs, a.view())
		}
	}
	return http.StatusOK, api.WebhookLogs{Count: len(logs), Logs: logs}, nil
}

// findWebhook returns the webhook of the path. The caller holds the lock.
func (s *Sandbox) findWebhook(r *http.Request) (*webhook, error) {
	if w := s.webhook(r.PathValue("id")); w != nil {
		return w, nil
	}
	return nil, refuse(http.StatusNotFound, textNoWebhook)
}

func limitOf(q url.Values) (int, error) {
	if !q.Has("limit") {
		return api.DefaultLimit, nil
	}
	n, err := strconv.Atoi(q.Get("limit"))
	if err != nil || n < api.MinLimit || n > api.MaxLimit {
		return 0, refuse(http.StatusBadRequest, "limit must be an integer from 1 to 100")
	}
	return n, nil
}

const (
	textName     = "name must be a string of 1 to 255 characters"
	textTypes    = "event_types must be an array of at least one event type"
	textActive   = "is_active must be a boolean"
	textMetadata = "metadata must be an object"
)

// set makes the changes of a create or update, all or none. It ignores unknown fields.
func (w *webhook) set(fields map[string]json.RawMessage) error {
	next := *w
	if raw, ok := fields["name"]; ok {
		if !read(raw, &next.Name) || next.Name == "" || utf8.RuneCountInString(next.Name) > api.MaxNameLength {
			return refuse(http.StatusBadRequest, textName)
		}
	}
	if raw, ok := fields["url"]; ok {
		if !read(raw, &next.URL) || !acceptable(next.URL) {
			return refuse(http.StatusBadRequest, textURL)
		}
	}
	if raw, ok := fields["event_types"]; ok {
		if !read(raw, &next.Types) || len(next.Types) == 0 || slices.Contains(next.Types, "") {
			return refuse(http.StatusBadRequest, textTypes)
		}
	}
	if raw, ok := fields["is_active"]; ok && !read(raw, &next.Active) {
		return refuse(http.StatusBadRequest, textActive)
	}
	if raw, ok := fields["metadata"]; ok && !read(raw, &next.Metadata) {
		return refuse(http.StatusBadRequest, textMetadata)
	}
	*w = next
	return nil
}

// read sets v to a JSON value. It reports false for null and for a value of another type.
func read[T any](raw json.RawMessage, v *T) bool {
	var value T // decoded apart: what v holds may be in an answer that is being written
	if string(raw) == "null" || json.Unmarshal(raw, &value) != nil {
		return false
	}
	*v = value
	return true
}

// acceptable reports whether a webhook may have a URL: over https, or to this machine, which only the sandbox allows.
func acceptable(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && netname.Loopback(u.Hostname())
}
