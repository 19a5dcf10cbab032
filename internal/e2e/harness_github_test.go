package e2e

// GitHub as its documentation describes it, as far as webhooks go: docs.github.com/en/rest/repos/webhooks, …/orgs/webhooks and
// …/using-the-rest-api. It really delivers.

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// gitHubToken may administer webhooks; gitHubOutsider is as good a token, of somebody who may not see them.
const (
	gitHubToken    = "ghp_onlyForThisTest0123456789abcdefABCD"
	gitHubOutsider = "ghp_outsider0123456789abcdefABCDefghijk"
)

// fakeGitHub has one webhook.
type fakeGitHub struct {
	t    testing.TB
	url  string // of the API
	path string // of the list of webhooks, such as /repos/acme/app/hooks

	mu         sync.Mutex
	target     string // where the webhook delivers to
	deliveries []gitHubDelivery
	sending    sync.WaitGroup
	calls      []string                 // "METHOD path STATUS"
	turnAway   []func(http.Header) int  // answers the next calls of a method POST, each once
	limited    func(h http.Header) bool // says that no call is left
	more       []string                 // further webhooks
	moved      bool                     // the repository has another name now
	unchanged  int                      // how many calls must have found the list unchanged before a redelivery is sent
}

type gitHubDelivery struct {
	ID          int64   `json:"id"`
	GUID        string  `json:"guid"`
	DeliveredAt string  `json:"delivered_at"`
	Redelivery  bool    `json:"redelivery"`
	Duration    float64 `json:"duration"`
	Status      string  `json:"status"`
	StatusCode  int     `json:"status_code"`
	Event       string  `json:"event"`
	Action      *string `json:"action"`
}

// newGitHub starts the API below a prefix, as an Enterprise Server has one, with a webhook at path.
func newGitHub(t testing.TB, prefix, path string) *fakeGitHub {
	t.Helper()
	g := &fakeGitHub{t: t, path: path}
	server := httptest.NewServer(http.StripPrefix(prefix, http.HandlerFunc(g.serve)))
	g.url = server.URL + prefix
	t.Cleanup(func() {
		g.sending.Wait()
		server.CloseClientConnections()
		server.Close()
	})
	return g
}

// use makes the fake what the commands to come call.
func (g *fakeGitHub) use(w *world) {
	w.setenv("WHCTL_GITHUB_URL="+g.url, "WHCTL_GITHUB_TOKEN="+gitHubToken)
}

// set changes how it answers from now on.
func (g *fakeGitHub) set(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
}

// serve counts a call and answers it.
func (g *fakeGitHub) serve(rw http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	rec := httptest.NewRecorder()
	g.answer(rec, r)
	g.calls = append(g.calls, fmt.Sprintf("%s %s %d", r.Method, r.URL.RequestURI(), rec.Code))
	maps.Copy(rw.Header(), rec.Header())
	rw.WriteHeader(rec.Code)
	_, _ = rw.Write(rec.Body.Bytes())
}

func gitHubRefusal(rw http.ResponseWriter, status int, message, page string) {
	sendJSON(rw, status, fmt.Sprintf(`{"message":%q,"documentation_url":"https://docs.github.com/%s","status":"%d"}`, message, page, status))
}

func (g *fakeGitHub) answer(rw http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case r.Header.Get("User-Agent") == "":
		gitHubRefusal(rw, http.StatusForbidden, "Request forbidden by administrative rules.", "rest")
	case r.Header.Get("X-GitHub-Api-Version") != "2022-11-28" || r.Header.Get("Accept") != "application/vnd.github+json":
		gitHubRefusal(rw, http.StatusBadRequest, "unsupported version", "rest/about-the-rest-api/api-versions")
	case token != gitHubToken && token != gitHubOutsider:
		gitHubRefusal(rw, http.StatusUnauthorized, "Bad credentials", "rest")
	case g.limited != nil && g.limited(rw.Header()):
		gitHubRefusal(rw, http.StatusForbidden, "API rate limit exceeded for user ID 1.", "rest/overview/rate-limits-for-the-rest-api")
	case g.moved:
		rw.Header().Set("Location", g.url+"/repositories/7/hooks/"+gitHubWebhookID)
		gitHubRefusal(rw, http.StatusMovedPermanently, "Moved Permanently", "rest")
	case r.URL.Path == "/user":
		sendJSON(rw, http.StatusOK, `{"login":"ada","id":1}`)
	case token == gitHubOutsider || !strings.HasPrefix(r.URL.Path, g.path):
		gitHubRefusal(rw, http.StatusNotFound, "Not Found", "rest")
	default:
		g.webhook(rw, r, strings.TrimPrefix(r.URL.Path, g.path))
	}
}

const gitHubWebhookID = "512"

