package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sandbox"
)

const noSuchID = "00000000-0000-4000-8000-000000000000"

// target is an API that the contract is run against.
type target struct {
	url, token string
	readOnly   string // a token that may only read; "" when there is none
	writes     bool
	documented bool // the documented error texts are to be expected word for word
}

// The contract of client and API. It always runs against the sandbox, empty and with fixtures; with WHCTL_CONTRACT_URL
// and WHCTL_CONTRACT_TOKEN also against that API, where it only reads unless WHCTL_CONTRACT_WRITE is 1.
func TestContract(t *testing.T) {
	t.Parallel()
	targets := map[string]target{}
	for name, o := range map[string]sandbox.Options{"empty sandbox": {}, "sandbox with fixtures": {Fixtures: true}} {
		w := start(t, o)
		targets[name] = target{url: w.url, token: w.box.Token(), readOnly: api.SandboxReadOnlyToken, writes: true, documented: true}
	}
	if url := os.Getenv("WHCTL_CONTRACT_URL"); url != "" {
		targets["WHCTL_CONTRACT_URL"] = target{
			url: url, token: os.Getenv("WHCTL_CONTRACT_TOKEN"), writes: os.Getenv("WHCTL_CONTRACT_WRITE") == "1",
		}
	}
	for name, to := range targets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, to.url, to.token)
			t.Run("webhooks", func(t *testing.T) { readWebhooks(t, c) })
			t.Run("events", func(t *testing.T) { readEvents(t, c) })
			t.Run("unknown ids", func(t *testing.T) { unknownIDs(t, c, to) })
			t.Run("tokens", func(t *testing.T) { tokens(t, to) })
			if to.writes {
				t.Run("life of a webhook", func(t *testing.T) { lifeOfAWebhook(t, c, to) })
				t.Run("refusals", func(t *testing.T) { refusals(t, c, to) })
				t.Run("limit", func(t *testing.T) { fiveWebhooks(t, c) })
			}
		})
	}
}

func readWebhooks(t *testing.T, c *client.Client) {
	t.Helper()
	list, err := c.ListWebhooks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range list {
		one, err := c.GetWebhook(t.Context(), w.ID)
		if err != nil {
			t.Fatal(err)
		}
		if one.ID != w.ID || one.Name != w.Name || one.URL != w.URL || !slices.Equal(one.EventTypes, w.EventTypes) || one.Metadata == nil || one.CreatedAt.IsZero() {
			t.Errorf("listed %s, got %s", w.Raw, one.Raw)
		}
		checkMask(t, w.APIKey)
		checkMask(t, one.APIKey)
		logs, err := c.WebhookLogs(t.Context(), w.ID, 1)
		if err != nil || len(logs.Logs) > 1 {
			t.Errorf("%d logs with limit 1, %v", len(logs.Logs), err)
		}
		logs, err = c.WebhookLogs(t.Context(), w.ID, 0)
		if err != nil || len(logs.Logs) > api.DefaultLimit {
			t.Errorf("%d logs, %v", len(logs.Logs), err)
		}
		for _, l := range logs.Logs {
			checkLog(t, l)
		}
	}
}

func checkMask(t *testing.T, key string) {
	t.Helper()
	if !strings.HasPrefix(key, "whk_****...****") || len(key) != len("whk_****...****")+4 {
		t.Errorf("key %q is not masked as documented", key)
	}
}

func checkLog(t *testing.T, l api.DeliveryLog) {
	t.Helper()
	known := []string{api.DeliveryPending, api.DeliveryProcessing, api.DeliverySuccess, api.DeliveryFailed}
	if l.ID == "" || l.EventID == "" || l.WebhookID == "" || l.AttemptNumber < 1 || l.AttemptNumber > api.MaxAttempts || !slices.Contains(known, l.DeliveryStatus) || l.CreatedAt.IsZero() {
		t.Errorf("log %s", l.Raw)
	}
}

