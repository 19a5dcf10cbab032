package sign_test

// The suite of all schemes: round trip, several keys, one changed byte, no disclosure.

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, name := range scheme.BuiltinNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := signtest.NewCase(t, name, 1)
			got := c.Verify(&c.Message)
			if !got.OK || got.Reason != sign.Valid || got.KeyIndex != 0 || got.Scheme != name {
				t.Fatalf("%+v", got)
			}
			needs := c.Rules.Needs()
			if needs.Timestamp && (!got.SignedAt.Equal(signtest.Clock()) || got.Skew != 0) {
				t.Errorf("signed at %v, skew %v", got.SignedAt, got.Skew)
			}
			if needs.ID && got.ID != "msg_1" {
				t.Errorf("id is %q", got.ID)
			}
			if other := signtest.NewCase(t, name, 1); c.Rules.Verify(&c.Message, other.Keys, sign.VerifyOptions{Now: signtest.Clock()}).Reason != sign.Mismatch {
				t.Error("another key does not give a mismatch")
			}
			if c.Rules.Verify(&c.Message, nil, sign.VerifyOptions{Now: signtest.Clock()}).Reason != sign.Unverified {
				t.Error("no key does not give unverified")
			}
		})
	}
}

// TestSeveralKeys signs with two keys: formats with a list carry both, the others the first; any configured key verifies.
func TestSeveralKeys(t *testing.T) {
	t.Parallel()
	for _, name := range scheme.BuiltinNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := signtest.NewCase(t, name, 2)
			listed := c.Rules.Scheme().Signature.Separator != "" || c.Rules.Scheme().Signature.HeaderMatch == "any"
			second := c.Rules.Verify(&c.Message, c.Keys[1:], sign.VerifyOptions{Now: signtest.Clock()})
			if second.OK != listed {
				t.Errorf("the second key verifies: %v, the format has a list: %v", second.OK, listed)
			}
			stranger := signtest.NewCase(t, name, 1)
			got := c.Rules.Verify(&c.Message, []sign.Key{stranger.Keys[0], c.Keys[0]}, sign.VerifyOptions{Now: signtest.Clock()})
			if !got.OK || got.KeyIndex != 1 {
				t.Errorf("with a stranger's key first: %+v", got)
			}
		})
	}
}

// covered says which parts of a message a scheme's signature protects.
func covered(s *scheme.Scheme) (body, url, method, id, ts bool) {
	has := func(text string) bool { return strings.Contains(s.Content, text) }
	ts = has("{timestamp}")
	if p := s.MessageSignature; p != nil {
		return signtest.CoversBody(s), slices.Contains(p.Components, "@target-uri"), slices.Contains(p.Components, "@method"), false, false
	}
	if s.Timestamp != nil {
		for _, h := range s.Timestamp.Header {
			ts = ts || has("{header:"+h+"}")
		}
	}
	return signtest.CoversBody(s), has("{url}"), has("{method}"), has("{id}"), ts
}

func TestAnyChangeFails(t *testing.T) {
	t.Parallel()
	for _, name := range scheme.BuiltinNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := signtest.NewCase(t, name, 1)
			refused := func(what string, m *sign.Message) {
				if got := c.Verify(m); got.OK {
					t.Errorf("%s changed, and it still verifies", what)
				}
			}
			changeBody(&c, refused)
			changeHeaders(&c, refused)
			_, url, method, _, _ := covered(c.Rules.Scheme())
			for i := range c.Message.URL {
				if url {
					refused(fmt.Sprintf("URL byte %d", i), c.With(func(m *sign.Message) { m.URL = flip(m.URL, i) }))
				}
			}
			if method {
				refused("method", c.With(func(m *sign.Message) { m.Method = "PUT" }))
			}
			changeKey(t, &c)
		})
	}
}

func changeBody(c *signtest.Case, refused func(string, *sign.Message)) {
	body, _, _, _, _ := covered(c.Rules.Scheme())
	inBody := c.Rules.Scheme().Name == "mailgun"
	for i := range c.Message.Body {
		if body || inBody && i > 12 && i < bytes.Index(c.Message.Body, []byte("event-data"))-4 {
			refused(fmt.Sprintf("body byte %d", i), c.With(func(m *sign.Message) { m.Body[i] ^= 1 }))
		}
	}
	if body {
		refused("body end", c.With(func(m *sign.Message) { m.Body = append(m.Body, '\n') }))
		refused("body start", c.With(func(m *sign.Message) { m.Body = m.Body[1:] }))
	}
}

