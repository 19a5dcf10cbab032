//go:build unix

package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// TestLoadShowsItsProgress on a terminal, in one line that is gone at the end. With --quiet there is none. The receiver answers once the
// progress is shown: a run that is over sooner shows none.
func TestLoadShowsItsProgress(t *testing.T) {
	t.Parallel()
	const erase = "\r\x1b[K"
	shown := make(chan struct{})
	w, tg := newWorld(t), newTarget(t, func(message) string {
		<-shown
		return okAnswer
	})
	progress := func(c *terminal) bool {
		return strings.Contains(c.out.String(), " sent  ") && strings.Contains(c.out.String(), " of 1.5 s  ")
	}
	for _, quiet := range []bool{false, true} {
		args := []string{"send", "card.activated", "--to", tg.addr, "--secret-file", w.path("key"), "--rate", "50", "--duration", "1500ms"}
		if quiet {
			args = append(args, "--quiet")
		}
		before := tg.count()
		c := w.onTerminal(60, args...)
		if !quiet {
			if !eventually(func() bool { return progress(c) }) {
				t.Errorf("it shows nothing: %q", c.out)
			}
			close(shown)
		}
		if code := c.wait(); code != 0 {
			t.Errorf("exit code %d: %q", code, c.out)
		}
		screen := c.out.String()
		if progress(c) == quiet {
			t.Errorf("quiet is %v: %q", quiet, screen)
		}
		sent := fmt.Sprintf("%d sent in ", tg.count()-before)
		last := screen[strings.LastIndex(screen, erase)+1:]
		if !quiet && !strings.Contains(screen, erase) || !strings.Contains(last, sent) || strings.Contains(last, " of 1.5 s  ") {
			t.Errorf("quiet is %v: it ends %q", quiet, last)
		}
		checkFits(t, "a load", strings.ReplaceAll(screen, erase, "\r\n"), 60)
	}
}

// TestSendOnANarrowTerminal: an id and an address that are cut cannot be used, so they go on below.
func TestSendOnANarrowTerminal(t *testing.T) {
	t.Parallel()
	w, tg := newWorld(t), okTarget(t)
	c := w.onTerminal(60, "send", "card.activated", "--to", tg.addr+"/webhooks/of/some/receiver", "--secret-file", w.path("key"), "-q", "--id", "51d2e8b6-a0c9-4e37-b1f4-7d893c6a52e0")
	if code := c.wait(); code != 0 {
		t.Errorf("exit code %d: %q", code, c.out)
	}
	screen := c.out.String()
	for _, part := range []string{"51d2e8b6-a0c9-4e37-b1f4-7d893c6a52e0", tg.addr + "/webhooks/of/some/receiver"} {
		if !strings.Contains(screen, part) {
			t.Errorf("%s is not on the screen: %q", part, screen)
		}
	}
	checkFits(t, "an answer", screen, 60)
}
