package client_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
)

func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	type seen struct {
		method, target, body string
		header               http.Header
	}
	var got []seen
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = append(got, seen{r.Method, r.URL.RequestURI(), string(b), r.Header})
		_, _ = io.WriteString(w, `{"success":true,"data":{"id":"w/1","apiKey":"k","eventId":"e","status":"x"},"id":"w/1","eventId":"e","status":"x","logs":[],"events":[],"event":{"id":"e"}}`)
	})
	c := newClient(t, client.Options{BaseURL: base + "/prefix/", Version: "1.2.3", Header: http.Header{"x-client-key": {"pub"}, "X-Us-Env": {"true"}}})
	name, on := "<&>", true
	ctx := t.Context()
	calls := []func() error{
		func() error {
			_, err := c.CreateWebhook(ctx, api.CreateWebhook{Name: name, URL: "https://x.test/?a=1&b=2", EventTypes: []string{"*"}, Metadata: map[string]json.RawMessage{"a": json.RawMessage(`1.50`)}})
			return err
		},
		func() error { _, err := c.GetWebhook(ctx, "a/../b?c"); return err },
		func() error {
			_, err := c.UpdateWebhook(ctx, "w", api.UpdateWebhook{Name: &name, IsActive: &on})
			return err
		},
		func() error {
			_, err := c.UpdateWebhook(ctx, "w", api.UpdateWebhook{EventTypes: []string{"a"}, Metadata: map[string]json.RawMessage{}})
			return err
		},
		func() error { return c.DeleteWebhook(ctx, "w") },
		func() error { _, err := c.RotateKey(ctx, "w"); return err },
		func() error { _, err := c.WebhookLogs(ctx, "w", 7); return err },
		func() error { _, err := c.ListEvents(ctx, api.EventQuery{Status: "failed", Limit: 3}); return err },
		func() error { _, err := c.EventStatus(ctx, "e"); return err },
		func() error { _, err := c.EventLogs(ctx, "e"); return err },
		func() error { _, err := c.RetryEvent(ctx, "e", ""); return err },
		func() error { _, err := c.RetryEvent(ctx, "e", "w"); return err },
	}
	want := []seen{
		{"POST", "/prefix/v1/webhooks", `{"name":"<&>","url":"https://x.test/?a=1&b=2","event_types":["*"],"is_active":false,"metadata":{"a":1.50}}`, nil},
		{"GET", "/prefix/v1/webhooks/a%2F..%2Fb%3Fc", "", nil},
		{"PUT", "/prefix/v1/webhooks/w", `{"name":"<&>","is_active":true}`, nil},
		{"PUT", "/prefix/v1/webhooks/w", `{"event_types":["a"],"metadata":{}}`, nil},
		{"DELETE", "/prefix/v1/webhooks/w", "", nil},
		{"POST", "/prefix/v1/webhooks/w/rotate-key", "", nil},
		{"GET", "/prefix/v1/webhooks/w/logs?limit=7", "", nil},
		{"GET", "/prefix/v1/webhooks/events?limit=3&status=failed", "", nil},
		{"GET", "/prefix/v1/webhooks/events/e/status", "", nil},
		{"GET", "/prefix/v1/webhooks/events/e/logs", "", nil},
		{"POST", "/prefix/v1/webhooks/events/e/retry", "", nil},
		{"POST", "/prefix/v1/webhooks/events/e/retry", `{"webhookId":"w"}`, nil},
	}
	for i, call := range calls {
		if err := call(); err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
		g := got[i]
		if g.method != want[i].method || g.target != want[i].target || g.body != want[i].body {
			t.Errorf("call %d sent %s %s %s", i, g.method, g.target, g.body)
		}
		h := g.header
		if h.Get("Authorization") != "Bearer "+token || h.Get("User-Agent") != "whctl/1.2.3" || h.Get("X-Client-Key") != "pub" || h.Get("X-Us-Env") != "true" || h.Get("Accept") != "application/json" {
			t.Errorf("call %d sent the headers %v", i, h)
		}
		if (h.Get("Content-Type") == "application/json") != (g.body != "") {
			t.Errorf("call %d: content type %q", i, h.Get("Content-Type"))
		}
	}
}

func TestUnknownFieldsSurvive(t *testing.T) {
	t.Parallel()
	const hook = `{"id":"w","extra":{"b":1,"a":[1.50,12345678901234567890]},"apiKey":"whk_****...****9d4e","createdAt":"odd","name":"n","eventTypes":null}`
	c := newClient(t, client.Options{BaseURL: serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/events"):
			_, _ = io.WriteString(w, `{"total":9,"next":"c","events":[{"eventId":"old","new":1,"createdAt":"2026-01-01T00:00:00Z"},{"eventId":"new","status":"paused","createdAt":"2026-01-02T00:00:00.5+01:00"}]}`)
		case strings.HasSuffix(r.URL.Path, "/logs"):
			_, _ = io.WriteString(w, `{"event":{"id":"e","x":1},"y":2,"count":1,"logs":[{"id":"l","attemptNumber":1,"requestHeaders":{"A":["b"],"C":"d"},"z":3}]}`)
		default:
			_, _ = io.WriteString(w, hook)
		}
	})})
	w, err := c.GetWebhook(t.Context(), "w")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := json.Marshal(w); err != nil || string(out) != hook {
		t.Errorf("%s %v", out, err)
	}
	events, err := c.ListEvents(t.Context(), api.EventQuery{})
	if err != nil {
		t.Fatal(err)
	}
	events.Events = events.Events[:1] // newest first, filtered by a caller
	if out, err := json.Marshal(events); err != nil || string(out) != `{"total":9,"events":[{"eventId":"new","status":"paused","createdAt":"2026-01-02T00:00:00.5+01:00"}],"next":"c"}` {
		t.Errorf("%s %v", out, err)
	}
	logs, err := c.EventLogs(t.Context(), "e")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := json.Marshal(logs); err != nil || string(out) != `{"event":{"id":"e","x":1},"logs":[{"id":"l","attemptNumber":1,"requestHeaders":{"A":["b"],"C":"d"},"z":3}],"count":1,"y":2}` {
		t.Errorf("%s %v", out, err)
	}
	if logs.Logs[0].RequestHeaders["C"] != "d" || logs.Logs[0].RequestHeaders["A"] != `["b"]` {
		t.Errorf("%v", logs.Logs[0].RequestHeaders)
	}
}
