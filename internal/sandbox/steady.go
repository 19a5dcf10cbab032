package sandbox

// A clock that stands between events, so that a seed repeats the order of deliveries whenever the events are raised.

import (
	"context"
	"time"
)

// quietTime is how long no event may be raised before a clock that stands goes on. Without an end of it, what waits for its time
// would wait for an advance.
const quietTime = 10 * time.Second

// steady stops the clock if a seed shall repeat the order of deliveries. Events that are raised one by one happen at one moment
// then, as those of one call do: what is delayed, held back or tried again comes behind all of them. The caller holds the lock.
func (s *Sandbox) steady() {
	if s.o.Seed == nil || !s.o.Chaos.deliveries() {
		return
	}
	s.clock.stand()
	s.raised = s.clock.wall()
	select {
	case s.stood <- struct{}{}:
	default:
	}
}

// keepTime lets a clock that stands go on once it was quiet, until ctx ends.
func (s *Sandbox) keepTime(ctx context.Context) {
	for {
		var quiet <-chan time.Time
		s.mu.Lock()
		left, stands := s.untilQuiet()
		s.mu.Unlock()
		if stands {
			quiet = s.o.After(left)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.stood:
		case <-quiet:
			s.catchUp(ctx)
		}
	}
}

// untilQuiet returns how long no event may be raised yet before the clock goes on, and whether it stands. The caller holds the lock.
func (s *Sandbox) untilQuiet() (left time.Duration, stands bool) {
	return max(quietTime-s.clock.wall().Sub(s.raised), 0), s.clock.stood != nil
}

// catchUp lets the clock go on as if it had never stood. First, what came due meanwhile is tried in order of time.
func (s *Sandbox) catchUp(ctx context.Context) {
	if !s.takePlay(ctx) {
		return
	}
	defer s.endPlay()
	s.mu.Lock()
	defer s.mu.Unlock()
	if left, stands := s.untilQuiet(); left > 0 || !stands {
		return // an advance moved it, or a reset
	}
	s.clock.stood.until = later(s.clock.stood.now, s.clock.running())
	s.playOut(ctx)
	s.clock.stood = nil
	s.queue.Wake()
}
