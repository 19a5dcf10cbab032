//go:build unix

package e2e

// Screens of 60, 80, 100 and 120 columns, as goldens that people have looked at: every table, and a listener.

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

// screenWidths are the widths of terminals that people have.
func screenWidths() []uint16 { return []uint16{60, 80, 100, 120} }

// screens runs a command on terminals of each width and compares what they show with a golden. What differs from run to run
// is replaced by something as wide.
func (w *world) screens(t *testing.T, name string, args ...string) {
	t.Helper()
	w.screensOf(t, 0, name, args...)
}

// screensOf is screens of a command that ends with code.
func (w *world) screensOf(t *testing.T, want int, name string, args ...string) {
	t.Helper()
	w = w.in(t)
	var all strings.Builder
	for _, cols := range screenWidths() {
		c := w.onTerminal(cols, append(args, "--color", "never")...)
		if code := c.wait(); code != want {
			t.Errorf("%q at %d columns: exit code %d: %s", args, cols, code, c.out)
		}
		addScreen(t, &all, cols, "$ whctl "+strings.Join(args, " "), steadyTimes(c.out.String()))
	}
	matchGolden(t, "screens/"+name+".txt", steadyPlaces(all.String()))
}

// addScreen adds a screen to a golden. Everything on it fits, but commands to copy.
func addScreen(t *testing.T, all *strings.Builder, cols uint16, title, screen string) {
	t.Helper()
	screen = strings.NewReplacer("\r\n\r", "\n", "\r\n", "\n").Replace(screen) // an interrupt goes back to the beginning of a line
	checkClean(t, title, screen)
	for line := range strings.Lines(screen) {
		if n := term.Width(strings.TrimSuffix(line, "\n")); n > int(cols) && !strings.HasPrefix(line, "          again whctl ") {
			t.Errorf("%s: %d columns on a terminal of %d: %q", title, n, cols, line)
		}
	}
	fmt.Fprintf(all, "=== %d columns: %s\n%s\n", cols, steadyTimes(title), screen)
}

// steadyTimes replaces times, durations, ports and ids of deliveries by others that are as wide.
func steadyTimes(text string) string {
	for form, by := range map[string]string{
		`\b\d\d:\d\d:\d\d\.\d{3}\b`: "14:03:07.112", `(?m)^\d\d:\d\d:\d\d\b`: "14:03:07",
		`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`: "2026-03-04T09:15:00Z", `\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`: "2026-03-04T09:15:00.000Z",
		`file has \d+\.\d KiB`: "file has 76.0 KiB", `127\.0\.0\.1:\d{5}`: "127.0.0.1:41400",
		`\bin \d+(\.\d+)? (µs|ms|s)\b`: "in 1.2 ms",
	} {
		text = regexp.MustCompile(form).ReplaceAllString(text, by)
	}
	seen := map[string]string{}
	return regexp.MustCompile(`\b[0-9][0-9a-hjkmnp-tv-z]{9}\b`).ReplaceAllStringFunc(text, func(id string) string {
		if seen[id] == "" {
			seen[id] = fmt.Sprintf("35fbmb%04d", len(seen)+1)
		}
		return seen[id]
	})
}

// before is a time so long ago, as JSON has it. Half of a unit more keeps its age the same for a while.
func before(age time.Duration) string {
	return time.Now().UTC().Add(-age).Format("2006-01-02T15:04:05.000Z")
}

