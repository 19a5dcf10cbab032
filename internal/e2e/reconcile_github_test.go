package e2e

// whctl events reconcile against a GitHub that behaves as documented, and loses, repeats and misreads deliveries.

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const gitHubRef = "acme/app/" + gitHubWebhookID

// gitHubWorld is a GitHub whose webhook delivers to a listener with a target.
func gitHubWorld(t *testing.T) (*world, *fakeGitHub, *target) {
	t.Helper()
	w, tg := newWorld(t), okTarget(t)
	g := newGitHub(t, "", "/repos/acme/app/hooks")
	g.use(w)
	l := w.start("listen", "--addr", "127.0.0.1:0", "--scheme", "github", "--secret-file", w.path("key"), "--forward", "app="+tg.addr)
	g.set(func() { g.target = "http://" + l.addr + "/github" })
	return w, g, tg
}

// raise has n events delivered, of which some are dropped, some are sent twice, and some are taken for a 502. It gives the dropped ones
// and those that were sent twice, sorted.
func (g *fakeGitHub) raise(n int, dice *rand.Rand) (dropped, doubled []string) {
	for i := range n {
		guid := fmt.Sprintf("%08x-b361-11eb-836d-%012x", dice.Uint32(), i)
		switch p := dice.Float64(); {
		case p < 0.03:
			g.record(guid, false, 0)
			dropped = append(dropped, guid)
		case p < 0.10:
			g.send(guid, false, 0)
			g.send(guid, true, 0)
			doubled = append(doubled, guid)
		case p < 0.20:
			g.send(guid, false, http.StatusBadGateway)
		default:
			g.send(guid, false, 0)
		}
	}
	slices.Sort(dropped)
	slices.Sort(doubled)
	return dropped, doubled
}

// TestReconcileGitHub: of 250 events, which take three pages, exactly the dropped ones are named; after --fix none is left, although
// GitHub turns calls away for being too many, and only those were sent again.
func TestReconcileGitHub(t *testing.T) {
	t.Parallel()
	w, g, tg := gitHubWorld(t)
	dropped, doubled := g.raise(250, rand.New(rand.NewPCG(1, 2)))
	arrived := len(tg.all())

	found := w.reconciled(3, "--platform", "github", "--webhook", gitHubRef)
	if missing := found.in("missing"); len(dropped) < 2 || !slices.Equal(missing, dropped) {
		t.Errorf("missing are %q, and GitHub dropped %q", missing, dropped)
	}
	if again := found.where(func(e object) bool { return e.truth("again") }); len(doubled) < 2 || !slices.Equal(again, doubled) {
		t.Errorf("arrived again: %q, want %q", again, doubled)
	}
	if s := found.sub("summary"); !found.truth("whole") || s.num("events") != 250 || s.num("accepted") != 250-len(dropped) {
		t.Errorf("%v", s)
	}
	if pages := g.asked(http.MethodGet, http.StatusOK); pages != 4 { // and the webhook itself
		t.Errorf("%d calls: %q", pages, g.calls)
	}

	reset := func(h http.Header) int {
		h.Set("X-RateLimit-Remaining", "0")
		h.Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Unix(), 10))
		return http.StatusForbidden
	}
	after := func(h http.Header) int {
		h.Set("Retry-After", "1")
		return http.StatusTooManyRequests
	}
	g.set(func() { g.turnAway = []func(http.Header) int{after, reset} })
	fixed := w.reconciled(0, "--platform", "github", "--webhook", gitHubRef, "--fix", "--interval", "100ms")
	if fixed.sub("fix").num("left") != 0 || len(fixed.sub("fix").list("asked")) != len(dropped) {
		t.Errorf("%v", fixed.sub("fix"))
	}
	var sent []string
	for _, m := range tg.all()[arrived:] {
		sent = append(sent, m.value("X-GitHub-Delivery"))
	}
	slices.Sort(sent)
	if !slices.Equal(sent, dropped) {
		t.Errorf("--fix had %q delivered, want %q", sent, dropped)
	}
	if n := g.asked(http.MethodPost, http.StatusAccepted); n != len(dropped) {
		t.Errorf("%d redeliveries were asked for, want %d", n, len(dropped))
	}
}

// TestReconcileGitHubAsksForWhatChanged: while nothing has come of a redelivery, the list is asked for with its entity tag, which costs
// no call. A redelivery that fails too is a gap that is left.
func TestReconcileGitHubAsksForWhatChanged(t *testing.T) {
	t.Parallel()
	w, g, tg := gitHubWorld(t)
	g.set(func() { g.unchanged = 3 })
	g.send("e0000000-b361-11eb-836d-000000000000", false, 0)
	g.record("e0000000-b361-11eb-836d-000000000001", false, 0)
	r := w.must(0, "events", "reconcile", "--platform", "github", "--webhook", gitHubRef, "--fix", "--interval", "100ms")
	if n := len(tg.all()); !strings.Contains(r.out, "2 events: 2 accepted; 0 of 1 gap left") || n != 2 || g.asked(http.MethodGet, http.StatusNotModified) < 3 {
		t.Errorf("stdout %s, %d deliveries, calls %q", r.out, n, g.calls)
	}
	g.record("e0000000-b361-11eb-836d-000000000002", false, 0)
	g.set(func() { g.target, g.unchanged = "http://"+closedPort(t), 0 })
	r = w.must(3, "events", "reconcile", "--platform", "github", "--webhook", gitHubRef, "--fix", "--interval", "100ms")
	if !strings.Contains(r.out, "1 of 1 gap left") || !strings.Contains(r.out, "never arrived; the platform tried 2 times, the last one failed to connect to host") {
		t.Errorf("stdout %s", r.out)
	}
}

