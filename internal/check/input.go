package check

// Input that is signed rightly and makes no sense. A receiver must not crash on it.

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/whctl/whctl/internal/craft"
)

const (
	brokenWhy = "an answer of 5xx makes the provider send the same bytes again and again, and in the end switch the webhook off"
	unreadWhy = "what cannot be read and is answered 2xx is lost, and with 5xx the provider sends the same bytes again and again"
	brokenFix = "catch what the parser throws and answer 400"
	depth     = 20000
)

func inputCases() []Case {
	shaped := func(id, title, body string) Case {
		return Case{
			ID: id, Group: groupInput, Title: title, Severity: Failure, Expects: "2xx or 4xx", Why: brokenWhy,
			Fix: "check the shape of the JSON before you use it, and answer 400 or ignore it",
			run: func(ctx context.Context, t *trial) {
				t.given(ctx, []byte(body), "2xx or 4xx", statusIn(class2, class4))
			},
		}
	}
	broken := func(id, title, body string) Case {
		return Case{
			ID: id, Group: groupInput, Title: title, Severity: Failure, Expects: "4xx", Why: unreadWhy, Fix: brokenFix,
			run: func(ctx context.Context, t *trial) { t.given(ctx, []byte(body), "400", statusIn(class4)) },
		}
	}
	return []Case{
		broken("json-invalid", "a body that is no JSON", `{"id": "whctl`),
		broken("body-empty", "an empty body", ""),
		shaped("json-array", "a JSON array", "[]"),
		shaped("json-null", "JSON null", "null"),
		shaped("json-text", "a JSON string", `"whctl"`),
		shaped("json-empty-object", "an object without members", "{}"),
		shaped("json-wrong-types", "members of other types", ""),
		shaped("json-deep", "20,000 arrays in each other", strings.Repeat("[", depth)+strings.Repeat("]", depth)),
		{
			ID: "content-type", Group: groupInput, Title: "another content type", Severity: Failure, Expects: "2xx or 4xx",
			Why: "a framework that parses by content type leaves the body empty, and the handler crashes", Fix: "read the raw body whatever the content type is",
			run: contentType,
		},
		{
			ID: "method-get", Group: groupInput, Title: "GET in place of POST", Severity: Warning, Expects: "404 or 405",
			Why: "a browser or a crawler that opens the URL must not count as an event", Fix: "route POST alone to the handler",
			run: methodGet,
		},
	}
}

// given sends a body that is given, signed rightly.
func (t *trial) given(ctx context.Context, body []byte, right string, fits func(int) bool) {
	e, ok := t.sample()
	if !ok {
		return
	}
	if !isJSON(e.Body) || t.r.Rules.SignsInBody() || t.r.Rules.TimeInBody() {
		t.skip("%s needs a body of its own kind", t.r.Rules.Scheme().Name)
		return
	}
	if t.c.ID == "json-wrong-types" {
		if body, ok = wrongTypes(e.Body); !ok {
			t.skip("the sample has no members")
			return
		}
	}
	e.Fields = nil
	s, ok := t.make(craft.Request{Rules: t.r.Rules, Event: t.with(e, body), At: t.r.Now()})
	if !ok {
		return
	}
	s.setHeader("Content-Type", "application/json")
	if !t.r.verdict(s).OK {
		t.skip("%s cannot sign it", t.r.Rules.Scheme().Name)
		return
	}
	t.survive(ctx, s, right, fits)
}

// wrongTypes gives each member of an object a value of another type.
func wrongTypes(body []byte) ([]byte, bool) {
	names, values, ok := members(body)
	if !ok || len(names) == 0 {
		return nil, false
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(name)
		if strings.HasPrefix(values[i], "{") || strings.HasPrefix(values[i], "[") {
			b.WriteString(`:7`)
		} else {
			b.WriteString(`:[{}]`)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), true
}

func contentType(ctx context.Context, t *trial) {
	s, ok := t.now()
	if !ok {
		return
	}
	s.setHeader("Content-Type", "text/plain")
	if !t.r.verdict(s).OK {
		t.skip("the scheme signs the content type")
		return
	}
	// express.raw({type: 'application/json'}), as Stripe's page has it, leaves the body empty, so right handlers answer 400 or 401.
	t.survive(ctx, s, "2xx or 4xx", statusIn(class2, class4))
}

func methodGet(ctx context.Context, t *trial) {
	e, ok := t.sample()
	if !ok {
		return
	}
	e.Body, e.Fields, e.Source = nil, nil, ""
	s, ok := t.make(craft.Request{Rules: t.r.Rules, Event: e, At: t.r.Now(), Method: http.MethodGet})
	if !ok {
		return
	}
	for _, name := range append(t.r.Rules.ProofHeaders(), "Content-Type") {
		s.setHeader(name)
	}
	t.survive(ctx, s, "404 or 405", statusIn(class4))
}
