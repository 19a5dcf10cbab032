package sandbox

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sandbox"
	"github.com/whctl/whctl/internal/term"
)

// feed carries activities from the engine, which must not wait, to the printer. It holds a bounded number: a reader that
// does not keep up loses the newest, and is told how many.
type feed struct {
	mu      sync.Mutex
	cond    *sync.Cond
	items   []item
	dropped int // since the last batch was taken
	closed  bool
}

// item is an activity, or a state of the command itself.
type item struct {
	sandbox.Activity
	state string // "" for an activity
	count int
}

const (
	feedSize      = 10_000
	stateDropped  = "dropped"
	stateDraining = "draining"
)

func newFeed() *feed {
	f := &feed{}
	f.cond = sync.NewCond(&f.mu)
	return f
}

func (f *feed) put(a sandbox.Activity) { f.add(item{Activity: a}) }

// tell adds a state, which is never dropped.
func (f *feed) tell(state string, count int, at time.Time) {
	f.add(item{Activity: sandbox.Activity{Time: at}, state: state, count: count})
}

func (f *feed) add(it item) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
	case len(f.items) >= feedSize && it.state == "":
		f.dropped++
	default:
		f.items = append(f.items, it)
		f.cond.Signal()
	}
}

func (f *feed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.cond.Broadcast()
}

// next waits for items, and says how many more came after them and were dropped. No items means that the feed is closed.
func (f *feed) next() (items []item, dropped int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.items) == 0 && !f.closed {
		f.cond.Wait()
	}
	items, dropped = f.items, f.dropped
	f.items, f.dropped = nil, 0
	return items, dropped
}

// activityJSON is one line of sandbox -o json; docs/json.md lists it.
type activityJSON struct {
	Type       string  `json:"type"`
	Time       string  `json:"time"`
	Addr       string  `json:"addr,omitempty"`
	URL        string  `json:"url,omitempty"`
	EventID    string  `json:"eventId,omitempty"`
	EventType  string  `json:"eventType,omitempty"`
	WebhookID  string  `json:"webhookId,omitempty"`
	Webhook    string  `json:"webhook,omitempty"`
	Attempt    int     `json:"attempt,omitempty"`
	Status     int     `json:"status,omitempty"`
	DurationMs float64 `json:"durationMs,omitempty"`
	Error      string  `json:"error,omitempty"`
	NextAt     string  `json:"nextAt,omitempty"`
	Result     string  `json:"result,omitempty"`
	Note       string  `json:"note,omitempty"`
	State      string  `json:"state,omitempty"`
	Count      int     `json:"count,omitempty"`
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// print shows what the sandbox does until the feed ends. When the output fails, stop ends the sandbox.
func (o *serveOptions) print(out render.Output, f *feed, stop func(), addr string) error {
	err := o.printReady(out, addr)
	for err == nil {
		items, dropped := f.next()
		if len(items) == 0 {
			return nil
		}
		if dropped > 0 {
			items = append(items, item{Activity: sandbox.Activity{Time: o.env.Now()}, state: stateDropped, count: dropped})
		}
		for _, it := range items {
			if err = o.printItem(out, it); err != nil {
				break
			}
		}
	}
	stop()
	return err
}

// printReady says that the socket is open: in text to stderr, as it is no data.
func (o *serveOptions) printReady(out render.Output, addr string) error {
	v := activityJSON{Type: "ready", Time: stamp(o.env.Now()), Addr: addr, URL: "http://" + addr}
	return out.Value(o.env.IO, v, func() error {
		create, raise := fault.Command("whctl --profile sandbox webhooks create"), fault.Command("whctl sandbox trigger all")
		if addr != usualAddr { // the commands must work as they stand here
			create, raise = create.Flag("--api-url", "http://"+addr), raise.Flag("--api-url", "http://"+addr)
		}
		o.env.Say("sandbox ready on http://%s", addr)
		o.env.Say("webhooks: %s --name dev --url http://localhost:4140/ --events '*' --active", create)
		o.env.Say("events:   %s", raise)
		return nil
	})
}

func (o *serveOptions) printItem(out render.Output, it item) error {
	if it.state == "" {
		return o.printOne(out, it.Activity)
	}
	v := activityJSON{Type: "state", Time: stamp(it.Time), State: it.state, Count: it.count}
	return out.Value(o.env.IO, v, func() error {
		line := fmt.Sprintf("%s  %s %d", it.Time.Local().Format("15:04:05.000"), it.state, it.count)
		return render.Text(o.env.IO, o.env.IO.Style().Warn(line)+"\n")
	})
}

func (o *serveOptions) printOne(out render.Output, a sandbox.Activity) error {
	v := activityJSON{
		Type: string(a.Kind), Time: stamp(a.Time), URL: a.URL, EventID: a.EventID, EventType: a.EventType, WebhookID: a.WebhookID,
		Webhook: a.Webhook, Attempt: a.Attempt, Status: a.Status, DurationMs: float64(a.Duration.Microseconds()) / 1000,
		Error: a.Error, NextAt: stamp(a.NextAt), Result: a.Result, Note: a.Note,
	}
	return out.Value(o.env.IO, v, func() error {
		_, err := fmt.Fprintln(o.env.IO.Out, o.line(a))
		return err
	})
}

func (o *serveOptions) line(a sandbox.Activity) string {
	style := o.env.IO.Style()
	event := strings.TrimSpace(a.EventType + " " + short(a.EventID))
	var text string
	paint := func(s string) string { return s }
	switch a.Kind {
	case sandbox.Triggered:
		text = "event      " + event
	case sandbox.Attempted:
		text = fmt.Sprintf("attempt %d  %s  → %s  %s", a.Attempt, event, outcome(a), a.Webhook)
		paint = style.Bad
		if a.Status >= 200 && a.Status < 300 {
			paint = style.Good
		}
		if !a.NextAt.IsZero() {
			text += "  next in " + render.Dur(a.NextAt.Sub(a.Time).Round(time.Second))
		}
	case sandbox.Settled:
		text = "settled    " + event + "  " + a.Result
	case sandbox.Forgotten:
		text = "forgotten  " + a.Note
		paint = style.Warn
	default:
		text = "webhook    " + a.Webhook + "  " + a.Note
	}
	if a.Note != "" && a.Kind == sandbox.Attempted {
		text += "  (" + a.Note + ")"
	}
	text = term.Clean(a.Time.Local().Format("15:04:05.000") + "  " + text)
	if w := o.env.IO.Width(); w > 0 {
		text = term.Cut(text, w)
	}
	return paint(text)
}

func outcome(a sandbox.Activity) string {
	if a.Status == 0 {
		return a.Error
	}
	return fmt.Sprintf("%d in %s", a.Status, render.Dur(a.Duration))
}

func short(id string) string {
	const n = 8
	return id[:min(len(id), n)]
}
