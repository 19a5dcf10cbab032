package sandbox_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/sandbox"
)

// lists lists the webhooks n times and returns their statuses, and the header Retry-After of those that were refused.
func lists(t *testing.T, box *sandbox.Sandbox, n int) (statuses []int, after []string) {
	t.Helper()
	for range n {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+api.PathWebhooks, nil)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Authorization", "Bearer "+box.Token())
		a, err := direct{box.Handler()}.RoundTrip(q)
		if err != nil {
			t.Fatal(err)
		}
		_ = a.Body.Close()
		if statuses = append(statuses, a.StatusCode); a.StatusCode/100 != 2 {
			after = append(after, a.Header.Get("Retry-After"))
		}
	}
	return statuses, after
}

// The seed says which calls of the platform's API go wrong. What is refused does nothing, and the sandbox's own routes are spared.
func TestChaosOfTheAPI(t *testing.T) {
	t.Parallel()
	const n = 100
	list := func(seed uint64) []int {
		box, err := sandbox.New(sandbox.Options{Chaos: chaos(t, "api=503:0.2,api=429:0.1"), Seed: &seed})
		if err != nil {
			t.Fatal(err)
		}
		statuses, after := lists(t, box, n)
		if slices.ContainsFunc(after, func(s string) bool { return s != "1" }) {
			t.Errorf("Retry-After %q", after)
		}
		if err := box.Close(); err != nil {
			t.Error(err)
		}
		return statuses
	}
	a, b, c := list(7), list(7), list(8)
	if !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Errorf("seed 7\n%v\nagain\n%v\nseed 8\n%v", a, b, c)
	}
	count := map[int]int{}
	for _, status := range a {
		count[status]++
	}
	if count[503] < 10 || count[503] > 30 || count[429] < 3 || count[429] > 18 || count[200] != n-count[503]-count[429] {
		t.Errorf("answers %v", count)
	}
	inBubble(t, sandbox.Options{Chaos: chaos(t, "api=503")}, func(t *testing.T, w *world) {
		t.Helper()
		_, err := w.client.CreateWebhook(t.Context(), api.CreateWebhook{Name: "one", URL: "http://localhost/one", EventTypes: []string{"*"}})
		w.trigger(t, api.TriggerRequest{Type: "card.activated"})
		if s, e := w.client.Sandbox().Status(t.Context()); err == nil || e != nil || len(s.Webhooks) != 0 {
			t.Errorf("created with %v: %+v, %v", err, s, e)
		}
	})
}

// A slow API makes calls of the platform slow, and no others. It ends with the caller.
func TestSlowAPI(t *testing.T) {
	t.Parallel()
	inBubble(t, sandbox.Options{Chaos: chaos(t, "api-delay=2s")}, func(t *testing.T, w *world) {
		t.Helper()
		began := time.Now()
		if _, err := w.client.Sandbox().Status(t.Context()); err != nil || time.Since(began) != 0 {
			t.Errorf("status after %s: %v", time.Since(began), err)
		}
		if _, err := w.client.ListWebhooks(t.Context()); err != nil || time.Since(began) != 2*time.Second {
			t.Errorf("list after %s: %v", time.Since(began), err)
		}
	})
}
