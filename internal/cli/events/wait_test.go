package events

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/term"
)

// late is a platform whose answer comes together with the deadline.
type late struct {
	reader
	status string
}

func (l late) EventLogs(ctx context.Context, id string) (api.EventLogs, error) {
	<-ctx.Done()
	if l.status == "" {
		return api.EventLogs{}, ctx.Err()
	}
	return api.EventLogs{
		Event: api.Event{EventID: id, Status: l.status}, Logs: []api.DeliveryLog{{ID: "1", DeliveryStatus: api.DeliverySuccess}},
	}, nil
}

func TestOutcomeThatComesWithTheDeadlineCounts(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]struct {
		kind fault.Kind
		text string
	}{
		api.StatusCompleted: {0, ""}, api.StatusFailed: {fault.Refused, "ended failed"}, "": {fault.Unreachable, "no outcome"},
	} {
		streams, _, errs := term.Fake(term.FakeOptions{})
		o := &retryOptions{env: &cmdkit.Env{IO: streams}, timeout: time.Millisecond, interval: time.Hour}
		err := o.outcomes(t.Context(), late{status: status}, []watch{{id: "e1", webhooks: 1}})
		if want.text == "" {
			if err != nil || !strings.Contains(errs.String(), "e1 completed") {
				t.Errorf("completed: %v, stderr %q", err, errs)
			}
			continue
		}
		if err == nil || fault.KindOf(err) != want.kind || !strings.Contains(err.Error(), want.text) {
			t.Errorf("%q: %v", status, err)
		}
	}
}
