package replay

// One delivery, sent again for another command.

import (
	"context"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/journal"
)

// Again sends a recorded delivery again, signed as of now, to the one target that did not take it. It prints nothing. sent says whether
// it went out; without that the error says why not. yes skips the question before it leaves this machine.
func Again(ctx context.Context, e *cmdkit.Env, id string, yes bool) (sent bool, err error) {
	o := &options{env: e, timeout: usualTimeout, yes: yes}
	o.choice.env, o.choice.filter.Outcome = e, journal.OutcomeFailed
	s := &session{options: o}
	if s.places, err = newPlaces(o); err != nil {
		return false, err
	}
	if s.maker, err = newMaker(ctx, o); err != nil {
		return false, err
	}
	r, at, err := s.alone(ctx, id)
	if err == nil {
		err = s.places.ask(1)
	}
	if err != nil {
		return false, err
	}
	if s.journal, err = e.Journal(ctx, journal.Options{}); err != nil {
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
