//go:build unix

package e2e

// Screens of what looks at several things at once: status, events reconcile and replay.

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"
)

// newPlainWorld is a world whose folder has a name of the same length in every run, as some screens show it.
func newPlainWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.dir = fmt.Sprintf("/tmp/whctl-screens-%07d-%s", os.Getpid(), t.Name()[len("TestScreensOf"):][:6])
	try(t, os.Mkdir(w.dir, 0o700))
	t.Cleanup(func() { _ = os.RemoveAll(w.dir) })
	w.env = privateEnv(w.dir)
	try(t, os.Mkdir(w.path("home"), 0o700))
	w.write("key", testKey+"\n")
	w.recordScreens(t)
	w.setenv("WHCTL_DATA_DIR=" + w.path("data"))
	return w
}

// steadyPlaces replaces the name of a plain world's folder, and what differs about processes, by what is the same in every run.
func steadyPlaces(text string) string {
	text = regexp.MustCompile(`/tmp/whctl-screens-\d{7}-`).ReplaceAllString(text, "/tmp/whctl-screens-0000000-")
	text = regexp.MustCompile(`\b(process\s+)\d+, started (just now|\d+ s ago)`).ReplaceAllString(text, "${1}12345, started just now")
	text = regexp.MustCompile(`\b(port\s+|internal:)\d{5}\b`).ReplaceAllString(text, "${1}41400")
	return regexp.MustCompile(`\b\d+\.\d KiB\b`).ReplaceAllString(text, "76.0 KiB")
}

// TestScreensOfStatus shows keys, a journal and a queue, without a listener and with one. The name of the profile is so long that no
// line breaks at a number of a process, which is longer or shorter in another run.
func TestScreensOfStatus(t *testing.T) {
	t.Parallel()
	const profile = "payments-production-eu-west-customer-accounts"
	w := newPlainWorld(t)
	w.must(0, "keys", "add", "Card alerts (production, eu-west)", "--secret-file", "key")
	w.screens(t, "status_nothing_runs", "status")
	w.must(0, "profile", "create", profile, "--api-url", "https://api.example.com")
	l := w.listen("--profile", profile, "--forward", "app="+okTarget(t).addr)
	w.screens(t, "status", "status")
	l.stop()
}

// TestScreensOfReconcile compares what a platform lists with what is recorded here: events that never arrived, and one that was refused.
func TestScreensOfReconcile(t *testing.T) {
	t.Parallel()
	w := newPlainWorld(t)
	w.use(newFakeAPI(t, byStatus))
	w.screensOf(t, 3, "events_reconcile", "events", "reconcile", "--webhook", "dev")
}

// byStatus answers as platformScreens does, and has of the events only those of the status that is asked for.
func byStatus(rw http.ResponseWriter, r *http.Request) {
	status := r.URL.Query().Get("status")
	if status == "" {
		platformScreens(rw, r)
		return
	}
	whole := httptest.NewRecorder()
	platformScreens(whole, r)
	var list struct {
		Total  int      `json:"total"`
		Events []object `json:"events"`
	}
	if err := json.Unmarshal(whole.Body.Bytes(), &list); err != nil {
		panic(err)
	}
	some := []object{}
	for _, e := range list.Events {
		if e.str("status") == status {
			some = append(some, e)
		}
	}
	text, _ := json.Marshal(object{"total": len(some), "events": some})
	sendJSON(rw, 200, string(text))
}

// TestScreensOfReplay rehearses a replay of several deliveries, and sends one to a program that is not there.
func TestScreensOfReplay(t *testing.T) {
	t.Parallel()
	w := newPlainWorld(t)
	w.screens(t, "replay_dry_run", "replay", "last~2", "last~3", "last~4", "--to", "localhost:3000/hooks", "--secret-file", "key", "--dry-run")
	w.screensOf(t, 6, "replay", "replay", "last~3", "last~4", "--to", closedPort(t), "--secret-file", "key", "--diff", "-q")
	w.screensOf(t, 6, "replay_one", "replay", "last~4", "--to", closedPort(t), "--secret-file", "key")
	w.screensOf(t, 2, "replay_refused", "replay", "--outcome", "failed")
}