func changeHeaders(c *signtest.Case, refused func(string, *sign.Message)) {
	s := c.Rules.Scheme()
	_, _, _, id, ts := covered(s)
	for _, h := range c.Rules.SignatureHeaders() {
		changeHeader(c, h, refused)
	}
	if id {
		changeHeader(c, headerOf(s.ID.Header), refused)
	}
	if ts && len(s.Timestamp.Header) > 0 {
		changeHeader(c, headerOf(s.Timestamp.Header), refused)
	}
	for h := range s.Require {
		changeHeader(c, headerOf(scheme.Names{h}), refused)
	}
}

func headerOf(n scheme.Names) string {
	name, _, _ := scheme.ParseHeaderLine(n[0] + ":")
	return name
}

func changeHeader(c *signtest.Case, name string, refused func(string, *sign.Message)) {
	for key, values := range c.Message.Header {
		if !strings.EqualFold(key, name) {
			continue
		}
		for i := range values[0] {
			if strings.HasPrefix(c.Rules.Scheme().Signature.Item, "v{*}=") && values[0][:i] != "" && strings.HasSuffix(values[0][:i], "v") {
				continue // the number of the key, which may be any
			}
			refused(fmt.Sprintf("%s byte %d", name, i), c.With(func(m *sign.Message) { m.Header[key][0] = flip(values[0], i) }))
		}
		refused(name+" shortened", c.With(func(m *sign.Message) { m.Header[key][0] = values[0][:len(values[0])-1] }))
		refused(name+" lengthened", c.With(func(m *sign.Message) { m.Header[key][0] += "0" }))
		refused(name+" left out", c.With(func(m *sign.Message) { delete(m.Header, key) }))
	}
}

func changeKey(t *testing.T, c *signtest.Case) {
	t.Helper()
	prefix := len(c.Rules.Scheme().Key.Prefix)
	coded, _, _ := strings.Cut(c.Text, "\n-----END")
	for i := range c.Text {
		k, err := c.Rules.Key(flip(c.Text, i))
		if err != nil || i < prefix || strings.HasSuffix(coded, "=") && i > len(coded)-4 {
			continue // no key at all any more, or only bits that base64 does not use
		}
		if got := c.Rules.Verify(&c.Message, []sign.Key{k}, sign.VerifyOptions{Now: signtest.Clock()}); got.OK {
			t.Errorf("key byte %d changed, and it still verifies", i)
		}
	}
}

func flip(s string, i int) string {
	b := []byte(s)
	b[i] ^= 1
	return string(b)
}

// TestNoDisclosure looks for the right signature and the key in everything that comes out of refused requests.
func TestNoDisclosure(t *testing.T) {
	t.Parallel()
	for _, name := range scheme.BuiltinNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := signtest.NewCase(t, name, 1)
			secrets := c.Secrets()
			for what, m := range refusals(&c) {
				got := c.Verify(m)
				if got.OK {
					t.Errorf("%s: is valid", what)
				}
				got.ID = "" // the id is the message's own text
				b, err := json.Marshal(got)
				if err != nil {
					t.Fatal(err)
				}
				signtest.NoSecret(t, what, fmt.Sprintf("%+v %#v %s", got, got, b), secrets)
			}
			keysHide(t, &c, secrets)
		})
	}
}

// keysHide looks at everything that can be done with a key and with a key that is refused.
func keysHide(t *testing.T, c *signtest.Case, secrets []string) {
	t.Helper()
	for _, k := range c.Keys {
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("key", "key", k, "in", []any{k})
		signtest.NoSecret(t, "key", fmt.Sprintf("%v %+v %#v %s %q %x %d %v %v", k, k, k, k, k, k, k, &k, struct{ K sign.Key }{k})+log.String(), secrets)
		if _, err := json.Marshal(k); err == nil {
			t.Error("a key can be marshalled")
		}
	}
	for _, bad := range []string{c.Text + "****", "****" + c.Text} {
		_, err := c.Rules.Key(bad)
		ke, ok := errors.AsType[*sign.KeyError](err)
		if !ok {
			t.Fatalf("a masked key gives %v", err)
		}
		signtest.NoSecret(t, "key error", fmt.Sprintf("%v %+v %#v", err, err, ke), secrets)
	}
}

