package e2e

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// embedded starts a listener with a sandbox in its process.
func (w *world) embedded(args ...string) *process {
	w.t.Helper()
	return w.start(append([]string{"listen", "--sandbox", "--addr", "127.0.0.1:0"}, args...)...)
}

// portOf is the port of the sandbox that a ready line names.
func portOf(p *process) string {
	_, port, _ := strings.Cut(strings.TrimPrefix(p.ready.str("sandboxUrl"), "http://"), ":")
	return port
}

// call asks an API directly and gives the status; token "" sends none.
func call(t testing.TB, method, url, token, body string) int {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/json")
	if token != "" {
		q.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := (&http.Client{Timeout: patience}).Do(q)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// verifies has whctl verify look at a request that a target got, with a key of its own.
func (w *world) verifies(m message, scheme, key string) result {
	w.t.Helper()
	w.write("forwarded", m.start+"\r\n"+strings.Join(m.head, "\r\n")+"\r\n\r\n"+string(m.body))
	w.write("forwarded.key", key)
	return w.run("verify", "--request", w.path("forwarded"), "--scheme", scheme, "--secret-file", w.path("forwarded.key"), "--no-explain")
}

// TestHandlerBehindSandboxCanVerify: the key that the sandbox made is shown, and with it the program behind --forward verifies.
func TestHandlerBehindSandboxCanVerify(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"baanx", "stripe", "standard-webhooks", "discord", "gitlab", "mailgun", "sendgrid"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			w, app := newWorld(t), okTarget(t)
			types := map[string]string{"baanx": "card.activated", "stripe": "payment_intent.succeeded", "gitlab": "push", "mailgun": "delivered"}
			typ := types[scheme]
			if typ == "" {
				typ = "test.event"
			}
			l := w.embedded("--scheme", scheme, "--forward", app.addr, "--trigger", typ, "--exit-after", "1")
			key := l.ready.str("sandboxKey")
			if key == "" {
				t.Fatalf("ready tells no key: %v", l.ready)
			}
			if code := l.wait(); code != 0 {
				t.Fatalf("exit code %d: %s", code, l.errs)
			}
			if r := w.verifies(app.nth(t, 0), scheme, key); r.code != 0 {
				t.Errorf("with the key that was shown: exit code %d, %s%s", r.code, r.out, r.err)
			}
			if r := w.verifies(app.nth(t, 0), scheme, otherThan(key)); r.code != 3 && r.code != 2 {
				t.Errorf("with another key: exit code %d, %s%s", r.code, r.out, r.err)
			}
		})
	}
}

// otherThan changes a character in the middle of a key.
func otherThan(key string) string {
	b := []byte(key)
	i := len(b) / 2
	if b[i] == 'b' {
		b[i] = 'c'
	} else {
		b[i] = 'b'
	}
	return string(b)
}

// TestSandboxSignsWithTheKeyGiven: the secret flags work as everywhere. The first key signs and all verify, a bound key says the
// scheme, and a key that was given is shown nowhere.
func TestSandboxSignsWithTheKeyGiven(t *testing.T) {
	t.Parallel()
	seed := make([]byte, ed25519.SeedSize)
	for i := range seed {
		seed[i] = byte(7 * i)
	}
	public, _ := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	const coded = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	for name, c := range map[string]givenKey{
		"hmac":     {"baanx", "card.activated", testKey, testKey, "--scheme baanx --secret-file given"},
		"base64":   {"standard-webhooks", "test.event", coded, coded, "--scheme standard-webhooks --secret-file given"},
		"ed25519":  {"discord", "test.event", hex.EncodeToString(append(slices.Clone(seed), public...)), hex.EncodeToString(public), "--scheme discord --secret-file given"},
		"seed":     {"discord", "test.event", hex.EncodeToString(seed), hex.EncodeToString(public), "--scheme discord --secret-file given"},
		"prefixed": {"standard-webhooks.ed25519", "test.event", "whsk_" + base64.StdEncoding.EncodeToString(seed), "whpk_" + base64.StdEncoding.EncodeToString(public), "--scheme standard-webhooks.ed25519 --secret-file given"},
		"token":    {"gitlab", "push", "a-shared-token-of-mine", "a-shared-token-of-mine", "--scheme gitlab --secret-file given"},
		"first":    {"baanx", "card.activated", testKey, testKey, "--secret-env FIRST --secret-file second"},
		"bound":    {"stripe", "invoice.paid", testKey, testKey, "--secret-file stripe=given"},
		"saved":    {"baanx", "card.activated", testKey, testKey, "--webhook mine"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.check(newWorld(t))
		})
	}
	w := newWorld(t)
	w.must(2, "listen", "--sandbox", "--scheme", "github", "--secret-file", "stripe="+w.path("key"), "--addr", "127.0.0.1:0", "--for", "1ms")
	w.must(2, "listen", "--sandbox", "--secret-file", "stripe=-", "--sandbox-token", "-", "--addr", "127.0.0.1:0", "--for", "1ms")
}

