package send

// How far a load is, on a terminal.

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/load"
	"github.com/whctl/whctl/internal/render"
)

const progressStep = 500 * time.Millisecond

// showProgress shows how far a run is until stop is called.
func (o *options) showProgress(ctx context.Context, r *load.Run) (stop func()) {
	if !o.env.IO.ErrTTY() || o.env.Quiet() {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	line := o.env.IO.StatusLine()
	var shown sync.WaitGroup
	shown.Go(func() {
		tick := time.NewTicker(progressStep)
		defer tick.Stop()
		defer line.Clear()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				s := r.Snapshot()
				line.Show(progressLine(&s))
			}
		}
	})
	return func() {
		cancel()
		shown.Wait()
	}
}

func progressLine(s *load.Summary) string {
	sent := fmt.Sprintf("%d sent", s.Sent)
	if s.Count > 0 {
		sent = fmt.Sprintf("%d of %d sent", s.Sent, s.Count)
	}
	took := render.Dur(s.Took.Round(time.Second))
	if s.Duration > 0 {
		took += " of " + render.Dur(s.Duration)
	}
	parts := []string{sent, took, fmt.Sprintf("%.0f/s", s.Rate())}
	if s.Refused > 0 {
		parts = append(parts, fmt.Sprintf("%d refused", s.Refused))
	}
	if s.Failed > 0 {
		parts = append(parts, fmt.Sprintf("%d without an answer", s.Failed))
	}
	if l := s.Latencies; l.Count > 0 {
		parts = append(parts, "p50 "+render.Dur(l.P50), "p99 "+render.Dur(l.P99))
	}
	return strings.Join(parts, "  ")
}