// refusals are wrong requests, many of which hold the right signature in a wrong form or place.
func refusals(c *signtest.Case) map[string]*sign.Message {
	out := map[string]*sign.Message{
		"other body": c.With(func(m *sign.Message) { m.Body = bytes.ReplaceAll(m.Body, []byte("1"), []byte("2")) }),
		"no headers": c.With(func(m *sign.Message) { m.Header = map[string][]string{} }),
		"no body":    c.With(func(m *sign.Message) { m.Body = nil }),
	}
	if body, _, _, _, _ := covered(c.Rules.Scheme()); !body {
		delete(out, "other body")
		if !c.Rules.SignsInBody() {
			delete(out, "no body")
		}
	}
	if c.Rules.Scheme().Signature.JSON != "" {
		delete(out, "no headers")
	}
	var times, sigs []string
	if ts := c.Rules.Scheme().Timestamp; ts != nil {
		times = ts.Header
	}
	for key, values := range c.Message.Header {
		if !slices.ContainsFunc(c.Rules.SignatureHeaders(), func(h string) bool { return strings.EqualFold(h, key) }) {
			continue
		}
		sigs = append(sigs, values[0])
		for label, wrong := range map[string]string{
			"double prefix": "sha256=" + values[0], "reversed": reverse(values[0]), "quoted": `"` + values[0] + `"`, "cut": values[0][:len(values[0])-2],
			"rubbish": "zzzz", "only prefix": values[0][:3],
		} {
			out[label] = c.With(func(m *sign.Message) { m.Header[key][0] = wrong })
		}
	}
	for _, name := range times {
		for key := range c.Message.Header {
			if strings.EqualFold(key, name) && len(sigs) > 0 {
				out["signature as time"] = c.With(func(m *sign.Message) { m.Header[key][0] = sigs[0] })
			}
		}
	}
	return out
}

