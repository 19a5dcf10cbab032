package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// badAnswer is what an API, or a proxy before it, may answer, and what whctl makes of it.
type badAnswer struct {
	name string
	give http.HandlerFunc
	code int    // of every command
	says string // in every error
	slow bool   // calls that may be repeated are: one of them is enough here
}

// says is an answer with a status and a JSON text.
func says(status int, text string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) { sendJSON(rw, status, text) }
}

// typed is an answer of another type than JSON.
func typed(status int, contentType, text string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", contentType)
		rw.WriteHeader(status)
		_, _ = rw.Write([]byte(text))
	}
}

// cutOff promises more than it sends.
func cutOff(text string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		rw.Header().Set("Content-Length", "1000")
		_, _ = rw.Write([]byte(text))
		if err := http.NewResponseController(rw).Flush(); err != nil {
			return
		}
		panic(http.ErrAbortHandler)
	}
}

func hangsUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// tooBig is a success that goes on and on.
func tooBig(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "application/json")
	_, _ = rw.Write([]byte(`[{"id":"`))
	chunk := []byte(strings.Repeat("x", 1<<20))
	for range 12 {
		if _, err := rw.Write(chunk); err != nil {
			return
		}
	}
	_, _ = rw.Write([]byte(`"}]`))
}

func badAnswers() []badAnswer {
	return []badAnswer{
		{"401", says(401, `{"message":"Not authenticated"}`), 4, "error: the API answered 401: Not authenticated\nhint: the token in WHCTL_TOKEN is wrong or expired, and no other is used while the variable is set: set it to another, or unset it", false},
		{"403", says(403, `{"message":"Not authorized"}`), 4, "the API answered 403: Not authorized", false},
		{"400", says(400, `{"message":"url must be an HTTPS URL"}`), 5, "the API answered 400: url must be an HTTPS URL", false},
		{"limit", says(400, `{"message":"Maximum webhook limit (5) reached for this tenant"}`), 5, "the API answered 400: Maximum webhook limit (5) reached for this tenant", false},
		{"404", says(404, `{"message":"Webhook not found"}`), 5, "the API answered 404: Webhook not found", false},
		{"html-404", typed(404, "text/html", "<html><body>nothing here</body></html>"), 5, "the API answered 404 with an HTML page", false},
		{"405", typed(405, "text/plain", "method not allowed"), 5, "the API answered 405: method not allowed\nhint: check the address of the API (--api-url)", false},
		{"409", says(409, `{"message":"taken"}`), 5, "the API answered 409: taken", false},
		{"418", says(418, ""), 5, "the API answered 418 with nothing\nhint: add --debug", false},
		{"503", says(503, `{"message":"Notification service is not configured for this environment"}`), 5, "the API answered 503: Notification service is not configured for this environment\nhint: this environment has no notification service", false},
		{"messages", says(422, `{"message":["name must be a string","url must be a URL"],"error":"Bad"}`), 5, "the API answered 422: name must be a string; url must be a URL", false},
		{"message-echo", says(400, `{"message":"token `+platformToken+` is odd"}`), 5, "the API answered 400: token **** is odd", false},
		{"429", says(429, `{"message":"slow down"}`), 5, "the API answered 429: slow down", true},
		{"html-502", typed(502, "text/html", "<!doctype html><html><body><h1>Bad gateway</h1></body></html>"), 5, "the API answered 502 with an HTML page", true},
		{"empty-500", says(500, ``), 5, "the API answered 500 with nothing", true},
		{"binary-500", typed(500, "application/octet-stream", "\x00\xff\xfe\x80\x01"), 5, "the API answered 500 with binary data", true},
		{"html-200", typed(200, "text/html", "<html>please log in</html>"), 5, "is not what the API documents: it is an HTML page", false},
		{"text-200", typed(200, "text/plain", "ok"), 5, "is not what the API documents: it is plain text", false},
		{"two-documents", says(200, `{} {}`), 5, "is not what the API documents", false},
		{"number", says(200, `42`), 5, "is not what the API documents", false},
		{"string", says(200, `"ok"`), 5, "is not what the API documents", false},
		{"null", says(200, `null`), 5, "is not what the API documents", false},
		{"wrong-object", says(200, `{"webhook":{"id":1}}`), 5, "is not what the API documents", false},
		{"wrong-types", says(200, `[{"id":7,"name":[],"events":{}}]`), 5, "is not what the API documents", false},
		{"refused-with-200", says(200, `{"success":false,"message":"no"}`), 5, "is not what the API documents", false},
		{"no-content", says(204, ``), 5, "is not what the API documents: it is empty", false},
		{"redirect", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://192.0.2.9/", http.StatusFound)
		}, 5, "with a redirect to http://192.0.2.9, which is not followed", false},
		{"too-big", tooBig, 5, "is larger than 10 MiB", false},
		{"truncated", says(200, `{"id":"3f0c`), 6, "was cut off after 11 bytes", false},
		{"cut-off", cutOff(`{"id":"3f0c`), 6, "was cut off", true},
		{"hang-up", hangsUp, 6, "no answer from ", true},
	}
}