// givenKey is a key for the sandbox, in the form that signs and in the form that verifies, and how it is given.
type givenKey struct{ scheme, typ, key, verifies, flags string }

func (c givenKey) check(w *world) {
	w.t.Helper()
	app := okTarget(w.t)
	w.write("given", c.key+"\n")
	w.write("second", "whk_exampleonly0000000000000000000000002")
	w.setenv("FIRST=" + c.key)
	if strings.Contains(c.flags, "--webhook") {
		w.must(0, "--profile", "sandbox", "keys", "add", "mine", "--secret-file", "given")
	}
	l := w.embedded(append(strings.Fields(c.flags), "--forward", app.addr, "--trigger", c.typ, "--exit-after", "1", "--debug")...)
	if code, keys := l.wait(), strings.Count(c.flags, "--secret")+strings.Count(c.flags, "--webhook"); code != 0 || l.ready.num("keys") != keys || l.ready.str("scheme") != c.scheme {
		w.t.Fatalf("exit code %d, %v: %s", code, l.ready, l.errs)
	}
	if r := w.verifies(app.nth(w.t, 0), c.scheme, c.verifies); r.code != 0 {
		w.t.Errorf("with the key given: exit code %d, %s%s", r.code, r.out, r.err)
	}
	if d := l.rest("delivery"); len(d) != 1 || d[0].sub("verdict").str("reason") != "valid" {
		w.t.Errorf("the listener says %v", d)
	}
	if key := l.ready.str("sandboxKey"); key != "" {
		w.t.Errorf("ready shows %q", key)
	}
	if text := l.out.String() + l.errs.String(); strings.Contains(text, c.key) || strings.Contains(text, c.key[len(c.key)-8:]) {
		w.t.Error("the key that was given is shown")
	}
}

// TestSandboxAPIShowsNoGivenKey: nothing of a key that was given.
func TestSandboxAPIShowsNoGivenKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.embedded("--secret-file", w.path("key"))
	r := w.must(0, "--profile", "sandbox", "--api-url", l.ready.str("sandboxUrl"), "webhooks", "list", "-o", "json")
	if !strings.Contains(r.out, `"apiKey":"****"`) || strings.Contains(r.out, testKey[len(testKey)-4:]+`"`) {
		t.Errorf("the API gives %s", r.out)
	}
	l.stop()
}

// TestSandboxKeysRefused: what cannot sign, or is bound elsewhere, is refused before anything is opened.
func TestSandboxKeysRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("public", strings.Repeat("ab", 32))
	w.write("empty", "\n")
	w.write("masked", "whk_****...****abcd")
	for name, args := range map[string][]string{
		"empty":     {"--secret-file", w.path("empty")},
		"masked":    {"--secret-file", w.path("masked")},
		"missing":   {"--secret-file", w.path("nosuch")},
		"not set":   {"--secret-env", "NOSUCH"},
		"public":    {"--scheme", "sendgrid", "--secret-file", w.path("public")},
		"no verify": {"--no-verify"},
		"both":      {"--secret-file", "-", "--sandbox-token", "-"},
	} {
		r := w.must(2, append([]string{"listen", "--sandbox", "--addr", "127.0.0.1:0", "--for", "1ms"}, args...)...)
		if r.out != "" || !strings.Contains(r.err, "error: ") {
			t.Errorf("%s: %q, %q", name, r.out, r.err)
		}
	}
	if r := w.must(2, "listen", "--sandbox-token", w.path("t"), "--addr", "127.0.0.1:0"); !strings.Contains(r.err, "--sandbox") {
		t.Errorf("%q", r.err)
	}
	if _, err := os.Stat(w.path("t")); err == nil {
		t.Error("a token file was made for a run that was refused")
	}
}

// TestSandboxIgnoresKeysOfTheEnvironment: a key of a real account is neither used nor shown.
func TestSandboxIgnoresKeysOfTheEnvironment(t *testing.T) {
	t.Parallel()
	w, app := newWorld(t), okTarget(t)
	const account = "whk_realaccount00000000000000000000000009"
	w.write("real", account)
	w.must(0, "keys", "add", "real", "--secret-file", w.path("real"))
	w.must(0, "--profile", "sandbox", "keys", "add", "played", "--secret-file", w.path("real"))
	w.setenv("WHCTL_SECRET="+account, "WHCTL_TOKEN=token-of-a-real-account", "WHCTL_API_URL=https://api.example.test", "WHCTL_PROFILE=baanx")
	l := w.embedded("--forward", app.addr, "--trigger", "card.activated", "--exit-after", "1")
	if code := l.wait(); code != 0 {
		t.Fatalf("exit code %d: %s", code, l.errs)
	}
	if key := l.ready.str("sandboxKey"); key == "" || key == account {
		t.Errorf("the key is %q", key)
	}
	if r := w.verifies(app.nth(t, 0), "baanx", account); r.code != 3 {
		t.Errorf("signed with the key of the environment: %s%s", r.out, r.err)
	}
	if strings.Contains(l.out.String()+l.errs.String(), account) {
		t.Error("the key of the environment is shown")
	}
}

