package sign_test

// A user's own scheme, refused keys, and the words of verdicts.

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

func TestOwnScheme(t *testing.T) {
	t.Parallel()
	s, err := scheme.Decode("acme", map[string]any{
		"content":   "{id}:{timestamp}:{body}",
		"signature": map[string]any{"header": "X-Acme-Signature", "item": "v1={sig}", "separator": ","},
		"timestamp": map[string]any{"item": "t={ts}", "tolerance": 60},
		"id":        map[string]any{"header": []any{"X-Acme-Id", "X-Id"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := sign.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	c := signtest.CaseOf(t, r, 2)
	if got := c.Verify(&c.Message); !got.OK || got.ID != "msg_1" {
		t.Errorf("%+v", got)
	}
	full := r.Scheme()
	if full.Algorithm != scheme.HMACSHA256 || full.Key.Encoding != "utf8" || full.Signature.Encoding != "hex" || full.Timestamp.Unit != "s" || full.Timestamp.Window != "both" {
		t.Errorf("defaults: %+v %+v", full, full.Timestamp)
	}
	if s.Algorithm != "" || s.Timestamp.Unit != "" {
		t.Error("compiling changed the scheme it was given")
	}
}

func TestKeyErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ scheme, text, want string }{
		{"baanx", "", "is empty"},
		{"baanx", " \n", "is empty"},
		{"baanx", "whk_****...****9d4e", "is masked"},
		{"standard-webhooks", "whsec_", "is empty after its prefix"},
		{"standard-webhooks", "whsec_not base64", "is not base64"},
		{"standard-webhooks", "whsec_AAAA\n", "line break around it"},
		{"standard-webhooks", "whsec_A===", "is not base64"},
		{"adyen", "zz", "is not hex"},
		{"adyen", "abc", "is not hex"},
		{"discord", "abcd", "is 2 bytes"},
		{"telnyx", "AAAA", "is 3 bytes"},
		{"sendgrid", "AAAA", "is not a P-256 key"},
	} {
		_, err := signtest.Rules(t, tc.scheme).Key(tc.text)
		var ke *sign.KeyError
		if !errors.As(err, &ke) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s %q: %v", tc.scheme, tc.text, err)
		}
	}
	r := signtest.Rules(t, "baanx")
	if got := r.Verify(&sign.Message{}, []sign.Key{{}}, sign.VerifyOptions{}); got.OK {
		t.Error("the zero key verifies")
	}
	for _, keys := range [][]sign.Key{nil, {{}}, signtest.Keys(t, signtest.Rules(t, "vercel"), "k")} {
		if _, err := r.Sign(sign.SignRequest{Time: time.Unix(1, 0)}, keys); err == nil {
			t.Error("signs with a key that is none")
		}
	}
}

func TestVerdictDetails(t *testing.T) {
	t.Parallel()
	c := signtest.NewCase(t, "standard-webhooks", 1)
	header := func(name string, values ...string) *sign.Message {
		return c.With(func(m *sign.Message) {
			if m.Header[name] = values; values == nil {
				delete(m.Header, name)
			}
		})
	}
	good := c.Message.Header["Webhook-Signature"][0]
	for what, tc := range map[string]struct {
		m      *sign.Message
		reason sign.Reason
		detail string
	}{
		"no signature":        {header("Webhook-Signature"), sign.MissingSignature, "header Webhook-Signature is missing"},
		"empty signature":     {header("Webhook-Signature", " "), sign.MissingSignature, "is empty"},
		"other version":       {header("Webhook-Signature", "v2,"+good[3:]), sign.MalformedSignature, "v1,SIGNATURE"},
		"no id":               {header("Webhook-Id"), sign.MissingID, "Webhook-Id is missing"},
		"no time":             {header("Webhook-Timestamp"), sign.MissingTimestamp, "Webhook-Timestamp is missing"},
		"signed number":       {header("Webhook-Timestamp", "-5"), sign.MalformedTimestamp, "character 1"},
		"fraction":            {header("Webhook-Timestamp", "1770091506.5"), sign.MalformedTimestamp, "plain digits"},
		"milliseconds":        {header("Webhook-Timestamp", "1770091506000"), sign.MalformedTimestamp, "milliseconds"},
		"many digits":         {header("Webhook-Timestamp", strings.Repeat("9", 30)), sign.MalformedTimestamp, "too long"},
		"wrong digest":        {header("Webhook-Signature", "v1,"+strings.Repeat("A", 43)+"="), sign.Mismatch, "not made with this key"},
		"list with the right": {header("Webhook-Signature", "v2,xx v1,"+strings.Repeat("A", 43)+"=  "+good), sign.Valid, ""},
		"repeated header":     {header("Webhook-Signature", "v1,"+strings.Repeat("A", 43)+"=", good), sign.MalformedSignature, "came twice"},
		"the same twice":      {header("Webhook-Signature", good, good), sign.MalformedSignature, "came twice"},
		"joined to one":       {header("Webhook-Signature", good+", "+good), sign.MalformedSignature, "came twice"},
		"two times":           {header("Webhook-Timestamp", "1770091506", "1770091506"), sign.MalformedSignature, "came twice"},
		"two ids":             {header("Webhook-Id", "msg_1", "msg_1"), sign.MalformedSignature, "came twice"},
		"blanks around":       {header("Webhook-Signature", " \t"+good+" "), sign.Valid, ""},
	} {
		got := c.Verify(tc.m)
		if got.Reason != tc.reason || !strings.Contains(got.Detail.String(), tc.detail) || got.OK && !got.Detail.IsZero() {
			t.Errorf("%s: %s, %q", what, got.Reason, got.Detail)
		}
	}
}

// TestCopiedTime: a time that the signature does not cover can be refreshed by whoever replays a request; its copy in the
// signed body cannot.
func TestCopiedTime(t *testing.T) {
	t.Parallel()
	r := signtest.Rules(t, "linear")
	k, err := r.Key("a key")
	if err != nil {
		t.Fatal(err)
	}
	at := func(after time.Duration) string {
		return strconv.FormatInt(signtest.Clock().Add(after).UnixMilli(), 10)
	}
	for _, c := range []struct {
		header, body string
		want         sign.Reason
	}{
		{at(0), `{"webhookTimestamp":` + at(0) + `}`, sign.Valid},
		{at(0), `{"type":"Issue"}`, sign.Valid},
		{at(0), `{"webhookTimestamp":` + at(-61*time.Second) + `}`, sign.TooOld},
		{at(0), `{"webhookTimestamp":` + at(61*time.Second) + `}`, sign.TooNew},
		{at(-61 * time.Second), `{"webhookTimestamp":` + at(0) + `}`, sign.TooOld},
		{at(0), `{"webhookTimestamp":"soon"}`, sign.MalformedTimestamp},
	} {
		signed, err := r.Sign(sign.SignRequest{Time: signtest.Clock(), Body: strings.NewReader(c.body)}, []sign.Key{k})
		if err != nil {
			t.Fatal(err)
		}
		m := &sign.Message{Body: []byte(c.body), Header: map[string][]string{"Linear-Signature": {signed.Signature}, "Linear-Timestamp": {c.header}}}
		if v := r.Verify(m, []sign.Key{k}, sign.VerifyOptions{Now: signtest.Clock()}); v.Reason != c.want || v.OK != (c.want == sign.Valid) {
			t.Errorf("header %s, body %s: %+v", c.header, c.body, v)
		}
		if v := r.Verify(m, []sign.Key{k}, sign.VerifyOptions{Now: signtest.Clock(), IgnoreTime: true}); !v.OK {
			t.Errorf("time ignored: header %s, body %s: %+v", c.header, c.body, v)
		}
	}
}
