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
		fields := v.Scheme == "plivo" && len(v.message().Body) > 0 && !scheme.IsJSONLike(v.message().Body)
		if got := strings.Contains(verdict.Warning, "where a field of the form ends"); got != fields {
			t.Errorf("%s: %q", v.ID, verdict.Warning)
		}
	}
}

// TestFieldsHaveNoBorders: two forms with one text of names and values have one signature at Plivo, which the verdict says.
func TestFieldsHaveNoBorders(t *testing.T) {
	t.Parallel()
	c := signtest.NewCase(t, "plivo", 1)
	q := signtest.Request(c.Rules)
	q.Body = strings.NewReader("From=15551&To=X2")
	m, _ := signtest.Sign(t, c.Rules, q, c.Keys...)
	m.Body = []byte("From15551ToX2=")
	if v := c.Verify(m); !v.OK || !strings.Contains(v.Warning, "where a field of the form ends") {
		t.Errorf("%t %s, %q", v.OK, v.Detail, v.Warning)
	}
}
