package craft_test

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// eachSigning runs f for every built-in scheme that can sign.
func eachSigning(t *testing.T, f func(t *testing.T, rules *sign.Rules)) {
	t.Helper()
	for _, name := range scheme.BuiltinNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := scheme.Builtin(name)
			if err != nil {
				t.Fatal(err)
			}
			rules, err := sign.Compile(s)
			if err != nil {
				t.Fatal(err)
			}
			if s.Algorithm != "none" {
				f(t, rules)
			}
		})
	}
}

// captured is a request that was signed at a time, as it would be recorded, with the key that signed it.
func captured(t *testing.T, rules *sign.Rules, at time.Time) (craft.Recorded, sign.Key) {
	t.Helper()
	key, err := craft.NewKey(rules, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	e := craft.Event{Body: []byte(`{"id":"evt_1","type":"door.opened","webhookTimestamp":1,"n":1.50}`), ID: "evt_1", Fields: inHeaders(rules)}
	if rules.Items != nil {
		e.Body = []byte(itemsBody)
	}
	e.Body = withoutTwin(rules, e.Body)
	if err := e.Complete(rules, rand.Reader); err != nil {
		t.Fatal(err)
	}
	params := map[string]string{}
	for _, name := range rules.Needs().Params {
		params[name] = "made-up"
	}
	r := craft.Request{
		Rules: rules, Keys: []sign.Key{key}, Params: params, Event: e, Method: http.MethodPost, URL: receiver, Agent: "provider", At: at, Rand: rand.Reader,
	}
	made, err := r.Make()
	if err != nil {
		t.Fatal(err)
	}
	q := craft.Recorded{Method: made.Method, URL: made.URL, Header: made.Header, Body: made.Body, Params: params}
	if v := verdictAt(rules, key, q, at); v.OK {
		q.ID = v.ID
		return q, key
	}
	again, err := craft.Resign(rules, key, at, q) // the sample's copy of the time in the body is another one
	if err != nil {
		t.Fatal(err)
	}
	again.Apply(q.Header)
	q.Body = again.Body
	return q, key
}

func verdictAt(rules *sign.Rules, key sign.Key, q craft.Recorded, at time.Time) sign.Verdict {
	m := &sign.Message{Method: q.Method, URL: q.URL, Header: q.Header, Body: q.Body, Params: q.Params}
	return rules.Verify(m, []sign.Key{key}, sign.VerifyOptions{Now: at})
}

// TestResignIsAcceptedLater: under every scheme a request that was captured long ago is accepted once it is signed again. Where the scheme
// has a window it is refused as it was. The bytes of the body stay, except where the scheme has time or signature in it.
func TestResignIsAcceptedLater(t *testing.T) {
	t.Parallel()
	then := time.Date(2026, 3, 4, 9, 15, 0, 0, time.UTC)
	now := then.Add(48 * time.Hour)
	eachSigning(t, func(t *testing.T, rules *sign.Rules) {
		t.Helper()
		q, key := captured(t, rules, then)
		if v := verdictAt(rules, key, q, then); !v.OK {
			t.Fatalf("not valid when it was captured: %+v", v)
		}
		window := rules.HasTime && !rules.Scheme().Timestamp.Tolerance.Off
		if v := verdictAt(rules, key, q, now); v.OK == window {
			t.Errorf("as captured it is %s later", v.Reason)
		}
		again, err := craft.Resign(rules, key, now, q)
		if err != nil {
			t.Fatal(err)
		}
		before, id := q.Body, q.ID
		again.Apply(q.Header)
		q.Body, q.URL = again.Body, again.URL
		v := verdictAt(rules, key, q, now)
		if !v.OK || v.ID != id {
			t.Errorf("signed again it is %+v", v)
		}
		inBody := rules.TimePath != nil || rules.CopyPath != nil || rules.SigPath != nil
		if !inBody && !bytes.Equal(q.Body, before) {
			t.Errorf("the body was changed to %s", q.Body)
		}
	})
}

// TestResignKeepsTheNamesThatCame: a receiver may read any of the names of a scheme's header, so those that came are set.
func TestResignKeepsTheNamesThatCame(t *testing.T) {
	t.Parallel()
	s, err := scheme.Builtin("svix")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := sign.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	q, key := captured(t, rules, time.Unix(1_750_000_000, 0))
	for _, part := range []string{"Id", "Timestamp", "Signature"} {
		q.Header["Webhook-"+part] = q.Header["Svix-"+part]
	}
	again, err := craft.Resign(rules, key, time.Unix(1_760_000_000, 0), q)
	if err != nil {
		t.Fatal(err)
	}
	again.Apply(q.Header)
	for _, part := range []string{"Id", "Timestamp", "Signature"} {
		a, b := q.Header["Svix-"+part], q.Header["Webhook-"+part]
		if len(a) != 1 || len(b) != 1 || a[0] != b[0] {
			t.Errorf("%s: %q and %q", part, a, b)
		}
	}
	if q.Header.Get("Webhook-Timestamp") != "1760000000" {
		t.Errorf("the time is %q", q.Header["Webhook-Timestamp"])
	}
}

// TestWithBodyKeepsHeadersInStep: what repeats the event's type or id in a header follows an edited body, and nothing else does.
func TestWithBodyKeepsHeadersInStep(t *testing.T) {
	t.Parallel()
	q := craft.Recorded{
		ID: "evt_1", Body: []byte(`{"id":"evt_1","type":"a"}`),
		Header: http.Header{"X-Event": {"a"}, "Webhook-Id": {"evt_1", "other"}, "Content-Digest": {"sha-256=:x:"}, "X-Also": {"evt_12"}},
	}
	spec := event.Spec{Type: []string{"type"}, ID: []string{"id"}}
	got := q.WithBody(spec, []byte(`{"id":"evt_2","type":"b"}`))
	for name, want := range map[string]string{"X-Event": "b", "Webhook-Id": "evt_2", "Content-Digest": "", "X-Also": "evt_12"} {
		if got.Header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Header.Get(name), want)
		}
	}
	if got.ID != "evt_2" || q.Header.Get("X-Event") != "a" || got.Header["Webhook-Id"][1] != "other" {
		t.Errorf("id %q, the original has %q", got.ID, q.Header)
	}
}