// TestReconcileGitHubRefusals: each way in which GitHub says no ends with its code and a next step, and no output shows the token.
func TestReconcileGitHubRefusals(t *testing.T) {
	t.Parallel()
	w, g, _ := gitHubWorld(t)
	for _, tc := range []struct {
		name, webhook string
		env           string
		prepare       func()
		code          int
		says          []string
	}{
		{"a token without admin rights", gitHubRef, "WHCTL_GITHUB_TOKEN=" + gitHubOutsider, nil, 5, []string{"404", "admin rights"}},
		{"a wrong token", gitHubRef, "WHCTL_GITHUB_TOKEN=ghp_wrong00000000000000000000000000000000", nil, 4, []string{"Bad credentials", "the token in WHCTL_GITHUB_TOKEN is wrong or expired"}},
		{"no token", gitHubRef, "WHCTL_GITHUB_TOKEN=", nil, 4, []string{"no token for 127.0.0.1", "WHCTL_GITHUB_TOKEN"}},
		{"no webhook", "", "", nil, 2, []string{"OWNER/REPO/ID"}},
		{"no such form", "acme/app/x/512", "", nil, 2, []string{"OWNER/REPO/ID"}},
		{"another path", "acme/../512", "", nil, 2, []string{"OWNER/REPO/ID"}},
		{"several webhooks", "acme/app", "", func() { g.more = []string{"513"} }, 2, []string{"acme/app/512", "acme/app/513"}},
		{"a repository of another name", gitHubRef, "", func() { g.moved = true }, 5, []string{"301", "renamed or moved", "as it is called now"}},
		{"no call left for an hour", gitHubRef, "", func() {
			g.limited = func(h http.Header) bool {
				h.Set("X-RateLimit-Remaining", "0")
				h.Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10))
				return true
			}
		}, 5, []string{"rate limit exceeded", "try again in 1h0m"}},
	} {
		if tc.prepare != nil {
			g.set(tc.prepare)
		}
		v := w.in(t)
		v.env = slices.Clone(w.env)
		if tc.env != "" {
			v.setenv(tc.env)
		}
		args := []string{"events", "reconcile", "--platform", "github", "--debug"}
		if tc.webhook != "" {
			args = append(args, "--webhook", tc.webhook)
		}
		r := v.run(args...)
		if r.code != tc.code || r.out != "" {
			t.Errorf("%s: exit code %d, want %d, stdout %s\nstderr %s", tc.name, r.code, tc.code, r.out, r.err)
		}
		for _, text := range tc.says {
			if !strings.Contains(r.err, text) {
				t.Errorf("%s: no %q in %s", tc.name, text, r.err)
			}
		}
		if strings.Contains(r.err, "ghp_") {
			t.Errorf("%s: shows a token: %s", tc.name, r.err)
		}
	}
}

// TestReconcileGitHubOrganisation: a webhook of an organisation on an Enterprise Server, without its id, with a token that login saved.
func TestReconcileGitHubOrganisation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newGitHub(t, "/api/v3", "/orgs/acme/hooks")
	w.setenv("WHCTL_GITHUB_URL=" + g.url)
	l := w.start("listen", "--addr", "127.0.0.1:0", "--scheme", "github", "--secret-file", w.path("key"))
	g.set(func() { g.target = "http://" + l.addr })
	g.raise(3, rand.New(rand.NewPCG(3, 4)))

	if r := w.runIn("ghp_wrong00000000000000000000000000000000\n", "login", "--platform", "github", "--token-file", "-"); r.code != 4 || !strings.Contains(r.err, "was not saved") {
		t.Errorf("exit code %d, stderr %s", r.code, r.err)
	}
	if r := w.runIn(gitHubToken+"\n", "login", "--platform", "github", "--token-file", "-"); r.code != 0 || strings.Contains(r.out+r.err, gitHubToken) {
		t.Errorf("exit code %d, stdout %s, stderr %s", r.code, r.out, r.err)
	}
	for _, ref := range []string{"acme", "acme/" + gitHubWebhookID} {
		found := w.reconciled(0, "--platform", "github", "--webhook", ref)
		if found.sub("summary").num("events") != 3 || found.sub("webhook").str("name") != "acme/"+gitHubWebhookID {
			t.Errorf("%s: %v", ref, found)
		}
	}
	w.must(0, "logout", "--platform", "github")
	w.must(4, "events", "reconcile", "--platform", "github", "--webhook", "acme")
	w.write("token", gitHubToken+"\n")
	w.must(0, "events", "reconcile", "--platform", "github", "--webhook", "acme", "--token-file", "token")
}

// TestReconcileGitHubKeepsWebhooksApart: GitHub gives an event the same guid for every webhook that takes it, so a delivery counts for the
// webhook that it names.
func TestReconcileGitHubKeepsWebhooksApart(t *testing.T) {
	t.Parallel()
	w, g, tg := gitHubWorld(t)
	const guid = "f0000000-b361-11eb-836d-000000000000"
	g.record(guid, false, 0)
	body := `{"ref":"refs/heads/main"}`
	q := fmt.Sprintf("POST /github HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: %s\r\nX-GitHub-Hook-ID: 513\r\nX-Hub-Signature-256: sha256=%s\r\nContent-Length: %d\r\n\r\n%s",
		guid, hmacHex(testKey, []byte(body)), len(body), body)
	exchange(t, strings.TrimSuffix(strings.TrimPrefix(g.target, "http://"), "/github"), []byte(q))
	if len(tg.all()) != 1 {
		t.Fatalf("the target got %d deliveries", len(tg.all()))
	}
	found := w.reconciled(3, "--platform", "github", "--webhook", gitHubRef)
	if missing := found.in("missing"); !slices.Equal(missing, []string{guid}) {
		t.Errorf("missing are %q: %v", missing, found.sub("summary"))
	}
}
