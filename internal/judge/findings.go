package judge

// The findings of guessing: what a request looks like, and why that does not count as valid.

import (
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
)

func looksLike(g sign.Guess) explain.Finding {
	name := g.Rules.Scheme().Name
	return explain.Finding{
		ID: "auto.looks_like", Title: "the request looks like " + name, Evidence: "it has " + g.Why,
		Fix: "give the key that this webhook has at the sender, or name the scheme: --scheme " + name,
	}
}

// byRules says by which rules a request was explained whose scheme was guessed. It goes on after a finding's evidence.
func byRules(r *sign.Rules) string {
	s := r.Scheme()
	if r.Proves() || r.SignsInBody() {
		return ", by the rules of " + s.Name
	}
	return ", by the rules of " + s.Name + ": " + strings.ReplaceAll(s.Content, "\n", `\n`) + " in " + strings.Join(s.Signature.Header, " or ")
}

func tokenFinding(name string) *explain.Finding {
	return &explain.Finding{
		ID: "auto.token", Title: "the request looks like " + name + ", which sends a shared token and signs nothing",
		Evidence: "a token is not guessed: whoever sees one request has it, and a public key could be one",
		Fix:      "name the scheme: --scheme " + name,
	}
}

// uncoveredFinding is for schemes that sign nothing of the body, parts of it, or a checksum. The quirks of such a scheme say which.
func uncoveredFinding(r *sign.Rules) *explain.Finding {
	s := r.Scheme()
	f := &explain.Finding{
		ID: "auto.body", Title: "the request looks like " + s.Name + ", whose signature does not cover the body",
		Evidence: "anybody who has seen one request could send another body with its signature",
		Fix:      "name the scheme: --scheme " + s.Name,
	}
	switch {
	case r.Uses[scheme.PieceCRC32]:
		f.Title = "the request looks like " + s.Name + ": " + string(s.Algorithm) + " over " + s.Content + ", which no hash of the body is part of"
	case r.SignsInBody():
		f.Title = "the request looks like " + s.Name + ", whose signature stands in the body and does not cover all of it"
	}
	if s.Quirks != "" && (r.Uses[scheme.PieceCRC32] || r.SignsInBody()) {
		f.Evidence = s.Quirks
	}
	for _, name := range r.Needs().Params {
		f.Fix += " --param " + name + "=VALUE"
	}
	if r.Public() {
		f.Fix += ", with a public key or certificate of " + s.Name
	}
	return f
}

func timeFinding(name, where string) *explain.Finding {
	return &explain.Finding{
		ID: "auto.time", Title: "the request looks like " + name + ", which checks no time, and it carries one",
		Evidence: "there is a time in " + where + ": an old request of another scheme can be written so",
		Fix:      "if " + name + " is the sender that you expect, bind the key to it, as in --secret-file " + name + "=FILE, or name it: --scheme " + name,
	}
}

func bareFinding(name string) *explain.Finding {
	return &explain.Finding{
		ID: "auto.key.bare", Title: "the request looks like " + name + ", and the key could be a public one",
		Evidence: "it is 32 bytes in hex or base64, as public keys are; with a public key anybody could sign",
		Fix: "bind it to its scheme, as in --secret-file " + name + "=FILE, or save it with its scheme (whctl keys add)" +
			"; a public key goes with its own scheme alone",
	}
}

// finding says why no key may be used with these rules.
func (b bars) finding(r *sign.Rules, m *sign.Message) *explain.Finding {
	name := r.Scheme().Name
	f := &explain.Finding{ID: "auto.key.kind", Title: "the request looks like " + name + ", and no key given is of its kind", Fix: "give a key of " + name + ", as in --secret-file " + name + "=FILE"}
	switch {
	case b.bare:
		return bareFinding(name)
	case r.Scheme().Algorithm == scheme.Token && b.inHeader != "":
		given := tokenFinding(name)
		given.Title = "the key itself stands in header " + b.inHeader + ": " + name + ", a token scheme, which signs nothing"
		return given
	case r.Scheme().Algorithm == scheme.Token:
		return tokenFinding(name)
	case !coversBody(r, m):
		return uncoveredFinding(r)
	case b.public:
		f.ID, f.Evidence = "auto.key.public", "the key is a public or private key, and "+name+" has a shared secret"
	case b.kind && r.Public():
		f.Evidence = "the key is a shared secret, and " + name + " has a public key"
		if quirks := r.Scheme().Quirks; quirks != "" {
			f.Evidence += ": " + quirks
		}
		if where := r.Scheme().Key.Where; where != "" {
			f.Fix += "; it is shown " + where
		}
	case b.kind:
		f.Evidence = name + " makes a plain hash with its key, which is not HMAC"
	case b.bound:
		f.ID, f.Title = "auto.key.bound", "the request looks like "+name+", and no key given is bound to it"
		f.Evidence = "a key that is bound to a scheme is used for no other"
	default:
		f.Evidence = "no key has the form of its keys: see whctl schemes show"
	}
	return f
}