func readEvents(t *testing.T, c *client.Client) {
	t.Helper()
	all, err := c.ListEvents(t.Context(), api.EventQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Events) > api.DefaultLimit || all.Total < len(all.Events) {
		t.Errorf("%d events of %d", len(all.Events), all.Total)
	}
	one, err := c.ListEvents(t.Context(), api.EventQuery{Limit: 1})
	if err != nil || len(one.Events) > 1 {
		t.Errorf("%d events with limit 1, %v", len(one.Events), err)
	}
	for _, status := range api.EventStatuses() {
		some, err := c.ListEvents(t.Context(), api.EventQuery{Status: status, Limit: api.MaxLimit})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range some.Events {
			if e.Status != status {
				t.Errorf("asked for %s, got %s", status, e.Raw)
			}
		}
	}
	for _, e := range all.Events[:min(len(all.Events), 10)] {
		readEvent(t, c, e)
	}
}

func readEvent(t *testing.T, c *client.Client, e api.Event) {
	t.Helper()
	for _, id := range []string{e.EventID, e.ID} {
		s, err := c.EventStatus(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if s.ID != e.ID || s.EventID != e.EventID || s.EventType != e.EventType || s.CreatedAt != e.CreatedAt {
			t.Errorf("listed %s, status %s", e.Raw, s.Raw)
		}
		l, err := c.EventLogs(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if l.Event.ID != e.ID {
			t.Errorf("logs of %s, not of %s", l.Event.ID, e.ID)
		}
		for _, entry := range l.Logs {
			checkLog(t, entry)
			if entry.EventID != e.EventID {
				t.Errorf("log of event %s under %s", entry.EventID, e.EventID)
			}
		}
	}
}

func unknownIDs(t *testing.T, c *client.Client, to target) {
	t.Helper()
	calls := map[string]func() error{
		"get":          func() error { _, err := c.GetWebhook(t.Context(), noSuchID); return err },
		"logs":         func() error { _, err := c.WebhookLogs(t.Context(), noSuchID, 0); return err },
		"event status": func() error { _, err := c.EventStatus(t.Context(), noSuchID); return err },
		"event logs":   func() error { _, err := c.EventLogs(t.Context(), noSuchID); return err },
	}
	if to.writes {
		on := true
		calls["update"] = func() error {
			_, err := c.UpdateWebhook(t.Context(), noSuchID, api.UpdateWebhook{IsActive: &on})
			return err
		}
		calls["delete"] = func() error { return c.DeleteWebhook(t.Context(), noSuchID) }
		calls["rotate"] = func() error { _, err := c.RotateKey(t.Context(), noSuchID); return err }
		calls["retry"] = func() error { _, err := c.RetryEvent(t.Context(), noSuchID, ""); return err }
	}
	for name, call := range calls {
		if err := call(); client.Status(err) != 404 || fault.KindOf(err) != fault.Refused || fault.HintOf(err).String() == "" {
			t.Errorf("%s of what is not there: %v", name, err)
		}
	}
}

func tokens(t *testing.T, to target) {
	t.Helper()
	_, err := newClient(t, to.url, "wrong-token").ListWebhooks(t.Context())
	if client.Status(err) != 401 || fault.KindOf(err) != fault.Auth || fault.HintOf(err).String() == "" {
		t.Errorf("a wrong token: %v", err)
	}
	if to.documented && !strings.Contains(err.Error(), "Not authenticated") {
		t.Errorf("a wrong token: %v", err)
	}
	if _, err := newClient(t, to.url, "").ListWebhooks(t.Context()); fault.KindOf(err) != fault.Auth || client.Status(err) != 0 {
		t.Errorf("without a token: %v", err)
	}
	if to.readOnly == "" {
		return
	}
	c := newClient(t, to.url, to.readOnly)
	if _, err := c.ListWebhooks(t.Context()); err != nil {
		t.Errorf("reading with the read-only token: %v", err)
	}
	_, err = c.CreateWebhook(t.Context(), api.CreateWebhook{Name: "no", URL: "https://hooks.acme.test/", EventTypes: []string{"*"}})
	if client.Status(err) != 403 || fault.KindOf(err) != fault.Auth || !strings.Contains(err.Error(), "Not authorized") {
		t.Errorf("writing with the read-only token: %v", err)
	}
}

func lifeOfAWebhook(t *testing.T, c *client.Client, to target) {
	t.Helper()
	made, err := c.CreateWebhook(t.Context(), api.CreateWebhook{
		Name: "whctl contract", URL: "https://hooks.acme.test/baanx", EventTypes: []string{"card.activated"},
		Metadata: map[string]json.RawMessage{"team": json.RawMessage(`"cards"`), "big": json.RawMessage(`12345678901234567890`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = newClient(t, to.url, to.token).DeleteWebhook(context.WithoutCancel(t.Context()), made.ID) })
	if made.IsActive || !strings.HasPrefix(made.APIKey, "whk_") || strings.Contains(made.APIKey, "****") || made.Tenant == "" || string(made.Metadata["big"]) != "12345678901234567890" {
		t.Errorf("created %s", made.Raw)
	}
	on := true
	changed, err := c.UpdateWebhook(t.Context(), made.ID, api.UpdateWebhook{EventTypes: []string{"card.*"}, IsActive: &on, Metadata: map[string]json.RawMessage{}})
	if err != nil {
		t.Fatal(err)
	}
	checkMask(t, changed.APIKey)
	if !changed.IsActive || !slices.Equal(changed.EventTypes, []string{"card.*"}) || changed.Name != made.Name || len(changed.Metadata) != 0 || changed.UpdatedAt.Before(made.UpdatedAt.Time) {
		t.Errorf("changed %s", changed.Raw)
	}
	rotated, err := c.RotateKey(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if rotated.APIKey == made.APIKey || strings.Contains(rotated.APIKey, "****") {
		t.Errorf("the key was not replaced by a full one")
	}
	if read, err := c.GetWebhook(t.Context(), made.ID); err != nil || !strings.HasSuffix(rotated.APIKey, read.APIKey[len(read.APIKey)-4:]) {
		t.Errorf("the mask is not that of the new key: %v", err)
	}
	if err := c.DeleteWebhook(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	if err := c.DeleteWebhook(t.Context(), made.ID); client.Status(err) != 404 {
		t.Errorf("a second delete: %v", err)
	}
}

// The order of the checks is JSON, name, url, event_types.
func refusals(t *testing.T, c *client.Client, to target) {
	t.Helper()
	long := strings.Repeat("ä", 256)
	for name, try := range map[string]struct {
		w    api.CreateWebhook
		text string
	}{
		"no name":      {api.CreateWebhook{URL: "http://x.test", EventTypes: nil}, "name"},
		"a long name":  {api.CreateWebhook{Name: long, URL: "https://x.test", EventTypes: []string{"*"}}, "name"},
		"a plain URL":  {api.CreateWebhook{Name: "n", URL: "http://x.test/", EventTypes: nil}, "url must be an HTTPS URL"},
		"no URL":       {api.CreateWebhook{Name: "n", URL: "", EventTypes: nil}, "url must be an HTTPS URL"},
		"ftp":          {api.CreateWebhook{Name: "n", URL: "ftp://127.0.0.1/", EventTypes: nil}, "url must be an HTTPS URL"},
		"no types":     {api.CreateWebhook{Name: "n", URL: "https://x.test", EventTypes: []string{}}, "event_types"},
		"an empty one": {api.CreateWebhook{Name: "n", URL: "https://x.test", EventTypes: []string{""}}, "event_types"},
	} {
		_, err := c.CreateWebhook(t.Context(), try.w)
		if client.Status(err) != 400 || fault.KindOf(err) != fault.Refused {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if to.documented && !strings.Contains(err.Error(), try.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.ListEvents(t.Context(), api.EventQuery{Limit: 101}); to.documented && client.Status(err) != 400 {
		t.Errorf("limit 101: %v", err)
	}
	if _, err := c.ListEvents(t.Context(), api.EventQuery{Status: "done"}); to.documented && client.Status(err) != 400 {
		t.Errorf("status done: %v", err)
	}
}

func fiveWebhooks(t *testing.T, c *client.Client) {
	t.Helper()
	list, err := c.ListWebhooks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var made []string
	for range api.MaxWebhooks - len(list) {
		w, err := c.CreateWebhook(t.Context(), api.CreateWebhook{Name: "whctl limit", URL: "https://hooks.acme.test/", EventTypes: []string{"*"}})
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, w.ID)
	}
	_, err = c.CreateWebhook(t.Context(), api.CreateWebhook{Name: "one too many", URL: "https://hooks.acme.test/", EventTypes: []string{"*"}})
	if client.Status(err) != 400 || !strings.Contains(err.Error(), "Maximum webhook limit (5) reached for this tenant") || !strings.Contains(fault.HintOf(err).String(), "whctl webhooks delete") {
		t.Errorf("the sixth webhook: %v (%s)", err, fault.HintOf(err).String())
	}
	for _, id := range made {
		if err := c.DeleteWebhook(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
}

// The documented texts and rules of a retry.
func TestRetryContract(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	one, two := receive(t, always(200)), receive(t, always(200))
	a := w.create(t, "one", one.url, "card.*")
	b := w.create(t, "two", two.url, "kyc.*")
	e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	w.settled(t, e.EventID)
	_, err := w.client.RetryEvent(t.Context(), e.EventID, "not-a-uuid")
	if client.Status(err) != 400 || !strings.Contains(err.Error(), "webhookId must be a valid UUID") {
		t.Errorf("a bad id: %v", err)
	}
	if _, err := w.client.RetryEvent(t.Context(), e.EventID, noSuchID); client.Status(err) != 404 {
		t.Errorf("an unknown webhook: %v", err)
	}
	// All active webhooks, whatever they subscribe to.
	if r, err := w.client.RetryEvent(t.Context(), e.ID, ""); err != nil || r.WebhookCount != 2 || r.EventID != e.EventID {
		t.Errorf("to all: %+v %v", r, err)
	}
	w.settled(t, e.EventID)
	if len(one.arrivals()) != 2 || len(two.arrivals()) != 1 {
		t.Errorf("arrivals %d and %d", len(one.arrivals()), len(two.arrivals()))
	}
	off := false
	for _, id := range []string{a.ID, b.ID} {
		if _, err := w.client.UpdateWebhook(t.Context(), id, api.UpdateWebhook{IsActive: &off}); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := w.client.RetryEvent(t.Context(), e.EventID, ""); err != nil || r.WebhookCount != 0 {
		t.Errorf("with no active webhook: %+v %v", r, err)
	}
	if r, err := w.client.RetryEvent(t.Context(), e.EventID, b.ID); err != nil || r.WebhookCount != 1 {
		t.Errorf("to one by name: %+v %v", r, err)
	}
	w.settled(t, e.EventID)
	if len(two.arrivals()) != 2 {
		t.Errorf("the named webhook got %d", len(two.arrivals()))
	}
}

func TestUnavailable(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{Chaos: chaos(t, "api=unavailable")})
	_, err := w.client.ListWebhooks(t.Context())
	var e *client.APIError
	if !errors.As(err, &e) || e.Status != 503 || e.Messages[0] != "Notification service is not configured for this environment" || fault.KindOf(err) != fault.Refused {
		t.Errorf("got %v", err)
	}
	if _, err := w.client.Sandbox().Status(t.Context()); err != nil {
		t.Errorf("the sandbox's own routes: %v", err)
	}
}

func TestFixtures(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{Fixtures: true})
	logs := fixtureLogs(t, w)
	for name, has := range map[string]func(api.DeliveryLog) bool{
		"pending":          func(l api.DeliveryLog) bool { return l.DeliveryStatus == "pending" },
		"processing":       func(l api.DeliveryLog) bool { return l.DeliveryStatus == "processing" },
		"success":          func(l api.DeliveryLog) bool { return l.DeliveryStatus == "success" },
		"failed":           func(l api.DeliveryLog) bool { return l.DeliveryStatus == "failed" },
		"without a status": func(l api.DeliveryLog) bool { return l.ResponseStatus == nil && l.ErrorMessage != nil },
		"a sixth attempt":  func(l api.DeliveryLog) bool { return l.AttemptNumber == 6 && l.NextRetryAt.IsZero() },
		"to be tried anew": func(l api.DeliveryLog) bool { return !l.NextRetryAt.IsZero() },
	} {
		if !slices.ContainsFunc(logs, has) {
			t.Errorf("no delivery is %s", name)
		}
	}
	// The samples' webhooks are inactive, so that they are in nobody's way.
	if e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]; e.Status != "skipped" {
		t.Errorf("an event went to a sample webhook: %+v", e)
	}
}

// fixtureLogs gives all attempts of the samples, of which each status has an event.
func fixtureLogs(t *testing.T, w *world) []api.DeliveryLog {
	t.Helper()
	var all []api.DeliveryLog
	for _, status := range api.EventStatuses() {
		l, err := w.client.ListEvents(t.Context(), api.EventQuery{Status: status})
		if err != nil || l.Total == 0 {
			t.Errorf("no event is %s (%v)", status, err)
		}
		for _, e := range l.Events {
			logs, err := w.client.EventLogs(t.Context(), e.EventID)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, logs.Logs...)
		}
	}
	return all
}
