package sign_test

// Signatures that leave out the body.

import (
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// TestUncoveredBodyIsToldOf: a verdict says where nothing of the body is signed, and nowhere else.
func TestUncoveredBodyIsToldOf(t *testing.T) {
	t.Parallel()
	told := map[string]string{
		"google-pubsub": "does not cover the body", "mercadopago": "does not cover the body", "mailgun": "nothing of the event",
		"plivo": "does not cover the body", // it signs forms, and the body of these cases is JSON
	}
	for _, name := range scheme.BuiltinNames() {
		r := signtest.Rules(t, name)
		if r.Scheme().Algorithm == scheme.None {
			continue
		}
		c := signtest.NewCase(t, name, 1)
		v := c.Verify(&c.Message)
		words, tells := told[name]
		if !v.OK || tells != strings.Contains(v.Warning, "whoever has seen such a request") || !strings.Contains(v.Warning, words) {
			t.Errorf("%s: %t %s, %q", name, v.OK, v.Detail, v.Warning)
		}
		c.Message.Body = nil
		if v := c.Verify(&c.Message); name == "mercadopago" && (!v.OK || v.Warning != "") {
			t.Errorf("without a body: %t, %q", v.OK, v.Warning)
		}
	}
}

// TestUncoveredForm: fields that a form has beside its signature are no event, and those of an event are told of.
func TestUncoveredForm(t *testing.T) {
	t.Parallel()
	for _, v := range loadVectors(t) {
		if v.Expect != "valid" || v.Scheme != "mailgun" && v.Scheme != "plivo" {
			continue
		}
		r := signtest.Rules(t, v.Scheme)
		keys, err := v.keys(r)
		if err != nil {
			t.Fatal(err)
		}
		verdict := r.Verify(v.message(), keys, v.options())
		if got := strings.Contains(verdict.Warning, "whoever has seen such a request"); !verdict.OK || got != (v.Scheme == "mailgun") {
			t.Errorf("%s: %t, %q", v.ID, verdict.OK, verdict.Warning)
		}
	}
}

// TestFieldsHaveNoBorders: two forms with one text of names and values have one signature at Plivo and at Twilio. It is so of each of
// their forms, so the quirk of the scheme says it, and no verdict repeats it.
func TestFieldsHaveNoBorders(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"plivo", "twilio"} {
		c := signtest.NewCase(t, name, 1)
		q := signtest.Request(c.Rules)
		q.Body = strings.NewReader("From=15551&To=X2")
		m, _ := signtest.Sign(t, c.Rules, q, c.Keys...)
		m.Body = []byte("From15551ToX2=")
		if v := c.Verify(m); !v.OK || v.Warning != "" || !strings.Contains(c.Rules.Scheme().Quirks, "without borders") {
			t.Errorf("%s: %t %s, %q", name, v.OK, v.Detail, v.Warning)
		}
	}
}

// TestFieldsBehindABracket: what a captured signature of a request without fields covers is not more where a form begins as JSON does:
// a receiver that is told of a form reads its fields.
func TestFieldsBehindABracket(t *testing.T) {
	t.Parallel()
	c := signtest.NewCase(t, "plivo", 1)
	q := signtest.Request(c.Rules)
	q.Body = strings.NewReader("")
	captured, _ := signtest.Sign(t, c.Rules, q, c.Keys...)
	for _, kind := range []string{
		"application/x-www-form-urlencoded", " Application/X-WWW-Form-URLEncoded ; charset=utf-8", "application/json, application/x-www-form-urlencoded", "multipart/form-data; boundary=b",
	} {
		for _, body := range []string{"[=1&Digits=9", "{=1&Digits=9", "\"=1&Digits=9", " \n[=1&Digits=9"} {
			m := *captured
			m.Header = map[string][]string{"Content-Type": {kind}}
			for name, values := range captured.Header {
				if name != "Content-Type" {
					m.Header[name] = values
				}
			}
			m.Body = []byte(body)
			if v := c.Verify(&m); v.OK || c.Rules.LeavesOut(m.Header, m.Body) {
				t.Errorf("%q as %s is %s", body, kind, v.Reason)
			}
		}
	}
}
