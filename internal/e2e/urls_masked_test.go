package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// TestURLsAreMasked: nobody who looks at a screen sees a password in the URL of a webhook, or a token in its query. Scripts have the whole
// URL, and what was copied from a screen is refused.
func TestURLsAreMasked(t *testing.T) {
	t.Parallel()
	const password, token = "hunter2-in-the-url", "s3cr3t-in-the-query"
	const whole = "https://me:" + password + "@hooks.example.test/in?tenant=acme&token=" + token
	const shown = "hooks.example.test/in?tenant=acme&token=(masked)"
	hook := `{"id":"` + webhookID + `","name":"one","url":"` + whole + `","apiKey":"whk_****","eventTypes":["*"],"isActive":true}`
	event := `{"id":"e","eventId":"` + eventID + `","eventType":"card.activated","status":"completed"}`
	log := `{"id":"l","eventId":"` + eventID + `","webhookId":"` + webhookID + `","attemptNumber":1,"requestUrl":"` + whole + `","deliveryStatus":"success"}`
	w := newWorld(t)
	w.use(newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case strings.Contains(path, "/_sandbox/"):
			sendJSON(rw, 200, `{"now":"2026-03-04T09:15:00.000Z","scheme":"baanx","webhooks":[`+hook+`],"events":{},"queue":[],"queued":0,"chaos":"","seed":1}`)
		case strings.HasSuffix(path, "/logs") && strings.Contains(path, "/events/"):
			sendJSON(rw, 200, `{"event":`+event+`,"logs":[`+log+`]}`)
		case strings.HasSuffix(path, "/logs"):
			sendJSON(rw, 200, `{"count":1,"logs":[`+log+`]}`)
		case strings.HasSuffix(path, "/events"):
			sendJSON(rw, 200, `{"total":1,"events":[`+event+`]}`)
		case strings.HasSuffix(path, "/webhooks") && r.Method == http.MethodGet:
			sendJSON(rw, 200, "["+hook+"]")
		default:
			sendJSON(rw, 200, hook)
		}
	}))
	for _, line := range []string{
		"webhooks list", "webhooks get one", "webhooks update one --name two", "webhooks disable one", "webhooks enable one", "webhooks logs one", "webhooks rotate one --yes --no-save",
		"events logs " + eventID, "events reconcile --webhook one --since 1h", "sandbox status",
	} {
		r := w.run(append(strings.Fields(line), "--no-input")...)
		if strings.Contains(r.out+r.err, token) || strings.Contains(r.out+r.err, password) {
			t.Errorf("whctl %s shows a secret: %s%s", line, r.out, r.err)
		}
		if named := strings.Contains(r.out+r.err, "hooks.example.test"); named && !strings.Contains(r.out+r.err, shown) || !named && strings.Contains(line, "list") {
			t.Errorf("whctl %s: %s%s", line, r.out, r.err)
		}
	}
	if r := w.must(0, "webhooks", "get", "one", "--jq", ".url"); r.out != whole+"\n" {
		t.Errorf("scripts have %q", r.out)
	}
	for _, args := range [][]string{{"webhooks", "update", "one"}, {"webhooks", "create", "--name", "new", "--events", "*"}} {
		if r := w.must(2, append(args, "--url", "https://"+shown)...); !strings.Contains(r.err, "--url is masked") || !strings.Contains(r.err, "--jq .url") {
			t.Errorf("whctl %q with what is on the screen: %s", args, r.err)
		}
	}
}