// platformScreens answers as a platform with long names, URLs and event types.
func platformScreens(rw http.ResponseWriter, r *http.Request) {
	const half, hook = 30 * time.Second, "8d2f6a10-5b3c-4c1e-9f27-6e0b1d4a7c35"
	hookJSON := func(id, name, address, types string, active bool) string {
		return fmt.Sprintf(`{"id":%q,"name":%q,"url":%q,"tenant":"t","apiKey":"whk_****...****0001","eventTypes":[%s],"isActive":%v,"metadata":{"team":"cards"},"createdAt":%q,"updatedAt":%q}`,
			id, name, address, types, active, before(75*time.Hour), before(12*time.Minute+half))
	}
	hooks := hookJSON(hook, "dev", "http://127.0.0.1:3000/hooks/baanx/events", `"*"`, true) + "," +
		hookJSON("51d2e8b6-a0c9-4e37-b1f4-7d893c6a52e0", "Card alerts (production, eu-west)", "https://hooks.payments.example.com/webhooks/baanx/cards?region=eu", `"card.activated","card.frozen","transaction.cleared"`, true) + "," +
		hookJSON("51d2e8b6-b1d0-4e37-b1f4-7d893c6a52e0", "staging", "https://staging.example/hooks", `"kyc.status.changed"`, false)
	eventJSON := func(id, typ, status, source string, age time.Duration, processed string) string {
		return fmt.Sprintf(`{"id":"r-%s","eventId":%q,"eventType":%q,"status":%q,"sourceService":%q,"payload":{"event_id":%q,"amount":10.50},"createdAt":%q,"processedAt":%s}`,
			id[:4], id, typ, status, source, id, before(age), processed)
	}
	const one, two, three = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", "7be10d94-1c2d-4e3f-9a0b-5c6d7e8f9a0b", "7be10d94-ffff-4e3f-9a0b-5c6d7e8f9a0b"
	first := eventJSON(one, "transaction.cleared", "failed", "transaction-service", 12*time.Minute+half, "null")
	events := first + "," + eventJSON(two, "kyc.status.changed", "completed", "kyc-service", 47*time.Minute+half, fmt.Sprintf("%q", before(46*time.Minute+half))) + "," +
		eventJSON(three, "identity.verification_session.requires_input", "processing", "identity-service", 26*time.Hour+half, "null")
	logJSON := func(id, event string, n int, result, answer, next string, age time.Duration) string {
		return fmt.Sprintf(`{"id":%q,"eventId":%q,"webhookId":%q,"attemptNumber":%d,"requestUrl":"http://127.0.0.1:3000/hooks/baanx/events","requestBody":{"event_type":%q},"deliveryStatus":%q,%s,"createdAt":%q,"nextRetryAt":%s}`,
			id, event, hook, n, map[bool]string{true: "transaction.cleared", false: "kyc.status.changed"}[event == one], result, answer, before(age), next)
	}
	logs := strings.Join([]string{
		logJSON("a", one, 1, "failed", `"errorMessage":"connection refused"`, fmt.Sprintf("%q", before(11*time.Minute+half)), 12*time.Minute+half),
		logJSON("b", one, 2, "failed", `"responseStatus":500,"responseBody":"TypeError: cannot read properties of undefined (reading 'status')","durationMs":1204`, fmt.Sprintf("%q", before(-59*time.Minute-half)), 11*time.Minute+half),
		logJSON("c", two, 1, "success", `"responseStatus":200,"durationMs":12`, "null", 47*time.Minute+half),
	}, ",")
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/_sandbox/trigger"):
		sendJSON(rw, 200, fmt.Sprintf(`{"events":[{"id":"r-1","eventId":%q,"eventType":"transaction.cleared","status":"pending","webhooks":2}]}`, one))
	case strings.HasSuffix(path, "/_sandbox/status"):
		sendJSON(rw, 200, fmt.Sprintf(`{"now":%q,"offsetMs":3600000,"scheme":"baanx","scheduleSeconds":[1,2,4,8,16],"webhooks":[%s],"events":{"completed":3,"failed":4,"processing":1},
			"queue":[{"eventId":%q,"eventType":"transaction.cleared","webhookName":"Card alerts (production, eu-west)","attempt":3,"dueAt":%q}],"queued":1,"chaos":"503:0.1,slow:0.05:2s","seed":7}`,
			before(0), hooks, one, before(-59*time.Second-half)))
	case strings.HasSuffix(path, "/logs") && strings.Contains(path, "/events/"):
		sendJSON(rw, 200, `{"event":`+first+`,"logs":[`+logs+`]}`)
	case strings.HasSuffix(path, "/logs"):
		sendJSON(rw, 200, `{"count":3,"logs":[`+logs+`]}`)
	case strings.HasSuffix(path, "/events"):
		sendJSON(rw, 200, `{"total":3,"events":[`+events+`]}`)
	case strings.HasSuffix(path, "/webhooks"):
		sendJSON(rw, 200, "["+hooks+"]")
	default:
		sendJSON(rw, 200, hookJSON(hook, "dev", "http://127.0.0.1:3000/hooks/baanx/events", `"*"`, true))
	}
}

