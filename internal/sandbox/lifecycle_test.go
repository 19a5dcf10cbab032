package sandbox_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sandbox"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// After a rotation the platform signs with the new key only.
func TestRotationTakesEffectAtOnce(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	r := receive(t, always(500))
	h := w.create(t, "one", r.url)
	w.trigger(t, api.TriggerRequest{Type: "card.activated"})
	w.advance(t, 0)
	rotated, err := w.client.RotateKey(t.Context(), h.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.advance(t, time.Second)
	got := r.arrivals()
	if len(got) != 2 {
		t.Fatalf("%d arrivals", len(got))
	}
	for i, want := range [][2]bool{{true, false}, {false, true}} {
		for k, key := range []string{h.APIKey, rotated.APIKey} {
			if v := verify(t, signtest.Rules(t, "baanx"), got[i], r.url, key); v.OK != want[k] {
				t.Errorf("attempt %d with key %d: %s", i+1, k, v.Reason)
			}
		}
	}
}

func TestSwitchedOffAndDeleted(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	r := receive(t, always(500))
	h := w.create(t, "one", r.url)
	e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	w.advance(t, 0)
	off := false
	if _, err := w.client.UpdateWebhook(t.Context(), h.ID, api.UpdateWebhook{IsActive: &off}); err != nil {
		t.Fatal(err)
	}
	if e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]; e.Status != "skipped" || e.Webhooks != 0 {
		t.Errorf("an event for an inactive webhook: %+v", e)
	}
	w.advance(t, time.Minute)
	s, err := w.client.EventStatus(t.Context(), e.EventID)
	if err != nil || s.Status != "failed" || len(r.arrivals()) != 1 {
		t.Errorf("%s after %d attempts, %v", s.Status, len(r.arrivals()), err)
	}
	on := true
	if _, err := w.client.UpdateWebhook(t.Context(), h.ID, api.UpdateWebhook{IsActive: &on}); err != nil {
		t.Fatal(err)
	}
	second := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	w.advance(t, time.Second)
	if err := w.client.DeleteWebhook(t.Context(), h.ID); err != nil {
		t.Fatal(err)
	}
	if done := w.advance(t, time.Minute); done.Attempts != 0 || done.Queued != 0 {
		t.Errorf("after the delete: %+v", done)
	}
	if s, err := w.client.EventStatus(t.Context(), second.EventID); err != nil || s.Status != "failed" {
		t.Errorf("%s, %v", s.Status, err)
	}
}

// Overlapping patterns of one webhook give one delivery, two webhooks give two; patterns are the documented ones.
func TestPatterns(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	one, two, none := receive(t, always(200)), receive(t, always(200)), receive(t, always(200))
	w.create(t, "overlapping", one.url, "*", "card.*", "card.activated")
	w.create(t, "category", two.url, "kyc.*")
	w.create(t, "literal", none.url, "*.activated", "kyc.status.*", "Card.*", "card")
	w.trigger(t, api.TriggerRequest{Type: "all"})
	w.advance(t, time.Second)
	if a, b, c := len(one.arrivals()), len(two.arrivals()), len(none.arrivals()); a != 3 || b != 1 || c != 0 {
		t.Errorf("arrivals %d, %d, %d", a, b, c)
	}
}

