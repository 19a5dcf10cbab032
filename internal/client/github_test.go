package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/reconcile"
)

// gitHubEvents are those of a webhook of a GitHub that answers as h does, and what the client waited.
func gitHubEvents(t *testing.T, h http.HandlerFunc) (*client.GitHubEvents, *waits) {
	t.Helper()
	slept := new(waits)
	g, err := client.NewGitHub(client.Options{BaseURL: serve(t, h), Token: token, Sleep: slept.sleep})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g.Events(client.GitHubWebhook{Owner: "acme", Repo: "app", ID: 7}), slept
}

// gitHubLimit is one way in which GitHub turns a call away. head is the header, with times from now.
type gitHubLimit struct {
	status int
	head   map[string]string
	body   string
	waits  []time.Duration // at a first and a second time
	hint   string          // when it is not waited for
}

func gitHubLimits() map[string]gitHubLimit {
	in := func(d time.Duration) string { return strconv.FormatInt(time.Now().Add(d).Unix(), 10) }
	const page = `{"message":"slow down","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`
	return map[string]gitHubLimit{
		"seconds":              {429, map[string]string{"Retry-After": "7"}, "{}", []time.Duration{7 * time.Second, 7 * time.Second}, ""},
		"as 403":               {403, map[string]string{"Retry-After": "7"}, "{}", []time.Duration{7 * time.Second, 7 * time.Second}, ""},
		"none left":            {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(-time.Minute)}, "{}", []time.Duration{time.Second, time.Second}, ""},
		"none left for long":   {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(40 * time.Minute)}, "{}", nil, "try again in 40m"},
		"seconds for long":     {429, map[string]string{"Retry-After": "3600"}, "{}", nil, "try again in 1h"},
		"no time":              {429, nil, "{}", []time.Duration{time.Minute, 2 * time.Minute}, ""},
		"told by the page":     {403, map[string]string{"X-RateLimit-Remaining": "4000"}, page, []time.Duration{time.Minute, 2 * time.Minute}, ""},
		"no limit: forbidden":  {403, map[string]string{"X-RateLimit-Remaining": "4000"}, `{"message":"Must have admin rights to Repository."}`, nil, "admin:repo_hook"},
		"no limit: other page": {403, nil, `{"message":"no","documentation_url":"https://docs.github.com/rest#secondary"}`, nil, "admin:repo_hook"},
	}
}

// TestGitHubLimits: whctl waits as long as GitHub asks for, or as its documentation says where no time is named, and sends a redelivery
// again that was turned away. A wait that is too long is told.
func TestGitHubLimits(t *testing.T) {
	t.Parallel()
	for name, tc := range gitHubLimits() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			events, slept := gitHubEvents(t, func(w http.ResponseWriter, _ *http.Request) {
				if calls.Add(1) <= 2 {
					for k, v := range tc.head {
						w.Header().Set(k, v)
					}
					w.WriteHeader(tc.status)
					_, _ = io.WriteString(w, tc.body)
					return
				}
				w.WriteHeader(http.StatusAccepted)
				_, _ = io.WriteString(w, "{}")
			})
			err := events.Retry(t.Context(), reconcile.Event{Ref: "12"})
			if !slices.Equal(slept.list, tc.waits) {
				t.Errorf("waited %v, want %v", slept.list, tc.waits)
			}
			if (err == nil) != (tc.hint == "") || err != nil && !strings.Contains(fault.HintOf(err).String(), tc.hint) {
				t.Errorf("%v (hint: %s)", err, fault.HintOf(err))
			}
		})
	}
}

// TestGitHubGivesUpOnALimit: a limit that stays is refused after three tries.
func TestGitHubGivesUpOnALimit(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	events, _ := gitHubEvents(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	if err := events.Retry(t.Context(), reconcile.Event{Ref: "12"}); fault.KindOf(err) != fault.Refused || calls.Load() != 3 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
}

// TestGitHubPauses: calls that change something are a second apart, and one whose answer is lost is not repeated.
func TestGitHubPauses(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	events, slept := gitHubEvents(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 3 {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "{}")
	})
	for range 2 {
		if err := events.Retry(t.Context(), reconcile.Event{Ref: "12"}); err != nil {
			t.Error(err)
		}
	}
	err := events.Retry(t.Context(), reconcile.Event{Ref: "12"})
	if fault.KindOf(err) != fault.Unreachable || !strings.Contains(err.Error(), "may be delivered again") || calls.Load() != 3 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
	if len(slept.list) != 2 || slept.list[0] < 900*time.Millisecond || slept.list[0] > time.Second {
		t.Errorf("waited %v", slept.list)
	}
}

const gitHubItem = `{"id":%d,"guid":"g%d","delivered_at":"%s","status":"OK","status_code":%d,"event":"push"}`

