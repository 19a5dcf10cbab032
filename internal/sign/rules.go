package sign

import (
	"slices"
)

// Rules is a scheme made ready for use. It is safe for concurrent use.
type Rules struct {
	scheme  Scheme
	content []token
	require []requirement

	sigHeaders []string // canonical
	sigPath    []string // the signature stands in the body
	item       pattern
	sigAny     bool // every listed header is a candidate

	hasTime     bool
	timeHeaders []string
	timePath    []string
	copyPath    []string // of the time's copy in the body
	nextItem    *pattern // of the second and later signatures; nil: as the first
	timeItem    *pattern
	clock       clockFormat

	idHeaders  []string
	eventNames []string // canonical headers that name the event
	headerSet  bool     // signature, time and id headers are parallel lists: one complete set is used

	uses  map[string]bool // placeholders of content
	needs Needs
}

// Needs says what a scheme signs besides headers and body, so that a caller can ask for it.
type Needs struct {
	ID        bool     // a message id in a header
	Timestamp bool     // a time, in a header, in the signature header or in the body
	URL       bool     // the URL as the provider knows it
	Method    bool     // the request method
	Params    []string // settings for {param:name}, sorted
	Members   []string // JSON paths of members that the body must have; not those that signing sets
}

// requirement is a header that must have a value.
type requirement struct {
	header string // canonical
	name   string // as the scheme writes it
	value  []token
}

// Scheme returns the scheme with its defaults filled in. It must not be changed.
func (r *Rules) Scheme() *Scheme { return &r.scheme }

// Needs says what the scheme signs besides headers and body. The result must not be changed.
func (r *Rules) Needs() Needs { return r.needs }

func (r *Rules) findNeeds() Needs {
	n := Needs{
		ID:        len(r.idHeaders) > 0,
		Timestamp: r.hasTime,
		URL:       r.uses[tokURL] || r.scheme.BodyHash != nil,
		Method:    r.uses[tokMethod],
	}
	add := func(tokens []token) {
		for _, t := range tokens {
			if t.kind == tokParam && !slices.Contains(n.Params, t.text) {
				n.Params = append(n.Params, t.text)
			}
		}
	}
	add(r.content)
	for _, t := range r.content {
		own := r.scheme.Timestamp != nil && r.scheme.Timestamp.JSON == t.text || r.scheme.Signature.JSON == t.text
		if t.kind == tokJSON && !own {
			n.Members = append(n.Members, t.text)
		}
	}
	for _, q := range r.require {
		add(q.value)
	}
	slices.Sort(n.Params)
	return n
}

// SecretHeaders returns the canonical names of headers whose value is itself the secret.
func (r *Rules) SecretHeaders() []string {
	if r.scheme.Algorithm != Token {
		return nil
	}
	return slices.Clone(r.sigHeaders)
}

// SignatureHeaders returns the canonical names of headers that carry the signature.
func (r *Rules) SignatureHeaders() []string { return slices.Clone(r.sigHeaders) }

// public says whether the scheme signs with a private key and verifies with a public one.
func (r *Rules) public() bool {
	return r.scheme.Algorithm == Ed25519 || r.scheme.Algorithm == ECDSAP256
}

// listed says whether one message can carry several signatures in its format.
func (r *Rules) listed() bool { return r.scheme.Signature.Separator != "" }
