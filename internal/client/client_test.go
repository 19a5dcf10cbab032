package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/fault"
)

const token = "tok-0123456789abcdef"

// waits notes what a client waits between tries, and does not wait.
type waits struct {
	mu   sync.Mutex
	list []time.Duration
}

func (w *waits) sleep(_ context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, d)
	return nil
}

func newClient(t *testing.T, o client.Options) *client.Client {
	t.Helper()
	if o.Token == "" {
		o.Token = token
	}
	if o.Sleep == nil {
		o.Sleep = new(waits).sleep
	}
	c, err := client.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func answer(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// want is what a hostile or broken answer must become.
type want struct {
	kind fault.Kind
	text string // in the message
	hint string // in the hint
}

func (w want) check(t *testing.T, err error) {
	t.Helper()
	if fault.KindOf(err) != w.kind || err == nil || !strings.Contains(err.Error(), w.text) || !strings.Contains(fault.HintOf(err), w.hint) {
		t.Errorf("got %v: %v (hint: %s), want %v with %q and hint %q", fault.KindOf(err), err, fault.HintOf(err), w.kind, w.text, w.hint)
	}
	if err != nil && strings.Contains(err.Error()+fault.HintOf(err), token) {
		t.Errorf("the token is in the error: %v", err)
	}
}

func TestAnswersThatAreNoSuccess(t *testing.T) {
	t.Parallel()
	const js, html = "application/json", "text/html"
	for name, try := range map[string]struct {
		h    http.HandlerFunc
		want want
	}{
		"400":                 {answer(400, js, `{"message":"url must be an HTTPS URL"}`), want{fault.Refused, "the API answered 400: url must be an HTTPS URL", ""}},
		"401":                 {answer(401, js, `{"message":"Not authenticated"}`), want{fault.Auth, "401: Not authenticated", "WHCTL_TOKEN"}},
		"403":                 {answer(403, js, `{"message":"Not authorized"}`), want{fault.Auth, "403: Not authorized", "account team"}},
		"404":                 {answer(404, js, `{"message":"Webhook not found"}`), want{fault.Refused, "404: Webhook not found", "whctl webhooks list"}},
		"503":                 {answer(503, js, `{"message":"Notification service is not configured for this environment"}`), want{fault.Refused, "503: Notification", "--api-url"}},
		"a list of messages":  {answer(422, js, `{"statusCode":422,"message":["name is too long","url is odd"],"error":"Unprocessable"}`), want{fault.Refused, "name is too long; url is odd", ""}},
		"an error field":      {answer(400, js, `{"error":"bad"}`), want{fault.Refused, "400: bad", ""}},
		"an error object":     {answer(400, js, `{"error":{"message":"deep"}}`), want{fault.Refused, "400: deep", ""}},
		"no message":          {answer(400, js, `{"code":7}`), want{fault.Refused, "400 with JSON without a message", ""}},
		"a number as message": {answer(400, js, `{"message":7}`), want{fault.Refused, "400 with JSON without a message", ""}},
		"nothing":             {answer(400, js, ``), want{fault.Refused, "400 with nothing", ""}},
		"plain text":          {answer(418, "text/plain", "I am a teapot\n"), want{fault.Refused, "418: I am a teapot", ""}},
		"HTML 502":            {answer(502, html, "<!DOCTYPE html><html><body>Bad gateway</body></html>"), want{fault.Refused, "502 with an HTML page", ""}},
		"binary":              {answer(500, "x/y", "\xff\xfe\x00"), want{fault.Refused, "500 with binary data", ""}},
		"429 for long": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "90")
			answer(429, js, `{"message":"slow down"}`)(w, r)
		}, want{fault.Refused, "429: slow down", "try again in 1m30s"}},
		"a long message": {answer(400, js, `{"message":"`+strings.Repeat("x", 5000)+`"}`), want{fault.Refused, "xxx…", ""}},
		"the token, echoed": {func(w http.ResponseWriter, r *http.Request) {
			answer(400, js, `{"message":"bad `+r.Header.Get("Authorization")+`"}`)(w, r)
		}, want{fault.Refused, "bad Bearer ****", ""}},

		"200 with HTML":        {answer(200, html, "<html>log in</html>"), want{fault.Refused, "an HTML page", "--api-url"}},
		"200 with nothing":     {answer(200, js, ""), want{fault.Refused, "empty", "--api-url"}},
		"204":                  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, want{fault.Refused, "empty", ""}},
		"200, another shape":   {answer(200, js, `{"ok":true}`), want{fault.Refused, "another shape", ""}},
		"200, null":            {answer(200, js, `null`), want{fault.Refused, "no list of webhooks", ""}},
		"200, no ids":          {answer(200, js, `[{"name":"x"}]`), want{fault.Refused, "no list of webhooks", ""}},
		"200, odd types":       {answer(200, js, `[{"id":7}]`), want{fault.Refused, "another shape", ""}},
		"200, more after it":   {answer(200, js, `[] []`), want{fault.Refused, "more after the JSON", ""}},
		"200, nested":          {answer(200, js, strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000)), want{fault.Refused, "not what the API documents", ""}},
		"200, truncated JSON":  {answer(200, js, `[{"id":"a","name":`), want{fault.Unreachable, "cut off", ""}},
		"200, cut connection":  {cut(`[{"id":"a"}`), want{fault.Unreachable, "cut off", ""}},
		"hangs up at once":     {hangUp, want{fault.Unreachable, "no answer", ""}},
		"200, 10 MiB and more": {answer(200, js, `["`+strings.Repeat("a", 10<<20)+`"]`), want{fault.Refused, "larger than 10 MiB", ""}},
		"a redirect":           {redirect(302, "https://evil.test/v1/webhooks?x=1"), want{fault.Refused, "302 with a redirect to https://evil.test, which is not followed", "--api-url"}},
		"a redirect nowhere":   {redirect(307, "%%%"), want{fault.Refused, "307 with a redirect", ""}},
		"304":                  {answer(304, js, ""), want{fault.Refused, "304", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, client.Options{BaseURL: serve(t, try.h)}).ListWebhooks(t.Context())
			try.want.check(t, err)
		})
	}
}

