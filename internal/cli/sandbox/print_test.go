package sandbox

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sandbox"
	"github.com/whctl/whctl/internal/term"
)

// TestFeedTellsWhatItDropped fills the feed before anybody reads it.
func TestFeedTellsWhatItDropped(t *testing.T) {
	t.Parallel()
	const lost = 7
	for format, want := range map[string]string{render.FormatJSON: `"state":"dropped","count":7}`, render.FormatText: "  dropped 7"} {
		streams, out, _ := term.Fake(term.FakeOptions{})
		now := func() time.Time { return time.Date(2026, 3, 4, 9, 15, 0, 0, time.UTC) }
		o := &serveOptions{env: &cmdkit.Env{IO: streams, Now: now}}
		f := newFeed()
		for range feedSize + lost {
			f.put(sandbox.Activity{Kind: sandbox.Triggered, Time: now(), EventType: "card.activated"})
		}
		f.tell(stateDraining, 2, now())
		f.close()
		if err := o.print(render.Output{Format: format}, f, func() {}, usualAddr); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if events := strings.Count(out.String(), "card.activated"); events != feedSize {
			t.Errorf("%s: %d events shown", format, events)
		}
		if last := lines[len(lines)-1]; !strings.HasSuffix(last, want) {
			t.Errorf("%s: the last line is %q, want %q", format, last, want)
		}
		if !strings.Contains(lines[len(lines)-2], "draining") {
			t.Errorf("%s: a state was dropped", format)
		}
		if format != render.FormatJSON {
			continue
		}
		var v struct{ Type, Time string }
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &v); err != nil || v.Type != "state" || v.Time != "2026-03-04T09:15:00.000Z" {
			t.Errorf("%+v, %v", v, err)
		}
	}
}
