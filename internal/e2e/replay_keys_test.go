package e2e

import (
	"strings"
	"testing"
)

const secondKey = "whk_exampleonly0000000000000000000000002"

// signedBy says whether a request that a target got is signed with a key.
func signedBy(key string, m message) bool {
	return m.value("X-Signature") == hmacHex(key, []byte(m.value("X-Timestamp")+"."), m.body)
}

// TestReplayFindsTheKeyByItsName: the key is the saved one, or the variable, by whose name the delivery was verified, as it is now. No
// other key is used unless a flag names it.
func TestReplayFindsTheKeyByItsName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	w.write("key2", secondKey)
	byFile := w.capture(numberedRequests(1))[0]
	w.setenv("WHCTL_SECRET=" + testKey)
	l := w.start("listen", "--addr", "127.0.0.1:0")
	exchange(t, l.addr, delivery(event("variable")))
	byVariable := l.await("delivery").str("id")
	l.stop()
	r := w.must(2, "replay", byFile, "--to", tg.addr)
	if !strings.Contains(r.err, "is not saved here: file "+w.path("key")+"\n") || !strings.Contains(r.err, "--as-captured") {
		t.Errorf("said %q", r.err)
	}
	w.must(0, "replay", byVariable, "--to", tg.addr)
	if !signedBy(testKey, tg.nth(t, 0)) {
		t.Error("not signed with the variable's key")
	}
	w.setenv("WHCTL_SECRET=")
	w.must(0, "keys", "add", "shop", "--secret-file", "key")
	saved := w.capture(numberedRequests(1), "--webhook", "shop")[0]
	w.setenv("WHCTL_SECRET=" + secondKey)
	w.must(0, "replay", saved, "--to", tg.addr)
	if !signedBy(testKey, tg.nth(t, 1)) {
		t.Error("not signed with the saved key")
	}
	w.must(0, "replay", saved, "--to", tg.addr, "--secret-file", "key2")
	if !signedBy(secondKey, tg.nth(t, 2)) {
		t.Error("not signed with the key of the flag")
	}
	w.setenv("WHCTL_SECRET=")
	w.must(0, "keys", "remove", "shop")
	w.must(0, "keys", "add", "shop", "--secret-file", "key2")
	o := jsonOf[object](t, w.must(0, "replay", saved, "--to", tg.addr, "-o", "json"))
	if !signedBy(secondKey, tg.nth(t, 3)) || o.str("keyName") != "webhook shop" {
		t.Errorf("not signed with the key that has the name now: %v", o)
	}
	w.must(2, "replay", saved, "--to", tg.addr, "--secret-file", "stripe="+w.path("key2"))
	w.must(2, "replay", saved, byFile, "--to", tg.addr) // one has no key: none is sent
	if n := tg.count(); n != 4 {
		t.Errorf("%d were sent", n)
	}
}

// TestReplaySignsTheURL: the URL that is signed is the one that the provider knew, else the one that the replay goes to, else the one of
// --url. A hash of the body in it follows an edit.
func TestReplaySignsTheURL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const public = "https://hooks.example.com"
	for _, scheme := range []string{"twilio", "twilio.json", "hubspot.v3"} {
		captures := func(args ...string) string {
			l := w.listen(append([]string{"--scheme", scheme}, args...)...)
			url := "http://" + l.addr
			if len(args) > 0 {
				url = public
			}
			w.write("body.json", `{"type":"a"}`)
			w.must(0, "send", "./body.json", "--to", "http://"+l.addr+"/in", "--url", url+"/in", "--scheme", scheme, "--secret-file", "key")
			id := l.await("delivery").str("id")
			l.stop()
			return id
		}
		behind, direct := captures("--public-url", public), captures()
		same := w.listen("--scheme", scheme, "--public-url", public)
		other := w.listen("--scheme", scheme)
		for _, c := range []struct {
			to   *process
			args []string
		}{
			{same, []string{behind}},
			{same, []string{behind, "--set", "type=b"}},
			{same, []string{direct, "--url", public + "/in"}},
			{other, []string{direct}},
			{other, []string{direct, "--set", "type=c"}},
		} {
			w.must(0, append([]string{"replay", "--to", c.to.addr, "--secret-file", "key"}, c.args...)...)
			if v := c.to.await("delivery").sub("verdict"); v.str("reason") != "valid" {
				t.Errorf("%s, %q: %v", scheme, c.args, v)
			}
		}
		same.stop()
		other.stop()
	}
}

// TestReplayOfATokenAndOtherSecrets: a token is set from the key, also as captured. Other secrets are not sent, and a line says which.
func TestReplayOfATokenAndOtherSecrets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	raw := request("POST", "/", "X-Gitlab-Token: "+testKey+"\r\nAuthorization: Basic c2VjcmV0\r\nX-Gitlab-Event: Push Hook\r\n", []byte(`{}`))
	id := w.capture([][]byte{raw}, "--scheme", "gitlab")[0]
	for i, how := range []string{"--resign", "--as-captured"} {
		r := w.must(0, "replay", id, "--to", tg.addr, "--secret-file", "key", how)
		if m := tg.nth(t, i); m.value("X-Gitlab-Token") != testKey || m.value("Authorization") != "" || m.value("X-Gitlab-Event") != "Push Hook" {
			t.Errorf("%s: sent %q", how, m.head)
		}
		if !strings.Contains(r.err, "goes without Authorization") {
			t.Errorf("%s: said %q", how, r.err)
		}
	}
	w.must(0, "replay", id, "--to", tg.addr, "--secret-file", "key", "-H", "Authorization: Basic bmV3")
	if m := tg.nth(t, 2); m.value("Authorization") != "Basic bmV3" {
		t.Errorf("sent %q", m.head)
	}
	if r := w.must(2, "replay", id, "--to", tg.addr, "--as-captured"); !strings.Contains(r.err, "no key to sign with") || !strings.Contains(r.err, "hint: its token was not recorded, so one is set: ") {
		t.Errorf("said %q", r.err)
	}
	for _, secret := range []string{testKey, "c2VjcmV0", "bmV3"} {
		if strings.Contains(w.must(0, "journal", "list", "-o", "json", "--limit", "0", "--bodies").out, secret) {
			t.Errorf("%s is in the journal", secret)
		}
	}
}
