package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// everyJSON are command lines that print something, a few for each command. With -o json each prints JSON alone, or is refused and prints nothing.
// The first four make what the others are about.
func everyJSON() []string {
	return []string{
		"listen --secret-file key --for 1ms", "listen --sandbox --trigger all --exit-after 3 --secret-file key --addr 127.0.0.1:0", "sandbox trigger card.activated",
		"webhooks create --name one --url http://localhost:3000/hooks --events card.activated --active",
		"", "queue", "help", "help json", "help queue retry", "help nonsense", "replay --help", "--version", "-v", "nonsense", "queue nonsense",
		"api get /v1/webhooks", "check --list", "check 127.0.0.1:9 --secret-file key", "completion bash", "completion fish", "completion nonsense",
		"config list", "config get scheme", "config set quiet false", "config unset quiet", "config path", "config trust", "config show", "config edit",
		"events list", "events get evt", "events logs evt", "events retry --all-failed --yes", "events stats", "events reconcile --since 1h",
		"expect --count 0 --within 1ms --secret-file key --addr 127.0.0.1:0", "expect --count 1 --within 1ms --secret-file key --addr 127.0.0.1:0",
		"journal list", "journal show last", "journal show last --raw", "journal search card", "journal diff last last~1", "journal stats", "journal path",
		"journal export last", "journal export last --format curl", "journal export last --format har", "journal export last --format files --out exported",
		"journal prune --older 9w --yes", "keys list", "keys add mine --secret-file key", "keys show mine", "keys show mine --reveal", "keys remove mine",
		"login --token-file token", "logout", "whoami", "profile list", "profile create mine", "profile use mine", "profile delete mine", "profile use sandbox",
		"queue list", "queue retry --dead", "queue retry last", "queue drop --dead --yes", "queue pause shop", "queue resume shop",
		"replay last --to 127.0.0.1:9 --secret-file key", "replay last --to 127.0.0.1:9 --secret-file key --dry-run", "replay --since 1h --type nothing --to 127.0.0.1:9 --secret-file key",
		"sandbox play card-lifecycle", "sandbox play --list", "sandbox advance 1h", "sandbox status", "sandbox reset --yes", "sandbox --addr 127.0.0.1:x",
		"schemes list", "schemes show github", "schemes show github --code go", "schemes vectors github",
		"send card.activated --to 127.0.0.1:9 --secret-file key", "send --list", "sign body --secret-file key", "sign body --secret-file key --format value", "sign body --secret-file key --format curl",
		"sign body --secret-file key --format env", "status", "verify body --secret-file key", "verify --delivery last --secret-file key", "version",
		"webhooks list", "webhooks get one", "webhooks update one --name two", "webhooks disable two", "webhooks enable two", "webhooks logs two", "webhooks rotate two --yes",
		"webhooks rotate two --yes --key-only", "webhooks delete two --yes", "why", "why last",
	}
}

// TestEveryCommandPrintsJSON gives -o json to every command.
func TestEveryCommandPrintsJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform("--fixtures")
	w.write("body", `{"event_type":"card.activated","event_id":"evt"}`)
	w.write("token", platformToken+"\n")
	// Contracts of other forms: the command's own --format wins, and so does what prints one thing alone.
	other := []string{
		"journal show last --raw", "journal export last --format har", "journal export last --format curl", "sign body --secret-file key --format value",
		"sign body --secret-file key --format curl", "sign body --secret-file key --format env", "webhooks rotate two --yes --key-only",
	}
	lines := everyJSON()
	for _, line := range lines {
		r := w.run(append(strings.Fields(line), "-o", "json")...)
		switch {
		case slices.Contains(other, line):
		case r.out == "" && r.code == 0:
			t.Errorf("whctl %s -o json prints nothing\nstderr: %s", line, r.err)
		case r.out == "" && (r.code == 0 || r.err == ""):
			t.Errorf("whctl %s -o json refuses with %d, and says %q", line, r.code, r.err)
		}
		if slices.Contains(other, line) {
			continue
		}
		for one := range strings.Lines(r.out) {
			if !json.Valid([]byte(one)) {
				t.Errorf("whctl %s -o json prints %.200q", line, one)
				break
			}
		}
	}
	for _, command := range w.commands("") {
		if !slices.ContainsFunc(lines, func(line string) bool { return line == command || strings.HasPrefix(line, command+" ") }) {
			t.Errorf("whctl %s was not tried", command)
		}
	}
}

// commands are the commands below one that have none below them.
func (w *world) commands(above string) (all []string) {
	w.t.Helper()
	below := jsonOf[struct{ Commands []string }](w.t, w.must(0, append(strings.Fields("help "+above), "-o", "json")...)).Commands
	for _, name := range below {
		all = append(all, w.commands(strings.TrimSpace(above+" "+name))...)
	}
	if len(below) == 0 {
		return []string{above}
	}
	return all
}

// TestSettingsLeaveHelpAlone: whoever has JSON in the settings reads help as ever, and shells their completion.
func TestSettingsLeaveHelpAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, line := range []string{"help json", "queue --help", "", "queue", "completion bash"} {
		before := w.must(0, strings.Fields(line)...)
		as := w.in(t)
		as.setenv("WHCTL_OUTPUT=json")
		if r := as.must(0, strings.Fields(line)...); r.out != before.out || strings.HasPrefix(r.out, "{") {
			t.Errorf("whctl %s: %.200q", line, r.out)
		}
	}
}