// TestGitHubPages: a list that has no end is left after its bound and not whole; one that goes back far enough is, and no link leads to
// another host.
func TestGitHubPages(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)
	var pages atomic.Int32
	events, _ := gitHubEvents(t, func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
		pages.Add(1)
		w.Header().Set("Link", fmt.Sprintf(`<https://evil.example/repos/acme/app/hooks/7/deliveries?cursor=%d>; rel="next"`, n+1))
		at := begun.Add(-time.Duration(n) * time.Hour).Format(time.RFC3339)
		_, _ = fmt.Fprintf(w, "["+gitHubItem+"]", n+1, n, at, 200)
	})
	v, err := events.Events(t.Context(), time.Time{})
	if err != nil || pages.Load() != 100 || len(v.Events) != 100 || v.Ranges[0].Whole || v.Ranges[0].Total != -1 {
		t.Errorf("%d pages, %d events, %+v, %v", pages.Load(), len(v.Events), v.Ranges, err)
	}
	pages.Store(0)
	v, err = events.Events(t.Context(), begun.Add(-90*time.Minute))
	if err != nil || pages.Load() != 3 || len(v.Events) != 2 || !v.Ranges[0].Whole || !v.Ranges[0].From.Equal(begun.Add(-time.Hour)) || !v.Ranges[0].To.Equal(begun) {
		t.Errorf("%d pages, %+v, %v", pages.Load(), v, err)
	}
}

// TestGitHubPagesInACircle: a list that leads back to a page is refused, as its deliveries would count again and again.
func TestGitHubPagesInACircle(t *testing.T) {
	t.Parallel()
	events, _ := gitHubEvents(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", `</deliveries?cursor=a>; rel="next"`)
		_, _ = fmt.Fprintf(w, "["+gitHubItem+"]", 1, 1, "2026-03-04T09:00:00Z", 500)
	})
	if v, err := events.Events(t.Context(), time.Time{}); fault.KindOf(err) != fault.Refused {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestGitHubEventsShareTheirGUID: deliveries with one guid are one event, accepted once one of them was.
func TestGitHubEventsShareTheirGUID(t *testing.T) {
	t.Parallel()
	events, _ := gitHubEvents(t, func(w http.ResponseWriter, _ *http.Request) {
		const a, b, c = `{"id":3,"guid":"g","delivered_at":"2026-03-04T09:02:00Z","redelivery":true,"status":"OK","status_code":200,"event":"push"}`,
			`{"id":2,"guid":"other","delivered_at":"2026-03-04T09:01:00Z","status":"timed out","status_code":0,"event":"push"}`,
			`{"id":1,"guid":"g","delivered_at":"2026-03-04T09:00:00Z","status":"Invalid HTTP Response: 500","status_code":500,"event":"push"}`
		_, _ = io.WriteString(w, "["+a+","+b+","+c+"]")
	})
	v, err := events.Events(t.Context(), time.Time{})
	if err != nil || len(v.Events) != 2 {
		t.Fatalf("%+v, %v", v, err)
	}
	other, g := v.Events[0], v.Events[1]
	if g.ID != "g" || g.Phase != reconcile.Done || g.Ref != "3" || len(g.Attempts) != 2 || g.Attempts[0].Status != 500 || g.Created.Minute() != 0 {
		t.Errorf("%+v", g)
	}
	if other.Phase != reconcile.Failed || other.Attempts[0].Error != "timed out" {
		t.Errorf("%+v", other)
	}
}

// TestGitHubHostileAnswers: what is no list of deliveries is refused and not taken for an empty one.
func TestGitHubHostileAnswers(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "null", "{}", `[{"id":1}]`, `[{"guid":"g"}]`, "<html>", `[{"id":"x","guid":7}]`, `[{"id":1,"guid":"g","delivered_at":"yesterday"}]`} {
		events, _ := gitHubEvents(t, answer(http.StatusOK, "application/json", body))
		if v, err := events.Events(t.Context(), time.Time{}); fault.KindOf(err) != fault.Refused || len(v.Events) != 0 {
			t.Errorf("%q: %+v, %v", body, v, err)
		}
	}
	events, _ := gitHubEvents(t, answer(http.StatusAccepted, "application/json", "{}"))
	if err := events.Retry(t.Context(), reconcile.Event{Ref: "../../x"}); fault.KindOf(err) != fault.Refused {
		t.Error(err)
	}
	if _, err := events.Events(t.Context(), time.Time{}); err == nil || errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestParseGitHubWebhook(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"acme/app/12": "acme/app/12", "acme/12": "acme/12", "acme/app": "acme/app/0", "acme": "acme/0", "a-b_c.d/e.f/1": "a-b_c.d/e.f/1",
		"": "", "/": "", "a/b/c": "", "a//1": "", "a/../1": "", "a/b/1/2": "", "a b/c/1": "", "a/b/1?x": "", "a/%2e/1": "", "ä/b/1": "", "-1": "-1/0",
	} {
		w, err := client.ParseGitHubWebhook(text)
		if (err == nil) != (want != "") || err == nil && w.Name() != want {
			t.Errorf("%q: %q, %v; want %q", text, w.Name(), err, want)
		}
	}
}
