package replay

// Deliveries that are sent again for another command.

import (
	"context"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/journal"
)

// Again makes the function that sends recorded deliveries again, each signed as of now, to the one target that did not take it. It prints
// nothing. sent says whether one went out; without that the error says why not. Before any of them leaves this machine it is asked once,
// which yes skips; where nobody can be asked, those do not go out.
func Again(ctx context.Context, e *cmdkit.Env, ids []string, yes bool) (send func(ctx context.Context, id string) (sent bool, err error), err error) {
	o := &options{env: e, timeout: usualTimeout, yes: yes}
	o.choice.env, o.choice.filter.Outcome = e, journal.OutcomeFailed
	s := &session{options: o}
	if s.places, err = newPlaces(o); err == nil {
		s.maker, err = newMaker(ctx, o)
	}
	if err != nil {
		return func(context.Context, string) (bool, error) { return false, err }, nil
	}
	far, anywhere := s.far(ctx, ids), yes
	if far > 0 && !yes && e.CanAsk() {
		if err := s.places.ask(far); err != nil {
			return nil, err
		}
		anywhere = true
	}
	known := len(s.places.list)
	return func(ctx context.Context, id string) (bool, error) {
		r, at, err := s.alone(ctx, id)
		if err != nil {
			return false, err
		}
		if !cmdkit.Here(s.places.list[at].URL) && (!anywhere || at >= known) {
			return false, e.Unasked("this needs a confirmation")
		}
		return s.again(ctx, r, at)
	}, nil
}

// far counts the deliveries that would leave this machine. One that cannot be sent is left out here, and fails when it is its turn.
func (s *session) far(ctx context.Context, ids []string) (n int) {
	j, err := s.env.Journal(ctx, journal.Options{ReadOnly: true})
	if err != nil {
		return 0
	}
	defer func() { _ = j.Close() }()
	for _, id := range ids {
		d, _, err := j.Get(ctx, "", id)
		if err != nil {
			continue
		}
		if at, err := s.places.of(ctx, j, &d); err == nil && !cmdkit.Here(s.places.list[at].URL) {
			n++
		}
	}
	return n
}

// again sends what is ready.
func (s *session) again(ctx context.Context, r *ready, at int) (sent bool, err error) {
	if s.journal, err = s.env.Journal(ctx, journal.Options{}); err != nil {
		return false, err
	}
	defer func() { _ = s.journal.Close() }()
	secrets, signatures := s.maker.headers()
	var closeAll func()
	s.senders, closeAll = s.places.open(secrets, signatures)
	defer closeAll()
	a, err := s.direct(ctx, r, &s.places.list[at], at)
	return a != nil, err
}

// alone makes one delivery ready for the number of its place.
func (s *session) alone(ctx context.Context, id string) (r *ready, at int, err error) {
	j, err := s.env.Journal(ctx, journal.Options{ReadOnly: true})
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = j.Close() }()
	if err := needNewest(ctx, j); err != nil {
		return nil, 0, err
	}
	d, _, err := j.Get(ctx, "", id)
	if err != nil {
		return nil, 0, err
	}
	if at, err = s.places.of(ctx, j, &d); err != nil {
		return nil, 0, err
	}
	r, err = s.maker.ready(ctx, &d, &s.places.list[at])
	return r, at, err
}