func cut(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, body)
	}
}

func hangUp(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

func redirect(status int, to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(status)
	}
}

// An API that redirects does not get the token to go where it points to, nor does anybody else.
func TestTheTokenFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	other := serve(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{other + "/v1/webhooks", "/elsewhere"} {
			c := newClient(t, client.Options{BaseURL: serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/elsewhere" {
					reached.Add(1)
				}
				redirect(status, to)(w, r)
			})})
			if _, err := c.CreateWebhook(t.Context(), api.CreateWebhook{Name: "n"}); client.Status(err) != status {
				t.Errorf("%d: %v", status, err)
			}
			if _, err := c.ListWebhooks(t.Context()); client.Status(err) != status {
				t.Errorf("%d: %v", status, err)
			}
		}
	}
	if reached.Load() != 0 {
		t.Errorf("%d redirects were followed", reached.Load())
	}
}

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

func TestRetries(t *testing.T) {
	t.Parallel()
	list := func(c *client.Client) error { _, err := c.ListWebhooks(t.Context()); return err }
	update := func(c *client.Client) error {
		on := true
		_, err := c.UpdateWebhook(t.Context(), "w", api.UpdateWebhook{IsActive: &on})
		return err
	}
	remove := func(c *client.Client) error { return c.DeleteWebhook(t.Context(), "w") }
	create := func(c *client.Client) error { _, err := c.CreateWebhook(t.Context(), api.CreateWebhook{}); return err }
	rotate := func(c *client.Client) error { _, err := c.RotateKey(t.Context(), "w"); return err }
	again := func(c *client.Client) error { _, err := c.RetryEvent(t.Context(), "e", ""); return err }
	trigger := func(c *client.Client) error {
		_, err := c.Sandbox().Trigger(t.Context(), api.TriggerRequest{Type: "x"})
		return err
	}
	busy := func(status int, after string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if after != "" {
				w.Header().Set("Retry-After", after)
			}
			w.WriteHeader(status)
		}
	}
	for name, try := range map[string]struct {
		call  func(*client.Client) error
		first http.HandlerFunc // answers all but the last try
		then  string           // the body of a success at the third try; "": there is none
		tries int
	}{
		"502 twice":              {list, busy(502, ""), `[]`, 3},
		"500 for ever":           {list, busy(500, ""), "", 3},
		"504, an update":         {update, busy(504, ""), `{"success":true,"data":{"id":"w"}}`, 3},
		"429 with a time":        {list, busy(429, "2"), `[]`, 3},
		"429 with a long one":    {list, busy(429, "11"), "", 1},
		"503, which is no fault": {list, busy(503, ""), "", 1},
		"503 with a time":        {list, busy(503, "1"), `[]`, 3},
		"503 with nonsense":      {list, busy(503, "soon"), "", 1},
		"400":                    {list, busy(400, ""), "", 1},
		"401":                    {list, busy(401, "1"), "", 1},
		"hang-ups":               {list, hangUp, `[]`, 3},
		"hang-ups, a delete":     {remove, hangUp, ` `, 3},
		"502, a create":          {create, busy(502, ""), "", 1},
		"a hang-up, a create":    {create, hangUp, "", 1},
		"502, a rotate":          {rotate, busy(502, "1"), "", 1},
		"502, a retry":           {again, busy(502, ""), "", 1},
		"a hang-up, a trigger":   {trigger, hangUp, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if n.Add(1) == 3 && try.then != "" {
					_, _ = io.WriteString(w, try.then)
					return
				}
				try.first(w, r)
			})
			slept := new(waits)
			err := try.call(newClient(t, client.Options{BaseURL: base, Sleep: slept.sleep}))
			if (err == nil) != (try.then != "") || int(n.Load()) != try.tries {
				t.Errorf("%d tries, %v", n.Load(), err)
			}
			if len(slept.list) != try.tries-1 {
				t.Errorf("waited %v", slept.list)
			}
			for _, d := range slept.list {
				if d <= 0 || d > 10*time.Second {
					t.Errorf("waited %s", d)
				}
			}
			if name == "429 with a time" && !slices.Equal(slept.list, []time.Duration{2 * time.Second, 2 * time.Second}) {
				t.Errorf("waited %v", slept.list)
			}
		})
	}
}

