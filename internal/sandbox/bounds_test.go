package sandbox_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sandbox"
)

// TestAnswersAreKeptInPart: a receiver that answers with much costs little, and the log says what was left out.
func TestAnswersAreKeptInPart(t *testing.T) {
	t.Parallel()
	const size = 300_000
	to := receiveWith(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, strings.Repeat("é", size/2))
	})
	w := start(t, sandbox.Options{})
	w.create(t, "big", to)
	ev := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	w.settled(t, ev.EventID)
	logs, err := w.client.EventLogs(t.Context(), ev.EventID)
	if err != nil || len(logs.Logs) == 0 || logs.Logs[0].ResponseBody == nil {
		t.Fatalf("%+v, %v", logs, err)
	}
	answer := *logs.Logs[0].ResponseBody
	if !strings.HasSuffix(answer, fmt.Sprintf("… (the first 8192 of %d bytes)", size)) || len(answer) > 9000 || strings.Contains(answer, "\ufffd") {
		t.Errorf("%d bytes are kept: %.20q … %q", len(answer), answer, answer[len(answer)-60:])
	}
}

// TestOldEventsMakeRoom: by bytes, on disk too, and it is said.
func TestOldEventsMakeRoom(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	const keep = 4 << 20
	w := start(t, sandbox.Options{DataFile: path, Keep: keep})
	body := []byte(`{"event_type":"card.activated","event_id":"%s","text":"` + strings.Repeat("x", 1<<18) + `"}`)
	const events = 20 // of 256 KiB each, more than are kept
	for n := range events {
		w.trigger(t, api.TriggerRequest{Type: "card.activated", Body: fmt.Appendf(nil, string(body), fmt.Sprint("e", n))})
	}
	told := await(t, w, "a word about what was forgotten", func(record.Forgotten) bool { return true })
	if want := (record.Forgotten{Events: 1, Keep: keep}); told != want {
		t.Errorf("%+v", told)
	}
	status, err := w.client.Sandbox().Status(t.Context())
	if err != nil || status.ForgottenEvents < events-16 || status.Events[api.StatusSkipped] != events-status.ForgottenEvents {
		t.Errorf("%+v, %v", status, err)
	}
	if _, err := w.client.EventLogs(t.Context(), "e0"); err == nil {
		t.Error("the oldest event is still there")
	}
	if _, err := w.client.EventLogs(t.Context(), fmt.Sprint("e", events-1)); err != nil {
		t.Errorf("the newest event is gone: %v", err)
	}
	w.stop()
	if fi, err := os.Stat(path); err != nil || fi.Size() > 4*keep {
		t.Errorf("the file has %d bytes, %v", fi.Size(), err)
	}
	again := start(t, sandbox.Options{DataFile: path, Keep: keep})
	if _, err := again.client.EventLogs(t.Context(), fmt.Sprint("e", events-1)); err != nil {
		t.Errorf("after a restart the newest event is gone: %v", err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Size() > 2*keep {
		t.Errorf("after a restart the file has %d bytes, %v", fi.Size(), err)
	}
}

// TestEventsToBeDeliveredMakeNoRoom: when they fill the sandbox, no more are taken, and nothing is lost.
func TestEventsToBeDeliveredMakeNoRoom(t *testing.T) {
	t.Parallel()
	held := make(chan struct{})
	to := receiveWith(t, func(http.ResponseWriter, *http.Request) { <-held })
	w := start(t, sandbox.Options{Keep: 4 << 20})
	t.Cleanup(func() { close(held) })
	w.create(t, "slow", to)
	body := fmt.Appendf(nil, `{"event_type":"card.activated","text":%q}`, strings.Repeat("x", 1<<18))
	var err error
	n := 0
	for ; n < 32 && err == nil; n++ {
		_, err = w.client.Sandbox().Trigger(t.Context(), api.TriggerRequest{Type: "card.activated", Body: body})
	}
	if err == nil || !strings.Contains(err.Error(), "503") || n < 14 {
		t.Fatalf("after %d events: %v", n, err)
	}
	status, err := w.client.Sandbox().Status(t.Context())
	if err != nil || status.ForgottenEvents != 0 || status.Events[api.StatusPending]+status.Events[api.StatusProcessing] != n-1 {
		t.Errorf("of %d: %+v, %v", n-1, status, err)
	}
}

// TestAttemptsMakeRoom: the oldest go first, and those that are kept are no more than the bound.
func TestAttemptsMakeRoom(t *testing.T) {
	t.Parallel()
	answer := strings.Repeat("y", 8<<10)
	to := receiveWith(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) })
	const keep = 2 << 20
	w := start(t, sandbox.Options{Keep: keep})
	for n := range api.MaxWebhooks {
		w.create(t, fmt.Sprint("hook", n), to)
	}
	const each = 60 // by five webhooks and 8 KiB more than is kept
	for range 2 {
		w.trigger(t, api.TriggerRequest{Type: "card.activated", Count: each / 2})
		w.advance(t, time.Second)
	}
	status, err := w.client.Sandbox().Status(t.Context())
	if err != nil || status.ForgottenAttempts < 5*each-keep/(8<<10) || status.ForgottenAttempts > 5*each/2 {
		t.Errorf("%d attempts were forgotten, %v", status.ForgottenAttempts, err)
	}
	if status.Events[api.StatusCompleted] != each {
		t.Errorf("%v", status.Events)
	}
}