// TestEmbeddedSandboxTakesItsOwnTokenOnly: a well-known token is refused, and this user's commands find the right one.
func TestEmbeddedSandboxTakesItsOwnTokenOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.embedded()
	url, file := l.ready.str("sandboxUrl"), filepath.Join(w.path("data"), "sandbox", portOf(l)+".token")
	for _, token := range []string{"", "whctl-sandbox-token", "whctl-sandbox-read-only-token", "whsb_", "x"} {
		if code := call(t, "POST", url+"/_sandbox/trigger", token, `{"type":"card.activated"}`); code != 401 {
			t.Errorf("trigger with token %q: %d", token, code)
		}
		for _, path := range []string{"/_sandbox/status", "/v1/webhooks", "/v1/webhooks/events"} {
			if code := call(t, "GET", url+path, token, ""); code != 401 {
				t.Errorf("%s with token %q: %d", path, token, code)
			}
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSuffix(string(b), "\n")
	if code := call(t, "GET", url+"/_sandbox/status", token, ""); code != 200 {
		t.Errorf("with its own token: %d", code)
	}
	hasMode(t, file, 0o600)
	hasMode(t, filepath.Dir(file), 0o700)
	for _, host := range []string{"127.0.0.1", "localhost", "LOCALHOST"} {
		at := "http://" + host + ":" + portOf(l)
		w.must(0, "sandbox", "status", "--api-url", at)
		w.must(0, "sandbox", "trigger", "card.activated", "--api-url", at)
		w.must(0, "sandbox", "advance", "1s", "--api-url", at)
		w.must(0, "--profile", "sandbox", "webhooks", "list", "--api-url", at)
		w.must(0, "--profile", "sandbox", "events", "list", "--api-url", at)
	}
	if got := l.await("delivery"); got.sub("verdict").str("reason") != "valid" {
		t.Errorf("%v", got)
	}
	other := newWorld(t)
	if r := other.must(4, "sandbox", "status", "--api-url", url); !strings.Contains(r.err, "WHCTL_DATA_DIR") {
		t.Errorf("%q", r.err)
	}
	w.must(0, "sandbox", "reset", "--api-url", url)
	l.stop()
	if strings.Contains(l.out.String()+l.errs.String(), token) {
		t.Error("the token is shown")
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the token is still there: %v", err)
	}
}

// hasMode looks at who may use a file, where that is said by modes.
func hasMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	if fi, err := os.Stat(path); err != nil || !onWindows() && fi.Mode().Perm() != want {
		t.Errorf("%s: %v, %v", path, fi.Mode(), err)
	}
}

