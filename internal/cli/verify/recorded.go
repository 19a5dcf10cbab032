package verify

import (
	"context"
	"maps"
	"net/http"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
)

// load finds a recorded delivery; an empty reference means the last one that was refused.
func load(ctx context.Context, e *cmdkit.Env, ref string, all bool) (record.Delivery, error) {
	s, err := e.Settings()
	if err != nil {
		return record.Delivery{}, err
	}
	j, err := journal.Open(ctx, s.JournalPath, journal.Options{Now: e.Now, ReadOnly: true})
	if err != nil {
		return record.Delivery{}, err
	}
	defer func() { _ = j.Close() }()
	profile := s.Profile
	if all {
		profile = ""
	}
	if ref == "" {
		return j.LastRefused(ctx, profile)
	}
	d, _, err := j.Get(ctx, profile, ref)
	return d, err
}

// recorded makes a message of a delivery. What the journal does not have, it says.
func recorded(d record.Delivery, rules *sign.Rules) (*sign.Message, error) {
	if d.Truncated() {
		return nil, fault.New(fault.Refused, "of this refused body only the first %s of %s were kept, so its signature cannot be looked into",
			render.Size(int64(len(d.Body))), render.Size(d.Size))
	}
	for _, name := range append(rules.SecretHeaders(), rules.SignatureHeaders()...) {
		if values := d.Header[http.CanonicalHeaderKey(name)]; len(values) > 0 && values[0] == record.Masked {
			return nil, fault.New(fault.Refused, "header %s is itself a secret and was not recorded; its verdict was %s", name, d.Verdict.Reason)
		}
	}
	header := make(map[string][]string, len(d.Header)+1)
	maps.Copy(header, d.Header)
	header["Host"] = []string{d.Host}
	return &sign.Message{Method: d.Method, URL: "http://" + d.Host + d.Path, Header: header, Body: d.Body}, nil
}
