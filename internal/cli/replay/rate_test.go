package replay

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

func TestRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"10/s": 100 * time.Millisecond, "4": 250 * time.Millisecond, "30/m": 2 * time.Second, "0.5/s": 2 * time.Second, "36/h": 100 * time.Second,
	} {
		var r rate
		if err := r.Set(text); err != nil || r.step != want {
			t.Errorf("%s: %s, %v, want %s", text, r.step, err, want)
		}
	}
	for _, text := range []string{"", "x", "0/s", "-1/s", "NaN/s", "Inf", "1/d", "1e-9/s"} {
		var r rate
		if err := r.Set(text); fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: %v", text, err)
		}
	}
}

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
