//go:build unix

package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// TestReplayFits replays events that have every name that a sender can choose, to a receiver that answers with it, on terminals of several
// widths and in every format.
func TestReplayFits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	evil := "\x1b]0;owned\a\u202e" + strings.Repeat("long ", 100)
	tg := newTarget(t, func(message) string {
		return answerOf("500 "+evil, "X-Evil: "+evil[9:]+"\r\n", `{"`+evil+`":"`+evil+`"}`)
	})
	var requests [][]byte
	for _, texts := range []map[string]string{forgeries(), nasty()} {
		for _, text := range texts {
			s := inJSON(text)[0]
			requests = append(requests, delivery([]byte(`{"event_type":`+s+`,"event_id":`+s+`}`)))
		}
	}
	w.capture(requests, "--forward", tg.addr)
	for _, cols := range []uint16{60, 100} {
		for _, more := range [][]string{{"--diff"}, {"--dry-run"}} {
			c := w.onTerminal(cols, append([]string{"replay", "--since", "1h", "--secret-file", "key"}, more...)...)
			c.wait()
			what := fmt.Sprint("replay ", more, " on ", cols)
			checkFits(t, what, c.out.String(), int(cols))
			checkClean(t, what, c.out.String())
		}
	}
	for _, format := range []string{"json", "yaml"} {
		c := w.onTerminal(80, "replay", "--since", "1h", "--secret-file", "key", "--diff", "-o", format)
		c.wait()
		checkClean(t, "replay as "+format, c.out.String())
	}
}
