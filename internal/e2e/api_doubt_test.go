package e2e

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// doubtfulCalls are the calls that change something, with what may have happened and how to look.
func doubtfulCalls() map[string][]string {
	return map[string][]string{
		"the webhook may have been created all the same|look: whctl webhooks list":  {"webhooks", "create", "--name", "a", "--url", "https://x.example", "--events", "*", "--no-save"},
		"the key may have been replaced all the same|look: whctl webhooks list":     {"webhooks", "rotate", webhookID, "--yes", "--no-save"},
		"the webhook may have been deleted all the same|look: whctl webhooks list":  {"webhooks", "delete", webhookID, "--yes"},
		"the webhook may have been changed all the same|look: whctl webhooks list":  {"webhooks", "update", webhookID, "--name", "b"},
		"the event may have been queued all the same|look: whctl events list":       {"events", "retry", webhookID},
		"the sandbox may have been emptied all the same|look: whctl sandbox status": {"sandbox", "reset"},
		"the events may have been raised all the same|look: whctl sandbox status":   {"sandbox", "trigger", "card.activated"},
		"the clock may have been moved all the same|look: whctl sandbox status":     {"sandbox", "advance", "1s"},
	}
}

const someWebhook = `{"id":"` + webhookID + `","tenant":"t","name":"staging","url":"https://x.example","apiKey":"whk_****...****9d4e","eventTypes":["*"],"isActive":true,"metadata":{},` +
	`"createdAt":"2026-03-04T09:15:00.000Z","updatedAt":"2026-03-04T09:15:00.000Z"}`

// TestDoneAndAnsweredWrong makes each change and then answers it wrongly: the exit code is that of the answer, and the message
// says that the change may be done.
func TestDoneAndAnsweredWrong(t *testing.T) {
	t.Parallel()
	for _, bad := range []badAnswer{
		{"500", says(500, `{"message":"oops"}`), 5, "the API answered 500: oops", false},
		{"502", typed(502, "text/html", "<html>Bad gateway</html>"), 5, "the API answered 502 with an HTML page", false},
		{"429", says(429, `{"message":"slow down"}`), 5, "the API answered 429: slow down", false},
		{"504", typed(504, "text/plain", "gateway timeout"), 5, "the API answered 504: gateway timeout", false},
		{"503", typed(503, "text/html", "<html>maintenance</html>"), 5, "the API answered 503 with an HTML page", false},
		{"html-200", typed(200, "text/html", "<html>log in</html>"), 5, "it is an HTML page", false},
		{"garbage", says(200, `}{`), 5, "is not what the API documents", false},
		{"failed", says(200, `{"success":false}`), 5, "is not what the API documents", false},
		{"cut", cutOff(`{"success":true,"da`), 6, "was cut off", false},
		{"text", typed(200, "text/plain", "ok"), 5, "it is plain text", false},
		{"endless", tooBig, 5, "is larger than", false},
	} {
		t.Run(bad.name, func(t *testing.T) {
			t.Parallel()
			for want, args := range doubtfulCalls() {
				w := newWorld(t)
				w.use(newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
					switch {
					case strings.HasSuffix(r.URL.Path, "/_sandbox/status"):
						sendJSON(rw, 200, `{"now":"2026-03-04T09:15:00.000Z"}`)
					case r.Method == http.MethodGet:
						sendJSON(rw, 200, someWebhook)
					default:
						bad.give(rw, r)
					}
				}))
				r := w.run(args...)
				text, hint, _ := strings.Cut(want, "|")
				if r.code != bad.code || r.out != "" || !strings.Contains(r.err, bad.says) || !strings.Contains(r.err, text) || !strings.Contains(r.err, "\nhint: "+hint) {
					t.Errorf("whctl %q (%d): %s%s", args, r.code, r.out, r.err)
				}
			}
		})
	}
}

