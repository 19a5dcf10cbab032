package e2e

// What is shown is what is taken: short ids, printed commands, and times by the clock that they go by.

import (
	"strings"
	"testing"
)

// TestPlatformClock moves a sandbox's clock: what was just made is an hour old by it, and nothing that is past lies ahead.
func TestPlatformClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	w.webhook("dev", "http://"+okTarget(t).addr)
	w.must(0, "sandbox", "advance", "1h")
	event := w.trigger("card.activated")[0]
	w.must(0, "sandbox", "advance", "2h10s")
	for _, line := range []string{"webhooks list", "webhooks get dev", "webhooks logs dev", "events list", "events get " + event, "events logs " + event} {
		r := w.must(0, strings.Fields(line)...)
		if strings.Contains(r.out, "in ") || !strings.Contains(r.out, " h ago") {
			t.Errorf("%s:\n%s", line, r.out)
		}
	}
}

// TestPrintedCommandsAskTheSamePlatform runs the commands of hints and warnings as they are printed, where the profile and the API were
// named by flags: they find what they name.
func TestPrintedCommandsAskTheSamePlatform(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start("sandbox", "--addr", "127.0.0.1:0")
	flags := []string{"--profile", "sandbox", "--api-url", "http://" + p.addr}
	made := w.must(0, append([]string{"webhooks", "create", "--name", "dev", "--url", "http://127.0.0.1:1/", "--events", "*"}, flags...)...)
	tried := 0
	for _, r := range []result{made, w.must(0, append([]string{"webhooks", "list"}, flags...)...), w.must(5, append(flags, "webhooks", "get", "none")...)} {
		for line := range strings.SplitSeq(r.err, "\n") {
			if _, command, found := strings.Cut(line, "whctl "); found {
				tried++
				w.must(0, strings.Fields(command)...)
			}
		}
	}
	if tried < 3 {
		t.Errorf("%d commands were printed: %s", tried, made.err)
	}
}
