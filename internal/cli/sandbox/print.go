package sandbox

// What a sandbox prints while it runs.

import (
	"fmt"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// feedSize is how many events wait for a slow output before some are dropped.
const feedSize = 10_000

// eventJSON is one line of sandbox -o json; docs/json.md lists it.
type eventJSON struct {
	Type       string       `json:"type"`
	Time       string       `json:"time"`
	Seq        int64        `json:"seq,omitempty"`
	Addr       string       `json:"addr,omitempty"`
	URL        string       `json:"url,omitempty"`
	EventID    string       `json:"eventId,omitempty"`
	EventType  string       `json:"eventType,omitempty"`
	WebhookID  string       `json:"webhookId,omitempty"`
	Webhook    string       `json:"webhook,omitempty"`
	Attempt    int          `json:"attempt,omitempty"`
	Status     int          `json:"status,omitempty"`
	DurationMs float64      `json:"durationMs,omitempty"`
	Error      string       `json:"error,omitempty"`
	NextAt     string       `json:"nextAt,omitempty"`
	Result     string       `json:"result,omitempty"`
	Note       string       `json:"note,omitempty"`
	State      record.State `json:"state,omitempty"`
	Count      int          `json:"count,omitempty"`
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// printer shows what a sandbox does.
type printer struct {
	o   *serveOptions
	out render.Output
}

// Flush has nothing to do: nothing is held.
func (p *printer) Flush() error { return nil }

// Print shows an event. As text, the line that the socket is open goes to standard error: it is not data.
func (p *printer) Print(s hub.Stamped) error {
	v, line := p.line(s)
	if v.Type == "" { // what a listener does
		return nil
	}
	v.Time, v.Seq = stamp(s.Time), s.Seq
	return p.out.Value(p.o.env.IO, v, func() error {
		if e, ok := s.Event.(record.Ready); ok {
			p.o.sayReady(e)
			return nil
		}
		text := term.Clean(s.Time.Local().Format("15:04:05.000") + "  " + line.text)
		if w := p.o.env.IO.Width(); w > 0 {
			text = term.Cut(text, w)
		}
		if line.paint != nil {
			text = line.paint(text)
		}
		_, err := fmt.Fprintln(p.o.env.IO.Out, text)
		return err
	})
}

// line is an event as a line of text.
type line struct {
	text  string
	paint func(string) string // nil: as it is
}

// line returns both forms of an event, without a type for an event that no sandbox has.
func (p *printer) line(s hub.Stamped) (v eventJSON, l line) {
	style := p.o.env.IO.Style()
	switch e := s.Event.(type) {
	case record.Ready:
		v = eventJSON{Type: "ready", Addr: e.Addr, URL: e.URL}
	case record.Raised:
		v = eventJSON{Type: "triggered", EventID: e.EventID, EventType: e.EventType}
		l.text = "event      " + name(e.EventType, e.EventID)
	case record.Tried:
		v = eventJSON{
			Type: "attempted", EventID: e.EventID, EventType: e.EventType, WebhookID: e.WebhookID, Webhook: e.Webhook, URL: e.URL,
			Attempt: e.Number, Status: e.Status, DurationMs: float64(e.Duration.Microseconds()) / 1000, Error: e.Error,
			NextAt: stamp(e.NextAt), Note: e.Note,
		}
		l = line{attempt(e, s.Time), style.Bad}
		if e.Status >= 200 && e.Status < 300 {
			l.paint = style.Good
		}
	case record.Settled:
		v = eventJSON{Type: "settled", EventID: e.EventID, EventType: e.EventType, Result: e.Status}
		l.text = "settled    " + name(e.EventType, e.EventID) + "  " + e.Status
	case record.WebhookChanged:
		v = eventJSON{Type: "changed", WebhookID: e.WebhookID, Webhook: e.Webhook, URL: e.URL, Note: e.How}
		l.text = "webhook    " + e.Webhook + "  " + e.How
	case record.Forgotten:
		v = eventJSON{Type: "forgotten", Note: fmt.Sprintf("%s, %s: the sandbox keeps %d MiB of each", fault.Plural(e.Events, "event"), fault.Plural(e.Attempts, "attempt"), e.Keep>>20)}
		l = line{"forgotten  " + v.Note, style.Warn}
	case record.Changed:
		v = eventJSON{Type: "state", State: e.State, Count: e.Count}
		l = line{fmt.Sprintf("%s %d", e.State, e.Count), style.Warn}
	case record.Missed:
		v = eventJSON{Type: "state", State: "dropped", Count: e.Count}
		l = line{fmt.Sprintf("dropped %d", e.Count), style.Warn}
	case record.Received, record.Asked, record.Attempted, record.Explained, record.JobChanged, record.Failed:
	}
	return v, l
}

// sayReady says where the sandbox is, and what to type next.
func (o *serveOptions) sayReady(r record.Ready) {
	create, raise := fault.Command("whctl webhooks create"), fault.Command("whctl sandbox trigger all")
	if r.Addr != usualAddr { // the commands must work as printed
		create, raise = create.Flag("--api-url", r.URL), raise.Flag("--api-url", r.URL)
	}
	o.env.Say("sandbox ready on %s", r.URL)
	o.env.Say("webhooks: %s --name dev --url http://localhost:4140/ --events '*' --active", create)
	o.env.Say("events:   %s", raise)
}

func attempt(e record.Tried, at time.Time) string {
	outcome := e.Error
	if e.Status != 0 {
		outcome = fmt.Sprintf("%d in %s", e.Status, render.Dur(e.Duration))
	}
	text := fmt.Sprintf("attempt %d  %s  → %s  %s", e.Number, name(e.EventType, e.EventID), outcome, e.Webhook)
	if !e.NextAt.IsZero() {
		text += "  next in " + render.Dur(e.NextAt.Sub(at).Round(time.Second))
	}
	if e.Note != "" {
		text += "  (" + e.Note + ")"
	}
	return text
}

// name returns how a line names an event: its type and the beginning of its id.
func name(typ, id string) string {
	const n = 8
	return strings.TrimSpace(typ + " " + id[:min(len(id), n)])
}
