package explain_test

// Forms and GETs whose signatures are of nothing related.

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// TestNonMistakeForms: a form, or a JSON text that may have been one, is explained by nothing when another key signed.
func TestNonMistakeForms(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	rules := builtinRules(t)
	var signers, others signtest.Ring
	for i := range nonMistakes / 2 {
		checkUnrelated(t, signers.Case(t, rules[i%len(rules)]), &others, func(m *sign.Message) {
			form := someForm(rng)
			m.Body = []byte(form)
			if i%5 == 4 {
				m.Body = fmt.Appendf(nil, `{"payload":%q,"a":"x*y"}`, form)
			}
			m.Header["Content-Type"] = []string{"application/x-www-form-urlencoded"}
			if strings.Contains(m.URL, "?") {
				m.URL += "&" + someForm(rng)
			}
		})
	}
}

// TestNonMistakeGETs: a GET without a body is explained by nothing when another key signed, least of all by its empty body.
func TestNonMistakeGETs(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	rules := builtinRules(t)
	var signers, others signtest.Ring
	methods := []string{"GET", "HEAD", "DELETE"}
	for i := range nonMistakes / 2 {
		checkUnrelated(t, signers.Case(t, rules[i%len(rules)]), &others, func(m *sign.Message) {
			m.Method, m.Body = methods[i%len(methods)], nil
			m.URL = "https://hooks.example.test/in?" + someForm(rng)
			if i%2 == 0 {
				m.Header["Content-Type"] = []string{"application/json"}
			}
		})
	}
}

// TestNonMistakeOtherJSON: JSON that cannot have been a form is explained by nothing where a form was announced. A stranger may send it.
func TestNonMistakeOtherJSON(t *testing.T) {
	t.Parallel()
	bodies := []string{`[{"a":"b"}]`, `[]`, `{}`, `{"a":[]}`, `{"a":{}}`, `"x"`, `7`, `null`, `{"":""}`, `[` + strings.Repeat(`"x",`, 5000) + `1]`}
	var signers, others signtest.Ring
	for i, r := range builtinRules(t) {
		checkUnrelated(t, signers.Case(t, r), &others, func(m *sign.Message) {
			m.Method, m.Body = "POST", []byte(bodies[i%len(bodies)])
			m.Header["Content-Type"] = []string{"application/x-www-form-urlencoded"}
		})
	}
}

// someForm is a form with the marks that writers treat in different ways, and with fields that are empty, repeated or lists.
func someForm(rng *rand.Rand) string {
	names := []string{"token", "text", "user.name", "a b", "item[id]", "list[]", "list[]", "id", "id", "z", "payload"}
	values := []string{"", "x y", "*bold* (now) ~ok! it's", "Zoë – €", `{"a":"b/c"}`, "a@b.example", "7", "/say", " trimmed "}
	var parts []string
	for range 1 + rng.IntN(6) {
		name, value := names[rng.IntN(len(names))], values[rng.IntN(len(values))]
		parts = append(parts, url.QueryEscape(name)+"="+url.PathEscape(value))
	}
	return strings.Join(parts, "&")
}

// checkUnrelated explains a changed message with a key that did not sign it.
func checkUnrelated(t *testing.T, c signtest.Case, others *signtest.Ring, change func(*sign.Message)) {
	t.Helper()
	if c.Rules.SigPath != nil {
		return // its signature stands in a JSON body
	}
	m, keys := c.With(change), others.Case(t, c.Rules).Keys
	o := explain.Options{VerifyOptions: sign.VerifyOptions{Now: signtest.Clock()}}
	d := explain.Diagnose(t.Context(), c.Rules, m, keys, c.Rules.Verify(m, keys, o.VerifyOptions), o)
	if len(d.Findings) > 0 || len(d.Next) == 0 {
		t.Errorf("%s: %s %s %q: false finding %+v", c.Rules.Scheme().Name, m.Method, m.URL, m.Body, d.Findings)
	}
}
