package listen

// The peer of a delivery that came as a request: it waits for an answer.

import (
	"net/http"

	"github.com/whctl/whctl/internal/serve"
)

// client is whoever sent a request.
type client struct {
	l *Listener
	w http.ResponseWriter
	r *http.Request
}

// tooLate is for peer. What comes after the last delivery is not recorded, and so not acknowledged.
func (c *client) tooLate() {
	c.w.Header().Set("Connection", "close")
	c.w.Header().Set("Retry-After", "5")
	serve.Answer(c.w, http.StatusServiceUnavailable, "the listener has taken what it was to take, and ends")
	c.l.tell(cameLate, "a request came after the last delivery that --exit-after lets in: answered 503, not recorded")
}

func (c *client) noRoom() {
	c.l.owed.countAway()
	c.w.Header().Set("Retry-After", "30")
	serve.Answer(c.w, http.StatusServiceUnavailable, "the queue is full")
}

func (c *client) notRecorded() {
	c.l.storage.countTurned()
	c.w.Header().Set("Retry-After", "5")
	serve.Answer(c.w, http.StatusServiceUnavailable, "cannot record the delivery")
}

func (c *client) answer(in *incoming) {
	d := in.d
	switch {
	case in.tooLarge:
		serve.AnswerUnread(c.w, c.r, d.Answer, "the body is over the limit")
	case in.refused && d.Answer == http.StatusForbidden:
		serve.Answer(c.w, d.Answer, pageAnswer)
	case in.refused && d.Answer == http.StatusUnauthorized:
		serve.Answer(c.w, d.Answer, invalidAnswer)
	case len(d.Targets) == 0 && d.Skipped == "" && !in.refused:
		c.l.give(c.w, c.r, d.Answer)
	default:
		c.w.Header()["Content-Type"] = nil
		c.w.WriteHeader(d.Answer)
	}
}

// forward gives the target's answer to the sender before the attempt is recorded: the delivery is on disk already. A sender that hangs up
// does not stop that.
func (c *client) forward(in *incoming, h *hold) {
	j := c.l.first(in)
	a := newAnswer(c.w, c.r, &c.l.pending, j.delivery)
	j.message.Sink = a.sink
	o := a.blameSender(c.l.send(c.l.server.Forced(), j), j.target.Timeout) // it outlives the sender's connection
	tried := c.l.attempt(j, o)
	tried.Answer = a.finish(o)
	broken := a.broken(o)
	c.l.recordFirst(j, o, tried, a.turn, h, "it gives no answer; deliveries are recorded, and their senders get 502 or 504")
	if broken {
		panic(http.ErrAbortHandler) // the sender must see that the answer is not whole, or that there is none
	}
}
