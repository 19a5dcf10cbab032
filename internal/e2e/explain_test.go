package e2e

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
)

// pastedKey is a public key in some form, and what must be said of it; nothing when it is taken.
type pastedKey struct {
	ID, Scheme, Want string
	Key              []byte `json:"key_base64"`
}

// TestDiagnosePastedKeys gives whctl public keys in the wrong form, as openssl made them: verify and keys add refuse each with
// what it is and what to do, and no output holds it.
func TestDiagnosePastedKeys(t *testing.T) {
	t.Parallel()
	keys := madeByOthers[pastedKey](t, "keys.jsonl")
	if len(keys) < 45 {
		t.Fatalf("only %d keys", len(keys))
	}
	for _, k := range keys {
		t.Run(k.ID, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			verify := []string{"verify", w.write("body", "{}"), "--scheme", k.Scheme, "--secret-file", w.write("key", string(k.Key))}
			if k.Want == "" {
				w.must(3, verify...)
				return
			}
			k.refused(t, w.must(2, verify...))
			k.refused(t, w.must(2, "keys", "add", "pasted", "--scheme", k.Scheme, "--secret-file", w.path("key")))
		})
	}
}

func (k *pastedKey) refused(t *testing.T, r result) {
	t.Helper()
	said := strings.Contains(r.err, `key for scheme "`+k.Scheme+`" `+k.Want) || strings.Contains(r.err, "the key "+k.Want) // whatever the scheme is
	if !said || !strings.Contains(r.err, "hint: ") {
		t.Error(r.err)
	}
	for word := range strings.FieldsSeq(strings.NewReplacer(":", "", `\n`, " ", "=", " ", "sk_live_", " ", "pk_test_", " ").Replace(string(k.Key))) {
		if len(word) >= 16 && strings.Contains(r.out+r.err, word[:8]) {
			t.Errorf("it holds %q of the key", word[:8])
		}
	}
}

// TestDiagnoseLost has whctl verify look at bodies that Node.js or Python parsed and wrote again after they were signed, so that
// nothing matches. It says what may have happened, and does not call it certain.
func TestDiagnoseLost(t *testing.T) {
	t.Parallel()
	type lost struct {
		ID, Scheme, Key, Finding, Next string
		Now                            int64
		Headers                        map[string]string
		Body                           []byte `json:"body_base64"`
	}
	all := madeByOthers[lost](t, "lost.jsonl")
	if len(all) < 12 {
		t.Fatalf("only %d bodies", len(all))
	}
	for _, c := range all {
		w := newWorld(t)
		args := []string{"verify", w.write("body", string(c.Body)), "--scheme", c.Scheme, "--secret-file", w.write("secret", c.Key), "--at", fmt.Sprint(c.Now)}
		for k, v := range c.Headers {
			args = append(args, "-H", k+": "+v)
		}
		if r := w.must(3, args...); !strings.Contains(r.out, "next: ") || !strings.Contains(r.out, c.Next) {
			t.Errorf("%s: %s", c.ID, r.out)
		}
		found := ""
		for _, f := range findingsOf(t, jsonOf[object](t, w.must(3, append(args, "-o", "json")...))) {
			if found += f.ID; f.Certain {
				t.Errorf("%s: %s is certain", c.ID, f.ID)
			}
		}
		if found != c.Finding {
			t.Errorf("%s: found %q, want %q", c.ID, found, c.Finding)
		}
	}
}

// TestDiagnoseOrigin gives why and verify the origin alone, as listen takes it: path and query are those that arrived.
func TestDiagnoseOrigin(t *testing.T) {
	t.Parallel()
	const origin, key = "https://hooks.example.com", "abcdefghijklmnop0123456789"
	mac := hmac.New(sha1.New, []byte(key))
	_, _ = io.WriteString(mac, origin+"/in?x=1To1")
	w := newWorld(t)
	l := w.listen("--scheme", "twilio", "--secret-file", w.write("secret", key))
	header := "X-Twilio-Signature: " + base64.StdEncoding.EncodeToString(mac.Sum(nil)) + "\r\n"
	if m := exchange(t, l.addr, request("POST", "/in?x=1", header, []byte("To=1"))); m.status != 401 {
		t.Fatal(m.start)
	}
	if x := l.await("diagnosis"); len(findingsOf(t, x)) > 0 || !strings.HasPrefix(x.str("next"), "check the URL first: the provider signs the one that is set there, and 'http://hooks.example.test/in?x=1' was tried") {
		t.Errorf("the listener found %v", x)
	}
	l.stop()
	for _, out := range []string{
		w.must(0, "why", "--url", origin, "--secret-file", "secret").out,
		w.must(3, "verify", "--delivery", "last", "--url", origin, "--secret-file", "secret").out,
		w.must(3, "verify", "--request", w.write("saved", string(request("POST", "/in?x=1", header, []byte("To=1")))), "--url", origin, "--secret-file", "secret", "--scheme", "twilio").out,
	} {
		if !strings.Contains(out, "the path and query that arrived") || !strings.Contains(out, "--public-url "+origin+" (whctl verify, why: --url '"+origin+"/in?x=1')") {
			t.Error(out)
		}
	}
}

// TestDiagnoseWaits: verify finishes a search that the listener would cut off.
func TestDiagnoseWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := string(largeJSON(t, 24<<10))
	out := w.must(3, "verify", w.write("body", body), "--secret-file", "key", "-H", "X-Timestamp: 1", "-H", "X-Signature: "+strings.Repeat("0", 64), "--at", "1").out
	if strings.Contains(out, "cut off") || !strings.Contains(out, "nothing matched: ") {
		t.Error(out)
	}
}

// largeJSON is a JSON text of at least n bytes that was not made compact, so that there is much to try.
func largeJSON(t *testing.T, n int) []byte {
	t.Helper()
	rows := make([]map[string]any, 0, n/100)
	for i := range n / 100 {
		rows = append(rows, map[string]any{"id": i, "name": "Zoë " + strings.Repeat("x", 60), "path": "a/b", "n": 1.50})
	}
	b, err := json.MarshalIndent(map[string]any{"event_id": "e", "event_type": "card.activated", "rows": rows}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return b
}
