package sandbox

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// lateReader reads nothing until it is let.
type lateReader struct {
	hub.Reader
	given, let chan struct{}
}

func (r *lateReader) Read(s hub.Stamped) {
	if _, ok := s.Event.(record.Ready); ok {
		close(r.given)
		<-r.let
	}
	r.Reader.Read(s)
}

// TestFeedTellsWhatItDropped fills the feed before anybody reads it.
func TestFeedTellsWhatItDropped(t *testing.T) {
	t.Parallel()
	const lost = 7
	for format, want := range map[string]string{render.FormatJSON: `"state":"dropped","count":7}`, render.FormatText: "  dropped 7"} {
		streams, out, _ := term.Fake(term.FakeOptions{})
		now := func() time.Time { return time.Date(2026, 3, 4, 9, 15, 0, 0, time.UTC) }
		o := &serveOptions{env: &cmdkit.Env{IO: streams, Now: now}}
		var events hub.Hub
		late := &lateReader{
			Reader: render.Reader(&printer{o: o, out: render.Output{Format: format}}, func() {}),
			given:  make(chan struct{}), let: make(chan struct{}),
		}
		feed := events.Attach(late, feedSize)
		events.Emit(now(), record.Ready{Addr: usualAddr, URL: "http://" + usualAddr})
		<-late.given
		raise := func(n int) {
			for range n {
				events.Emit(now(), record.Raised{EventType: "card.activated"})
			}
		}
		raise(feedSize)
		events.Emit(now(), record.Changed{State: record.Draining, Count: 2})
		raise(lost)
		close(late.let)
		events.Close()
		if err := <-feed.Ended(); err != nil {
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

// Each type of event is printed in both forms, or is what a listener does and passed over.
func TestEveryEventIsPrinted(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 9, 15, 0, 0, time.UTC)
	tried := record.Tried{
		EventID: "0123456789", EventType: "a.b", WebhookID: "w1", Webhook: "dev", URL: "http://h/", Number: 2, Status: 503,
		Duration: 1500 * time.Microsecond, NextAt: at.Add(time.Minute), Note: "chaos: duplicate",
	}
	all := []struct {
		event      record.Event
		text, json string
	}{
		{record.Ready{Addr: "h:1", URL: "http://h:1"}, "", `"type":"ready",T,"addr":"h:1","url":"http://h:1"`},
		{record.Raised{EventID: "0123456789", EventType: "a.b"}, "event      a.b 01234567", `"type":"triggered",T,"eventId":"0123456789","eventType":"a.b"`},
		{tried, "attempt 2  a.b 01234567  → 503 in 1.5 ms  dev  next in 1 min  (chaos: duplicate)", `"type":"attempted",T,"url":"http://h/","eventId":"0123456789",` +
			`"eventType":"a.b","webhookId":"w1","webhook":"dev","attempt":2,"status":503,"durationMs":1.5,"nextAt":"2026-03-04T09:16:00.000Z","note":"chaos: duplicate"`},
		{
			record.Tried{EventID: "e", EventType: "a.b", Webhook: "dev", Number: 1, Error: "refused"},
			"attempt 1  a.b e  → refused  dev",
			`"type":"attempted",T,"eventId":"e","eventType":"a.b","webhook":"dev","attempt":1,"error":"refused"`,
		},
		{record.Settled{EventID: "e", EventType: "a.b", Status: "failed"}, "settled    a.b e  failed", `"type":"settled",T,"eventId":"e","eventType":"a.b","result":"failed"`},
		{
			record.WebhookChanged{WebhookID: "w1", Webhook: "dev", URL: "http://h/", How: "created"},
			"webhook    dev  created",
			`"type":"changed",T,"url":"http://h/","webhookId":"w1","webhook":"dev","note":"created"`,
		},
		{
			record.Forgotten{Events: 1, Keep: 4 << 20},
			"forgotten  1 event, 0 attempts: the sandbox keeps 4 MiB of each",
			`"type":"forgotten",T,"note":"1 event, 0 attempts: the sandbox keeps 4 MiB of each"`,
		},
		{record.Changed{State: record.Draining, Count: 2}, "draining 2", `"type":"state",T,"state":"draining","count":2`},
		{record.Missed{Count: 7}, "dropped 7", `"type":"state",T,"state":"dropped","count":7`},
		{record.Received{}, "", ""},
		{record.Asked{}, "", ""},
		{record.Attempted{}, "", ""},
		{record.Explained{}, "", ""},
		{record.JobChanged{}, "", ""},
		{record.Failed{}, "", ""},
	}
	types := map[string]bool{}
	for _, c := range all {
		types[fmt.Sprintf("record.%T", c.event)] = true
		for format, want := range map[string]string{render.FormatText: c.text, render.FormatJSON: c.json} {
			streams, out, _ := term.Fake(term.FakeOptions{})
			p := &printer{o: &serveOptions{env: &cmdkit.Env{IO: streams}}, out: render.Output{Format: format}}
			if err := p.Print(hub.Stamped{Time: at, Event: c.event}); err != nil {
				t.Fatal(err)
			}
			if format == render.FormatJSON && want != "" {
				want = "{" + strings.Replace(want, ",T", `,"time":"2026-03-04T09:15:00.000Z"`, 1) + "}\n"
			} else if want != "" {
				want = at.Local().Format("15:04:05.000") + "  " + want + "\n"
			}
			if out.String() != want {
				t.Errorf("%T: got %q, want %q", c.event, out, want)
			}
		}
	}
	source, err := os.ReadFile("../../record/event.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(regexp.MustCompile(`(?m)^func \(\w+\) event\(\)`).FindAll(source, -1)); n != len(types) {
		t.Errorf("%d of %d types of events are printed", len(types), n)
	}
}