func TestLogsAreKeptSevenDays(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	r := receive(t, always(200))
	h := w.create(t, "one", r.url)
	e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	w.advance(t, 7*24*time.Hour-time.Minute)
	count := func() int {
		l, err := w.client.WebhookLogs(t.Context(), h.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		return l.Count
	}
	if count() != 1 {
		t.Error("the log is gone before seven days")
	}
	w.advance(t, 2*time.Minute)
	if count() != 0 {
		t.Error("the log is there after seven days")
	}
	if l, err := w.client.EventLogs(t.Context(), e.EventID); err != nil || len(l.Logs) != 0 || l.Event.Status != "completed" {
		t.Errorf("the event: %+v %v", l, err)
	}
}

func TestTriggerEditsBodiesAndRefusals(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	r := receive(t, always(200))
	w.create(t, "one", r.url)
	exact := []byte(" {\"event_id\": \"evt-1\",\r\n \"event_type\":\"card.frozen\", \"n\": 1.50}\n")
	e := w.trigger(t, api.TriggerRequest{Body: exact})[0]
	if e.EventID != "evt-1" || e.EventType != "card.frozen" || w.settled(t, "evt-1") != "completed" {
		t.Errorf("event %+v", e)
	}
	if got := r.arrivals()[0].body; !bytes.Equal(got, exact) {
		t.Errorf("the receiver got %q", got)
	}
	e = w.trigger(t, api.TriggerRequest{Type: "card.activated", Sets: []string{"event_object.note=hello", "user_id=u-1"}})[0]
	w.settled(t, e.EventID)
	if got := r.arrivals()[1].body; !bytes.Contains(got, []byte(`"note":"hello"`)) {
		t.Errorf("the receiver got %s", got)
	}
	list, err := w.client.ListEvents(t.Context(), api.EventQuery{Limit: 1})
	if err != nil || list.Events[0].UserID == nil || *list.Events[0].UserID != "u-1" || list.Events[0].SourceService != "card-service" {
		t.Errorf("%s %v", list.Raw, err)
	}
	for name, q := range map[string]api.TriggerRequest{
		"nothing":       {},
		"a misspelling": {Type: "card.activatd"},
		"a bad edit":    {Type: "card.activated", Sets: []string{"nothing"}},
		"a bad path":    {Type: "card.activated", Sets: []string{"event_id.x=1"}},
		"too many":      {Type: "card.activated", Count: 10_001},
		"too much":      {Body: bytes.Repeat([]byte("x"), 1<<20), Count: 300},
	} {
		if _, err := w.client.Sandbox().Trigger(t.Context(), q); client.Status(err) != 400 || fault.KindOf(err) != fault.Refused {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = w.client.Sandbox().Trigger(t.Context(), api.TriggerRequest{Type: "card.activatd"})
	if err == nil || !strings.Contains(err.Error(), "did you mean card.activated?") {
		t.Errorf("a misspelling: %v", err)
	}
	if list, err := w.client.ListEvents(t.Context(), api.EventQuery{}); err != nil || list.Total != 2 {
		t.Errorf("%d events, %v", list.Total, err)
	}
}

func TestStatusAndReset(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	r := receive(t, always(503))
	w.create(t, "one", r.url)
	e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	w.advance(t, 0)
	s, err := w.client.Sandbox().Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Queued != 1 || s.Queue[0].Attempt != 2 || s.Queue[0].EventID != e.EventID || s.Queue[0].WebhookName != "one" || s.Events["processing"] != 1 ||
		!slices.Equal(s.Schedule, []float64{1, 2, 4, 8, 16}) || s.Scheme != "baanx" || len(s.Webhooks) != 1 || strings.Contains(s.Webhooks[0].APIKey, "whk_a") {
		t.Errorf("status %+v", s)
	}
	w.advance(t, 24*time.Hour)
	if s, err = w.client.Sandbox().Status(t.Context()); err != nil || s.OffsetMs < (23*time.Hour).Milliseconds() || s.Queued != 0 {
		t.Errorf("status %+v %v", s, err)
	}
	if err := w.client.Sandbox().Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s, err = w.client.Sandbox().Status(t.Context()); err != nil || len(s.Webhooks) != 0 || s.Events["failed"] != 0 || s.OffsetMs != 0 {
		t.Errorf("after the reset: %+v %v", s, err)
	}
}

// Every scheme that can sign delivers, and its own verifier takes it; families have their own headers and schedule.
func TestOtherSchemes(t *testing.T) {
	t.Parallel()
	for _, name := range scheme.BuiltinNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := signtest.Rules(t, name)
			w := start(t, sandbox.Options{Rules: rules, Asks: true})
			r := receive(t, always(200))
			h := w.create(t, "one", r.url)
			r.answerHandshakes(t, rules, h.APIKey)
			types := event.SampleTypes(name)
			if len(types) == 0 {
				types = []string{"sample.created"}
			}
			w.trigger(t, api.TriggerRequest{Type: types[0]})
			w.advance(t, 0)
			got := r.arrivals()
			l, err := w.client.WebhookLogs(t.Context(), h.ID, 1)
			if err != nil || len(got) != 1 {
				t.Fatalf("%d arrivals: %s %v", len(got), l.Raw, err)
			}
			if strings.Contains(string(l.Raw), h.APIKey) {
				t.Error("the log shows the key, which this scheme sends as a token")
			}
			if v := verify(t, rules, got[0], r.url, h.APIKey); !v.OK {
				t.Errorf("%s: %s; %v", v.Reason, v.Detail, got[0].header)
			}
		})
	}
}

func TestScheduleOfAScheme(t *testing.T) {
	t.Parallel()
	for name, gaps := range map[string][]time.Duration{
		"kyc.ts-body":  nil,
		"verification": {time.Second, 2 * time.Second, 4 * time.Second},
		"fern":         {5 * time.Second, 30 * time.Second, time.Minute},
	} {
		w := start(t, sandbox.Options{Rules: signtest.Rules(t, name)})
		r := receive(t, always(http.StatusUnauthorized)) // all three try again after a 4xx, unlike Baanx
		h := w.create(t, "one", r.url)
		w.trigger(t, api.TriggerRequest{Type: "all"})
		w.advance(t, time.Hour)
		l, err := w.client.WebhookLogs(t.Context(), h.ID, 100)
		if err != nil {
			t.Fatal(err)
		}
		first := l.Logs[len(l.Logs)-1].EventID
		logs, err := w.client.EventLogs(t.Context(), first)
		if err != nil {
			t.Fatal(err)
		}
		var got []time.Duration
		for i := 1; i < len(logs.Logs); i++ {
			got = append(got, logs.Logs[i].CreatedAt.Sub(logs.Logs[i-1].CreatedAt.Time))
		}
		if !slices.Equal(got, gaps) {
			t.Errorf("%s: gaps %v, want %v", name, got, gaps)
		}
	}
}

