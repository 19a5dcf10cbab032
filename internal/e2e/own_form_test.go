//go:build unix

package e2e

// A form that a command has a flag of its own for, beside -o and --jq.

import (
	"strings"
	"testing"
)

// TestOwnFormWins asks for a form with the command's own --format, and for another one with -o or WHCTL_OUTPUT.
func TestOwnFormWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body", `{"event_id":"1","event_type":"card.activated"}`)
	to := okTarget(t).addr
	checked := "check " + to + " --secret-file key --only valid.card.activated"
	for _, c := range []struct{ line, begins string }{
		{checked, "accept\n"},
		{checked + " --format text -o json", "accept\n"},
		{checked + " --format text -o yaml", "accept\n"},
		{checked + " --format json -o yaml", `{"summary":`},
		{checked + " --format json -o text", `{"summary":`},
		{checked + " --format junit -o json", "<?xml "},
		{checked + " -o yaml", "summary:\n"},
		{checked + " -o json", `{"summary":`},
		{checked + " --jq .summary.pass", "1\n"},
		{checked + " --format json --jq .summary.pass", "1\n"},
		{"check --list --format text -o json", "CASE "},
		{"check --list --format json -o yaml", `[{"id":`},
		{"check --list -o yaml", "- id: "},
		{"sign body --secret-file key --format value -o json", ""},
		{"sign body --secret-file key --format json -o yaml", `{"scheme":`},
	} {
		r := w.run(strings.Fields(c.line)...)
		if r.code != 0 || !strings.HasPrefix(r.out, c.begins) || strings.HasPrefix(r.out, "{") && !strings.HasPrefix(c.begins, "{") {
			t.Errorf("whctl %s: %d\n%.200s\n%s", c.line, r.code, r.out, r.err)
		}
	}
	w.setenv("WHCTL_OUTPUT=json")
	if r := w.run(append(strings.Fields(checked), "--format", "text")...); r.code != 0 || !strings.HasPrefix(r.out, "accept\n") {
		t.Errorf("--format text with WHCTL_OUTPUT=json: %d\n%.200s\n%s", r.code, r.out, r.err)
	}
}

// TestJQNeedsJSON gives a filter to what is printed in another form: it would filter nothing, and nobody would know.
func TestJQNeedsJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body", `{"event_id":"1","event_type":"card.activated"}`)
	w.platform()
	l := w.listen()
	exchange(t, l.addr, delivery([]byte(`{"event_id":"x","event_type":"a"}`)))
	l.await("delivery")
	l.stop()
	w.webhook("dev", "http://127.0.0.1:9/")
	for line, flag := range map[string]string{
		"sign body --secret-file key --format value":                                 "--format value",
		"sign body --secret-file key -o yaml":                                        "-o yaml",
		"check localhost:9 --secret-file key --format junit":                         "--format junit",
		"check localhost:9 --secret-file key --format text":                          "--format text",
		"check --list --format text":                                                 "--format text",
		"journal export last --all --format curl":                                    "--format curl",
		"journal show last --all --raw":                                              "--raw",
		"webhooks create --name new --url http://127.0.0.1:9/ --events * --key-only": "--key-only",
		"webhooks rotate dev --yes --key-only":                                       "--key-only",
	} {
		r := w.run(append(strings.Fields(line), "--jq", ".id")...)
		if want := "error: --jq filters JSON and does not go with " + flag + "\n"; r.code != 2 || r.out != "" || !strings.HasPrefix(r.err, want) {
			t.Errorf("whctl %s --jq .id: %d %q %q, want %q", line, r.code, r.out, r.err, want)
		}
	}
	if r := w.run("check", "--list", "--format", "junit"); r.code != 2 || !strings.HasPrefix(r.err, "error: --format junit is of a report") {
		t.Errorf("a list as a report: %d %q", r.code, r.err)
	}
	if r := w.run("webhooks", "list", "--jq", "length"); r.out != "1\n" {
		t.Errorf("a webhook was made although --jq does not go with --key-only: %q", r.out)
	}
}
