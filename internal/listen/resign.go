package listen

// Fresh signatures for deliveries whose own are too old.

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"time"

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
	signed, err := rules.Sign(sign.SignRequest{
		Time: now, ID: d.Verdict.ID, Method: q.Method, URL: q.URL, Header: q.Header, Body: bytes.NewReader(m.Body), Params: d.Params,
	}, []sign.Key{key})
	if err != nil || len(signed.Body) > 0 || signed.URL != "" { // body and path stay as they are
		return failed
	}
	m.Header = m.Header.Clone()
	for _, f := range signed.Fields {
		for _, name := range received(rules, d.Header, f.Name) {
			m.Header[name] = []string{f.Value}
		}
	}
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

// received are the names under which a header of the scheme came. A target may read any of them.
func received(rules *sign.Rules, h http.Header, header string) []string {
	names := rules.Aliases(header)
	came := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return len(h[name]) == 0 })
	if len(came) == 0 {
		return names[:1]
	}
	return came
}

// lacksSecret says whether a message has no value for a header that came and holds the scheme's secret.
func lacksSecret(rules *sign.Rules, came, h http.Header) bool {
	return slices.ContainsFunc(rules.SecretHeaders(), func(name string) bool { return len(came[name]) > 0 && len(h[name]) == 0 })
}
