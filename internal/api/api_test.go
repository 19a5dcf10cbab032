package api_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
)

func TestTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 9, 15, 0, 1_999_999, time.FixedZone("x", 3600))
	if b, err := json.Marshal(api.At(at)); err != nil || string(b) != `"2026-03-04T08:15:00.001Z"` {
		t.Errorf("%s %v", b, err)
	}
	if b, err := json.Marshal(api.Time{}); err != nil || string(b) != "null" {
		t.Errorf("%s %v", b, err)
	}
	for text, want := range map[string]time.Time{
		`"2026-03-04T09:15:00.000Z"`:    time.Date(2026, 3, 4, 9, 15, 0, 0, time.UTC),
		`"2026-03-04T09:15:00+01:00"`:   time.Date(2026, 3, 4, 8, 15, 0, 0, time.UTC),
		`"2026-03-04T09:15:00.123456Z"`: time.Date(2026, 3, 4, 9, 15, 0, 123456000, time.UTC),
		`null`:                          {}, `""`: {}, `"soon"`: {}, `17`: {}, `{}`: {}, `"` + "\\u0000" + `"`: {},
	} {
		got := api.At(at)
		if err := json.Unmarshal([]byte(text), &got); err != nil || !got.Equal(want) {
			t.Errorf("%s reads as %s, %v", text, got, err)
		}
	}
}

// What is not set is not sent, and an empty object is not the same as none.
func TestUpdateSendsWhatIsSet(t *testing.T) {
	t.Parallel()
	name, off := "", false
	for want, u := range map[string]api.UpdateWebhook{
		`{}`:                    {},
		`{"name":""}`:           {Name: &name},
		`{"is_active":false}`:   {IsActive: &off},
		`{"metadata":{}}`:       {Metadata: map[string]json.RawMessage{}},
		`{"event_types":["a"]}`: {EventTypes: []string{"a"}},
	} {
		b, err := json.Marshal(u)
		if err != nil || string(b) != want {
			t.Errorf("%s, want %s (%v)", b, want, err)
		}
		if u.Empty() != (want == "{}") {
			t.Errorf("%s: empty is %v", want, u.Empty())
		}
	}
}

func TestPathsEscapeIDs(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		api.WebhookPath("a/b?c#d"):                       "/v1/webhooks/a%2Fb%3Fc%23d",
		api.RotateKeyPath("x"):                           "/v1/webhooks/x/rotate-key",
		api.WebhookLogsPath("x"):                         "/v1/webhooks/x/logs",
		api.EventStatusPath("%"):                         "/v1/webhooks/events/%25/status",
		api.EventLogsPath("x"):                           "/v1/webhooks/events/x/logs",
		api.RetryPath("x y"):                             "/v1/webhooks/events/x%20y/retry",
		api.EventQuery{}.Encode():                        "",
		api.EventQuery{Status: "a&b", Limit: 5}.Encode(): "limit=5&status=a%26b",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// Every answer type gives back what it was read from, and its own fields when it was made here.
func TestEncoding(t *testing.T) {
	t.Parallel()
	const text = `{"id":"x","eventId":"y","total":3,"count":1,"unknown":{"b":2,"a":1.50}}`
	for _, v := range []any{&api.Webhook{}, &api.Event{}, &api.EventStatus{}, &api.DeliveryLog{}, &api.Retried{}} {
		if err := json.Unmarshal([]byte(text), v); err != nil {
			t.Fatal(err)
		}
		if b, err := json.Marshal(v); err != nil || string(b) != text {
			t.Errorf("%T: %s %v", v, b, err)
		}
	}
	for v, want := range map[any]string{
		&api.EventList{}:   `{"total":3,"events":[],"count":1,"eventId":"y","id":"x","unknown":{"b":2,"a":1.50}}`,
		&api.WebhookLogs{}: `{"count":1,"logs":[],"eventId":"y","id":"x","total":3,"unknown":{"b":2,"a":1.50}}`,
	} {
		if err := json.Unmarshal([]byte(text), v); err != nil {
			t.Fatal(err)
		}
		if b, err := json.Marshal(v); err != nil || string(b) != want {
			t.Errorf("%T: %s %v", v, b, err)
		}
	}
	if b, err := json.Marshal(api.EventStatus{ID: "x", Status: "failed"}); err != nil || string(b) != `{"id":"x","eventId":"","status":"failed","eventType":"","createdAt":null,"processedAt":null}` {
		t.Errorf("%s %v", b, err)
	}
	if b, err := json.Marshal(api.EventList{}); err != nil || string(b) != `{"total":0,"events":[]}` {
		t.Errorf("%s %v", b, err)
	}
}

// FuzzAnswers feeds every answer type with what a hostile API may send.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"id":"x","createdAt":"2026-03-04T09:15:00.000Z","events":[{"id":"e"}],"logs":[{"requestHeaders":{"A":["b"]}}]}`))
	f.Add([]byte(`{"events":null,"event":{},"":0,"total":1e2}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, v := range []any{&api.Webhook{}, &api.Event{}, &api.EventStatus{}, &api.DeliveryLog{}, &api.Retried{}, &api.EventList{}, &api.WebhookLogs{}, &api.EventLogs{}} {
			if json.Unmarshal(b, v) != nil {
				continue
			}
			out, err := json.Marshal(v)
			if err != nil || !json.Valid(out) {
				t.Errorf("%T of %q encodes as %q, %v", v, b, out, err)
			}
		}
	})
}
