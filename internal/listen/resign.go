package listen

// Fresh signatures for deliveries whose own are too old.

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/target"
)

// resign signs a message anew where it would reach its target later than in the first half of the scheme's window, with the key that
// verified the delivery: a correct target would refuse it otherwise. Only time and signature change. It also sets a token that the
// journal does not store.
func (l *Listener) resign(ctx context.Context, d *record.Delivery, m *target.Message) record.Signing {
	if !d.Verdict.OK { // whctl vouches for nothing that it did not verify
		return record.AsCaptured
	}
	judge, now := l.o.Judge(ctx), l.o.Now()
	rules := judge.RulesOf(d.Verdict.Scheme)
	late := late(rules, d.Verdict.SignedAt, now)
	failed := record.AsCaptured
	if late {
		failed = record.Outdated
	}
	if rules == nil || !late && !lacksSecret(rules, d.Header, m.Header) {
		return failed
	}
	q := judge.Message(d.Method, d.Host, d.Path, d.Header, m.Body)
	q.Params = d.Params
	key, ok := judge.Signer(d.Verdict.Scheme, d.KeyName, q)
	if !ok {
		return failed
	}
	again, err := craft.Resign(rules, key, now, craft.Recorded{
		Method: q.Method, URL: q.URL, Header: q.Header, Body: m.Body, ID: d.Verdict.ID, Params: d.Params,
	})
	if err != nil || !bytes.Equal(again.Body, m.Body) || again.URL != q.URL { // body and path stay as they are
		return failed
	}
	m.Header = m.Header.Clone()
	again.Apply(m.Header)
	if !late {
		return record.AsCaptured
	}
	return record.Resigned
}

// late says whether a signature of a time may be refused by the time it is checked. Without the rules its window is the usual one.
func late(rules *sign.Rules, signedAt, now time.Time) bool {
	if signedAt.IsZero() {
		return false
	}
	window := scheme.DefaultTolerance * time.Second
	if rules != nil {
		spec := rules.Scheme().Timestamp
		if spec == nil || spec.Tolerance.Off {
			return false
		}
		window = spec.Tolerance.Duration()
	}
	return now.Sub(signedAt).Abs() > window/2
}

// lacksSecret says whether a message has no value for a header that came and holds the scheme's secret.
func lacksSecret(rules *sign.Rules, came, h http.Header) bool {
	return slices.ContainsFunc(rules.SecretHeaders(), func(name string) bool { return len(came[name]) > 0 && len(h[name]) == 0 })
}
