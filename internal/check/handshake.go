package check

// The question with which a provider asks whether a URL is the user's.

import (
	"context"
	"slices"

	"github.com/whctl/whctl/internal/craft"
)

func handshakeCases() []Case {
	return []Case{
		{
			ID: "handshake", Group: groupAccept, Title: "the provider's handshake", Severity: Failure, Expects: "the right answer",
			Why: "a provider sends nothing to a URL that does not answer its question, and some ask again every few hours",
			Fix: "answer it before anything else is done with the request: whctl schemes show NAME says what is asked, and whctl listen answers it",
			run: handshake,
		},
		{
			ID: "handshake-forged", Group: groupSignature, Title: "a handshake that nobody vouches for", Severity: Failure, Expects: "4xx",
			Why: "an answer that is made with the key is a signature; whoever gets one for a text of his own can sign with it, and one for any verify token lets anybody register the URL",
			Fix: "verify the signature of the handshake, or compare its verify token, before it is answered",
			run: forgedHandshake,
		},
	}
}

// asking makes the handshake of the scheme; false where there is none to make.
func (t *trial) asking(verifyToken string) (craft.Asking, bool) {
	shake := t.r.Rules.Handshake
	switch {
	case shake == nil:
		t.skip("%s has no handshake", t.r.Rules.Scheme().Name)
		return craft.Asking{}, false
	case shake.VerifyToken != nil && t.r.VerifyToken == "":
		t.skip("give --verify-token to try this")
		return craft.Asking{}, false
	}
	h := craft.Handshake{
		Rules: t.r.Rules, Keys: t.r.Keys[:1], Params: t.r.Params, URL: t.r.URL, SignURL: t.r.SignURL, Header: t.r.Header, Agent: t.r.Agent, At: t.r.Now(),
		VerifyToken: verifyToken, Rand: t.r.Rand,
	}
	a, err := h.Make()
	if err != nil {
		t.skip("it cannot be made: %s", err)
		return craft.Asking{}, false
	}
	a.Timeout = t.r.Timeout
	return a, true
}

func (t *trial) shot(a craft.Asking, verifyToken string) *shot {
	s := &shot{Made: craft.Made{Request: a.Request}, shake: true, pure: a.Header.Clone(), at: t.r.Now()}
	if t.r.Rules.Handshake.VerifyToken != nil {
		s.verifyToken = verifyToken
	}
	return s
}

func handshake(ctx context.Context, t *trial) {
	a, ok := t.asking(t.r.VerifyToken)
	if !ok {
		return
	}
	s := t.shot(a, t.r.VerifyToken)
	if res, ok := t.send(ctx, s); ok {
		if problem := a.Right.Wrong(res.Status, res.Header, res.Body); problem != "" {
			t.fail(s, "%s", problem)
		}
	}
}

// forgedHandshake asks without a signature, or with another verify token.
func forgedHandshake(ctx context.Context, t *trial) {
	shake := t.r.Rules.Handshake
	if shake != nil && !shake.Verified && shake.VerifyToken == nil {
		t.skip("nothing vouches for a handshake of %s", t.r.Rules.Scheme().Name)
		return
	}
	a, ok := t.asking(t.r.VerifyToken + "x")
	if !ok {
		return
	}
	s := t.shot(a, t.r.VerifyToken+"x")
	if shake.Verified {
		for _, name := range slices.Concat(t.r.Rules.SigHeaders, t.r.Rules.TimeHeaders) {
			s.setHeader(name)
		}
	}
	switch res, ok := t.send(ctx, s); {
	case !ok:
	case a.Right.Wrong(res.Status, res.Header, res.Body) == "" && len(a.Right.Body) > 0:
		t.fail(s, "answered %s with the right answer; 4xx is right", status(res))
	case res.Status >= 500:
		t.warn(s, "answered %s; 4xx is right", status(res))
	}
}
