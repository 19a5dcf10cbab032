package replay

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestPace: each waits for its time, what was late is not made up for, and an end of the run ends the wait.
func TestPace(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_750_000_000, 0)
	ctx, cancel := context.WithCancel(t.Context())
	p := pace{step: time.Hour, now: func() time.Time { return at }}
	if err := p.wait(ctx); err != nil { // the first begins at once
		t.Fatal(err)
	}
	at = at.Add(5 * time.Hour) // four are late
	if err := p.wait(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := p.wait(ctx); !errors.Is(err, context.Canceled) { // the next would be in an hour
		t.Errorf("it waited: %v", err)
	}
	free := pace{now: func() time.Time { return at }}
	for range 1000 {
		if err := free.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
