package craft_test

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// One source of randomness and one clock give one request.
func TestARequestIsMadeOfWhatIsHandedIn(t *testing.T) {
	t.Parallel()
	rules := signtest.Rules(t, "standard-webhooks")
	key, err := craft.NewKey(rules, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1750000000, 0)
	make1 := func() craft.Made {
		random := bytes.NewReader([]byte(strings.Repeat("0123456789abcdef", 64)))
		e, err := craft.Sample(rules, "user.created", event.BuildOptions{Now: now, Rand: random})
		if err != nil {
			t.Fatal(err)
		}
		r := craft.Request{Rules: rules, Keys: []sign.Key{key}, Event: e, Method: "POST", URL: receiver, Agent: "whctl/test", At: now, Rand: random}
		m, err := r.Make()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	a, b := make1(), make1()
	if !bytes.Equal(a.Body, b.Body) || a.Header.Get("Webhook-Signature") != b.Header.Get("Webhook-Signature") || a.Header.Get("Webhook-Timestamp") != "1750000000" {
		t.Errorf("got %v and %v", a.Header, b.Header)
	}
}

// A scheme may sign the time of the event; without one it is the moment of signing.
func TestTheTimeOfTheEventIsSignedWhereTheSchemeSaysSo(t *testing.T) {
	t.Parallel()
	sent, happened := time.Unix(1750000000, 0), time.Unix(1740000000, 0)
	for name, want := range map[string]time.Time{"kyc.body": happened, "kyc.ts-body": happened, "kyc.id-ts-body": happened, "baanx": sent} {
		rules := signtest.Rules(t, name)
		key, err := craft.NewKey(rules, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range []craft.Event{{Body: []byte("{}"), Time: happened}, {Body: []byte("{}")}} {
			want := want
			if event.Time.IsZero() {
				want = sent
			}
			r := craft.Request{Rules: rules, Keys: []sign.Key{key}, Event: event, Method: "POST", URL: receiver, At: sent, Rand: rand.Reader}
			m, err := r.Make()
			if got := m.Header.Get(rules.Scheme().Timestamp.Header[0]); err != nil || got != strconv.FormatInt(want.Unix(), 10) {
				t.Errorf("%s: %s, %v; want %d", name, got, err, want.Unix())
			}
		}
	}
}

// What cannot be signed is given as far as it goes, for whoever logs what was tried.
func TestARequestThatCannotBeSignedIsGivenUnsigned(t *testing.T) {
	t.Parallel()
	rules, err := sign.Compile(&scheme.Scheme{Name: "own", Content: "{param:account}{body}", Signature: scheme.SignatureSpec{Header: scheme.Names{"X-Sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := rules.SigningKey("key")
	if err != nil {
		t.Fatal(err)
	}
	r := craft.Request{
		Rules: rules, Keys: []sign.Key{key}, Event: craft.Event{Body: []byte("{}")}, Method: "POST", URL: receiver,
		Header: http.Header{"X-Own": {"1"}, "User-Agent": nil}, Agent: "whctl/test", At: time.Now(), Rand: rand.Reader,
	}
	m, err := r.Make()
	if err == nil || fault.KindOf(err) != fault.Usage || m.Header.Get("X-Sig") != "" || m.Header.Get("X-Own") != "1" || m.Header.Get("Content-Type") != "application/json" {
		t.Errorf("got %v, %v", m.Header, err)
	}
	if agent, has := m.Header["User-Agent"]; !has || agent != nil {
		t.Errorf("a header that was left out is %q", agent)
	}
}