// TestScreensOfThePlatform shows what the management API lists.
func TestScreensOfThePlatform(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.use(newFakeAPI(t, platformScreens))
	w.must(0, "keys", "add", "Card alerts (production, eu-west)", "--secret-file", "key", "--webhook-id", "51d2e8b6-a0c9-4e37-b1f4-7d893c6a52e0")
	w.must(0, "keys", "add", "stripe-live", "--secret-file", "key", "--scheme", "stripe")
	store := filepath.Join("data", "credentials.json")
	saved, err := os.ReadFile(w.path(store))
	try(t, err)
	w.write(store, regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z`).ReplaceAllString(string(saved), before(75*time.Hour)))
	w.setenv("WHCTL_DATA_DIR=data", "NO_COLOR=")
	named := *w
	named.setenv("WHCTL_DATA_DIR=/srv/payments/webhooks/staging/whctl/data", "WHCTL_API_URL=https://api.staging.payments.example.com/baanx")
	named.screens(t, "config_list", "config", "list", "--show-origin")
	for name, line := range map[string]string{
		"webhooks_list": "webhooks list", "webhooks_get": "webhooks get dev", "webhooks_logs": "webhooks logs dev", "events_list": "events list",
		"events_get": "events get 0a1b2c3d", "events_logs": "events logs 0a1b2c3d", "sandbox_status": "sandbox status", "sandbox_trigger": "sandbox trigger transaction.cleared",
		"keys_list": "keys list", "profile_list": "profile list", "check_list": "check --list localhost:3000", "schemes_list": "schemes list git",
		"schemes_vectors": "schemes vectors baanx", "help": "events --help",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w.screens(t, name, strings.Fields(line)...)
		})
	}
}

// recordScreens writes deliveries of several ages into the journal.
func (w *world) recordScreens(t *testing.T) {
	t.Helper()
	var clock atomic.Pointer[time.Time] // the journal's writer looks at it when it likes
	clock.Store(new(time.Time))
	j, err := journal.Open(t.Context(), filepath.Join(w.path("data"), "journal.db"), journal.Options{MaxAge: -1, Now: func() time.Time { return *clock.Load() }})
	try(t, err)
	const half, day = 30 * time.Minute, 24 * time.Hour // an hour may pass before all screens are seen
	for i, one := range []struct {
		age       time.Duration
		typ, path string
		reason    sign.Reason
		answer    int
		targets   []string
		status    int
		err       string
	}{
		{12*day + 12*time.Hour, "card.activated", "/hooks/baanx/events?region=eu", sign.Valid, 0, []string{"localhost:3000/hooks"}, 200, ""},
		{5*day + 12*time.Hour, "identity.verification_session.requires_input", "/", sign.Valid, 0, []string{"localhost:3000/hooks", "audit"}, 500, ""},
		{26*time.Hour + half, "transaction.cleared", "/hooks/baanx/events", sign.Valid, 0, []string{"localhost:3000/hooks", "audit"}, 0, "connection refused"},
		{12*time.Hour + half, "kyc.status.changed", "/hooks/baanx/events", sign.MissingSignature, 401, nil, 0, ""},
		{9*time.Hour + half, "transaction.cleared", "/hooks/baanx/events", sign.Mismatch, 401, nil, 0, ""},
	} {
		now := time.Now().Add(-one.age)
		clock.Store(&now)
		body := fmt.Appendf(nil, `{"event_type":%q,"event_id":"7be10d9%d-1c2d-4e3f-9a0b-5c6d7e8f9a0b","amount":"10.50"}`, one.typ, i)
		d := &record.Delivery{
			Profile: "baanx", ReceivedAt: now, Method: "POST", Path: one.path, Header: http.Header{}, Body: body, Size: int64(len(body)), Answer: one.answer, Targets: one.targets, EventType: one.typ,
			EventID: fmt.Sprintf("7be10d9%d-1c2d-4e3f-9a0b-5c6d7e8f9a0b", i), Verdict: sign.Verdict{OK: one.reason == sign.Valid, Reason: one.reason, Scheme: "baanx"},
		}
		try(t, j.AppendDelivery(t.Context(), d))
		if one.targets == nil {
			continue
		}
		a := &record.Attempt{DeliveryID: d.ID, Target: one.targets[0], StartedAt: now, Duration: 12 * time.Millisecond, Status: one.status, Error: one.err, Answer: 200}
		switch a.Outcome = record.OutcomeDelivered; {
		case one.err != "":
			a.Outcome = record.OutcomeUnreachable
		case one.status >= 500:
			a.Outcome = record.OutcomeFailed
		}
		try(t, j.AppendAttempts(t.Context(), a))
	}
	try(t, j.Close())
}

// TestScreensOfTheJournal shows what is recorded here. What is shown of an id is taken for it.
func TestScreensOfTheJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.recordScreens(t)
	w.setenv("WHCTL_DATA_DIR=data")
	for name, line := range map[string]string{
		"journal_list": "journal list", "journal_list_some": "journal list --limit 2", "journal_search": "journal search 10.50 --limit 2", "journal_stats": "journal stats", "queue_list": "queue list", "journal_show": "journal show last~2",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w.screens(t, name, strings.Fields(line)...)
		})
	}
	list := w.onTerminal(120, "journal", "list", "--color", "never")
	list.wait()
	ids := regexp.MustCompile(`7be10d9\d`).FindAllString(list.out.String(), -1)
	if len(ids) != 5 {
		t.Errorf("%d ids: %s", len(ids), list.out)
	}
	for _, id := range ids {
		w.must(0, "journal", "show", id)
		if n := len(jsonOf[[]object](t, w.must(0, "journal", "list", "--event", id, "-o", "json"))); n != 1 {
			t.Errorf("--event %s finds %d", id, n)
		}
	}
}

// TestScreensOfACheck examines a receiver that takes everything.
func TestScreensOfACheck(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.screensOf(t, 3, "check", "check", okTarget(t).addr, "--secret-file", "key", "--only", "unknown-type,body-changed,signature-missing", "-q")
}

// TestPrintedNextSteps runs what journal show says to type next, as it stands.
func TestPrintedNextSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.recordScreens(t)
	steps := 0
	for back := range 5 {
		shown := w.must(0, "journal", "show", fmt.Sprintf("last~%d", back)).out
		for _, step := range regexp.MustCompile(`(?m)^next +whctl (.*)$`).FindAllStringSubmatch(shown, -1) {
			if command := strings.Fields(step[1]); command[0] == "queue" || command[0] == "journal" {
				steps++
				w.must(0, command...)
			}
		}
	}
	if steps == 0 {
		t.Error("nothing is said to type next")
	}
}

// TestScreensOfTheListener has a listener show a delivery, its retry, one that the target refuses, and one whose body was changed.
func TestScreensOfTheListener(t *testing.T) {
	t.Parallel()
	for _, cols := range screenWidths() {
		t.Run(fmt.Sprint(cols), func(t *testing.T) {
			t.Parallel()
			var screen strings.Builder
			addScreen(t, &screen, cols, "$ whctl listen --forward app=localhost:3000", listenScreen(t, cols))
			matchGolden(t, fmt.Sprintf("screens/listen_%d.txt", cols), screen.String())
		})
	}
}

func listenScreen(t *testing.T, cols uint16) string {
	t.Helper()
	w := newWorld(t)
	app := newTarget(t, func(m message) string {
		if strings.Contains(string(m.body), "frozen") {
			return answerOf("500 Because", "Content-Type: text/plain\r\n", "TypeError: cannot read properties of undefined (reading 'status')\n    at handler (/app/server.js:42:17)\n")
		}
		return okAnswer
	})
	ready := w.path("ready")
	c := w.onTerminal(cols, "listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--forward", "app="+app.addr, "--ready-file", ready, "--color", "never", "-q")
	addr := strings.TrimSpace(waitFile(t, ready))
	body := func(typ string) []byte {
		return fmt.Appendf(nil, `{"event_id":"0a1b2c3d-4e5f-4a6b-8c7d-%012d","event_type":%q,"user_id":"51d2e8b6-a0c9-4e37-b1f4-7d893c6a52e0","event_object_changes":{"status":["inactive","active"]},"note":%q}`,
			len(typ), typ, strings.Repeat("a long note ", 12))
	}
	seen := 0
	show := func(what string, raw []byte) {
		exchange(t, addr, raw)
		seen++
		if !eventually(func() bool {
			return strings.Count(c.out.String(), "→") >= seen && strings.Contains(c.out.String(), what)
		}) {
			t.Fatalf("%q is not shown: %s", what, c.out)
		}
	}
	show("card.activated", delivery(body("card.activated")))
	show("same body", delivery(body("card.activated")))
	show("TypeError", delivery(body("card.frozen")))
	signed := body("transaction.cleared")
	changed := []byte(strings.Replace(string(signed), ":", ": ", 1))
	show("re-serialised", request("POST", "/hooks/baanx/events", signedHeader(testKey, time.Now(), signed), changed))
	try(t, c.cmd.Process.Signal(os.Interrupt))
	if code := c.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	again := regexp.MustCompile(`whctl (queue retry [0-9a-z.]+)`).FindStringSubmatch(c.out.String())
	if again == nil {
		t.Fatalf("no command sends the refused delivery again: %s", c.out)
	}
	w.must(0, strings.Fields(again[1])...)
	return steadyTimes(c.out.String())
}