// A 404 after a delete whose answer was lost means that the lost one did it.
func TestDeleteWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			hangUp(w, r)
			return
		}
		answer(404, "application/json", `{"message":"Webhook not found"}`)(w, r)
	})
	if err := newClient(t, client.Options{BaseURL: base}).DeleteWebhook(t.Context(), "w"); err != nil {
		t.Error(err)
	}
}

func TestRefusedConnectionIsGivenUpSoon(t *testing.T) {
	t.Parallel()
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + ln.Addr().String()
	_ = ln.Close()
	c, err := client.New(client.Options{BaseURL: base, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, err = c.ListWebhooks(t.Context())
	want{fault.Unreachable, "nothing listens on " + ln.Addr().String(), "whctl sandbox"}.check(t, err)
	_, err = c.CreateWebhook(t.Context(), api.CreateWebhook{})
	want{fault.Unreachable, "nothing listens", "whctl sandbox"}.check(t, err)
	if strings.Contains(err.Error(), "may have") {
		t.Errorf("what was never sent cannot have happened: %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("gave up after %s", took)
	}
}

func TestHangs(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	silent := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-release:
		}
	})
	t.Cleanup(func() { close(release) }) // before the server is closed, which waits for its handlers
	half := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `[{"id":`)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	const timeout = 50 * time.Millisecond
	_, err := newClient(t, client.Options{BaseURL: silent, Timeout: timeout}).ListWebhooks(t.Context())
	want{fault.Unreachable, "no answer from " + strings.TrimPrefix(silent, "http://") + " in 50ms", "--api-url"}.check(t, err)
	_, err = newClient(t, client.Options{BaseURL: half, Timeout: timeout}).ListWebhooks(t.Context())
	want{fault.Unreachable, "did not end in 50ms", ""}.check(t, err)
	c := newClient(t, client.Options{BaseURL: silent, Timeout: timeout})
	_, err = c.CreateWebhook(t.Context(), api.CreateWebhook{})
	want{fault.Unreachable, "may have been created", "whctl webhooks list"}.check(t, err)
	_, err = c.RotateKey(t.Context(), "w")
	want{fault.Unreachable, "may have been replaced", "whctl webhooks list"}.check(t, err)
	_, err = c.RetryEvent(t.Context(), "e", "")
	want{fault.Unreachable, "may have been queued", "whctl events list"}.check(t, err)
	c = newClient(t, client.Options{BaseURL: serve(t, answer(200, "application/json", `{"success":true,"data":{"id":"w","apiK`))})
	_, err = c.CreateWebhook(t.Context(), api.CreateWebhook{})
	want{fault.Unreachable, "may have been created", "whctl webhooks list"}.check(t, err)
}

