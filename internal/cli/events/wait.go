package events

// events retry --wait: watching events until their outcome is known.

import (
	"context"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
)

// watch is an event whose outcome is waited for.
type watch struct {
	id       string
	webhooks int             // how many it goes to
	seen     map[string]bool // attempts that were there before
}

// outcomes waits for every event, and reports the worst.
func (o *retryOptions) outcomes(ctx context.Context, c reader, watched []watch) error {
	limited, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	var worst error
	for _, w := range watched {
		var status string
		err := o.env.Follow(limited, cmdkit.Pace{Interval: o.interval, Reached: true}, func(ctx context.Context) (bool, error) {
			var err error
			status, err = w.outcome(ctx, c)
			return status != "", err
		})
		switch { // an outcome at the deadline counts, so look at err and not at the context
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil && limited.Err() != nil:
			err = fault.Hint(fault.New(fault.Unreachable, "no outcome of %s within %s", fault.Word(w.id), o.timeout), "%s shows how far it got", fault.Command("whctl events logs", w.id))
		case err == nil && w.webhooks == 0:
			err = fault.Hint(fault.New(fault.Refused, "event %s went to no webhook, as none is active", fault.Word(w.id)), "whctl webhooks enable WEBHOOK")
		case err == nil && status != api.StatusCompleted:
			err = fault.Hint(fault.New(fault.Refused, "event %s ended %s", fault.Word(w.id), status), "%s shows why", fault.Command("whctl events logs", w.id))
		case err == nil:
			o.env.Say("%s completed", fault.Word(w.id))
		}
		worst = fault.Worse(worst, err)
	}
	return worst
}

// outcome is the event's last status, or "" while there is none. The status of the run before may still stand for a
// moment, so it counts only with an attempt that is new.
func (w watch) outcome(ctx context.Context, c reader) (string, error) {
	logs, err := c.EventLogs(ctx, w.id)
	if err != nil {
		return "", err
	}
	fresh := w.webhooks == 0
	for _, l := range logs.Logs {
		switch l.DeliveryStatus {
		case api.DeliverySuccess, api.DeliveryFailed:
			fresh = fresh || !w.seen[l.ID]
		default:
		}
	}
	switch logs.Event.Status {
	case api.StatusCompleted, api.StatusFailed, api.StatusSkipped:
		if fresh {
			return logs.Event.Status, nil
		}
	default:
	}
	return "", nil
}