// TestDeleteTakesWhatIsDone: the answer to a delete is not documented, so an empty answer and any JSON that does not say no count
// as done. A success whose body says otherwise does not.
func TestDeleteTakesWhatIsDone(t *testing.T) {
	t.Parallel()
	for code, bodies := range map[int][]string{
		0: {``, " \n", `{"success":true,"message":"Webhook deleted"}`, `{}`, `{"id":"x"}`, `{"error":null}`, `{"errors":[]}`, `{"status":"deleted"}`, `null`, `true`},
		5: {
			`{"success":false}`, `{"success":"no"}`, `{"ok":false}`, `{"deleted":false}`, `{"ok":true,"deleted":0}`, `false`,
			`{"error":"not possible"}`, `{"error":{"code":7}}`, `{"errors":["x"]}`, `{"status":"error"}`, `{"status":"Failed","id":"x"}`,
		},
	} {
		for _, body := range bodies {
			w := newWorld(t)
			w.use(newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					sendJSON(rw, 200, someWebhook)
					return
				}
				sendJSON(rw, 200, body)
			}))
			r := w.run("webhooks", "delete", webhookID, "--yes")
			if doubt := strings.Contains(r.err, "may have been deleted all the same"); r.code != code || doubt != (code == 5) || code == 5 && r.out != "" {
				t.Errorf("%q: %d %s%s", body, r.code, r.out, r.err)
			}
		}
	}
}

// TestRetryAllFailedOnce: an event that the API lists twice is queued once. An API that stopped answering is not asked for every event.
func TestRetryAllFailedOnce(t *testing.T) {
	t.Parallel()
	event := func(id string) string {
		return `{"id":"r-` + id + `","eventId":"` + id + `","tenant":"t","eventType":"a.b","payload":{},"status":"failed","createdAt":"2026-03-04T09:15:00.000Z"}`
	}
	list := `{"total":5,"events":[` + strings.Join([]string{event("e1"), event("e2"), event("e1"), event("e3"), event("e2")}, ",") + `]}`
	var dead atomic.Bool
	api := newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodGet:
			sendJSON(rw, 200, list)
		case dead.Load():
			hangsUp(rw, r)
		default:
			sendJSON(rw, 200, `{"success":true,"data":{"eventId":"x","webhookCount":1,"message":"m"}}`)
		}
	})
	w := newWorld(t)
	w.use(api)
	posts := func() (n int) {
		for _, line := range api.asked() {
			if strings.HasPrefix(line, "POST ") {
				n++
			}
		}
		return n
	}
	if w.must(0, "events", "retry", "--all-failed", "--yes"); posts() != 3 {
		t.Errorf("3 events were queued by %d calls", posts())
	}
	if w.must(0, "events", "retry", webhookID, webhookID); posts() != 4 {
		t.Errorf("an event that is named twice was queued by %d calls", posts()-3)
	}
	dead.Store(true)
	if r := w.must(6, "events", "retry", "--all-failed", "--yes"); posts() != 5 || !strings.Contains(r.err, "2 more events not tried") {
		t.Errorf("%d calls to an API that hangs up: %s", posts()-4, r.err)
	}
}

// TestFollowOutlivesAGateway: a gateway that answers while the API restarts does not end --follow, and is said once.
func TestFollowOutlivesAGateway(t *testing.T) {
	t.Parallel()
	empty := map[string]string{"events": `{"total":0,"events":[]}`, "webhooks": `{"count":0,"logs":[]}`}
	for name, bad := range map[string]http.HandlerFunc{
		"500": says(500, `{"message":"oops"}`), "502": typed(502, "text/html", "<html>Bad gateway</html>"), "503": typed(503, "text/html", "<html>maintenance</html>"),
		"429": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Retry-After", "0")
			sendJSON(rw, 429, `{"message":"slow down"}`)
		},
		"html": typed(200, "text/html", "<html>back soon</html>"), "text": typed(200, "text/plain", "ok"), "nothing": says(200, ``),
	} {
		for what, args := range map[string][]string{"events": {"events", "list", "--follow"}, "webhooks": {"webhooks", "logs", webhookID, "--follow"}} {
			t.Run(name+"-"+what, func(t *testing.T) {
				t.Parallel()
				var asked atomic.Int64
				w := newWorld(t)
				w.use(newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
					n := asked.Add(1)
					switch {
					case n > 1 && n < 5: // one look with its repetitions, or three
						bad(rw, r)
					case n > 7:
						sendJSON(rw, 401, `{"message":"enough"}`) // which ends it
					default:
						sendJSON(rw, 200, empty[what])
					}
				}))
				r := w.must(4, append(args, "--interval", "100ms")...)
				if n := strings.Count(r.err, "the API is in trouble, trying again"); n != 1 || strings.Count(r.err, "the API answers again") != 1 {
					t.Errorf("the trouble is said %d times: %s", n, r.err)
				}
			})
		}
	}
}
