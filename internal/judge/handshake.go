package judge

// Handshakes: whether a request asks if the URL is the user's, and what it may be told.

import (
	"context"

	"github.com/whctl/whctl/internal/sign"
)

// Handshake is a provider's question with its answer.
type Handshake struct {
	*sign.Question
	Answer   sign.Answer
	Withheld sign.Withheld // why there is no answer; "": there is one
}

// Handshake is the question that a request asks; false where it is none. One that its provider signs counts only where the signature
// holds, or nothing is verified: everything else stays a delivery that is refused. A question of another provider than that of the
// scheme counts where no event could be sent so, or where the scheme is left open.
func (j *Judge) Handshake(ctx context.Context, jm *Judgement) (Handshake, bool) {
	if jm.Rules != nil {
		if q, ok := jm.Rules.Question(jm.message); ok && q.MustVerify() {
			return j.signedHandshake(ctx, jm, q)
		}
	}
	if jm.Verdict.OK {
		return Handshake{}, false
	}
	if q := j.unsigned(jm.message); q != nil {
		return j.answered(q, jm), true
	}
	return Handshake{}, false
}

func (j *Judge) signedHandshake(ctx context.Context, jm *Judgement, q *sign.Question) (Handshake, bool) {
	if !q.OwnText() {
		return j.answered(q, jm), !jm.Refused()
	}
	own := j.Judge(ctx, q.Signed(), jm.options.Now)
	h := j.answered(q, &own)
	if own.Refused() {
		h.Withheld = sign.WithheldUnsigned
	}
	return h, true
}

func (j *Judge) answered(q *sign.Question, jm *Judgement) Handshake {
	a, why := q.Answer(jm.keys, jm.Verdict, j.o.VerifyToken)
	return Handshake{q, a, why}
}

// unsigned is the question that nobody signs; nil where the request asks none. Of several the one with more fields is the likelier.
func (j *Judge) unsigned(m *sign.Message) *sign.Question {
	var best *sign.Question
	for _, r := range j.finder.candidates() {
		if q, ok := r.Question(m); ok && !q.MustVerify() && (best == nil || q.Detailed() > best.Detailed()) {
			best = q
		}
	}
	open := j.finder.open()
	if best != nil || len(m.Body) > 0 && !open || j.o.Others == nil {
		return best
	}
	for _, r := range j.o.Others() {
		q, ok := r.Question(m)
		if ok && !q.MustVerify() && (q.Safe() || open) && q.Detailed() > 0 && (best == nil || q.Detailed() > best.Detailed()) {
			best = q
		}
	}
	return best
}