// TestClockThatWasWrongForAMoment: retries that waited while the wall clock was an hour behind go once it is right again.
func TestClockThatWasWrongForAMoment(t *testing.T) {
	t.Parallel()
	var behind atomic.Int64
	r := receive(t, always(http.StatusServiceUnavailable))
	napped := make(chan time.Duration, 100_000)
	w := start(t, sandbox.Options{
		Now: func() time.Time { return time.Now().Add(-time.Duration(behind.Load())) },
		After: func(d time.Duration) <-chan time.Time {
			napped <- d
			return time.After(d)
		},
	})
	w.create(t, "failing", r.url)
	w.trigger(t, api.TriggerRequest{Type: "card.activated"})
	attempt := func(n int) {
		t.Helper()
		await(t, w, fmt.Sprint("attempt ", n), func(e record.Tried) bool { return e.Number == n })
	}
	attempt(1)
	behind.Store(int64(time.Hour))
	if _, err := w.client.Sandbox().Trigger(t.Context(), api.TriggerRequest{Type: "kyc.status.changed", Sets: []string{"user_id=1"}}); err != nil {
		t.Fatal(err) // which has the engine look at its queue while the clock is wrong
	}
	behind.Store(0)
	attempt(2)
	attempt(3)
	for len(napped) > 0 {
		if d := <-napped; d > time.Second && d != 5*time.Second { // the drain at the end has five
			t.Errorf("it waits %s for what comes due", d)
		}
	}
}