// TestResignMultipart: the fields that a multipart form has for its time and signature are set, and nothing else of it changes.
func TestResignMultipart(t *testing.T) {
	t.Parallel()
	s, err := scheme.Builtin("mailgun")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := sign.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	key, err := rules.Key("a key of these tests")
	if err != nil {
		t.Fatal(err)
	}
	part := func(name, value string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	at := time.Unix(1767323045, 0)
	body := part("timestamp", "1712345678") + part("x", "1&token=y") + part("token", "t") + part("signature", "00") + "--b--\r\n"
	header := http.Header{"Content-Type": {"multipart/form-data; boundary=b"}}
	again, err := craft.Resign(rules, key, at, craft.Recorded{Method: http.MethodPost, URL: receiver, Header: header, Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	v := rules.Verify(&sign.Message{Method: http.MethodPost, URL: receiver, Header: header, Body: again.Body}, []sign.Key{key}, sign.VerifyOptions{Now: at})
	if !v.OK || !v.SignedAt.Equal(at) || !bytes.Contains(again.Body, []byte(part("timestamp", "1767323045")+part("x", "1&token=y")+part("token", "t"))) {
		t.Errorf("%+v, %q", v, again.Body)
	}
	if _, err := craft.Resign(rules, key, at, craft.Recorded{Method: http.MethodPost, URL: receiver, Header: header, Body: []byte("timestamp=1&token=t&signature=00")}); err == nil {
		t.Error("pairs were signed as a multipart form")
	}
}
