package e2e

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestErrorsHaveAllFields: --errors json gives the four fields of each error, and each has a next step.
func TestErrorsHaveAllFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body.json", `{"id":1}`)
	w.write("key", "a-key-of-the-user")
	w.use(newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/webhooks") {
			sendJSON(rw, 418, `{"message":"no tea"}`)
			return
		}
		sendJSON(rw, 404, `{"message":"gone"}`)
	}))
	for _, c := range []struct {
		code int
		args []string
	}{
		{5, []string{"webhooks", "list"}},
		{5, []string{"events", "get", "e"}},
		{5, []string{"why"}},
		{2, []string{"sign", "no-such-body"}},
		{2, []string{"verify", "body.json", "--secret-file", "no-such-key"}},
		{2, []string{"verify", "body.json", "--delivery", "last"}},
		{2, []string{"listen", "--param", "no-value"}},
		{2, []string{"listen", "--exit-after", "-3"}},
		{2, []string{"listen", "--for", "-2s"}},
		{2, []string{"listen", "--max-body", "300MiB"}},
		{2, []string{"schemes", "list", "--jq", ".["}},
		{2, []string{"schemes", "list", "--jq", ".", "-o", "yaml"}},
		{2, []string{"sign", "body.json", "--secret-file", "key", "--id", "two\nlines"}},
		{2, []string{"send", "body.json", "--to", "127.0.0.1:1", "--secret-file", "key", "--wait", "-1s"}},
		{2, []string{"journal", "list", "--limit", "-1"}},
		{2, []string{"listen", "--secret-file"}},
	} {
		r := w.run(append(c.args, "--errors", "json")...)
		var got map[string]any
		if err := json.Unmarshal([]byte(r.err), &got); err != nil || r.code != c.code {
			t.Errorf("whctl %q: exit code %d: %q", c.args, r.code, r.err)
			continue
		}
		if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, []string{"exitCode", "hint", "kind", "message"}) {
			t.Errorf("whctl %q: fields %q", c.args, names)
		}
		if hint, _ := got["hint"].(string); hint == "" {
			t.Errorf("whctl %q names no next step: %s", c.args, r.err)
		}
		if text := w.run(c.args...); c.code == 2 && strings.Count(text.err, "hint: ") != 1 {
			t.Errorf("whctl %q: not one hint: %s", c.args, text.err)
		}
	}
}

// TestErrorsAreColoured: --color holds for every error, also for one of the command line itself.
func TestErrorsAreColoured(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("broken.yaml", "color: [")
	for _, args := range [][]string{
		{"nonsense"},
		{"help", "nonsense"},
		{"webhooks", "nonsense"},
		{"sign", "--nonsense"},
		{"sign", "a", "b"},
		{"verify", "--at", "nonsense"},
		{"listen", "nonsense"},
		{"config", "get", "nonsense"},
		{"whoami", "--config", "broken.yaml"},
	} {
		for _, color := range [][]string{{"--color", "always"}, {"--color=always"}} {
			for _, line := range [][]string{slices.Concat(args, color), slices.Concat(color, args)} {
				if r := w.must(2, line...); !strings.HasPrefix(r.err, "\x1b[31merror:\x1b[0m ") || !strings.Contains(r.err, "\n\x1b[36mhint:\x1b[0m ") {
					t.Errorf("whctl %q: %q", line, r.err)
				}
			}
		}
		if r := w.must(2, append(args, "--color", "never")...); strings.Contains(r.err, "\x1b") {
			t.Errorf("whctl %q: %q", args, r.err)
		}
	}
}
