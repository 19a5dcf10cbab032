package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
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
		_, _ = io.Copy(w, strings.NewReader(body))
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
	if fault.KindOf(err) != w.kind || err == nil || !strings.Contains(err.Error(), w.text) || !strings.Contains(fault.HintOf(err).String(), w.hint) {
		t.Errorf("got %v: %v (hint: %s), want %v with %q and hint %q", fault.KindOf(err), err, fault.HintOf(err).String(), w.kind, w.text, w.hint)
	}
	if err != nil && strings.Contains(err.Error()+fault.HintOf(err).String(), token) {
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
		"404":                 {answer(404, js, `{"message":"Webhook not found"}`), want{fault.Refused, "404: Webhook not found", "another server: check the address of the API (--api-url)"}},
		"503":                 {answer(503, js, `{"message":"Notification service is not configured for this environment"}`), want{fault.Refused, "503: Notification", "--api-url"}},
		"a list of messages":  {answer(422, js, `{"statusCode":422,"message":["name is too long","url is odd"],"error":"Unprocessable"}`), want{fault.Refused, "name is too long; url is odd", ""}},
		"an error field":      {answer(400, js, `{"error":"bad"}`), want{fault.Refused, "400: bad", ""}},
		"an error object":     {answer(400, js, `{"error":{"message":"deep"}}`), want{fault.Refused, "400: deep", ""}},
		"no message":          {answer(400, js, `{"code":7}`), want{fault.Refused, "400 with JSON without a message", ""}},
		"a number as message": {answer(400, js, `{"message":7}`), want{fault.Refused, "400 with JSON without a message", ""}},
		"nothing":             {answer(400, js, ``), want{fault.Refused, "400 with nothing", ""}},
		"plain text":          {answer(418, "text/plain", "I am a teapot\n"), want{fault.Refused, "418: I am a teapot", "add --debug"}},
		"HTML 502":            {answer(502, html, "<!DOCTYPE html><html><body>Bad gateway</body></html>"), want{fault.Refused, "502 with an HTML page", "--debug"}},
		"binary":              {answer(500, "x/y", "\xff\xfe\x00"), want{fault.Refused, "500 with binary data", "--debug"}},
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
		"204":                  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, want{fault.Refused, "empty", ""}},
		"200, another shape":   {answer(200, js, `{"ok":true}`), want{fault.Refused, "another shape", ""}},
		"200, null":            {answer(200, js, `null`), want{fault.Refused, "no list of webhooks", ""}},
		"200, no ids":          {answer(200, js, `[{"name":"x"}]`), want{fault.Refused, "no list of webhooks", ""}},
		"200, odd types":       {answer(200, js, `[{"id":7}]`), want{fault.Refused, "another shape", ""}},
		"200, more after it":   {answer(200, js, `[] []`), want{fault.Refused, "more after the JSON", ""}},
		"200, nested":          {answer(200, js, strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000)), want{fault.Refused, "not what the API documents", ""}},
		"200, truncated JSON":  {answer(200, js, `[{"id":"a","name":`), want{fault.Unreachable, "cut off", "--debug"}},
		"200, cut connection":  {cut(`[{"id":"a"}`), want{fault.Unreachable, "cut off", "--debug"}},
		"hangs up at once":     {hangUp, want{fault.Unreachable, "no answer", "--debug"}},
		"200, 10 MiB and more": {answer(200, js, `["`+strings.Repeat("a", 10<<20)+`"]`), want{fault.Refused, "larger than 10 MiB", "--api-url"}},
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
		if fault.KindOf(err) != try.kind || fault.HintOf(err).String() == "" {
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
