package sign_test

// Handshakes: which requests are some, and what they are answered.

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// shaker answers handshakes of a scheme with one key.
type shaker struct {
	rules *sign.Rules
	key   sign.Key
	at    time.Time
}

func newShaker(t *testing.T, name, key string) shaker {
	t.Helper()
	s, err := scheme.Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := sign.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	k, err := rules.Key(key)
	if err != nil {
		t.Fatal(err)
	}
	return shaker{rules, k, time.Unix(1_700_000_000, 0)}
}

// signed is a request with a body that is signed with the shaker's key.
func (s shaker) signed(t *testing.T, body string) *sign.Message {
	t.Helper()
	signed, err := s.rules.Sign(sign.SignRequest{Time: s.at, Method: "POST", URL: "http://h/", Body: strings.NewReader(body)}, []sign.Key{s.key})
	if err != nil {
		t.Fatal(err)
	}
	m := &sign.Message{Method: "POST", Target: "/", Header: map[string][]string{}, Body: []byte(body)}
	for _, f := range signed.Fields {
		m.Header[http.CanonicalHeaderKey(f.Name)] = []string{f.Value}
	}
	return m
}

func (s shaker) answer(m *sign.Message) (a sign.Answer, why sign.Withheld, asked bool) {
	q, ok := s.rules.Question(m)
	if !ok {
		return a, "", false
	}
	v := s.rules.Verify(q.Signed(), []sign.Key{s.key}, sign.VerifyOptions{Now: s.at})
	a, why = q.Answer([]sign.Key{s.key}, v, "")
	return a, why, true
}

// TestKeyedAnswers: Zoom's documented request, and one of X, with the answers that openssl computed.
func TestKeyedAnswers(t *testing.T) {
	t.Parallel()
	zoom := newShaker(t, "zoom", "zoom-secret-token")
	m := zoom.signed(t, `{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}`)
	a, why, _ := zoom.answer(m)
	// printf %s qgg8vlvZRS6UYooatFL8Aw | openssl dgst -sha256 -hmac zoom-secret-token
	want := `{"encryptedToken":"d9e0d764a78494688ba3f2d5c0ed4ca311394b4834d959759213424d2df961e3","plainToken":"qgg8vlvZRS6UYooatFL8Aw"}`
	if why != "" || string(a.Body) != want || a.ContentType != "application/json" || a.Status != 200 {
		t.Errorf("%+v %s %s", a, a.Body, why)
	}
	x := newShaker(t, "twitter", "x-consumer-secret")
	// printf %s 'crc_token=…&nonce=…' | openssl dgst -sha256 -hmac x-consumer-secret -binary | base64
	crc := &sign.Message{Method: "GET", Target: "/webhook?crc_token=MTYwZjgwNDAtMjI4Ni00MWI2LTk4MTktMjJjZjU4OGYxOTU4&nonce=MTY4NTY2MjQ0ODA2MA", Header: map[string][]string{
		"X-Twitter-Webhooks-Signature": {"sha256=qDWPuP1MUQoZ938fxlIJY7pOrVHIwE3qV2HE74ZwL24="},
	}}
	if a, why, _ := x.answer(crc); why != "" || string(a.Body) != `{"response_token":"sha256=PM97B65p7E0aymzEdB2xZHiVvOin3bcv+eCS+yxJXhw="}` {
		t.Errorf("%+v %s %s", a, a.Body, why)
	}
	delete(crc.Header, "X-Twitter-Webhooks-Signature")
	if a, why, asked := x.answer(crc); !asked || why != sign.WithheldUnsigned || len(a.Body) > 0 {
		t.Errorf("without a signature: %s %s %v", a.Body, why, asked)
	}
}

// TestNoSigningOracle: a question never gets the signature of a text that an event could have.
func TestNoSigningOracle(t *testing.T) {
	t.Parallel()
	zoom, x := newShaker(t, "zoom", "zoom-secret-token"), newShaker(t, "twitter", "x-secret")
	for what, token := range map[string]string{
		"a signed text": `v0:1700000000:{\"event\":\"meeting.started\"}`, "a time and a dot": "v0:1700000000:a", "blank": "a b", "129 characters": strings.Repeat("a", 129),
		"control": "a\\u0000b", "line break": "a\\nb", "not ASCII": "ä", "JSON": `{}`,
	} {
		m := zoom.signed(t, `{"payload":{"plainToken":"`+token+`"},"event":"endpoint.url_validation"}`)
		if a, why, asked := zoom.answer(m); !asked || why != sign.WithheldToken || len(a.Body) > 0 {
			t.Errorf("Zoom, %s: %s %q %v", what, a.Body, why, asked)
		}
	}
	forged := zoom.signed(t, `{"payload":{"plainToken":"abc"},"event":"endpoint.url_validation"}`)
	forged.Body = []byte(strings.Replace(string(forged.Body), "abc", "abd", 1))
	if a, why, _ := zoom.answer(forged); why != sign.WithheldUnsigned || len(a.Body) > 0 {
		t.Errorf("Zoom, unsigned: %s %q", a.Body, why)
	}
	for what, token := range map[string]string{
		"an event": "%7B%22for_user_id%22%3A%221%22%7D", "a number": "123", "a word": "true", "a form": "payload=x", "empty form value": "a=b=", "long": strings.Repeat("a", 129), "bytes": "%00",
	} {
		m := &sign.Message{Method: "GET", Target: "/?crc_token=" + token + "&nonce=n", Header: map[string][]string{}}
		q, ok := x.rules.Question(m)
		if !ok {
			t.Errorf("X, %s: no question", what)
			continue
		}
		signed := x.signed(t, string(q.Signed().Body))
		m.Header = signed.Header
		if a, why, _ := x.answer(m); why != sign.WithheldToken || len(a.Body) > 0 {
			t.Errorf("X, %s: %s %q", what, a.Body, why)
		}
	}
}

