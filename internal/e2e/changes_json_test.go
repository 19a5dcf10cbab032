package e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestEveryChangeHasJSON: each command that changes something says with -o json, in one line, what it did.
func TestEveryChangeHasJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	l := w.start("listen", "--addr", "127.0.0.1:0", "--no-verify", "--ack", "now", "--forward", "app="+closedPort(t))
	w.must(0, "webhooks", "create", "--name", "other", "--url", "https://example.com/", "--events", "x.y", "--no-save", "-q")
	w.write(".whctl.yaml", "scheme: stripe\n")
	for _, line := range []string{
		"webhooks create --name dev --url http://ADDR --events * --active", "webhooks update dev --add-event card.*", "webhooks disable dev", "webhooks enable dev",
		"webhooks rotate dev --yes", "sandbox trigger card.activated", "sandbox advance 1s", "events retry --all-failed --yes", "keys add x --secret-file key", "keys remove x",
		"config set color never", "config unset color", "config trust", "config trust --remove", "profile create prod --api-url https://api.example.com", "profile use prod",
		"profile use sandbox", "profile delete prod", "logout", "queue pause app", "queue resume app", "queue retry --dead", "queue drop --dead --yes", "send card.activated --to ADDR --secret-file key",
		"replay last --to ADDR --as-captured", "journal export --format files --out files", "journal export --format har --out archive", "journal prune --older 1h --yes", "sandbox reset",
	} {
		r := w.run(append(strings.Fields(strings.ReplaceAll(line, "ADDR", l.addr)), "-o", "json")...)
		var v any
		if r.code != 0 || strings.Count(r.out, "\n") != 1 || json.Unmarshal([]byte(r.out), &v) != nil {
			t.Errorf("whctl %s -o json: exit code %d, %q, %s", line, r.code, r.out, r.err)
		}
	}
	for _, c := range [][2]string{
		{"config set color never", `{"key":"color","file":"` + strings.ReplaceAll(w.path("home/.config/whctl/config.yaml"), `\`, `\\`) + `","set":true}`},
		{"profile create p --scheme stripe --jq .created", "true"},
		{"profile use p", `{"name":"p","active":false}`}, // WHCTL_PROFILE wins
		{"profile delete p", `{"name":"p","deleted":true}`},
		{"config unset color --jq .removed", "true"},
		{"config trust --list", "[]"},
	} {
		if r := w.must(0, append(strings.Fields(c[0]), "-o", "json")...); r.out != c[1]+"\n" {
			t.Errorf("whctl %s prints %s, want %s", c[0], r.out, c[1])
		}
	}
	// a broken file is no reason not to say it
	w.settings("output: [\n")
	w.must(2, "config", "set", "color", "never", "-o", "json")
}
