package sandbox_test

// Handshakes: a provider that asks sends nothing before it has its answer.

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sandbox"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// answerHandshakes makes a receiver answer the handshakes of a scheme, as one with this key does.
func (r *receiver) answerHandshakes(t *testing.T, rules *sign.Rules, key string) {
	t.Helper()
	k, err := rules.Key(key)
	if err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shake = func(w http.ResponseWriter, q *http.Request, body []byte) bool {
		asked, ok := rules.Question(&sign.Message{Method: q.Method, URL: "http://" + q.Host + q.RequestURI, Target: q.RequestURI, Header: q.Header, Body: body})
		if !ok {
			return false
		}
		v := rules.Verify(asked.Signed(), []sign.Key{k}, sign.VerifyOptions{Now: time.Now()})
		if asked.MustVerify() && !v.OK {
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		a, why := asked.Answer([]sign.Key{k}, v, sandbox.VerifyToken)
		if why != "" {
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		for _, f := range a.Fields {
			w.Header().Set(f.Name, f.Value)
		}
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body)
		return true
	}
}

// TestHandshakeBeforeTheFirstEvent: it is asked once, told, and asked again when the webhook has changed. A wrong answer keeps nothing back.
func TestHandshakeBeforeTheFirstEvent(t *testing.T) {
	t.Parallel()
	rules := signtest.Rules(t, "zoom")
	w := start(t, sandbox.Options{Rules: rules, Asks: true})
	r := receive(t, always(200))
	h := w.create(t, "one", r.url)
	w.trigger(t, api.TriggerRequest{Type: "meeting.started"})
	w.advance(t, 0)
	told := await(t, w, "a handshake that is not answered", func(e record.WebhookChanged) bool { return strings.HasPrefix(e.How, "handshake") })
	if got := r.arrivals(); len(got) != 2 || !strings.Contains(string(got[0].body), "endpoint.url_validation") || told.How != "handshake not answered: payload.plainToken: the body is no JSON object" {
		t.Fatalf("%d arrivals, %+v", len(got), told)
	}
	r.answerHandshakes(t, rules, h.APIKey)
	w.trigger(t, api.TriggerRequest{Type: "meeting.ended"})
	w.advance(t, 0)
	if got := r.arrivals(); len(got) != 3 {
		t.Fatalf("%d arrivals: it was asked again", len(got))
	}
	if _, err := w.client.UpdateWebhook(t.Context(), h.ID, api.UpdateWebhook{Name: new("two")}); err != nil {
		t.Fatal(err)
	}
	w.trigger(t, api.TriggerRequest{Type: "meeting.ended"})
	w.advance(t, 0)
	await(t, w, "a handshake that is answered", func(e record.WebhookChanged) bool { return e.How == "handshake answered" })
	if got := r.arrivals(); len(got) != 4 {
		t.Errorf("%d arrivals", len(got))
	}
}
