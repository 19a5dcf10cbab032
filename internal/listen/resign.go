package listen

// Fresh signatures for deliveries whose own are too old.

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/target"
)

// resign signs a message anew where it would reach its target later than in the first half of the scheme's window, with the key that
// verified the delivery: a correct target would refuse it otherwise. Only time and signature change. It also sets a token that the
// journal does not store.
func (l *Listener) resign(ctx context.Context, d *record.Delivery, m *target.Message) record.Signing {
	judge := l.o.Judge(ctx)
	rules := judge.RulesOf(d.Verdict.Scheme)
	if !d.Verdict.OK || rules == nil {
		return record.AsCaptured
	}
	now := l.o.Now()
	late := late(rules, now.Sub(d.Verdict.SignedAt))
	if !late && !lacksSecret(rules, m.Header) {
		return record.AsCaptured
	}
	failed := record.AsCaptured
	if late {
		failed = record.Outdated
	}
	key, ok := judge.Signer(d.Verdict.Scheme, d.KeyName)
	if !ok {
		return failed
	}
	q := judge.Message(d.Method, d.Host, d.Path, d.Header, m.Body)
	signed, err := rules.Sign(sign.SignRequest{
		Time: now, ID: d.Verdict.ID, Method: q.Method, URL: q.URL, Header: q.Header, Body: bytes.NewReader(m.Body), Params: d.Params,
	}, []sign.Key{key})
	if err != nil || len(signed.Body) > 0 || signed.URL != "" { // body and path stay as they are
		return failed
	}
	m.Header = m.Header.Clone()
	for _, f := range signed.Fields {
		m.Header[http.CanonicalHeaderKey(f.Name)] = []string{f.Value}
	}
	if !late {
		return record.AsCaptured
	}
	return record.Resigned
}

// late says whether a signature of that age may be refused by the time it is checked.
func late(rules *sign.Rules, age time.Duration) bool {
	spec := rules.Scheme().Timestamp
	return spec != nil && !spec.Tolerance.Off && age.Abs() > spec.Tolerance.Duration()/2
}

// lacksSecret says whether a message has no value for a header that holds the scheme's secret.
func lacksSecret(rules *sign.Rules, h http.Header) bool {
	for _, name := range rules.SecretHeaders() {
		if len(h[name]) == 0 {
			return true
		}
	}
	return false
}
