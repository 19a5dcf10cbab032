package listen_test

// Signatures and secrets of jobs that are sent late.

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// provider signs, and verifies what reaches a target as a correct program does.
type provider struct {
	rules *sign.Rules
	key   sign.Key // signs
	check sign.Key // verifies
	now   func() time.Time
}

func newProvider(t *testing.T, name, key, check string) *provider {
	t.Helper()
	p := &provider{rules: rulesOf(t, name)}
	var err error
	if p.key, err = p.rules.SigningKey(key); err != nil {
		t.Fatal(err)
	}
	if p.check, err = p.rules.Key(check); err != nil {
		t.Fatal(err)
	}
	return p
}

func rulesOf(t *testing.T, name string) *sign.Rules {
	t.Helper()
	spec, err := scheme.Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := sign.Compile(spec)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// request is a delivery of the provider, signed now. more are further header lines.
func (p *provider) request(t *testing.T, url string, more ...string) *http.Request {
	t.Helper()
	signed, err := p.rules.Sign(sign.SignRequest{Time: p.now(), ID: "msg_1", Method: http.MethodPost, URL: url, Body: strings.NewReader(body)}, []sign.Key{p.key})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range signed.Fields {
		req.Header.Set(f.Name, f.Value)
	}
	for i := 0; i < len(more); i += 2 {
		req.Header.Set(more[i], more[i+1])
	}
	return req
}

func (p *provider) post(t *testing.T, url string, more ...string) {
	t.Helper()
	resp, err := (&http.Client{}).Do(p.request(t, url, more...))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("answered %d", resp.StatusCode)
	}
}

// verify says what a target finds that verifies as of now.
func (p *provider) verify(h http.Header, body string) sign.Verdict {
	m := &sign.Message{Method: http.MethodPost, Header: h, Body: []byte(body)}
	return p.rules.Verify(m, []sign.Key{p.check}, sign.VerifyOptions{Now: p.now()})
}

// keyring is what a listener verifies with, which a test changes.
type keyring struct{ now atomic.Pointer[judge.Judge] }

func (k *keyring) set(rules *sign.Rules, keys ...judge.Key) {
	k.now.Store(judge.New(rules, keys, judge.Options{}))
}

// belated is a listener whose target takes nothing at first and asks to wait for 400 s. down waits for that. up lets this time pass at
// once, and gives what the target was sent then.
type belated struct {
	*rig
	app   *app
	keys  keyring
	ahead atomic.Int64 // of other clocks
}

func (l *belated) down(t *testing.T) {
	t.Helper()
	nextState(t, l.rig, record.Lost)
}

func (l *belated) up(t *testing.T) (a *record.Attempt, h http.Header, sent string) {
	t.Helper()
	l.ahead.Add(int64(400 * time.Second))
	all := ends(t, l.rig, 1, record.JobDelivered)
	return all[len(all)-1], l.app.head(1), l.app.sent()[1]
}

func newBelated(t *testing.T, p *provider, change func(*listen.Options)) *belated {
	t.Helper()
	l := &belated{}
	l.app = newApp(t, func(n int, _ string, w http.ResponseWriter) {
		if n == 0 {
			w.Header().Set("Retry-After", "400")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	l.keys.set(p.rules, judge.Key{Label: "webhook a", Key: p.check})
	l.rig = start(t, func(o *listen.Options) {
		ackNow(to("app", l.app.URL))(o)
		o.Judge = func(context.Context) *judge.Judge { return l.keys.now.Load() }
		o.Now = func() time.Time { return time.Now().Add(time.Duration(l.ahead.Load())) }
		o.Queue.Policy.Now, p.now = o.Now, o.Now
		if change != nil {
			change(o)
		}
	})
	return l
}

const (
	oneKey   = "whk_exampleonly0000000000000000000000001"
	otherKey = "whk_exampleonly0000000000000000000000002"
	body     = `{"event_type":"card.activated","event_id":"e1"}`
)

// TestLateTriesAreSignedAfresh: a target that verifies takes what was signed longer ago than half of the window. Body and id stay.
func TestLateTriesAreSignedAfresh(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{"baanx": oneKey, "standard-webhooks": "whsec_c2VjcmV0LW9mLXRlc3RzLW9ubHktMDAwMDAwMDA="} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProvider(t, name, key, key)
			l := newBelated(t, p, nil)
			p.post(t, l.url)
			l.down(t)
			a, h, sent := l.up(t)
			if a.Signing != record.Resigned || a.Number != 2 || a.Job.Tries != 1 {
				t.Errorf("%+v of %+v", a, a.Job)
			}
			first := l.app.head(0)
			v := p.verify(h, sent)
			if !v.OK || sent != body || v.ID != p.verify(first, body).ID || p.now().Sub(v.SignedAt) > 100*time.Second {
				t.Errorf("the target finds %+v of %q", v, sent)
			}
			if got, want := h.Get("X-Forwarded-For"), first.Get("X-Forwarded-For"); got != want {
				t.Errorf("X-Forwarded-For: %q, and %q before", got, want)
			}
		})
	}
}

