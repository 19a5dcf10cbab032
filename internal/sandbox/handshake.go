package sandbox

// The question whether a URL is the user's, which some providers ask before they send anything there.

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/sign"
)

// VerifyToken is what handshakes carry where the user chose nothing else.
const VerifyToken = defaultParam

// question is a handshake to ask before an attempt.
type question struct {
	asking craft.Asking
	made   error // why it could not be made; nil: it was
	place  string
}

// place is where a webhook's handshake holds: after a change it is asked anew.
func (w *webhook) place() string {
	return strings.Join([]string{w.URL, w.Key, w.Updated.String()}, "\x00")
}

// question is what the provider asks of a webhook's URL before the first event goes there; nil where it does not ask, or has asked. The
// caller holds the lock.
func (s *Sandbox) question(w *webhook) *question {
	if !s.o.Asks || s.o.Rules.Handshake == nil || w.asked == w.place() {
		return nil
	}
	w.asked = w.place()
	q := &question{place: w.asked}
	key, err := s.o.Rules.SigningKey(cmp.Or(w.Private, w.Key))
	if err != nil {
		q.made = err
		return q
	}
	h := craft.Handshake{
		Rules: s.o.Rules, Keys: []sign.Key{key}, Params: s.params(), URL: w.URL, Agent: s.agent(), At: s.clock.wall().UTC(),
		VerifyToken: cmp.Or(s.o.VerifyToken, VerifyToken), Rand: s.o.Rand,
	}
	q.asking, q.made = h.Make()
	q.asking.Timeout = s.timeout()
	return q
}

// ask asks, and tells what came of it. A wrong answer keeps no event back: a rehearsal goes on.
func (s *Sandbox) ask(ctx context.Context, id string, q *question) {
	if q == nil {
		return
	}
	how := "handshake answered"
	if err := s.answers(ctx, q); err != nil {
		how = "handshake not answered: " + err.Error()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.webhook(id)
	switch {
	case w == nil:
	case ctx.Err() != nil && w.asked == q.place:
		w.asked = "" // it was cut off
	default:
		s.changed(w, how)
	}
}

// answers says why a receiver's answer is not the right one; nil where it is.
func (s *Sandbox) answers(ctx context.Context, q *question) error {
	if q.made != nil {
		return q.made
	}
	res := s.o.Deliver.Do(ctx, q.asking.Request)
	if res.Err != nil {
		return res.Err
	}
	if problem := q.asking.Right.Wrong(res.Status, res.Header, res.Body); problem != "" {
		return errors.New(q.asking.Field + ": " + problem)
	}
	return nil
}
