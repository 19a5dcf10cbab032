package sandbox_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/sandbox"
)

// raw sends one request as it stands and gives status and body.
func raw(t *testing.T, w *world, request string) (int, string) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func routes() []string {
	return []string{
		"GET /v1/webhooks", "POST /v1/webhooks", "GET /v1/webhooks/x", "PUT /v1/webhooks/x", "DELETE /v1/webhooks/x", "POST /v1/webhooks/x/rotate-key",
		"GET /v1/webhooks/x/logs", "GET /v1/webhooks/events", "GET /v1/webhooks/events/x/status", "GET /v1/webhooks/events/x/logs", "POST /v1/webhooks/events/x/retry",
		"POST /_sandbox/trigger", "POST /_sandbox/advance", "GET /_sandbox/status", "POST /_sandbox/reset", "GET /nowhere", "OPTIONS /_sandbox/trigger", "POST /openapi.json/",
	}
}

// Another page's script, a name that was made to point here and a caller without token get nothing from any route.
func TestNobodyElseGetsIn(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	token := "Authorization: Bearer " + w.box.Token() + "\r\n"
	for _, route := range routes() {
		for name, try := range map[string]struct {
			host, header string
			want         int
		}{
			"no token":             {"127.0.0.1", "", 401},
			"a wrong token":        {"127.0.0.1", "Authorization: Bearer x\r\n", 401},
			"an empty token":       {"127.0.0.1", "Authorization: Bearer \r\n", 401},
			"the token, no scheme": {"127.0.0.1", "Authorization: " + w.box.Token() + "\r\n", 401},
			"a foreign host":       {"evil.test", token, 403},
			"a host that looks so": {"127.0.0.1.evil.test", token, 403},
			"a network address":    {"192.168.1.5:4141", token, 403},
			"a web page":           {"localhost:4141", token + "Origin: https://evil.test\r\n", 403},
			"a page without one":   {"localhost:4141", token + "Origin: null\r\n", 403},
			"a browser's word":     {"localhost:4141", token + "Sec-Fetch-Site: cross-site\r\n", 403},
		} {
			status, body := raw(t, w, route+" HTTP/1.1\r\nHost: "+try.host+"\r\n"+try.header+"Content-Length: 0\r\nConnection: close\r\n\r\n")
			if status != try.want {
				t.Errorf("%s with %s: %d %s, want %d", route, name, status, body, try.want)
			}
			if strings.Contains(body, "webhooks\":") || !strings.Contains(body, `"message"`) {
				t.Errorf("%s with %s says %s", route, name, body)
			}
		}
	}
	if status, _ := raw(t, w, "POST /_sandbox/trigger HTTP/1.1\r\nHost: [::1]:4141\r\n"+token+"Content-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"); status != 415 {
		t.Errorf("a form's content type: %d", status)
	}
	if list, err := w.client.ListEvents(t.Context(), api.EventQuery{}); err != nil || list.Total != 0 {
		t.Errorf("something was triggered: %+v %v", list, err)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	for path, size := range map[string]int{"/v1/webhooks": 2 << 20, "/_sandbox/trigger": 9 << 20, "/_sandbox/advance": 2 << 20} {
		body := `{"name":"` + strings.Repeat("a", size) + `"}`
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+w.box.Token())
		resp, err := (&http.Client{}).Do(req)
		if err != nil {
			continue // the sandbox hung up while the rest was being sent, which is its right
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}

func TestHostileBodies(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	for _, path := range []string{"/v1/webhooks", "/_sandbox/trigger", "/_sandbox/advance", "/v1/webhooks/events/x/retry"} {
		for _, body := range []string{"null", "[]", "1", `"x"`, "{", "{}{}", strings.Repeat("[", 20_000), `{"type":{}}`, `{"name":null}`, `{"count":1e99}`, "\x00", `{"byMs":-1}`, `{"type":"x","count":-5}`} {
			status, text := raw(t, w, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", path, w.box.Token(), len(body), body))
			harmless := path == "/_sandbox/advance" && status == 200 // the clock is moved by nothing
			if status != 400 && status != 404 && !harmless {
				t.Errorf("%s %.20s: %d %s", path, body, status, text)
			}
		}
	}
}

// dialed counts which addresses a webhook makes the sandbox dial; the name resolves to what a rebinding DNS would say.
func TestDialsThisMachineOnly(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	w.create(t, "elsewhere", "https://192.0.2.7/hook")
	w.create(t, "v6", "https://[2001:db8::7]/hook")
	e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	w.advance(t, time.Hour)
	logs, err := w.client.EventLogs(t.Context(), e.EventID)
	if err != nil {
		t.Fatal(err)
	}
	if len(logs.Logs) != 2 || logs.Event.Status != "failed" {
		t.Fatalf("%d attempts, %s", len(logs.Logs), logs.Event.Status)
	}
	for _, l := range logs.Logs {
		if l.ResponseStatus != nil || l.ErrorMessage == nil || !strings.Contains(*l.ErrorMessage, "--deliver-remote") {
			t.Errorf("log %s", l.Raw)
		}
	}
	for text, ok := range map[string]bool{"127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true, "10.0.0.1": false, "0.0.0.0": false, "169.254.169.254": false, "::ffff:8.8.8.8": false} {
		if err := sandbox.LoopbackOnly(netip.MustParseAddr(text)); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// A redirect to another host is an answer like any other: it is not followed.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	other := receive(t, always(200))
	srv := receiveWith(t, func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, other.url, http.StatusTemporaryRedirect)
	})
	w.create(t, "one", srv)
	e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	if got := w.settled(t, e.EventID); got != "failed" || len(other.arrivals()) != 0 {
		t.Errorf("%s, %d followed", got, len(other.arrivals()))
	}
}

// remote is a deliverer that would reach anything.
type remote struct{ urls chan string }

func (r remote) Do(_ context.Context, q deliver.Request) deliver.Result {
	r.urls <- q.URL
	return deliver.Result{Status: 200}
}

func TestDeliversWithWhatItIsGiven(t *testing.T) {
	t.Parallel()
	r := remote{make(chan string, 1)}
	w := start(t, sandbox.Options{Deliver: r})
	w.create(t, "one", "https://hooks.acme.test/x")
	w.trigger(t, api.TriggerRequest{Type: "card.activated"})
	if got := <-r.urls; got != "https://hooks.acme.test/x" {
		t.Errorf("delivered to %s", got)
	}
}

// The OpenAPI document needs no token and describes exactly the routes that are there.
func TestOpenAPIDescribesTheRoutes(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{Fixtures: true})
	status, body := raw(t, w, "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	source, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !sameJSON(t, source, []byte(body)) {
		t.Error("the document served is not openapi.json")
	}
	var doc struct {
		OpenAPI string                                `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil || status != 200 || doc.OpenAPI != "3.1.0" {
		t.Fatalf("%d %v %.80s", status, err, body)
	}
	n := 0
	for path, methods := range doc.Paths {
		for method := range methods {
			if method == "parameters" {
				continue
			}
			n++
			at := strings.NewReplacer("{id}", noSuchID, "{eventId}", noSuchID).Replace(path)
			status, body := raw(t, w, fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", strings.ToUpper(method), at, w.box.Token()))
			if strings.Contains(body, `"Not found"`) || status == 405 {
				t.Errorf("%s %s is described and not there", method, path)
			}
		}
	}
	if n != 11 {
		t.Errorf("%d operations are described, want 11", n)
	}
}

// What the sandbox answers has the fields that the document requires.
func TestAnswersHaveTheDocumentedFields(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{Fixtures: true})
	doc := readSchemas(t, w)
	check := func(schema string, raw json.RawMessage) {
		t.Helper()
		doc[schema].check(t, schema, raw)
	}
	hooks, err := w.client.ListWebhooks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check("Webhook", hooks[0].Raw)
	events, err := w.client.ListEvents(t.Context(), api.EventQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events.Events {
		check("Event", e.Raw)
		status, err := w.client.EventStatus(t.Context(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		check("EventStatus", status.Raw)
		logs, err := w.client.EventLogs(t.Context(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range logs.Logs {
			check("DeliveryLog", l.Raw)
		}
	}
}

// schema is the part of a schema that names fields.
type schema struct {
	Required   []string                   `json:"required"`
	Properties map[string]json.RawMessage `json:"properties"`
}

func readSchemas(t *testing.T, w *world) map[string]schema {
	t.Helper()
	_, text := raw(t, w, "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	var doc struct {
		Components struct {
			Schemas map[string]schema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Components.Schemas
}

// check compares the fields of an object with those of the schema, both ways.
func (s schema) check(t *testing.T, name string, raw json.RawMessage) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	for _, field := range s.Required {
		if _, ok := fields[field]; !ok {
			t.Errorf("%s has no %s: %s", name, field, raw)
		}
	}
	for field := range fields {
		if _, ok := s.Properties[field]; !ok {
			t.Errorf("%s has %s, which is not described", name, field)
		}
	}
}

// Keys are random, of the documented form, and in no answer but the two.
func TestKeysAreShownOnce(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	r := receive(t, always(200))
	h := w.create(t, "one", r.url)
	if len(h.APIKey) != len("whk_")+64 || strings.Trim(h.APIKey[4:], "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		t.Errorf("a key of %d characters", len(h.APIKey))
	}
	e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	w.settled(t, e.EventID)
	var all bytes.Buffer
	for _, path := range []string{"/v1/webhooks", "/v1/webhooks/" + h.ID, "/v1/webhooks/" + h.ID + "/logs", "/v1/webhooks/events", "/v1/webhooks/events/" + e.ID + "/logs", "/_sandbox/status"} {
		_, body := raw(t, w, fmt.Sprintf("GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n", path, w.box.Token()))
		all.WriteString(body)
	}
	if strings.Contains(all.String(), h.APIKey[4:]) || !strings.Contains(all.String(), "whk_****...****"+h.APIKey[len(h.APIKey)-4:]) {
		t.Error("a key is shown, or its mask is not")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if strings.Contains(fmt.Sprintf(verb, h), h.APIKey) {
			t.Errorf("%s shows the key", verb)
		}
	}
}

// sameJSON says whether two documents hold the same.
func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var one, other any
	if err := errors.Join(json.Unmarshal(a, &one), json.Unmarshal(b, &other)); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(one, other)
}