// ^C ends a list at once, and waits for the answer of a create, which holds a key that cannot be had again.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}, 2), make(chan struct{})
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		if r.Method == http.MethodGet {
			<-r.Context().Done()
			return
		}
		<-release
		_, _ = io.WriteString(w, `{"success":true,"data":{"id":"w","apiKey":"whk_full"}}`)
	})
	c := newClient(t, client.Options{BaseURL: base})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err := c.ListWebhooks(ctx)
	if fault.KindOf(err) != fault.Stopped {
		t.Errorf("list: %v", err)
	}
	if _, err := c.CreateWebhook(ctx, api.CreateWebhook{}); fault.KindOf(err) != fault.Stopped || len(arrived) != 0 {
		t.Errorf("a create after the interrupt: %v", err)
	}
	for name, call := range map[string]func(context.Context) (api.Webhook, error){
		"create": func(ctx context.Context) (api.Webhook, error) { return c.CreateWebhook(ctx, api.CreateWebhook{}) },
		"rotate": func(ctx context.Context) (api.Webhook, error) { return c.RotateKey(ctx, "w") },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-arrived; cancel(); release <- struct{}{} }()
		w, err := call(ctx)
		if err != nil || w.APIKey != "whk_full" {
			t.Errorf("%s: %v %v", name, w, err)
		}
		if ctx.Err() == nil {
			t.Errorf("%s: the interrupt came too late to prove anything", name)
		}
		cancel()
	}
}

// A webhook that was made without its key being sent is told, with the error.
func TestKeyThatDoesNotCome(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "whk_****...****9d4e"} {
		c := newClient(t, client.Options{BaseURL: serve(t, answer(201, "application/json", `{"success":true,"data":{"id":"w-1","apiKey":"`+key+`"}}`))})
		w, err := c.CreateWebhook(t.Context(), api.CreateWebhook{})
		want{fault.Refused, "sent no key", "whctl webhooks rotate w-1"}.check(t, err)
		if w.ID != "w-1" {
			t.Error("the webhook is not given")
		}
	}
	c := newClient(t, client.Options{BaseURL: serve(t, answer(200, "application/json", `{"success":false,"data":{"id":"w"}}`))})
	_, err := c.RotateKey(t.Context(), "w")
	want{fault.Refused, "neither success", ""}.check(t, err)
}

func TestIDsStayIDs(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	c := newClient(t, client.Options{BaseURL: serve(t, func(http.ResponseWriter, *http.Request) { n.Add(1) })})
	for _, id := range []string{"", ".", "..", "events"} {
		if _, err := c.GetWebhook(t.Context(), id); err == nil {
			t.Errorf("%q", id)
		}
		if err := c.DeleteWebhook(t.Context(), id); err == nil {
			t.Errorf("%q", id)
		}
		if _, err := c.EventLogs(t.Context(), id); err == nil && id != "events" {
			t.Errorf("%q", id)
		}
	}
	if _, err := c.UpdateWebhook(t.Context(), "w", api.UpdateWebhook{}); fault.KindOf(err) != fault.Usage {
		t.Errorf("an empty update: %v", err)
	}
	if n.Load() > 1 {
		t.Errorf("%d calls were made", n.Load())
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		o    client.Options
		kind fault.Kind
	}{
		"no address":            {client.Options{}, fault.Usage},
		"no host":               {client.Options{BaseURL: "https://"}, fault.Usage},
		"another scheme":        {client.Options{BaseURL: "ftp://x.test"}, fault.Usage},
		"a path":                {client.Options{BaseURL: "api.baanx.com"}, fault.Usage},
		"not a URL":             {client.Options{BaseURL: "https://a b"}, fault.Usage},
		"plain http":            {client.Options{BaseURL: "http://api.baanx.com"}, fault.Usage},
		"a network address":     {client.Options{BaseURL: "http://192.168.0.1:4141"}, fault.Usage},
		"nearly loopback":       {client.Options{BaseURL: "http://localhost.evil.test"}, fault.Usage},
		"a password":            {client.Options{BaseURL: "https://u:p@x.test"}, fault.Usage},
		"a query":               {client.Options{BaseURL: "https://x.test/?token=1"}, fault.Usage},
		"a fragment":            {client.Options{BaseURL: "https://x.test/#a"}, fault.Usage},
		"a token of two lines":  {client.Options{BaseURL: "https://x.test", Token: "a\nb"}, fault.Usage},
		"a token with a space":  {client.Options{BaseURL: "https://x.test", Token: "a b"}, fault.Usage},
		"the sandbox's token":   {client.Options{BaseURL: "https://x.test", Token: api.SandboxToken}, fault.Auth},
		"the other one":         {client.Options{BaseURL: "https://127.0.0.1.evil.test", Token: api.SandboxReadOnlyToken}, fault.Auth},
		"Authorization":         {client.Options{BaseURL: "https://x.test", Header: http.Header{"authorization": {"x"}}}, fault.Usage},
		"Host":                  {client.Options{BaseURL: "https://x.test", Header: http.Header{"Host": {"x"}}}, fault.Usage},
		"a header of two lines": {client.Options{BaseURL: "https://x.test", Header: http.Header{"X-A": {"x\r\nY: z"}}}, fault.Usage},
		"a header's odd name":   {client.Options{BaseURL: "https://x.test", Header: http.Header{"X A": {"x"}}}, fault.Usage},
	} {
		_, err := client.New(try.o)
		if fault.KindOf(err) != try.kind || fault.HintOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && try.o.Token != "" && strings.Contains(err.Error(), try.o.Token) {
			t.Errorf("%s: the token is in the error", name)
		}
	}
	for _, base := range []string{"https://api.baanx.com", "http://localhost:1", "http://LOCALHOST.", "http://127.0.0.1", "http://127.8.8.8:9", "http://[::1]:4141", "https://x.test/base/"} {
		if _, err := client.New(client.Options{BaseURL: base}); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
	c, err := client.New(client.Options{BaseURL: "https://x.test/a/b"})
	if err != nil || c.Origin() != "https://x.test" {
		t.Errorf("%v", err)
	}
}

// An http address and the sandbox's token go to what is dialled on loopback, whatever its name resolves to or a proxy is set.
func TestLoopbackIsNeverProxied(t *testing.T) {
	t.Parallel()
	asked := false
	c := newClient(t, client.Options{BaseURL: serve(t, answer(200, "application/json", "[]")), Proxy: func(*http.Request) (*url.URL, error) {
		asked = true
		return nil, errors.New("no")
	}})
	if _, err := c.ListWebhooks(t.Context()); err != nil || asked {
		t.Errorf("asked for a proxy: %v; %v", asked, err)
	}
}

// The proxy of the environment is honoured: the call reaches the proxy, which sees a CONNECT without the token.
func TestProxy(t *testing.T) {
	t.Parallel()
	var got []string
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+r.Host+" "+r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusForbidden)
	})
	u, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, client.Options{BaseURL: "https://api.baanx.test", Proxy: http.ProxyURL(u)})
	_, err = c.ListWebhooks(t.Context())
	if fault.KindOf(err) != fault.Unreachable || len(got) == 0 || got[0] != "CONNECT api.baanx.test:443 " {
		t.Errorf("%v %v", got, err)
	}
}