// TestLeftOversOfAKilledSandbox are taken away at the next start, and nothing else is.
func TestLeftOversOfAKilledSandbox(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "data")
	w := start(t, sandbox.Options{DataFile: path})
	w.create(t, "hook", "http://localhost:1/")
	w.stop()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ours := []string{"data.new-123456", ".data-987654321", "data.new-1", ".data-2"}
	for i, name := range ours {
		content := whole[:i*10] // cut off anywhere, or empty
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept := []string{"data.new-plan", ".data-3", "data.old", "other.new-1"}
	for _, name := range kept {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("notes of mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again := start(t, sandbox.Options{DataFile: path})
	if hooks, err := again.client.ListWebhooks(t.Context()); err != nil || len(hooks) != 1 {
		t.Errorf("%v, %v", hooks, err)
	}
	for _, name := range ours {
		if _, err := os.Stat(filepath.Join(dir, name)); !os.IsNotExist(err) {
			t.Errorf("%s is still there", name)
		}
	}
	for _, name := range kept {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// hostileLines are lines that no sandbox writes.
func hostileLines() map[string]string {
	event := func(more string) string {
		return `{"event":{"id":"e","eventId":"e","seq":1,"type":"t","body":"e30=","created":"2026-01-01T00:00:00Z","status":"pending","runs":0` + more + `}}`
	}
	return map[string]string{
		"null": `null`, "empty": `{}`, "a list": `[]`, "a number": `7`, "null members": `{"hook":null,"event":null}`,
		"two things":          `{"reset":true,"clock":1}`,
		"a second head":       `{"head":{"whctlSandbox":1,"scheme":"baanx"}}`,
		"null delivery":       event(`,"shipments":[null]`),
		"null among them":     event(`,"shipments":[{"webhook":"w","attempt":1,"stage":"waiting"},null]`),
		"unknown stage":       event(`,"shipments":[{"webhook":"w","attempt":1,"stage":"flying"}]`),
		"attempt 0":           event(`,"shipments":[{"webhook":"w","attempt":0,"stage":"waiting"}]`),
		"a huge attempt":      event(`,"shipments":[{"webhook":"w","attempt":9223372036854775807,"stage":"waiting"}]`),
		"a huge order":        event(`,"shipments":[{"webhook":"w","attempt":1,"stage":"waiting","order":18446744073709551615}]`),
		"due in 9999":         event(`,"shipments":[{"webhook":"w","attempt":1,"stage":"waiting","due":"9999-12-31T23:59:59Z"}]`),
		"unknown status":      strings.Replace(event(""), "pending", "lost", 1),
		"a negative run":      strings.Replace(event(""), `"runs":0`, `"runs":-1`, 1),
		"a huge number":       strings.Replace(event(""), `"seq":1`, `"seq":18446744073709551615`, 1),
		"no id":               strings.Replace(event(""), `"id":"e"`, `"id":""`, 1),
		"an early year":       strings.Replace(event(""), `2026`, `1026`, 1),
		"null state":          `{"state":{"id":"e","status":"pending","shipments":[null]}}`,
		"a webhook without":   `{"hook":{}}`,
		"a huge webhook":      `{"hook":{"id":"w","ordinal":9223372036854775807}}`,
		"an attempt of years": `{"log":{"id":"l","event":"e","number":1,"outcome":"failed","duration":9223372036854775807}}`,
		"an odd outcome":      `{"log":{"id":"l","event":"e","number":1,"outcome":"maybe"}}`,
		"an odd answer":       `{"log":{"id":"l","event":"e","number":1,"outcome":"failed","status":-1}}`,
		"a clock of ages":     `{"clock":9223372036854775807}`,
		"a clock before":      `{"clock":-9223372036854775808}`,
		"deep":                `{"hook":{"id":"w","metadata":{"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}}}`,
	}
}

// TestHostileDataFile: what no sandbox writes is refused with a next step, and the file stays as it is.
func TestHostileDataFile(t *testing.T) {
	t.Parallel()
	head := `{"head":{"whctlSandbox":1,"scheme":"baanx","nextSeq":0,"nextOrd":0}}` + "\n"
	for name, line := range hostileLines() {
		path := filepath.Join(t.TempDir(), "data")
		content := head + line + "\n" + `{"clock":1}` + "\n"
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := sandbox.New(sandbox.Options{DataFile: path})
		if err == nil {
			_ = s.Close()
		}
		if fault.KindOf(err) != fault.Storage || !strings.Contains(err.Error(), "damaged") || fault.HintOf(err).String() == "" {
			t.Errorf("%s: %v, hint %q", name, err, fault.HintOf(err))
		}
		if now, _ := os.ReadFile(path); string(now) != content {
			t.Errorf("%s: the file was touched", name)
		}
	}
	for name, head := range map[string]string{
		"null": "null\n", "null head": `{"head":null}` + "\n", "a huge count": `{"head":{"whctlSandbox":1,"scheme":"baanx","nextSeq":18446744073709551615}}` + "\n",
		"a negative count": `{"head":{"whctlSandbox":1,"scheme":"baanx","nextOrd":-1}}` + "\n", "one endless line": strings.Repeat("x", 65<<20),
	} {
		path := filepath.Join(t.TempDir(), "data")
		if err := os.WriteFile(path, []byte(head), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sandbox.New(sandbox.Options{DataFile: path}); fault.KindOf(err) != fault.Storage || err == nil || fault.HintOf(err).String() == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzDataFile: whatever the file holds, it is refused as storage or a sandbox works with it, which then writes what it can
// read again.
func FuzzDataFile(f *testing.F) {
	head := `{"head":{"whctlSandbox":1,"scheme":"baanx","nextSeq":0,"nextOrd":0}}` + "\n"
	for _, line := range hostileLines() {
		f.Add([]byte(head + line + "\n"))
	}
	f.Add([]byte(head + `{"hook":{"id":"w","name":"n","url":"http://127.0.0.1:1/","key":"k","types":["*"],"active":true}}` + "\n" +
		`{"event":{"id":"e","eventId":"e","seq":1,"type":"t","body":"e30=","created":"2026-01-01T00:00:00Z","status":"pending","runs":0,"shipments":[{"webhook":"w","attempt":1,"stage":"waiting"}]}}` + "\n" +
		`{"log":{"id":"l","event":"e","webhook":"w","number":1,"outcome":"failed","status":500,"created":"2026-01-01T00:00:00Z"}}` + "\n" +
		`{"state":{"id":"e","status":"failed","runs":1}}` + "\n" + `{"forget":["e"]}` + "\n" + `{"unhook":"w"}` + "\n" + `{"clock":1000}` + "\n" + `{"reset":true}` + "\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "data")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		for round := range 2 {
			s, err := sandbox.New(sandbox.Options{DataFile: path})
			if err != nil {
				if fault.KindOf(err) != fault.Storage || fault.HintOf(err).String() == "" || round > 0 {
					t.Fatalf("round %d: %v", round, err)
				}
				return
			}
			askAll(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// askAll asks for everything that can be had without a change.
func askAll(t *testing.T, s *sandbox.Sandbox) {
	t.Helper()
	for _, route := range routes() {
		method, at, _ := strings.Cut(route, " ")
		if method != http.MethodGet {
			continue
		}
		if code, answer := ask(t, s, at); code >= http.StatusInternalServerError {
			t.Errorf("%s: %d %s", at, code, answer)
		}
	}
}

// ask asks a sandbox that serves on no socket.
func ask(t *testing.T, s *sandbox.Sandbox, path string) (code int, answer string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Host = "localhost"
	r.Header.Set("Authorization", "Bearer "+s.Token())
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}
