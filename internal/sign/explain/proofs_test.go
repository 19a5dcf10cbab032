package explain_test

// What is said of refused tokens and message signatures.

import (
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// pubsubLike are rules of a token with an audience.
func pubsubLike(tb testing.TB) *sign.Rules {
	tb.Helper()
	r, err := sign.Compile(&scheme.Scheme{
		Name: "acme", Algorithm: scheme.JWT, Timestamp: &scheme.TimestampSpec{},
		JWT: &scheme.JWTSpec{Alg: scheme.HS256, Header: scheme.Names{"X-Token"}, Iss: scheme.Names{"acme"}, Aud: "{param:audience}", BodyClaim: "hash", Lifetime: 60},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// TestProofFindings makes one mistake each.
func TestProofFindings(t *testing.T) {
	t.Parallel()
	plaid, hmacs := signtest.Rules(t, "plaid"), signtest.Rules(t, "rfc9421.hmac-sha256")
	for name, tc := range map[string]struct {
		rules   *sign.Rules
		change  func(m *sign.Message)
		want    string
		certain bool
	}{
		"compact": {plaid, func(m *sign.Message) {
			m.Body = []byte(`{"event_id":"evt_1","type":"card.activated","note":"Zo\u00eb \u2013 10 \u20ac","n":1.50}`)
		}, "body.", true},
		"newline":        {plaid, func(m *sign.Message) { m.Body = append(m.Body, '\n') }, "body.newline.added", true},
		"lost":           {plaid, func(m *sign.Message) { m.Body = nil }, "body.empty", true},
		"another body":   {plaid, func(m *sign.Message) { m.Body = []byte("{}") }, "body.hash", true},
		"digest newline": {hmacs, func(m *sign.Message) { m.Body = append(m.Body, '\n') }, "body.newline.added", true},
		"digest":         {hmacs, func(m *sign.Message) { m.Body = []byte("[1]") }, "body.hash", true},
		"audience":       {pubsubLike(t), func(m *sign.Message) { m.Params["audience"] = "https://other.test" }, "token.aud", true},
		"header lost":    {hmacs, func(m *sign.Message) { delete(m.Header, "Content-Digest") }, "header.lost", false},
		"url":            {hmacs, func(m *sign.Message) { m.URL = strings.Replace(m.URL, "https://", "http://", 1) }, "text.url.https", true},
		"component": {hmacs, func(m *sign.Message) {
			m.Header["Signature-Input"][0] = strings.Replace(m.Header["Signature-Input"][0], ` "content-digest"`, "", 1)
		}, "signature.component", false},
		"algorithm": {hmacs, func(m *sign.Message) {
			m.Header["Signature-Input"][0] = strings.Replace(m.Header["Signature-Input"][0], "hmac-sha256", "ed25519", 1)
		}, "signature.alg", false},
		"cut": {plaid, func(m *sign.Message) {
			m.Header["Plaid-Verification"][0] = m.Header["Plaid-Verification"][0][:40] + "..."
		}, "token.form", false},
	} {
		c := signtest.CaseOf(t, tc.rules, 1)
		m := c.With(tc.change)
		f := first(t, &c, m, signtest.Clock(), c.Keys...)
		if !strings.HasPrefix(f.ID, tc.want) || f.Certain != tc.certain {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// first is the first finding for a message that is refused.
func first(t *testing.T, c *signtest.Case, m *sign.Message, now time.Time, keys ...sign.Key) explain.Finding {
	t.Helper()
	o := sign.VerifyOptions{Now: now}
	v := c.Rules.Verify(m, keys, o)
	if v.OK {
		t.Fatalf("%s: is valid", c.Rules.Scheme().Name)
	}
	d := explain.Diagnose(t.Context(), c.Rules, m, keys, v, explain.Options{VerifyOptions: o})
	if len(d.Findings) == 0 {
		t.Fatalf("%s: %s, and nothing is found; next: %s", c.Rules.Scheme().Name, v.Detail, d.Next)
	}
	return d.Findings[0]
}

// TestProofTimes: a token that has ended, one that is old, and one whose time has not come.
func TestProofTimes(t *testing.T) {
	t.Parallel()
	c := signtest.CaseOf(t, pubsubLike(t), 1)
	for _, tc := range []struct {
		after time.Duration
		want  string
	}{{2*time.Minute + time.Second, "clock.expired"}, {time.Hour, "clock."}, {-10 * time.Minute, "clock.behind"}} {
		if f := first(t, &c, &c.Message, signtest.Clock().Add(tc.after), c.Keys...); !strings.HasPrefix(f.ID, tc.want) {
			t.Errorf("after %v: %+v", tc.after, f)
		}
	}
}

// TestProofKeys: the usual mistakes with a key, and a set of keys without the one that is named.
func TestProofKeys(t *testing.T) {
	t.Parallel()
	c := signtest.NewCase(t, "netlify", 1)
	broken := signtest.Keys(t, c.Rules, c.Text+"\n")
	if f := first(t, &c, &c.Message, signtest.Clock(), broken...); !strings.HasPrefix(f.ID, "key.") || !f.Certain {
		t.Errorf("a line break behind the key: %+v", f)
	}
	plaid := signtest.Rules(t, "plaid")
	private, _ := signtest.KeyPair(t, plaid.Scheme())
	signer, err := plaid.SigningKey(private)
	if err != nil {
		t.Fatal(err)
	}
	q := signtest.Request(plaid)
	q.Params["kid"] = "key-2"
	m, _ := signtest.Sign(t, plaid, q, signer)
	set := signtest.Keys(t, plaid, `{"keys":[{"kty":"EC","crv":"P-256","kid":"key-1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`)
	p := signtest.Case{Rules: plaid}
	if f := first(t, &p, m, signtest.Clock(), set...); f.ID != "key.kid" || !strings.Contains(f.Evidence, "key-2") || f.Certain {
		t.Errorf("another kid: %+v", f)
	}
}

// TestProofComponents: the one component that was changed on its way is named.
func TestProofComponents(t *testing.T) {
	t.Parallel()
	rules := func(components ...string) *sign.Rules {
		r, err := sign.Compile(&scheme.Scheme{
			Name: "acme", Algorithm: scheme.HMACSHA256, Key: scheme.KeySpec{Encoding: scheme.Base64}, MessageSignature: &scheme.MessageSignatureSpec{Components: components},
		})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	whole := rules("@method", "@target-uri", "content-digest")
	parts := rules("@method", "@authority", "@path", "@query", "content-digest", "content-type")
	origin := rules("@method", "@authority", "@scheme", "content-digest", "x-forwarded-for", "content-length")
	const url = "https://hooks.example.test/hooks/in?b=2&a=x+y"
	for name, tc := range map[string]struct {
		rules     *sign.Rules
		change    func(m *sign.Message)
		want, say string
	}{
		"method":        {whole, func(m *sign.Message) { m.Method = "PUT" }, "signature.component.method", `as "POST"`},
		"method case":   {parts, func(m *sign.Message) { m.Method = "post" }, "signature.component.method", `as "POST"`},
		"scheme":        {origin, func(m *sign.Message) { m.URL = strings.Replace(url, "https", "http", 1) }, "text.url.https", "as @scheme"},
		"whole URL":     {whole, func(m *sign.Message) { m.URL = strings.Replace(url, "https", "http", 1) }, "text.url.https", "as @target-uri"},
		"query dropped": {parts, func(m *sign.Message) { m.URL, m.Target = "https://hooks.example.test/hooks/in", "/hooks/in?b=2&a=x+y" }, "text.url.query.recorded", "as @query"},
		"query anew":    {parts, func(m *sign.Message) { m.URL = strings.Replace(url, "x+y", "x%20y", 1) }, "signature.component.query", "the query"},
		"query sorted":  {whole, func(m *sign.Message) { m.URL = strings.Replace(url, "b=2&a=x+y", "a=x+y&b=2", 1) }, "signature.component.target-uri", "the query"},
		"host": {parts, func(m *sign.Message) {
			m.URL, m.Header["X-Forwarded-Host"] = strings.Replace(url, "hooks.example.test", "10.0.0.7:8080", 1), []string{"hooks.example.test"}
		}, "text.url.host", "as @authority"},
		"path": {parts, func(m *sign.Message) {
			m.URL, m.Header["X-Original-Uri"] = strings.Replace(url, "test/hooks", "test", 1), []string{"/hooks/in?b=2&a=x+y"}
		}, "text.url.path.forwarded", "as @path"},
		"prefix": {whole, func(m *sign.Message) {
			m.URL, m.Header["X-Forwarded-Prefix"] = strings.Replace(url, "test/hooks", "test", 1), []string{"/hooks/"}
		}, "text.url.path.prefix", "as @target-uri"},
		"slash": {parts, func(m *sign.Message) { m.URL = strings.Replace(url, "/in", "/in/", 1) }, "text.url.slash", "as @path"},
		"digest": {whole, func(m *sign.Message) {
			m.Header["Content-Digest"] = []string{"sha-256=:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=:"}
		}, "signature.component.content-digest", "Content-Digest of this body"},
		"charset":  {parts, func(m *sign.Message) { m.Header["Content-Type"] = []string{"application/json; charset=utf-8"} }, "signature.component.content-type", "without its parameters"},
		"appended": {origin, func(m *sign.Message) { m.Header["X-Forwarded-For"] = []string{"192.0.2.1", "10.0.0.7"} }, "signature.component.x-forwarded-for", "without its last value"},
		"length":   {origin, func(m *sign.Message) { m.Header["Content-Length"] = []string{"7"} }, "signature.component.content-length", "of this body"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := []byte(`{"id":"evt_1"}`)
			key := signtest.Keys(t, tc.rules, "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
			q := sign.SignRequest{Time: signtest.Clock(), Method: "POST", URL: url, Body: strings.NewReader(string(body)), Header: map[string][]string{
				"Content-Type": {"application/json"}, "X-Forwarded-For": {"192.0.2.1"}, "Content-Length": {"14"},
			}}
			signed, err := tc.rules.Sign(q, key)
			if err != nil {
				t.Fatal(err)
			}
			m := &sign.Message{Method: "POST", URL: url, Header: q.Header, Body: body}
			for _, f := range signed.Fields {
				m.Header[f.Name] = []string{f.Value}
			}
			c := signtest.Case{Rules: tc.rules}
			if o := (sign.VerifyOptions{Now: signtest.Clock()}); !tc.rules.Verify(m, key, o).OK {
				t.Fatalf("%+v", tc.rules.Verify(m, key, o))
			}
			tc.change(m)
			if f := first(t, &c, m, signtest.Clock(), key...); f.ID != tc.want || !f.Certain || !strings.Contains(f.Evidence, tc.say) {
				t.Errorf("%+v", f)
			}
		})
	}
}