// apiCommands are the commands that make one call, or begin with one.
func apiCommands() map[string][]string {
	return map[string][]string{
		"list":    {"webhooks", "list"},
		"get":     {"webhooks", "get", webhookID},
		"name":    {"webhooks", "get", "by-name"},
		"create":  {"webhooks", "create", "--name", "x", "--url", "https://x.example/", "--events", "*", "--key-file", "KEYFILE"},
		"update":  {"webhooks", "update", webhookID, "--add-event", "card.*"},
		"rename":  {"webhooks", "update", webhookID, "--name", "y"},
		"enable":  {"webhooks", "enable", webhookID},
		"delete":  {"webhooks", "delete", webhookID, "--yes"},
		"rotate":  {"webhooks", "rotate", webhookID, "--yes", "--key-file", "KEYFILE"},
		"logs":    {"webhooks", "logs", webhookID},
		"events":  {"events", "list"},
		"event":   {"events", "get", eventID},
		"tries":   {"events", "logs", eventID},
		"retry":   {"events", "retry", eventID},
		"failed":  {"events", "retry", "--all-failed", "--yes"},
		"whoami":  {"whoami"},
		"login":   {"login", "--token-file", "token"},
		"trigger": {"sandbox", "trigger", "all"},
		"advance": {"sandbox", "advance", "1h"},
		"status":  {"sandbox", "status"},
		"any":     {"api", "/v1/webhooks"},
		"post":    {"api", "POST", "/v1/webhooks", "--input", "body.json"},
	}
}

// TestPlatformBadAnswers gives every command every answer that is not a success.
func TestPlatformBadAnswers(t *testing.T) {
	t.Parallel()
	for _, bad := range badAnswers() {
		t.Run(bad.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			api := newFakeAPI(t, bad.give)
			w.use(api)
			w.write("token", platformToken+"\n")
			w.write("body.json", "{}")
			for name, args := range apiCommands() {
				bad.try(w, name, args)
			}
			if !strings.Contains(api.text(), "Bearer "+platformToken) {
				t.Error("the API never got the token")
			}
		})
	}
}

func (bad badAnswer) try(w *world, name string, args []string) {
	w.t.Helper()
	if bad.excuses(name) {
		return
	}
	keyFile := w.path(name + ".key")
	args = append([]string(nil), args...)
	for i := range args {
		args[i] = strings.Replace(args[i], "KEYFILE", keyFile, 1)
	}
	code, want := bad.code, bad.says
	if code == 4 && name == "login" {
		want = "the token was not saved"
	}
	if name == "login" && bad.name == "403" { // the token is good, for something else
		code, want = 0, "warning: the token is known but may not list webhooks"
	}
	r := w.run(args...)
	if r.code != code || !strings.Contains(r.err, strings.TrimPrefix(want, "error: ")) || r.out != "" && code != 0 {
		w.t.Errorf("%s: whctl %q: exit code %d, want %d\nstdout: %s\nstderr: %s\nwant: %s", bad.name, args, r.code, code, r.out, r.err, want)
	}
	checkTalk(w.t, r)
	if code != 0 {
		checkHint(w.t, args, r)
	}
	if _, err := os.Stat(keyFile); err == nil {
		w.t.Errorf("%s: whctl %q left an empty key file", bad.name, args)
	}
	// when it may have happened anyway, the error says so, and how to check
	doubt := map[string]string{"create": "the webhook may have been created all the same", "rotate": "the key may have been replaced all the same", "retry": "the event may have been queued all the same", "post": "it may have done what it was asked all the same"}[name]
	if doubt != "" && bad.leavesDoubt() && (!strings.Contains(r.err, doubt) || !strings.Contains(r.err, "hint: look: whctl ")) {
		w.t.Errorf("%s: whctl %q does not say that %s:\n%s", bad.name, args, doubt, r.err)
	}
}

// leavesDoubt says whether the call may have been carried out.
func (bad badAnswer) leavesDoubt() bool {
	switch bad.name {
	case "truncated", "cut-off", "hang-up", "html-200", "too-big":
		return true
	default:
		return false
	}
}

// excuses says whether an answer is not a failure for a command.
func (bad badAnswer) excuses(name string) bool {
	success := map[string]bool{
		"html-200": true, "text-200": true, "two-documents": true, "number": true, "string": true, "null": true, "wrong-object": true,
		"wrong-types": true, "refused-with-200": true, "no-content": true, "too-big": true, "truncated": true,
	}[bad.name]
	if success && (name == "delete" || (name == "any" || name == "post") && bad.name != "too-big") {
		return true // the answer to a delete is not documented: any success counts; and api prints what comes
	}
	once := map[string]bool{"post": true, "list": true, "create": true, "rotate": true, "retry": true, "trigger": true, "advance": true}
	return bad.slow && !once[name]
}

