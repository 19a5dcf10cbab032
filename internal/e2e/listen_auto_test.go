package e2e

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
)

// TestSixProviders: one listener with --scheme auto takes the deliveries of six providers, with keys as they are handed out:
// bound where one could be a public key, as they are elsewhere.
func TestSixProviders(t *testing.T) {
	t.Parallel()
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	keys := []struct{ scheme, event, key, given string }{
		{"stripe", "invoice.paid", "whsec_" + hex.EncodeToString(raw[:20]), ""},
		{"github", "push", hex.EncodeToString(raw), "github="}, // openssl rand -hex 32
		{"shopify", "orders/create", "shpss_" + hex.EncodeToString(raw[4:20]), ""},
		{"slack", "app_mention", hex.EncodeToString(raw[:16]), ""},
		{"svix", "invoice.paid", "whsec_" + base64.StdEncoding.EncodeToString(raw[8:]), ""},
		{"standard-webhooks", "invoice.paid", "whsec_" + base64.StdEncoding.EncodeToString(raw), ""},
	}
	args := []string{"--scheme", "auto", "--no-input"}
	for i, k := range keys {
		w.write(k.scheme+".key", k.key+"\n")
		if i%2 == 0 {
			args = append(args, "--secret-file", k.given+w.path(k.scheme+".key"))
			continue
		}
		name := strings.ToUpper(strings.ReplaceAll(k.scheme, "-", "_")) + "_SECRET"
		w.setenv(name + "=" + k.key)
		args = append(args, "--secret-env", k.given+name)
	}
	l := w.listen(args...)
	for i, k := range keys {
		w.must(0, "send", k.event, "--scheme", k.scheme, "--secret-file", k.scheme+".key", "--to", "http://"+l.addr+"/in", "--no-input")
		d := l.await("delivery")
		if v := d.sub("verdict"); v.str("reason") != "valid" || v.num("keyIndex") != i || v.str("scheme") != k.scheme && k.scheme != "svix" {
			t.Errorf("%s: verdict %v", k.scheme, v)
		}
		// a forger who has none of the keys
		w.write("forger.key", "whsec_"+base64.StdEncoding.EncodeToString([]byte("a key that nobody has here")))
		if r := w.run("send", k.event, "--scheme", k.scheme, "--secret-file", "forger.key", "--to", "http://"+l.addr+"/in", "--no-input"); r.code == 0 {
			t.Errorf("%s with another key: %s", k.scheme, r.out)
		}
		l.await("delivery")
	}
	l.stop()

	// The same with saved keys.
	for _, k := range keys {
		w.must(0, "keys", "add", k.scheme, "--scheme", k.scheme, "--secret-file", k.scheme+".key")
	}
	l = w.start("listen", "--addr", "127.0.0.1:0", "--scheme", "auto", "--no-input")
	for _, k := range keys {
		w.must(0, "send", k.event, "--scheme", k.scheme, "--webhook", k.scheme, "--to", "http://"+l.addr+"/in", "--no-input")
		if v := l.await("delivery").sub("verdict"); v.str("reason") != "valid" || v.str("scheme") != k.scheme {
			t.Errorf("saved, %s: verdict %v", k.scheme, v)
		}
	}
	l.stop()
}

// TestBareKey: 32 bytes in hex are a key of a scheme that is named, and of auto once the key is bound. Before that it makes nothing
// valid, and the finding says why.
func TestBareKey(t *testing.T) {
	t.Parallel()
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		t.Fatal(err)
	}
	for form, key := range map[string]string{"hex": hex.EncodeToString(raw), "base64": base64.StdEncoding.EncodeToString(raw), "base64url": base64.RawURLEncoding.EncodeToString(raw)} {
		w := newWorld(t)
		w.write("k", key+"\n")
		w.write("body", `{"a":1}`)
		w.setenv("K="+key, "WHCTL_SECRET=")
		headers := w.must(0, "sign", "body", "--scheme", "github", "--secret-file", "k").out
		w.write("headers", headers)
		verify := func(code int, args ...string) result {
			return w.must(code, append([]string{"verify", "body", "--headers-file", "headers"}, args...)...)
		}
		verify(0, "--scheme", "github", "--secret-file", "k")
		verify(0, "--scheme", "auto", "--secret-file", "github=k")
		verify(0, "--scheme", "auto", "--secret-env", "github=K")
		verify(0, "--scheme", "auto", "--secret-command", "github=cat "+w.path("k"))
		verify(0, "--secret-env", "github=K") // the key says which scheme is meant
		verify(3, "--scheme", "auto", "--secret-file", "stripe=k")
		for _, args := range [][]string{{"--secret-file", "k"}, {"--secret-env", "K"}, {"--secret-command", "cat k"}, {"--secret", key}} {
			r := verify(3, append(args, "--scheme", "auto", "-o", "json")...)
			got := jsonOf[struct {
				Verdict  struct{ OK bool }
				Findings []struct{ ID, Title, Fix string }
			}](t, r)
			if got.Verdict.OK || len(got.Findings) == 0 || got.Findings[0].ID != "auto.key.bare" || !strings.Contains(got.Findings[0].Title, "github") {
				t.Errorf("%s, %s: %s", form, args[0], r.out)
			}
			if strings.Contains(r.out+r.err, key) {
				t.Errorf("%s: the key is printed", form)
			}
		}
		r := w.must(2, "verify", "body", "--headers-file", "headers", "--scheme", "github", "--secret-file", "discord=k")
		if !strings.Contains(r.err, "discord") && form == "hex" {
			t.Errorf("%q", r.err)
		}
		w.must(0, "keys", "add", "hub", "--scheme", "github", "--secret-file", "k")
		verify(0, "--scheme", "auto")
		verify(0, "--scheme", "auto", "--webhook", "hub")
		verify(2, "--scheme", "baanx", "--webhook", "hub")
		verify(2, "--scheme", "baanx") // no saved key is of that scheme
	}
}

// TestForgedWithPublicKey: a listener with a public key takes nothing that anybody could have made, whatever the scheme.
func TestForgedWithPublicKey(t *testing.T) {
	t.Parallel()
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		t.Fatal(err)
	}
	public := hex.EncodeToString(raw)
	w := newWorld(t)
	w.write("bot.pub", public+"\n")
	to := okTarget(t)
	body := []byte(`{"type":2}`)
	for _, given := range []string{"bot.pub", "discord=bot.pub"} {
		l := w.listen("--scheme", "auto", "--secret-file", given, "--forward", "http://"+to.addr)
		for name, value := range map[string]string{
			"X-Hub-Signature-256": "sha256=" + hmacHex(public, body), "X-Gitlab-Token": public, "X-Razorpay-Signature": hmacHex(public, body),
			"X-Foo-Signature": hmacHex(public, body), "X-Telegram-Bot-Api-Secret-Token": public, "Stripe-Signature": "t=1,v1=" + hmacHex(public, []byte("1."), body),
		} {
			q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+l.addr+"/", strings.NewReader(string(body)))
			if err != nil {
				t.Fatal(err)
			}
			q.Header.Set(name, value)
			answer, err := (&http.Client{Timeout: patience}).Do(q)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s with %s: %d", name, given, answer.StatusCode)
			}
			l.await("delivery")
		}
		l.stop()
	}
	if n := to.count(); n != 0 {
		t.Errorf("%d forged requests reached the target", n)
	}
}
