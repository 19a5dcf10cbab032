package client_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/fault"
)

// retryCase is one way an API fails before it perhaps succeeds at the third try.
type retryCase struct {
	call  func(context.Context, *client.Client) error
	first http.HandlerFunc // answers all but the last try
	then  string           // the body of a success at the third try; "": there is none
	tries int
	waits []time.Duration // nil: any
}

func TestRetries(t *testing.T) {
	t.Parallel()
	for name, try := range retryCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			try.run(t)
		})
	}
}

func (try retryCase) run(t *testing.T) {
	t.Helper()
	var n atomic.Int32
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 3 && try.then != "" {
			_, _ = io.WriteString(w, try.then)
			return
		}
		try.first(w, r)
	})
	slept := new(waits)
	err := try.call(t.Context(), newClient(t, client.Options{BaseURL: base, Sleep: slept.sleep}))
	if (err == nil) != (try.then != "") || int(n.Load()) != try.tries {
		t.Errorf("%d tries, %v", n.Load(), err)
	}
	if len(slept.list) != try.tries-1 || try.waits != nil && !slices.Equal(slept.list, try.waits) {
		t.Errorf("waited %v", slept.list)
	}
	for _, d := range slept.list {
		if d <= 0 || d > 10*time.Second {
			t.Errorf("waited %s", d)
		}
	}
}

func retryCases() map[string]retryCase {
	list := func(ctx context.Context, c *client.Client) error { _, err := c.ListWebhooks(ctx); return err }
	update := func(ctx context.Context, c *client.Client) error {
		on := true
		_, err := c.UpdateWebhook(ctx, "w", api.UpdateWebhook{IsActive: &on})
		return err
	}
	remove := func(ctx context.Context, c *client.Client) error { return c.DeleteWebhook(ctx, "w") }
	create := func(ctx context.Context, c *client.Client) error {
		_, err := c.CreateWebhook(ctx, api.CreateWebhook{})
		return err
	}
	rotate := func(ctx context.Context, c *client.Client) error { _, err := c.RotateKey(ctx, "w"); return err }
	again := func(ctx context.Context, c *client.Client) error { _, err := c.RetryEvent(ctx, "e", ""); return err }
	trigger := func(ctx context.Context, c *client.Client) error {
		_, err := c.Sandbox().Trigger(ctx, api.TriggerRequest{Type: "x"})
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
	two := []time.Duration{2 * time.Second, 2 * time.Second}
	return map[string]retryCase{
		"502 twice":              {list, busy(502, ""), `[]`, 3, nil},
		"500 for ever":           {list, busy(500, ""), "", 3, nil},
		"504, an update":         {update, busy(504, ""), `{"success":true,"data":{"id":"w"}}`, 3, nil},
		"429 with a time":        {list, busy(429, "2"), `[]`, 3, two},
		"429 with a long one":    {list, busy(429, "11"), "", 1, nil},
		"503, which is no fault": {list, busy(503, ""), "", 1, nil},
		"503 with a time":        {list, busy(503, "2"), `[]`, 3, two},
		"503 with nonsense":      {list, busy(503, "soon"), "", 1, nil},
		"400":                    {list, busy(400, ""), "", 1, nil},
		"401":                    {list, busy(401, "1"), "", 1, nil},
		"hang-ups":               {list, hangUp, `[]`, 3, nil},
		"hang-ups, a delete":     {remove, hangUp, ` `, 3, nil},
		"502, a create":          {create, busy(502, ""), "", 1, nil},
		"a hang-up, a create":    {create, hangUp, "", 1, nil},
		"502, a rotate":          {rotate, busy(502, "1"), "", 1, nil},
		"502, a retry":           {again, busy(502, ""), "", 1, nil},
		"a hang-up, a trigger":   {trigger, hangUp, "", 1, nil},
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
	want{fault.Unreachable, "no answer from " + ln.Addr().String() + ": connection refused", "whctl sandbox"}.check(t, err)
	_, err = c.CreateWebhook(t.Context(), api.CreateWebhook{})
	want{fault.Unreachable, "connection refused", "whctl sandbox"}.check(t, err)
	if strings.Contains(err.Error(), "may have") {
		t.Errorf("what was never sent cannot have happened: %v", err)
	}
	if took := time.Since(began); took > 15*time.Second {
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