func (g *fakeGitHub) webhook(rw http.ResponseWriter, r *http.Request, rest string) {
	hook := `{"type":"Repository","id":%s,"name":"web","active":true,"events":["push"],"config":{"url":"` + g.target + `","content_type":"json"}}`
	list := []string{fmt.Sprintf(hook, gitHubWebhookID)}
	for _, id := range g.more {
		list = append(list, fmt.Sprintf(hook, id))
	}
	attempt, isAttempt := strings.CutSuffix(strings.TrimPrefix(rest, "/"+gitHubWebhookID+"/deliveries/"), "/attempts")
	switch {
	case r.Method == http.MethodGet && rest == "":
		sendJSON(rw, http.StatusOK, "["+strings.Join(list, ",")+"]")
	case r.Method == http.MethodGet && rest == "/"+gitHubWebhookID:
		sendJSON(rw, http.StatusOK, list[0])
	case r.Method == http.MethodGet && rest == "/"+gitHubWebhookID+"/deliveries":
		g.page(rw, r)
	case r.Method == http.MethodPost && isAttempt:
		g.redeliver(rw, attempt)
	default:
		gitHubRefusal(rw, http.StatusNotFound, "Not Found", "rest")
	}
}

// page gives the deliveries from the cursor on, newest first, and the way to the next page. Unchanged pages are 304.
func (g *fakeGitHub) page(rw http.ResponseWriter, r *http.Request) {
	size, err := strconv.Atoi(r.URL.Query().Get("per_page"))
	if err != nil || size > 100 {
		size = 30
	}
	newest := slices.Clone(g.deliveries)
	slices.Reverse(newest)
	if cursor := r.URL.Query().Get("cursor"); cursor != "" {
		i := slices.IndexFunc(newest, func(d gitHubDelivery) bool { return "v1_"+strconv.FormatInt(d.ID, 10) == cursor })
		if i < 0 {
			gitHubRefusal(rw, http.StatusUnprocessableEntity, "Validation Failed", "rest")
			return
		}
		newest = newest[i:]
	}
	if len(newest) > size {
		// GitHub names repositories by number there, and other pages too.
		next := fmt.Sprintf("%s/repositories/7%s/%s/deliveries?per_page=%d&cursor=v1_%d", g.url, g.path, gitHubWebhookID, size, newest[size].ID)
		rw.Header().Set("Link", fmt.Sprintf(`<%s/elsewhere?cursor=wrong>; rel="prev", <%s>; rel="next"`, g.url, next))
		newest = newest[:size]
	}
	body, _ := json.Marshal(append([]gitHubDelivery{}, newest...))
	sum := sha256.Sum256(body)
	rw.Header().Set("Etag", `W/"`+hex.EncodeToString(sum[:])+`"`)
	if r.Header.Get("If-None-Match") == rw.Header().Get("Etag") {
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	sendJSON(rw, http.StatusOK, string(body))
}

// redeliver sends a delivery's event again, behind the answer.
func (g *fakeGitHub) redeliver(rw http.ResponseWriter, id string) {
	if len(g.turnAway) > 0 {
		status := g.turnAway[0](rw.Header())
		g.turnAway = g.turnAway[1:]
		gitHubRefusal(rw, status, "You have exceeded a secondary rate limit.", "rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits")
		return
	}
	i := slices.IndexFunc(g.deliveries, func(d gitHubDelivery) bool { return strconv.FormatInt(d.ID, 10) == id })
	if i < 0 {
		gitHubRefusal(rw, http.StatusNotFound, "Not Found", "rest")
		return
	}
	guid, unchanged := g.deliveries[i].GUID, g.unchanged
	g.sending.Go(func() {
		if eventually(func() bool { return g.asked(http.MethodGet, http.StatusNotModified) >= unchanged }) {
			g.send(guid, true, 0)
		}
	})
	sendJSON(rw, http.StatusAccepted, "{}")
}

// send delivers an event and records that. fake replaces the status that is recorded; 0 is the true one.
func (g *fakeGitHub) send(guid string, again bool, fake int) {
	g.mu.Lock()
	target := g.target
	g.mu.Unlock()
	body := []byte(`{"ref":"refs/heads/main","after":"` + guid + `"}`)
	q, err := http.NewRequestWithContext(g.t.Context(), http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		g.t.Error(err)
		return
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("User-Agent", "GitHub-Hookshot/0123456")
	q.Header.Set("X-GitHub-Event", "push")
	q.Header.Set("X-GitHub-Delivery", guid)
	q.Header.Set("X-GitHub-Hook-ID", gitHubWebhookID)
	q.Header.Set("X-Hub-Signature-256", "sha256="+hmacHex(testKey, body))
	status := 0
	if answer, err := new(http.Client).Do(q); err == nil {
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		status = answer.StatusCode
	}
	if fake != 0 {
		status = fake
	}
	g.record(guid, again, status)
}

// record adds a delivery to the list. Status 0 is one that reached nobody.
func (g *fakeGitHub) record(guid string, again bool, status int) {
	words := "OK"
	switch {
	case status == 0:
		words = "failed to connect to host"
	case status/100 != 2:
		words = fmt.Sprintf("Invalid HTTP Response: %d", status)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.deliveries = append(g.deliveries, gitHubDelivery{
		ID: int64(9_000_000_000 + len(g.deliveries)), GUID: guid, DeliveredAt: time.Now().UTC().Format(time.RFC3339), Redelivery: again,
		Duration: 0.03, Status: words, StatusCode: status, Event: "push",
	})
}

// asked counts the calls so far that begin with a text and ended with a status.
func (g *fakeGitHub) asked(method string, status int) (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.calls {
		if strings.HasPrefix(c, method+" ") && strings.HasSuffix(c, fmt.Sprintf(" %d", status)) {
			n++
		}
	}
	return n
}
