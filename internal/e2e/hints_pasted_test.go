//go:build !windows

package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// pasteIDs are ids, names, URLs and paths that do something when a shell reads them. Each makes the file "ran".
func pasteIDs() []string {
	return []string{
		"$(touch ran)", "`touch ran`", "x;touch ran;", "x|touch ran", "x&touch ran&", "x\ntouch ran\n", "'$(touch ran)'", "\"$(touch ran)\"", "a'b;touch ran;'", `a\';touch ran;'`,
		"--yes;touch ran", "-rf $(touch ran)", "\x1b[2J$(touch ran)", "*$(touch ran)?", "{a,$(touch ran)}", "~/$(touch ran)", "#$(touch ran)", "=$(touch ran)", "$'\\x24(touch ran)'",
		"\u202e$(touch ran)", "a>ran", "a 2>ran", "<(touch ran)", "!touch ran", "\r$(touch ran)", "é`touch ran`", "x\ttouch ran", "whctl;touch ran;", "whctl';touch ran;'", "a whctl;touch ran;'", "'whctl;touch ran;", "'whctl';touch ran;", "whctl'\"';touch ran;'\"'", "whctl;touch ran;'b'",
	}
}

// pasted gives a shell each rest of a line that may be a command, as a person would paste it.
func (w *world) pasted(text, what string) {
	w.t.Helper()
	tried := 0
	for line := range strings.SplitSeq(text, "\n") {
		for _, begin := range []string{"", "whctl", "; ", ": "} {
			at := strings.Index(line, begin)
			for ; at >= 0 && tried < 12; tried++ {
				w.paste(strings.TrimLeft(line[at:], ":; "), what)
				next := strings.Index(line[at+1:], begin)
				if next < 0 || begin == "" {
					break
				}
				at += next + 1
			}
		}
	}
}

func (w *world) paste(command, what string) {
	w.t.Helper()
	dir := w.t.TempDir()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	sh := exec.CommandContext(ctx, "sh", "-c", command)
	sh.Dir, sh.Env = dir, []string{"PATH=/usr/bin:/bin", "HOME=" + dir}
	_ = sh.Run() // most of it is not a command
	if _, err := os.Stat(filepath.Join(dir, "ran")); err == nil {
		w.t.Errorf("%s: this ran what it holds: %q", what, command)
	}
}

// TestHintsOfALyingAPIRunNothing has an API give ids and names that a shell would act on, in every command that says a hint.
func TestHintsOfALyingAPIRunNothing(t *testing.T) {
	t.Parallel()
	for _, evil := range pasteIDs() {
		t.Run(evil, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.use(newFakeAPI(t, lying(evil)))
			hints := 0
			for _, args := range [][]string{
				{"webhooks", "list"},
				{"webhooks", "enable", webhookID},
				{"webhooks", "rotate", webhookID, "--yes", "--no-save"},
				{"webhooks", "create", "--name", "a", "--url", "https://x.example", "--events", "*", "--key-file", filepath.Join(w.dir, "none", "key")},
				{"webhooks", "create", "--name", "a", "--url", "https://x.example", "--events", "*", "--active=false"},
				{"webhooks", "rotate", webhookID, "--yes", "--wait", "--timeout", "300ms", "--interval", "100ms"},
				{"events", "retry", webhookID, "--wait", "--timeout", "300ms", "--interval", "100ms"},
				{"events", "retry", "--all-failed", "--yes"},
				{"webhooks", "get", evil},
				{"events", "get", evil},
				{"webhooks", "delete", evil},
				{"journal", "show", evil},
				{"keys", "remove", evil},
				{"why", evil},
			} {
				args = slices.DeleteFunc(args, func(a string) bool { return strings.ContainsRune(a, 0) })
				r := w.run(args...)
				for line := range strings.SplitSeq(r.err, "\n") {
					if strings.HasPrefix(line, "hint: ") || strings.Contains(line, "whctl ") {
						hints++
						w.pasted(strings.TrimPrefix(line, "hint: "), "whctl "+strings.Join(args, " "))
					}
				}
			}
			if hints < 5 {
				t.Errorf("only %d hints", hints)
			}
		})
	}
}

// lying answers every call of the API with ids and names that are not what they seem.
func lying(evil string) http.HandlerFunc {
	hook := object{
		"id": evil, "tenant": evil, "name": evil, "url": evil, "apiKey": "whk_0a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d", "eventTypes": []string{evil}, "isActive": false,
		"metadata": object{}, "createdAt": "2026-03-04T09:15:00.000Z", "updatedAt": "2026-03-04T09:15:00.000Z",
	}
	event := object{"id": evil, "eventId": evil, "tenant": evil, "eventType": evil, "payload": object{}, "status": "failed", "createdAt": "2026-03-04T09:15:00.000Z"}
	tries := 0
	return func(rw http.ResponseWriter, r *http.Request) {
		tries++
		var v any = hook
		switch path := r.URL.Path; {
		case strings.HasSuffix(path, "/retry"):
			v = object{"success": true, "data": object{"eventId": evil, "webhookCount": 0, "message": evil}}
		case strings.Contains(path, "/events/") && strings.HasSuffix(path, "/logs"):
			v = object{"event": event, "logs": []object{}}
		case strings.HasSuffix(path, "/logs"):
			v = object{"count": 1, "logs": []object{{"id": "l" + string(rune('a'+tries%26)), "eventId": evil, "webhookId": evil, "attemptNumber": 1, "requestUrl": evil, "responseStatus": 401, "deliveryStatus": "failed", "createdAt": "2026-03-04T09:15:00.000Z"}}}
		case strings.HasSuffix(path, "/events"):
			v = object{"total": 1, "events": []object{event}}
		case r.Method != http.MethodGet:
			v = object{"success": true, "data": hook}
		case strings.HasSuffix(path, "/webhooks"):
			v = []object{hook}
		}
		b, _ := json.Marshal(v)
		sendJSON(rw, http.StatusOK, string(b))
	}
}

// TestHintsOfACheckoutRunNothing puts the same into the settings of a checkout, and into what a person is told to type.
func TestHintsOfACheckoutRunNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, evil := range pasteIDs() {
		if i%3 != 0 {
			continue // all of them go through the API's hints, and there is one place that quotes
		}
		text, err := json.Marshal(evil) // JSON is YAML
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{
			"listen: {addr: %}", "listen: {forward: %}", "listen: {forward: http://a.example/%}", "listen: {tolerance: %}", "listen: {on_invalid: %}", "listen: {events: %}", "listen: {public_url: %}",
			"scheme: %", "profile: %", "api_url: %", "%: 1", "output: %", "listen: {%: 1}", "schemes: {%: {content: %}}", "listen: {targets: {%: 3000}}", "data_dir: %", "listen: {headers: [%]}",
		} {
			if strings.Contains(line, "/%") {
				line = strings.ReplaceAll(line, "http://a.example/%", string(text[:1])+"http://a.example/"+string(text[1:]))
			}
			w.write(".whctl.yaml", strings.ReplaceAll(line, "%", string(text))+"\n")
			r := w.run("config", "list")
			for said := range strings.SplitSeq(r.err, "\n") {
				if hint, is := strings.CutPrefix(said, "hint: "); is {
					w.pasted(hint, line)
				}
			}
		}
	}
}