func TestTraceMasksSecrets(t *testing.T) {
	t.Parallel()
	const key = "whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v"
	const signature = "0f3a9bd1c2e4a6f80f3a9bd1c2e4a6f8"
	var lines []string
	c := newClient(t, client.Options{
		BaseURL: serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Set-Cookie", "session=cookiesecret")
			if r.Method == http.MethodPost {
				_, _ = io.WriteString(w, `{"success":true,"data":{"id":"w","apiKey":"`+key+`","metadata":{"note":"`+key+`","echo":"`+token+`"}}}`)
				return
			}
			_, _ = io.WriteString(w, `{"count":1,"logs":[{"id":"l","requestHeaders":{"X-Signature":"`+signature+`","Authorization":"Bearer other"}}]}`)
		}),
		Header: http.Header{"X-Client-Key": {"clientsecret"}, "X-Us-Env": {"true"}},
		Trace:  func(l client.TraceLine) { lines = append(lines, l.Text) },
	})
	if _, err := c.CreateWebhook(t.Context(), api.CreateWebhook{Name: "visible"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.WebhookLogs(t.Context(), "w", 0); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(lines, "\n")
	for _, secret := range []string{token, key, signature, "cookiesecret", "clientsecret", "Bearer other"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q is in the trace:\n%s", secret, all)
		}
	}
	for _, shown := range []string{"> POST ", "/v1/webhooks", "visible", "X-Us-Env: true", "< 200 OK", "0f3a9bd1…", "Authorization: ****"} {
		if !strings.Contains(all, shown) {
			t.Errorf("%q is not in the trace:\n%s", shown, all)
		}
	}
}

func TestErrorsCarryTheAPIsWords(t *testing.T) {
	t.Parallel()
	c := newClient(t, client.Options{BaseURL: serve(t, answer(400, "application/json", `{"message":["a\u001b[31m","b"]}`))})
	_, err := c.ListWebhooks(t.Context())
	var e *client.APIError
	if !errors.As(err, &e) || e.Status != 400 || !slices.Equal(e.Messages, []string{"a\x1b[31m", "b"}) {
		t.Errorf("%v", err)
	}
	if client.Status(fmt.Errorf("more: %w", err)) != 400 || client.Status(io.EOF) != 0 {
		t.Error("the status")
	}
}