// TestTwoEmbeddedSandboxes are told apart by their ports, and each takes its own token only.
func TestTwoEmbeddedSandboxes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.embedded(), w.embedded()
	read := func(p *process) string {
		b, err := os.ReadFile(filepath.Join(w.path("data"), "sandbox", portOf(p)+".token"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSuffix(string(b), "\n")
	}
	if read(one) == read(two) || one.ready.str("sandboxKey") == two.ready.str("sandboxKey") {
		t.Error("they share a token or a key")
	}
	if code := call(t, "GET", two.ready.str("sandboxUrl")+"/_sandbox/status", read(one), ""); code != 401 {
		t.Errorf("the token of one opens the other: %d", code)
	}
	w.must(0, "sandbox", "trigger", "card.activated", "--api-url", two.ready.str("sandboxUrl"))
	if d := two.await("delivery"); d.sub("verdict").str("reason") != "valid" {
		t.Errorf("%v", d)
	}
	two.stop()
	w.must(0, "sandbox", "trigger", "card.activated", "--api-url", one.ready.str("sandboxUrl"))
	one.await("delivery")
	one.stop()
}

// TestTokenOfAKilledListener: the token is not used for the sandbox that takes its port, and is removed.
func TestTokenOfAKilledListener(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l, other := w.embedded(), w.embedded()
	if portOf(l) == "4141" { // which other tests are after
		l, other = other, l
	}
	other.stop()
	url, port := l.ready.str("sandboxUrl"), portOf(l)
	file := filepath.Join(w.path("data"), "sandbox", port+".token")
	if err := l.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	l.wait()
	if _, err := os.Stat(file); err != nil {
		t.Fatalf("a killed process tidied up: %v", err)
	}
	box := w.start("sandbox", "--addr", "127.0.0.1:"+port)
	w.must(0, "sandbox", "status", "--api-url", url)
	w.must(0, "--profile", "sandbox", "webhooks", "list", "--api-url", url)
	box.stop()
	again := w.embedded()
	if _, err := os.Stat(file); !os.IsNotExist(err) && portOf(again) != port {
		t.Errorf("the file that was left is still there: %v", err)
	}
	again.stop()
}

// TestSandboxTokenFile is read when it is there and made when it is not; - is standard input.
func TestSandboxTokenFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const mine = "my-own-token-of-this-rehearsal"
	w.write("mine", mine+"\r\n")
	l := w.embedded("--sandbox-token", w.path("mine"))
	url := l.ready.str("sandboxUrl")
	if code := call(t, "GET", url+"/_sandbox/status", mine, ""); code != 200 {
		t.Errorf("with the token of the file: %d", code)
	}
	w.must(0, "sandbox", "status", "--api-url", url) // found by port all the same
	l.stop()
	if b, err := os.ReadFile(w.path("mine")); err != nil || string(b) != mine+"\r\n" {
		t.Errorf("the file that was named is now %q, %v", b, err)
	}

	l = w.embedded("--sandbox-token", w.path("fresh"))
	b, err := os.ReadFile(w.path("fresh"))
	if err != nil || len(b) < 33 || !strings.HasSuffix(string(b), "\n") {
		t.Fatalf("%q, %v", b, err)
	}
	hasMode(t, w.path("fresh"), 0o600)
	if code := call(t, "GET", l.ready.str("sandboxUrl")+"/_sandbox/status", strings.TrimSpace(string(b)), ""); code != 200 {
		t.Errorf("with the token that was made: %d", code)
	}
	l.stop()
	l = w.embedded("--sandbox-token", w.path("fresh")) // and it is the same one next time
	if code := call(t, "GET", l.ready.str("sandboxUrl")+"/_sandbox/status", strings.TrimSpace(string(b)), ""); code != 200 {
		t.Errorf("the second time: %d", code)
	}
	l.stop()

	r := w.runIn(mine+"\n", "listen", "--sandbox", "--addr", "127.0.0.1:0", "--sandbox-token", "-", "--trigger", "card.activated", "--exit-after", "1", "-o", "json")
	if r.code != 0 || !strings.Contains(r.out, `"reason":"valid"`) {
		t.Errorf("from standard input: exit code %d, %s%s", r.code, r.out, r.err)
	}
}

// TestSandboxTokenFileRefused: a wrong token is neither taken nor shown.
func TestSandboxTokenFileRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const mine = "my-own-token-of-this-rehearsal"
	w.write("mine", mine)
	w.write("empty", "\n")
	w.write("blank", "two words\n")
	w.write("masked", "whsb_****\n")
	w.write("long", strings.Repeat("a", 1<<20))
	for _, bad := range []string{"empty", "blank", "masked", "long", "nosuch/token", "."} {
		r := w.must(2, "listen", "--sandbox", "--addr", "127.0.0.1:0", "--for", "1ms", "--sandbox-token", w.path(bad))
		if r.out != "" || strings.Contains(r.err, "two words") {
			t.Errorf("%s: %q, %q", bad, r.out, r.err)
		}
	}
	if r := w.runIn("", "listen", "--sandbox", "--addr", "127.0.0.1:0", "--for", "1ms", "--sandbox-token", "-"); r.code != 2 {
		t.Errorf("nothing on standard input: exit code %d, %s", r.code, r.err)
	}
	if !onWindows() {
		if err := os.Chmod(w.path("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
		r := w.must(0, "listen", "--sandbox", "--addr", "127.0.0.1:0", "--for", "1ms", "--sandbox-token", w.path("mine"))
		if !strings.Contains(r.err, "chmod 600") || strings.Contains(r.err, mine) {
			t.Errorf("%q", r.err)
		}
	}
}

// TestSandboxKeyInTheBox: people are shown the key whole, also where it is wider than the terminal.
func TestSandboxKeyInTheBox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.must(0, "listen", "--sandbox", "--addr", "127.0.0.1:0", "--for", "1ms")
	_, key, found := strings.Cut(r.err, "sandbox key whk_")
	if key, _, _ = strings.Cut(key, ","); !found || len(key) != 64 {
		t.Errorf("%q", r.err)
	}
	if r := w.must(0, "listen", "--sandbox", "--addr", "127.0.0.1:0", "--for", "1ms", "--secret-file", w.path("key")); strings.Contains(r.err, "sandbox key") || strings.Contains(r.err, testKey) {
		t.Errorf("%q", r.err)
	}
}
