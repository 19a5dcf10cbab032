package signtest

// Messages that are signed by a scheme.

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Bodies that schemes sign: most of them, those that have the signature in the body, and those that sign a form.
const (
	PlainBody    = `{"event_id":"evt_1","type":"card.activated","note":"Zoë – 10 €","n":1.50}`
	MailgunBody  = `{"signature":{"timestamp":"1700000000","token":"0123456789abcdef","signature":"SIG"},"event-data":{"event":"delivered","id":"e1"}}`
	FormBody     = "To=%2B15550001&From=%2B15550002&Body=two+words"
	SNSBody      = `{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-west-1:1:t","Subject":"s","Message":"hi\n","Timestamp":"2026-02-03T04:05:06Z","Signature":"SIG"}`
	AdyenBody    = `{"live":"false","notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":"SIG"},"amount":{"currency":"EUR","value":1130},"pspReference":"7914073381342284","eventCode":"AUTHORISATION","success":"true"}}]}`
	MidtransBody = `{"order_id":"o-1","status_code":"200","gross_amount":"10000.00","signature_key":"SIG","transaction_status":"settlement"}`
)

// Request is what a scheme signs: it has all that any of them asks for.
func Request(r *sign.Rules) sign.SignRequest {
	body := PlainBody
	switch name := r.Scheme().Name; {
	case strings.HasPrefix(name, "sns"):
		body = SNSBody
	case name == "adyen.payments":
		body = AdyenBody
	case name == "midtrans":
		body = MidtransBody
	case r.SignsInBody():
		body = MailgunBody
	case strings.Contains(r.Scheme().Content, "{form}"):
		body = FormBody
	}
	q := sign.SignRequest{
		Time: Clock(), ID: "msg_1", Method: "POST", URL: "https://hooks.example.test/in?x=1", Body: strings.NewReader(body),
		Header: map[string][]string{"Content-Type": {"application/json"}},
		Params: map[string]string{
			"key": "app-key-1", "audience": "https://hooks.example.test/in", "email": "push@project.example.test", "webhook_id": "8PT597110X687430LKGECATA",
		},
	}
	for _, name := range r.FreeHeaders() {
		q.Header[name] = []string{"nonce-1"}
	}
	return q
}

// Sign signs a request and makes the message that arrives.
func Sign(tb testing.TB, r *sign.Rules, q sign.SignRequest, keys ...sign.Key) (*sign.Message, sign.Signed) {
	tb.Helper()
	body, err := io.ReadAll(q.Body)
	if err != nil {
		tb.Fatal(err)
	}
	q.Body = bytes.NewReader(body)
	signed, err := r.Sign(q, keys)
	if err != nil {
		tb.Fatalf("%s: %v", r.Scheme().Name, err)
	}
	m := &sign.Message{Method: q.Method, URL: q.URL, Header: maps.Clone(q.Header), Body: body, Params: q.Params}
	if m.Header == nil {
		m.Header = map[string][]string{}
	}
	if signed.URL != "" {
		m.URL = signed.URL
	}
	for _, f := range signed.Fields {
		m.Header[scheme.CanonicalHeader(f.Name)] = []string{f.Value}
	}
	for _, f := range signed.Body {
		set, err := jsonbytes.SetString(f.Name, f.Value)
		if err == nil {
			m.Body, err = jsonbytes.Apply(m.Body, []jsonbytes.Edit{set})
		}
		if err != nil {
			tb.Fatalf("%s: %v", r.Scheme().Name, err)
		}
	}
	return m, signed
}

// Case is a message that was signed by one scheme.
type Case struct {
	Rules   *sign.Rules
	Keys    []sign.Key
	Text    string // of the first verifying key
	Signed  sign.Signed
	Message sign.Message
}

// NewCase signs a message by a built-in scheme with n fresh keys.
func NewCase(tb testing.TB, name string, n int) Case {
	tb.Helper()
	return CaseOf(tb, Rules(tb, name), n)
}

// CaseOf signs a message by these rules with n fresh keys.
func CaseOf(tb testing.TB, r *sign.Rules, n int) Case {
	tb.Helper()
	return signed(tb, r, n, KeyPair)
}

// Case signs a message by these rules with the ring's key.
func (g *Ring) Case(tb testing.TB, r *sign.Rules) Case {
	tb.Helper()
	return signed(tb, r, 1, g.KeyPair)
}

// signed signs a message by these rules with n keys.
func signed(tb testing.TB, r *sign.Rules, n int, pair func(testing.TB, *scheme.Scheme) (private, public string)) Case {
	tb.Helper()
	c := Case{Rules: r}
	var signers []sign.Key
	for i := range n {
		private, public := pair(tb, r.Scheme())
		k, err := r.SigningKey(private)
		if err != nil {
			tb.Fatal(err)
		}
		signers = append(signers, k)
		c.Keys = append(c.Keys, Keys(tb, r, public)...)
		if i == 0 {
			c.Text = public
		}
	}
	m, signed := Sign(tb, r, Request(r), signers...)
	c.Message, c.Signed = *m, signed
	return c
}

// Verify verifies a message with the keys that signed this one.
func (c *Case) Verify(m *sign.Message) sign.Verdict {
	return c.Rules.Verify(m, c.Keys, sign.VerifyOptions{Now: Clock()})
}

// With copies the message and lets change alter the copy.
func (c *Case) With(change func(m *sign.Message)) *sign.Message {
	m := c.Message
	m.Header = maps.Clone(c.Message.Header)
	for k, v := range m.Header {
		m.Header[k] = slices.Clone(v)
	}
	m.Body = slices.Clone(c.Message.Body)
	change(&m)
	return &m
}

// CoversBody says whether a scheme's signature protects the body.
func CoversBody(s *scheme.Scheme) bool {
	return s.JWT != nil && s.JWT.BodyClaim != "" || s.MessageSignature != nil || strings.Contains(s.Content, "{body}") || strings.Contains(s.Content, "{crc32:body}") ||
		strings.Contains(s.Content, "{sha256:body}") || strings.Contains(s.Content, "{form}") || s.BodyHash != nil
}