// Where a scheme signs the event's time, a late delivery carries an old one; elsewhere the send time.
func TestSignedTimes(t *testing.T) {
	t.Parallel()
	for name, old := range map[string]bool{"kyc.ts-body": true, "baanx": false} {
		w := start(t, sandbox.Options{Rules: signtest.Rules(t, name)})
		r := receive(t, always(200))
		h := w.create(t, "one", r.url)
		e := w.trigger(t, api.TriggerRequest{Type: event.SampleTypes(name)[0]})[0]
		w.advance(t, time.Hour)
		if _, err := w.client.RetryEvent(t.Context(), e.EventID, h.ID); err != nil {
			t.Fatal(err)
		}
		w.advance(t, 0)
		got := r.arrivals()
		if len(got) != 2 {
			t.Fatalf("%s: %d arrivals", name, len(got))
		}
		for i, want := range []sign.Reason{sign.Valid, map[bool]sign.Reason{true: sign.TooOld, false: sign.Valid}[old]} {
			if v := verify(t, signtest.Rules(t, name), got[i], r.url, h.APIKey); v.Reason != want {
				t.Errorf("%s, delivery %d: %s, want %s", name, i+1, v.Reason, want)
			}
		}
	}
}

func TestDataFileSurvives(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sandbox.jsonl")
	r := receive(t, always(503))
	w := start(t, sandbox.Options{DataFile: path})
	h := w.create(t, "one", r.url, "card.*")
	e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	w.advance(t, 3*time.Second)
	before, err := w.client.EventLogs(t.Context(), e.EventID)
	if err != nil {
		t.Fatal(err)
	}
	// Nothing is written when a sandbox ends, so what is in the file now is what a kill would leave; a last line that
	// was cut off comes on top.
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if _, err := sandbox.New(sandbox.Options{DataFile: path}); fault.KindOf(err) != fault.Storage || fault.HintOf(err).String() == "" {
		t.Errorf("a second sandbox on the same file: %v", err)
	}
	w.stop()
	other := filepath.Join(t.TempDir(), "copy.jsonl")
	if err := os.WriteFile(other, append(text, `{"state":{"id":"`...), 0o600); err != nil {
		t.Fatal(err)
	}
	again := start(t, sandbox.Options{DataFile: other})
	hooks, err := again.client.ListWebhooks(t.Context())
	if err != nil || len(hooks) != 1 || hooks[0].ID != h.ID || hooks[0].UpdatedAt != h.UpdatedAt {
		t.Fatalf("%v %v", hooks, err)
	}
	after, err := again.client.EventLogs(t.Context(), e.EventID)
	if err != nil || len(after.Logs) < len(before.Logs) || string(after.Logs[0].Raw) != string(before.Logs[0].Raw) {
		t.Fatalf("%d logs, before %d, %v", len(after.Logs), len(before.Logs), err)
	}
	n := len(r.arrivals())
	again.advance(t, time.Minute)
	if got := len(r.arrivals()) - n; n+got != 6 {
		t.Errorf("%d attempts before, %d after", n, got)
	}
	if v := verify(t, signtest.Rules(t, "baanx"), r.arrivals()[5], r.url, h.APIKey); !v.OK {
		t.Errorf("the key did not survive: %s", v.Reason)
	}
	if s, err := again.client.Sandbox().Status(t.Context()); err != nil || s.OffsetMs < 60_000 || s.Events["failed"] != 1 {
		t.Errorf("status %+v %v", s, err)
	}
}

func TestDataFileRefusals(t *testing.T) {
	t.Parallel()
	head := `{"head":{"whctlSandbox":1,"scheme":"baanx","nextSeq":0,"nextOrd":0}}` + "\n"
	for name, text := range map[string]string{
		"another file":   "hello\nworld\n",
		"other JSON":     "{}\n",
		"damaged":        head + "{\"hook\":\n" + `{"clock":1}` + "\n",
		"a newer one":    strings.Replace(head, `:1,`, `:2,`, 1),
		"another scheme": strings.Replace(head, "baanx", "fern", 1),
	} {
		path := filepath.Join(t.TempDir(), "data")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := sandbox.New(sandbox.Options{DataFile: path})
		if fault.KindOf(err) != fault.Storage || fault.HintOf(err).String() == "" {
			t.Errorf("%s: %v", name, err)
		}
		if now, _ := os.ReadFile(path); string(now) != text {
			t.Errorf("%s was touched", name)
		}
	}
	if _, err := sandbox.New(sandbox.Options{DataFile: filepath.Join(t.TempDir(), "no", "folder", "data")}); fault.KindOf(err) != fault.Storage {
		t.Errorf("no folder: %v", err)
	}
}
