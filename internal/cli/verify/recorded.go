package verify

// Deliveries from the journal, verified again.

import (
	"context"
	"net/http"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
)

// loaded is what the journal has of a delivery.
type loaded struct {
	delivery record.Delivery
	attempts []record.Attempt
	then     *record.Diagnosis // what the listener found; nil when it did not search
}

// load reads a recorded delivery. An empty reference is the last one that whctl or a target refused.
func load(ctx context.Context, e *cmdkit.Env, ref string, all bool) (loaded, error) {
	s, err := e.Settings()
	if err != nil {
		return loaded{}, err
	}
	j, err := journal.Open(ctx, s.JournalPath, journal.Options{Now: e.Now, ReadOnly: true})
	if err != nil {
		return loaded{}, err
	}
	defer func() { _ = j.Close() }()
	profile := s.Profile
	if all {
		profile = ""
	}
	return loadFrom(ctx, j, profile, ref)
}

// loadFrom is load from an open journal.
func loadFrom(ctx context.Context, j *journal.Journal, profile, ref string) (l loaded, err error) {
	if ref == "" {
		if l.delivery, err = j.LastRefused(ctx, profile); err == nil {
			l.attempts, err = j.Attempts(ctx, l.delivery.ID)
		}
	} else {
		l.delivery, l.attempts, err = j.Get(ctx, profile, ref)
	}
	if err != nil {
		return l, err
	}
	then, has, err := j.Diagnosis(ctx, l.delivery.ID)
	if has {
		l.then = &then
	}
	return l, err
}

// recorded makes a message of a delivery. The error says what the journal does not have of it.
func recorded(d record.Delivery, j *judge.Judge) (*sign.Message, error) {
	if d.BodyDamaged {
		return nil, fault.Hint(fault.New(fault.Storage, "the stored body of %s is no longer what was received, so its signature cannot be verified again", d.ID),
			"%s shows what else is known of it", fault.Command("whctl journal show", d.ID))
	}
	if d.Truncated() {
		return nil, fault.New(fault.Refused, "only the first %s of %s of this refused body were recorded, so its signature cannot be verified again",
			render.Size(int64(len(d.Body))), render.Size(d.Size))
	}
	if d.Scrubbed > 0 {
		return nil, fault.New(fault.Refused, "%s was scrubbed when it was recorded, so what the journal has no longer verifies as captured", d.ID)
	}
	if name, is := masked(d.Header, j.Rules().SecretHeaders()); is {
		return nil, fault.New(fault.Refused, "header %s is itself a secret and was not recorded, so the signature cannot be verified again", name)
	}
	if name, is := masked(d.Header, j.Rules().SignatureHeaders()); is {
		return nil, fault.New(fault.Refused, "header %s, where the signature stands, was not recorded, so it cannot be verified again; with --scheme %s a listener keeps a signature there, and masks whatever else",
			name, j.Rules().Scheme().Name)
	}
	return j.Message(d.Method, d.Host, d.Path, d.Header, d.Body), nil
}

// usual is the scheme to verify a recorded delivery with: the one of its verdict. Inferred rules have no name in the settings, so
// they are found again.
func usual(e *cmdkit.Env, d record.Delivery) string {
	s, err := e.Settings()
	if err != nil || d.Verdict.Scheme == "" {
		return cmdkit.AutoScheme
	}
	if _, err := s.LookupScheme(d.Verdict.Scheme); err != nil {
		return cmdkit.AutoScheme
	}
	return d.Verdict.Scheme
}

// masked is the first of some headers of which whctl recorded a mask.
func masked(header map[string][]string, names []string) (name string, is bool) {
	for _, name := range names {
		if values := header[http.CanonicalHeaderKey(name)]; len(values) > 0 && values[0] == masking.Masked {
			return name, true
		}
	}
	return "", false
}
