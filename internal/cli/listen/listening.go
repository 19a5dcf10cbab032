package listen

// What whctl listen is for: printing deliveries as they come.

import (
	"context"
	"errors"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// listening is a run of whctl listen.
type listening struct{}

func (listening) command() string { return "listen" }

func (listening) printer(o *options) (render.Printer, error) {
	out, err := render.NewOutput(o.env.Format())
	if err == nil {
		err = out.CheckStream()
	}
	if err != nil {
		return nil, err
	}
	if out.Machine() {
		return render.NewNDJSON(o.env.IO, out.JQ), nil
	}
	return o.text(o.env.IO, o.keysWords())
}

// text prints the stream for people. keys says which keys do something.
func (o *options) text(to *term.IO, keys string) (render.Printer, error) {
	settings, err := o.env.Settings()
	if err != nil {
		return nil, err
	}
	return render.NewText(to, render.TextOptions{Body: o.set.Body, Quiet: settings.Quiet, Keys: keys, Types: o.coming(settings.Scheme), Typed: o.env.AsTyped}), nil
}

// attach attaches the printer. Without its output the run is over.
func (listening) attach(_ context.Context, s *session) {
	s.printed = s.hub.Attach(render.Reader(s, func() { s.stop(errOutput) }), streamSize)
}

// begin begins to hear keys.
func (listening) begin(ctx context.Context, s *session) error {
	s.endKeys = s.hearKeys(ctx)
	return nil
}

// outcome is the error of a run with --exit-after: nil when the number was reached.
func (listening) outcome(s *session, cause error, l *listen.Listener) error {
	if s.exitAfter == 0 || errors.Is(cause, errOutput) {
		return nil
	}
	select {
	case <-l.Done():
		return nil
	default:
	}
	n := l.Summary()
	came := n.Deliveries
	if !s.countRefused {
		came -= n.Refused
	}
	if errors.Is(cause, errTimeUp) {
		err := fault.New(fault.Unreachable, "%d of %s came in %s", came, fault.Plural(s.exitAfter, "delivery"), render.Dur(s.duration))
		if !s.countRefused && n.Refused > 0 {
			return fault.Hint(err, "%s were refused, see whctl journal list; --count-refused counts those too", fault.Number(n.Refused))
		}
		if !s.door.isOpen() {
			return fault.Hint(err, "wait longer with --for; machines share the messages by NAME, so another may have them: --from NAME=nats://…")
		}
		return fault.Hint(err, "wait longer with --for, or check whether a delivery gets here: %s", fault.Command("whctl send TYPE").Flag("--to", netname.ReachedAt(s.ready.Addr)))
	}
	return fault.New(fault.Stopped, "stopped after %d of %s", came, fault.Plural(s.exitAfter, "delivery"))
}