// checkTalk holds what every error must be: one line, lower case, no full stop, at most one hint, and no secret.
func checkTalk(t testing.TB, r result) {
	t.Helper()
	var errors, hints int
	for line := range strings.SplitSeq(strings.TrimSuffix(r.err, "\n"), "\n") {
		text, isError := strings.CutPrefix(line, "error: ")
		switch {
		case isError:
			errors++
			if text == "" || text[0] >= 'A' && text[0] <= 'Z' && !strings.HasPrefix(text, "WHCTL_") || strings.HasSuffix(text, ".") {
				t.Errorf("not a sentence of ours: %q", line)
			}
		case strings.HasPrefix(line, "hint: "):
			hints++
		}
	}
	if r.code != 0 && errors != 1 || hints > 1 {
		t.Errorf("%d errors and %d hints with exit code %d: %s", errors, hints, r.code, r.err)
	}
	if strings.Contains(r.out+r.err, platformToken) {
		t.Errorf("the token is in the output: %s%s", r.out, r.err)
	}
	if bad := strings.IndexFunc(r.err, func(c rune) bool { return c != '\n' && (c < ' ' || c >= 0x7f && c < 0xa0) }); bad >= 0 {
		t.Errorf("a control character in %q", r.err)
	}
}

// checkHint wants a next step of every failure, which is not what was just done.
func checkHint(t testing.TB, args []string, r result) {
	t.Helper()
	_, hint, is := strings.Cut(r.err, "hint: ")
	if !is {
		t.Errorf("whctl %q ends with %d and no next step: %s", args, r.code, r.err)
	}
	if strings.HasSuffix(strings.TrimSpace(hint), "whctl "+strings.Join(args, " ")) {
		t.Errorf("whctl %q sends people to itself: %s", args, r.err)
	}
}

// TestPlatformDebug shows the traffic of every command, the token and full keys masked.
func TestPlatformDebug(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.use(newFakeAPI(t, laterAPI))
	w.write("token", platformToken+"\n")
	w.write("body.json", "{}")
	for name, args := range apiCommands() {
		args = append([]string(nil), args...)
		for i := range args {
			args[i] = strings.Replace(args[i], "KEYFILE", w.path(name+".key"), 1)
		}
		r := w.run(append(args, "--debug")...)
		if !strings.Contains(r.err, "debug: > ") || !strings.Contains(r.err, "Authorization: ****") || !strings.Contains(r.err, "User-Agent: whctl/dev") {
			t.Errorf("whctl %q --debug shows %s", args, r.err)
		}
		if strings.Contains(r.err, "whk_printed0once") || strings.Contains(r.out+r.err, platformToken) {
			t.Errorf("whctl %q --debug shows a secret:\n%s", args, r.err)
		}
	}
}

// TestPlatformLargeAnswer takes an answer just under the limit.
func TestPlatformLargeAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	large := strings.Replace(laterWebhook, `"team": "cards"`, `"team": "`+strings.Repeat("x", 10_000_000)+`"`, 1)
	w.use(newFakeAPI(t, says(200, "["+large+"]")))
	if r := w.must(0, "webhooks", "list", "--jq", ".[0].metadata.team | length"); r.out != "10000000\n" {
		t.Errorf("got %q", r.out)
	}
	w.must(0, "webhooks", "list")
}

// TestPlatformHang has an API that never answers. ^C ends what only reads at once; the answer of a create that is under
// way is waited for, and its key is printed and saved.
func TestPlatformHang(t *testing.T) {
	t.Parallel()
	if onWindows() {
		t.Log("signals cannot be sent on Windows")
		return
	}
	w := newWorld(t)
	asked, release := make(chan string, 10), make(chan struct{})
	api := newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
		asked <- r.Method
		select {
		case <-release:
			laterAPI(rw, r)
		case <-r.Context().Done():
		}
	})
	w.use(api)
	p := w.spawn("webhooks", "list")
	<-asked
	p.interrupt()
	if code := p.wait(); code != 130 || !strings.Contains(p.errs.String(), "error: stopped before ") {
		t.Errorf("exit code %d, stderr %s", code, p.errs)
	}
	for i, args := range [][]string{
		{"webhooks", "create", "--name", "x", "--url", "https://x.example/", "--events", "*"},
		{"webhooks", "rotate", webhookID, "--yes"},
	} {
		file := filepath.Join(w.dir, fmt.Sprint(i, ".key"))
		p = w.spawn(append(args, "--key-only", "--key-file", file)...)
		<-asked
		p.interrupt()
		release <- struct{}{}
		if key := p.awaitLine(); key != "whk_printed0once" {
			t.Errorf("whctl %q prints %q", args, key)
		}
		if code := p.wait(); code != 0 {
			t.Errorf("whctl %q: exit code %d, stderr %s", args, code, p.errs)
		}
		if got := waitFile(t, file); got != "whk_printed0once\n" {
			t.Errorf("whctl %q: the key file holds %q", args, got)
		}
	}
	if r := w.must(0, "keys", "list", "--jq", ".[].webhookId"); r.out != webhookID+"\n" {
		t.Errorf("saved: %s", r.out)
	}
}
