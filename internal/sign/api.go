package sign

import (
	"context"
	"time"
)

// Needs says what a scheme signs besides headers and body, so that a caller can ask for it.
type Needs struct {
	ID        bool     // a message id in a header
	Timestamp bool     // a time, in a header, in the signature header or in the body
	URL       bool     // the URL as the provider knows it
	Method    bool     // the request method
	Params    []string // settings for {param:name}, sorted
}

// Diagnosis is what a search for the mistake behind a refusal brought to light.
type Diagnosis struct {
	Findings []Finding     // best first; empty when nothing was found
	Tried    int           // combinations that were computed and compared
	Elapsed  time.Duration // wall time of the search
	CutOff   bool          // the work bound or the context ended the search before it was through
}

// Guess is one scheme that a request's headers point to.
type Guess struct {
	Rules      *Rules
	Confidence float64 // 0 to 1; above 0.8 the headers fit this scheme and hardly another
	Why        string  // what in the headers says so
}

// Diagnose searches the known mistakes for one, or two at once, that explain the verdict.
func (r *Rules) Diagnose(ctx context.Context, m *Message, keys []Key, v Verdict, o VerifyOptions) Diagnosis {
	_, _, _, _, _ = ctx, m, keys, v, o
	return Diagnosis{}
}

// Detect ranks the candidates by how well a request's headers fit them, best first; those that do not fit are left out.
func Detect(header map[string][]string, candidates []*Rules) []Guess {
	_, _ = header, candidates
	return nil
}
