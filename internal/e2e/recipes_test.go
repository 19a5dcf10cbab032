//go:build unix

package e2e

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// recipe is a block of shell in a page of the documentation.
type recipe struct{ page, heading, text string }

var (
	shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")
	pageHead   = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// recipes gives the blocks of all pages that have a word in them.
func recipes(t *testing.T, word string) []recipe {
	t.Helper()
	pages, err := filepath.Glob("../../docs/guides/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var found []recipe
	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range shellBlock.FindAllSubmatchIndex(text, -1) {
			block, heading := string(text[at[2]:at[3]]), ""
			for _, h := range pageHead.FindAllSubmatch(text[:at[0]], -1) {
				heading = string(h[1])
			}
			if strings.Contains(block, word) {
				found = append(found, recipe{filepath.Base(page), heading, block})
			}
		}
	}
	return found
}

// cook runs a recipe as CI does, under set -e, with a handler in the place of localhost:3000. It gives the exit code.
func (w *world) cook(r recipe, handler string) (code int, said string) {
	w.t.Helper()
	script := strings.ReplaceAll(r.text, "localhost:3000", handler)
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-ec", script)
	cmd.Dir, cmd.Env = w.dir, w.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if exit, is := errors.AsType[*exec.ExitError](err); err != nil && (!is || !exit.Exited()) {
		w.t.Fatalf("%s: %v\n%s", script, err, &out)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

// judge is a handler without whctl, each of whose checks can be left out.
type judge struct{ signature, body, time, key, alwaysRefuses bool }

func (j judge) serve(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !j.takes(r.Header, body) {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}

func (j judge) takes(h http.Header, body []byte) bool {
	if j.alwaysRefuses {
		return false
	}
	stamp, given := h.Get("X-Timestamp"), h.Get("X-Signature")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if age := time.Since(time.Unix(seconds, 0)); err != nil || j.time && age.Abs() > 5*time.Minute {
		return false
	}
	switch {
	case !j.signature:
		return true
	case !j.key:
		return len(given) == 64 // it is there and looks like one
	case !j.body:
		return strings.HasPrefix(given, hmacHex(testKey, []byte(stamp+"."), body)[:8]) // compares the first characters only
	default:
		return given == hmacHex(testKey, []byte(stamp+"."), body)
	}
}

// TestRecipesProveHandlers runs every recipe of the documentation that tampers with something. It ends well with a correct handler,
// and fails with one that takes everything, takes nothing, or does not answer.
func TestRecipesProveHandlers(t *testing.T) {
	t.Parallel()
	found := recipes(t, "--tamper")
	if len(found) < 4 {
		t.Fatalf("only %d recipes tamper with something", len(found))
	}
	for _, r := range found {
		t.Run(r.page+" "+r.heading, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.write("payload.json", `{"user":{"id":"1"}}`)
			w.write("key.txt", testKey)
			scheme := "baanx"
			if m := regexp.MustCompile(`--scheme ([a-z.-]+)`).FindStringSubmatch(r.text); m != nil {
				scheme = m[1]
			}
			right := w.listen("--scheme", scheme, "--secret-file", w.path("key.txt"))
			if code, said := w.cook(r, right.addr); code != 0 {
				t.Errorf("a right handler: exit code %d\n%s", code, said)
			}
			right.stop()
			for name, addr := range map[string]string{
				"takes everything": judge{}.serve(t), "takes nothing": judge{alwaysRefuses: true}.serve(t),
			} {
				if code, said := w.cook(r, addr); code == 0 {
					t.Errorf("a handler that %s passed\n%s", name, said)
				}
			}
		})
	}
}

// TestProveAHandler: the recipe for CI finds each check that a handler leaves out.
func TestProveAHandler(t *testing.T) {
	t.Parallel()
	var prove recipe
	for _, r := range recipes(t, "--expect") {
		if r.heading == "Prove a handler" {
			prove = r
		}
	}
	if prove.text == "" {
		t.Fatal("there is no recipe under the heading Prove a handler")
	}
	prove.text = strings.ReplaceAll(prove.text, "--wait 10s", "--wait 1s")
	for name, c := range map[string]struct {
		judge judge
		code  int
	}{
		"right":                 {judge{signature: true, body: true, time: true, key: true}, 0},
		"looks at nothing":      {judge{}, 3},
		"forgets the time":      {judge{signature: true, body: true, key: true}, 3},
		"looks only at form":    {judge{signature: true, time: true}, 3},
		"compares a part":       {judge{signature: true, time: true, key: true}, 3},
		"time but no signature": {judge{time: true}, 3},
		"refuses everything":    {judge{alwaysRefuses: true}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.write("key.txt", testKey)
			if code, said := w.cook(prove, c.judge.serve(t)); code != c.code {
				t.Errorf("exit code %d, want %d\n%s", code, c.code, said)
			}
		})
	}
	w := newWorld(t)
	w.write("key.txt", testKey)
	if code, said := w.cook(prove, closedPort(t)); code != 6 {
		t.Errorf("nobody listens: exit code %d\n%s", code, said)
	}
}

// TestRecipeOfVerify: the recipes that verify a saved request end with 0 for a right one and not for a wrong one.
func TestRecipeOfVerify(t *testing.T) {
	t.Parallel()
	ran := 0
	for _, r := range recipes(t, "whctl verify --request request.http") {
		if r.page != "verify-in-ci.md" {
			continue
		}
		ran++
		w := newWorld(t)
		body := []byte(`{"event_id":"1","event_type":"card.activated"}`)
		at := time.Date(2026, 3, 5, 11, 2, 11, 0, time.UTC) // the time that the page verifies at
		if !strings.Contains(r.text, "--at") {
			at = time.Now()
		}
		head := strings.ReplaceAll(signedHeader(testKey, at, body), "\r\n", "\n")
		w.write("key.txt", testKey)
		w.write("body.json", string(body))
		w.write("headers.txt", head)
		w.write("request.http", "POST /hooks HTTP/1.1\nHost: a\n"+head+"\n"+string(body))
		if code, said := w.cook(r, ""); code != 0 {
			t.Errorf("%s: exit code %d\n%s", r.text, code, said)
		}
		w.write("key.txt", testKey+"x")
		if code, said := w.cook(r, ""); code != 3 {
			t.Errorf("%s with another key: exit code %d\n%s", r.text, code, said)
		}
	}
	if ran < 2 {
		t.Errorf("%d recipes verify a request", ran)
	}
}
