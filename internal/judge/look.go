package judge

// Whose a request looks like that has nothing of the scheme in use.

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Look is whose a request looks like. It is for people: nothing is verified with it.
type Look struct {
	Scheme   string
	Provider string
	Why      string // what speaks for it
	Signed   bool   // its signature is there
}

// maxAgent bounds how much of a User-Agent is read, in bytes.
const maxAgent = 512

// Look says whose a request looks like. It is nil where no other scheme is known, where the request has a signature of the scheme in use,
// and where nothing speaks clearly for one. ctx bounds the time for the body, which a stranger may have written.
func (j *Judge) Look(ctx context.Context, m *sign.Message) *Look {
	if j.o.Rivals == nil || !j.rules.SignsInBody() && j.rules.Present(m.Header) {
		return nil
	}
	if _, ok := j.rules.FitsBody(m); ok {
		return nil
	}
	r, why := signedBy(ctx, m, j.o.Rivals())
	if r == nil {
		r, why = sentBy(m, j.o.Rivals())
	}
	if r == nil || r.Scheme().Name == j.rules.Scheme().Name {
		return nil
	}
	return &Look{Scheme: r.Scheme().Name, Provider: r.Scheme().Title, Why: why, Signed: r.Present(m.Header)}
}

// signedBy is the scheme that a request's signature clearly points to, in its headers or its body; nil: none.
func signedBy(ctx context.Context, m *sign.Message, candidates []*sign.Rules) (r *sign.Rules, why string) {
	const clearly = 0.8
	if guesses := sign.Detect(m.Header, candidates); len(guesses) > 0 && guesses[0].Confidence >= clearly {
		return guesses[0].Rules, guesses[0].Why
	}
	worked := int64(0)
	for _, r := range candidates {
		if explain.Over(ctx, worked) {
			break
		}
		worked += int64(len(m.Body))
		if place, ok := r.FitsBody(m); ok {
			return r, place.String()
		}
	}
	return nil, ""
}

// sentBy is the scheme whose provider is named in a request's headers; nil: none.
func sentBy(m *sign.Message, candidates []*sign.Rules) (r *sign.Rules, why string) {
	agent := scheme.HeaderValue(m.Header, "User-Agent")
	words := wordsOf(agent[:min(len(agent), maxAgent)])
	for _, r := range candidates {
		if header := namedIn(r, m.Header, words); header != "" {
			return r, "header " + header
		}
	}
	return nil, ""
}

// namedIn is the header that holds the name of a scheme's provider: one of its own by its name, or User-Agent, which has these words; "":
// none does.
func namedIn(r *sign.Rules, header map[string][]string, agent []string) string {
	provider, _, _ := strings.Cut(r.Scheme().Name, ".")
	own := slices.Concat(r.SigHeaders, r.TimeHeaders, r.IDHeaders)
	for _, place := range slices.Concat(r.Scheme().Event.Type, r.Scheme().Event.ID) {
		if name, ok := strings.CutPrefix(place, "header:"); ok {
			own = append(own, scheme.CanonicalHeader(name))
		}
	}
	for _, name := range own {
		if scheme.HeaderValue(header, name) != "" && slices.Contains(wordsOf(name), provider) {
			return name
		}
	}
	if slices.Contains(agent, provider) {
		return "User-Agent"
	}
	return ""
}

// wordsOf are the words of a text in small letters.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

// finding says whose a refused request looks like.
func (l *Look) finding() explain.Finding {
	f := explain.Finding{
		ID: "scheme.looks_like", Title: "the request looks like " + l.Scheme, Evidence: "it has " + l.Why,
		Fix: "use --scheme " + l.Scheme + " with the key that this webhook has at the sender",
	}
	if !l.Signed {
		f.Title += ", and is not signed"
		f.Fix = "give the webhook a secret at the sender, and use --scheme " + l.Scheme + " with it"
	}
	return f
}