// TestKeyedTokenInTheFormOfASignedText: a user's own scheme whose signed text could be written as a token.
func TestKeyedTokenInTheFormOfASignedText(t *testing.T) {
	t.Parallel()
	spec := &scheme.Scheme{
		Name: "acme", Content: "{timestamp}.{body}", Signature: scheme.SignatureSpec{Header: scheme.Names{"X-Sig"}}, Timestamp: &scheme.TimestampSpec{Header: scheme.Names{"X-Time"}},
		Handshake: &scheme.HandshakeSpec{When: scheme.Names{"json:token"}, Verified: true, Answer: scheme.AnswerSpec{Text: "{hmac:json:token}"}},
	}
	rules, err := sign.Compile(spec)
	if err != nil {
		t.Fatal(err)
	}
	key, err := rules.Key("secret-of-acme")
	if err != nil {
		t.Fatal(err)
	}
	s := shaker{rules, key, time.Unix(1_700_000_000, 0)}
	for token, want := range map[string]sign.Withheld{
		"1700000000.x": sign.WithheldToken, "1700000000.": sign.WithheldToken, "17.x.y": sign.WithheldToken, "abc.def": "", "abc": "", "1700000000": "", ".1700000000": "",
		strings.Repeat("1.", 64): sign.WithheldToken,
	} {
		if _, why, asked := s.answer(s.signed(t, `{"token":"`+token+`"}`)); !asked || why != want {
			t.Errorf("%s: %q, not %q", token, why, want)
		}
	}
}

// TestEchoes: what is given back is bounded, printable, and never a page.
func TestEchoes(t *testing.T) {
	t.Parallel()
	box := newShaker(t, "dropbox", "secret")
	get := func(query string) *sign.Message {
		return &sign.Message{Method: "GET", Target: "/hook?" + query, Header: map[string][]string{}}
	}
	for query, want := range map[string]sign.Withheld{
		"challenge=abc": "", "challenge=a+b": "", "challenge=%3Cscript%3E": "", "challenge=http%3A%2F%2Fevil.example%2F": "",
		"challenge=" + strings.Repeat("a", 2048): "", "challenge=" + strings.Repeat("a", 2049): sign.WithheldText, "challenge=" + strings.Repeat("a", 1<<20): sign.WithheldText,
		"challenge=a%00": sign.WithheldText, "challenge=a%0d%0ab": sign.WithheldText, "challenge=%1b[2J": sign.WithheldText, "challenge=%E2%80%AE": sign.WithheldText, "challenge=%ff": sign.WithheldText,
	} {
		a, why, asked := box.answer(get(query))
		if !asked || why != want || want == "" && a.ContentType != "text/plain; charset=utf-8" || want != "" && len(a.Body) > 0 {
			t.Errorf("%.40s: %q %v %+v", query, why, asked, a)
		}
	}
	for what, m := range map[string]*sign.Message{
		"no field": get("other=1"), "empty": get("challenge="), "twice": get("challenge=a&challenge=b"), "a body": {Method: "GET", Target: "/?challenge=a", Body: []byte("{}")},
		"POST": {Method: "POST", Target: "/?challenge=a"}, "a broken query": get("challenge=a;b"),
	} {
		if a, _, asked := box.answer(m); asked {
			t.Errorf("%s is a handshake: %+v", what, a)
		}
	}
}

// TestEventBesideAQuestion: an event that stands in a member of its own, or in one that comes twice, is no handshake.
func TestEventBesideAQuestion(t *testing.T) {
	t.Parallel()
	notion, lark, grid := newShaker(t, "notion", "secret"), newShaker(t, "lark", "secret"), newShaker(t, "event-grid", "none")
	for body, s := range map[string]shaker{
		`{"verification_token":{"type":"page.created"},"verification_token":"secret_x"}`: notion, `{"verification_token":"secret_x","type":"page.created"}`: notion,
		`{"type":"url_verification","challenge":{"event":[1]},"challenge":"x","token":"t"}`: lark, `{"type":"im.message","\u0074ype":"url_verification","challenge":"x","token":"t"}`: lark,
		`[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"order":1},"data":{"validationCode":"x"}}]`: grid,
	} {
		if a, _, asked := s.answer(&sign.Message{Method: "POST", Target: "/", Header: map[string][]string{}, Body: []byte(body)}); asked {
			t.Errorf("%s is a handshake: %+v", body, a)
		}
	}
}