// TestEarlyTriesGoAsCaptured: within half of the window the signature is the provider's own.
func TestEarlyTriesGoAsCaptured(t *testing.T) {
	t.Parallel()
	p := newProvider(t, "baanx", oneKey, oneKey)
	a := newApp(t, func(n int, _ string, w http.ResponseWriter) {
		if n == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	r := start(t, func(o *listen.Options) {
		ackNow(to("app", a.URL))(o)
		judging := judge.New(p.rules, []judge.Key{{Key: p.check}}, judge.Options{})
		o.Judge = func(context.Context) *judge.Judge { return judging }
		p.now = o.Now
	})
	p.post(t, r.url)
	all := ends(t, r, 1, record.JobDelivered)
	if a.head(0).Get("X-Signature") != a.head(1).Get("X-Signature") || all[1].Signing != record.AsCaptured {
		t.Errorf("%+v", all[1])
	}
}

// TestKeysThatChangeWhileJobsWait: the key that verified the delivery signs, however it is called now. Where it is gone, the delivery
// goes as it came, and the attempt says so.
func TestKeysThatChangeWhileJobsWait(t *testing.T) {
	t.Parallel()
	key := func(label, text string) judge.Key {
		k, err := rulesOf(t, "baanx").Key(text)
		if err != nil {
			t.Fatal(err)
		}
		return judge.Key{Label: label, Key: k}
	}
	for name, c := range map[string]struct {
		keys    []judge.Key
		signing record.Signing
		reason  sign.Reason
	}{
		"rotated":  {[]judge.Key{key("webhook a", otherKey), key("webhook a (previous key)", oneKey)}, record.Resigned, sign.Valid},
		"removed":  {nil, record.Outdated, sign.TooOld},
		"replaced": {[]judge.Key{key("webhook a", otherKey)}, record.Outdated, sign.TooOld},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProvider(t, "baanx", oneKey, oneKey)
			l := newBelated(t, p, nil)
			p.post(t, l.url)
			l.down(t)
			l.keys.set(p.rules, c.keys...)
			a, h, sent := l.up(t)
			if v := p.verify(h, sent); v.Reason != c.reason || a.Signing != c.signing {
				t.Errorf("%+v, %s", v, a.Signing)
			}
		})
	}
}

// TestPublicKeysCannotSign: the delivery goes as it came, and the attempt says so.
func TestPublicKeysCannotSign(t *testing.T) {
	t.Parallel()
	const (
		seed   = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=" // RFC 8032, 7.1
		public = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	)
	p := newProvider(t, "telnyx", seed, public)
	l := newBelated(t, p, nil)
	p.post(t, l.url)
	l.down(t)
	a, h, sent := l.up(t)
	if v := p.verify(h, sent); v.Reason != sign.TooOld || a.Signing != record.Outdated {
		t.Errorf("%+v, %s", v, a.Signing)
	}
}

// TestWhatWasNotVerifiedIsNotSigned: whctl does not vouch for a forged delivery that it hands on, nor for one that it had no key for.
func TestWhatWasNotVerifiedIsNotSigned(t *testing.T) {
	t.Parallel()
	for name, without := range map[string]bool{"invalid": false, "unverified": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProvider(t, "baanx", otherKey, oneKey)
			l := newBelated(t, p, func(o *listen.Options) { o.ForwardInvalid = true })
			if without {
				l.keys.set(p.rules)
			}
			p.post(t, l.url)
			l.down(t)
			l.keys.set(p.rules, judge.Key{Label: "webhook a", Key: p.check})
			a, h, sent := l.up(t)
			if v := p.verify(h, sent); v.OK || a.Signing == record.Resigned || h.Get("X-Signature") != l.app.head(0).Get("X-Signature") {
				t.Errorf("%+v, %s", v, a.Signing)
			}
		})
	}
}

// TestSecretsOfTheSender reach the target at once and not later, since no journal has them. That is said once. A target's own headers
// and the scheme's token are sent all the same.
func TestSecretsOfTheSender(t *testing.T) {
	t.Parallel()
	p := newProvider(t, "baanx", oneKey, oneKey)
	l := newBelated(t, p, nil)
	p.post(t, l.url, "Authorization", "Bearer exampleonly", "Cookie", "a=exampleonly", "X-Plain", "1")
	l.down(t)
	_, h, _ := l.up(t)
	first := l.app.head(0)
	if first.Get("Authorization") != "Bearer exampleonly" || first.Get("Cookie") != "a=exampleonly" {
		t.Errorf("the first try has %v", first)
	}
	if h["Authorization"] != nil || h["Cookie"] != nil || h.Get("X-Plain") != "1" {
		t.Errorf("the second try has %v", h)
	}
}

func TestMissingSecretsAreSaidOnce(t *testing.T) {
	t.Parallel()
	p := newProvider(t, "baanx", oneKey, oneKey)
	l := newBelated(t, p, nil)
	for range 3 {
		p.post(t, l.url, "Authorization", "Bearer exampleonly")
	}
	l.down(t)
	l.ahead.Add(int64(400 * time.Second))
	if c := nextState(t, l.rig, record.Hinted); !strings.HasPrefix(c.Message, "Authorization: ") || c.Target != "app" {
		t.Errorf("it says %+v", c)
	}
	ends(t, l.rig, 3, record.JobDelivered)
	l.end(t)
	for len(l.events) > 0 {
		if c, is := (<-l.events).(record.Changed); is && c.State == record.Hinted {
			t.Errorf("it says again %+v", c)
		}
	}
}

// TestTokensAreSetAgain: the journal has no tokens, so a late try has the one of the key.
func TestTokensAreSetAgain(t *testing.T) {
	t.Parallel()
	const token = "token-exampleonly-000000000000000001"
	p := newProvider(t, "gitlab", token, token)
	l := newBelated(t, p, nil)
	p.post(t, l.url)
	l.down(t)
	a, h, sent := l.up(t)
	if v := p.verify(h, sent); !v.OK || a.Signing != record.AsCaptured {
		t.Errorf("%+v, %s", v, a.Signing)
	}
	for len(l.events) > 0 {
		if c, is := (<-l.events).(record.Changed); is && c.State == record.Hinted {
			t.Errorf("it says %+v", c)
		}
	}
}