func reverse(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// TestDocumentedDigests are the cases of the providers' references.
func TestDocumentedDigests(t *testing.T) {
	t.Parallel()
	const v1 = `{"api_version":"v1","event_id":"51d2e8b6-a0c9-4e37-b1f4-7d893c6a52e0","event_category":"kyc","event_type":"kyc.status.changed","user_id":"07c5f1a9-b83e-4d62-9e10-c4a7d25f8b3e","user_external_id":"cust-4417","event_object_id":"07c5f1a9-b83e-4d62-9e10-c4a7d25f8b3e","event_object_status":"completed","event_object_changes":{"status":["pending","completed"]},"event_object":{"status":"completed","failure_code":null,"failure_reason":null},"occurred_at":"2025-06-15T15:06:39.214Z"}`
	const a = `{"id":"evt_9f3k2m7q","type":"kyc.session.processed","created":1750000100,"data":{"session_id":"6b0e4d1c-83f7-4a29-b5d6-2c91e07fa348","status":"APPROVED","final_decision":"flagged"}}`
	const b = `{"type":"customer.status_changed","payload":{"customerId":"cus_7h2k9x","previousStatus":"CREATED","newStatus":"UNDER_REVIEW","customerType":"BUSINESS","email":"ops@northwind.test","updatedAt":"2025-06-15T15:10:00Z"},"metadata":{"eventId":"evt_5r8t1w","occurredAt":"2025-06-15T15:10:00Z","organizationId":"org_3n6p"}}`
	const c = `{"id":"d41f7c20-6b9e-4e85-a3f8-0c572d19eb64","apiVersion":"v1","type":"customer.updated","createdAt":"2025-06-15T15:11:40Z","resource":{"customerId":"2e8a5b93-17c4-4d06-9fb2-684e0d7ac135","customerStatus":"ACTIVE","customerType":"INDIVIDUAL","name":"Ada Example","email":"ada@northwind.test","updatedAt":"2025-06-15T15:11:40Z","organizationId":"5c90e7d2-4a1b-4f38-8e66-b3d72f015a9c"},"updatedAt":"2025-06-15T15:11:40Z"}`
	const baanx = "whk_exampleonly0000000000000000000000001"
	for _, tc := range []struct {
		name, scheme, key, id string
		at                    int64
		body, want            string
	}{
		{"V1", "baanx", baanx, "", 1750000000, v1, "14b78689196a5d58b25024626f2211f42812e2eaaacca73b75ce212009bac295"},
		{"V2", "baanx", baanx, "", 1750000000, `{"note":"Zoë – 10 €"}`, "97e2522f7480bbac054233b5c9b1f22274535b1fd12c2ae41af4ac2212b3c8c7"},
		{"V3", "baanx", baanx, "", 1750000000, "", "d77eb36d3b4adb4e532f09f40c3548600adc065c62a78b2772b9ce3d57c8bb11"},
		{"V4", "baanx", baanx, "", 1750000000, "{ \"a\": 1,\n  \"b\": [ ] }", "cc9093b991469bc31b81ca034c8a474d1a6a1d6392b16554ee05b8bac659439b"},
		{"A ts", "kyc", "lt-example-secret-0001", "", 1750000100, a, "sha256=807b03eb56250542621e07f9cce01d5c506ce97e5207f859b9b2cbf95e4c3013"},
		{"A body", "kyc.body", "lt-example-secret-0001", "", 1750000100, a, "sha256=a4928a62b42c3b290a08326cfbf818e1ffc466e04772d83e25122a7b1a252002"},
		{"A id", "kyc.id-ts-body", "lt-example-secret-0001", "evt_9f3k2m7q", 1750000100, a, "sha256=83d5ee69f16c23dfc9ef7d6a99576c237e621a63e8b9517c991f0df0fac5f80d"},
		{"B", "verification", "draft-example-secret-0001", "", 1750000200, b, "56d15a50cafd65366639a035592d527031720c5928983b683905b4593ede990f"},
		{"C", "fern", "live-example-secret-0001", "", 1750000300, c, "ee6391135182a25a45b5cedd1bd2b546a79fddf2033679f0dc8f10ec52753aec"},
	} {
		r := signtest.Rules(t, tc.scheme)
		got, err := r.Sign(sign.SignRequest{Time: time.Unix(tc.at, 0), ID: tc.id, Body: strings.NewReader(tc.body)}, signtest.Keys(t, r, tc.key))
		if err != nil || got.Signature != tc.want {
			t.Errorf("%s: %q, %v", tc.name, got.Signature, err)
		}
	}
}

// TestWindowOfV1 walks along the edges of the window.
func TestWindowOfV1(t *testing.T) {
	t.Parallel()
	c := signtest.NewCase(t, "baanx", 1)
	sub := 900 * time.Millisecond
	for _, tc := range []struct {
		now  time.Duration
		want sign.Reason
	}{
		{0, sign.Valid},
		{300 * time.Second, sign.Valid},
		{300*time.Second + sub, sign.Valid},
		{301 * time.Second, sign.TooOld},
		{-300 * time.Second, sign.Valid},
		{-301 * time.Second, sign.TooNew},
		{-300*time.Second - sub, sign.TooNew},
	} {
		got := c.Rules.Verify(&c.Message, c.Keys, sign.VerifyOptions{Now: signtest.Clock().Add(tc.now)})
		if got.Reason != tc.want || got.Skew != tc.now || got.OK != (tc.want == sign.Valid) {
			t.Errorf("%v: %+v", tc.now, got)
		}
		if got := c.Rules.Verify(&c.Message, c.Keys, sign.VerifyOptions{Now: signtest.Clock().Add(tc.now), IgnoreTime: true}); !got.OK {
			t.Errorf("%v with the time ignored: %+v", tc.now, got)
		}
	}
	stale := sign.VerifyOptions{Now: signtest.Clock().Add(time.Hour)}
	wrong := c.With(func(m *sign.Message) { m.Body = []byte("x") })
	if got := c.Rules.Verify(wrong, c.Keys, stale); got.Reason != sign.Mismatch {
		t.Errorf("stale and wrong is %s", got.Reason)
	}
}

// TestMACAgainstStdlib compares with the plain formula.
func TestMACAgainstStdlib(t *testing.T) {
	t.Parallel()
	r := signtest.Rules(t, "baanx")
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	h := hmac.New(sha256.New, []byte("k"))
	h.Write([]byte("1770091506."))
	h.Write(body)
	got, err := r.Sign(sign.SignRequest{Time: time.Unix(1770091506, 0), Body: bytes.NewReader(body)}, signtest.Keys(t, r, "k"))
	if err != nil || got.Signature != hex.EncodeToString(h.Sum(nil)) {
		t.Errorf("%v, %v", got, err)
	}
}
