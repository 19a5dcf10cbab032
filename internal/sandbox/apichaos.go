package sandbox

// What goes wrong on purpose with calls of the platform's API.

import (
	"fmt"
	"net/http"
	"strings"
)

// disturb delays a call, or refuses it before it does anything. What goes wrong depends on the seed and the number of the call.
// The sandbox's own routes are spared: they drive a rehearsal.
func (s *Sandbox) disturb(r *http.Request) error {
	if !strings.HasPrefix(r.URL.Path, platformPath) {
		return nil
	}
	s.mu.Lock()
	calm := s.calm
	if !calm {
		s.calls++
	}
	call := s.calls
	s.mu.Unlock()
	if calm {
		return nil
	}
	hit := func(what string, p float64) bool { return p > 0 && chance(s.seed, what, call) < p }
	if hit("api-delay", s.o.Chaos.APIDelayP) {
		select {
		case <-s.o.After(s.o.Chaos.APIDelay):
		case <-r.Context().Done():
			return refuse(http.StatusServiceUnavailable, "the call was given up")
		}
	}
	if hit("api-unavailable", s.o.Chaos.NoService) {
		return refuse(http.StatusServiceUnavailable, textUnavailable)
	}
	for i, c := range s.o.Chaos.API {
		if hit(fmt.Sprint("api", i), c.P) {
			return &refusal{status: c.Code, message: fmt.Sprintf("chaos: this call is answered %d on purpose, and did nothing", c.Code), again: "1"}
		}
	}
	return nil
}

// Calm runs f, and lets no call of the API go wrong on purpose meanwhile. Such calls do not count.
func (s *Sandbox) Calm(f func() error) error {
	s.setCalm(true)
	defer s.setCalm(false)
	return f()
}

func (s *Sandbox) setCalm(calm bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calm = calm
}
