package render

import (
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
)

// TestNextWords shows a next attempt only behind the newest one, and never a time that is over.
func TestNextWords(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 9, 15, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		at   time.Time
		last int
		want string
	}{
		"none":        {time.Time{}, 1, ""},
		"to come":     {now.Add(3 * time.Minute), 1, "in 3 min"},
		"over":        {now.Add(-time.Minute), 1, "due"},
		"was made":    {now.Add(-time.Minute), 2, ""},
		"made sooner": {now.Add(time.Minute), 2, ""},
	} {
		if got := nextWords(&api.DeliveryLog{AttemptNumber: 1, NextRetryAt: api.Time{Time: c.at}}, now, c.last); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
