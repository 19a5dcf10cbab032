package e2e

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

// verified runs verify over a body and gives its text; c.key, c.header and c.flags say the rest.
func (c *fixCase) verified(t *testing.T, body string) string {
	t.Helper()
	w := newWorld(t)
	w.settings(ownSchemes)
	if c.key == "" {
		c.key = fixKey
	}
	args := []string{"verify", w.write("body", body), "--scheme", c.scheme, "--secret-file", w.write("secret", c.key)}
	for _, h := range c.header {
		args = append(args, "-H", h)
	}
	return w.must(3, append(args, c.flags...)...).out
}

// TestDiagnoseURL: the URL that matched is named, as something to type, and how it differs is true.
func TestDiagnoseURL(t *testing.T) {
	t.Parallel()
	const right = "https://hooks.example.com/in?x=1"
	signature := "X-Twilio-Signature: " + base64.StdEncoding.EncodeToString(macOf(sha1.New, right+"To1"))
	said := func(want []string, flags ...string) {
		t.Helper()
		out := (&fixCase{scheme: "twilio", header: []string{signature}, flags: flags}).verified(t, "To=1")
		for _, text := range want {
			if !strings.Contains(out, text) {
				t.Errorf("%v: %s\nlacks %s", flags, out, text)
			}
		}
	}
	const start = "fix: start whctl listen with --public-url https://hooks.example.com (whctl verify, why: --url '" + right + "')"
	said([]string{"https instead of http", start}, "--url", "http://hooks.example.com/in?x=1")
	said([]string{"the host that header X-Forwarded-Host names", start}, "--url", "http://10.0.0.5:8080/in?x=1", "-H", "X-Forwarded-Host: hooks.example.com")
	said([]string{"the host that header Host names", start}, "--url", "http://10.0.0.5:8080/in?x=1", "-H", "Host: hooks.example.com")
	said([]string{"without the slash", "--url '" + right + "'"}, "--url", "https://hooks.example.com/in/?x=1")
	said([]string{"next: check the URL first: the provider signs the one that is set there, and https://else.example.com/in was tried (--url; whctl listen: --public-url)"}, "--url", "https://else.example.com/in")
}

// TestDiagnoseClock: what is likelier is said first, the window is named, and nothing absurd is advised.
func TestDiagnoseClock(t *testing.T) {
	t.Parallel()
	header := []string{"X-Timestamp: 1750000000", "X-Signature: " + hmacHex(fixKey, []byte(fixTime+"."+fixBody))}
	said := func(at string, not string, want ...string) {
		t.Helper()
		out := (&fixCase{scheme: "baanx", header: header, flags: []string{"--at", at}}).verified(t, fixBody)
		for _, text := range want {
			if !strings.Contains(out, text) {
				t.Errorf("at %s: %s\nlacks %s", at, out, text)
			}
		}
		if not != "" && strings.Contains(out, not) {
			t.Errorf("at %s: %s\nholds %s", at, out, not)
		}
	}
	const saved = "fix: a request that was saved, replayed or retried is that old: verify it as of its time (whctl verify --at 1750000000, or --ignore-time); if it is fresh, "
	said("1750003600", "--tolerance", "1 h behind this machine's clock; the window is 300 s", saved+"that is the size of a time zone")
	said("1750001000", "time zone", "17 min behind", saved+"set the clocks")
	said("1750000301", "", "301 s behind this machine's clock; the window is 300 s", "fix: set this machine's clock", "--tolerance 6m")
	said("1749999600", "", "400 s ahead of this machine's clock; the window is 300 s", "--tolerance 7m")
	said("1749992800", "--tolerance", "2 h ahead", "fix: that is the size of a time zone: sign with UTC")
	said("1849992800", "fresh", "days behind", strings.TrimSuffix(saved, "; if it is fresh, "))

	old := fixCase{scheme: "baanx", header: []string{"X-Timestamp: 1000", "X-Signature: " + hmacHex(fixKey, []byte("1000."+fixBody))}}
	if out := old.verified(t, fixBody); !strings.Contains(out, "1970-01-01 00:16:40 UTC") || !strings.Contains(out, "in seconds since 1970 (date +%s)") || strings.Contains(out, "milliseconds") || strings.Contains(out, "--tolerance") {
		t.Error(out)
	}
	acme := fixCase{scheme: "acme", header: []string{"Acme-Signature: t=1750000000;h=" + hmacHex(fixKey, []byte(fixTime+":"+fixBody))}, flags: []string{"--at", "1750000007"}}
	if out := acme.verified(t, fixBody); !strings.Contains(out, "7 s behind this machine's clock; the window is 5 s") {
		t.Error(out)
	}
}

// TestDiagnoseNext: where nothing matched, what to do next fits what was wrong.
func TestDiagnoseNext(t *testing.T) {
	t.Parallel()
	none := strings.Repeat("0f3a", 16)
	for _, c := range []struct {
		fixCase
		body string
		want []string
	}{
		{fixCase{scheme: "gitlab", header: []string{"X-Gitlab-Token: none"}}, "{}", []string{"the token is not the one given", "next: compare the token with the one that is set at the provider: nothing is signed, the body plays no part"}},
		{fixCase{scheme: "baanx", header: []string{"X-Signature: " + none}}, "{}", []string{"next: look whether a proxy drops the header X-Timestamp, and whether the sender is baanx at all: whctl schemes list"}},
		{fixCase{scheme: "standard-webhooks", header: []string{"Webhook-Timestamp: 1", "Webhook-Signature: v1,YWJj"}, key: "whsec_YWJjZGVmZ2hpamtsbW5vcA=="}, "{}", []string{"next: look whether a proxy drops the header Webhook-Id"}},
		{fixCase{scheme: "stripe", header: []string{"Stripe-Signature: nonsense"}}, "{}", []string{"a right one looks like t=TIME,v1=SIGNATURE, with 64 hex digits for SIGNATURE"}},
		{fixCase{scheme: "bare", header: []string{"Acme-Signature: x y"}}, "{}", []string{"a right one looks like SIGNATURE, with 64 hex digits", "whether scheme bare is what the sender documents"}},
		{fixCase{scheme: "github", header: []string{"X-Hub-Signature-256: sha256=" + none}}, "", []string{"it has 0 bytes", "fix: something read it before it came here"}},
		{fixCase{scheme: "bare", header: []string{"Acme-Sig: " + none}}, "{}", []string{`there is a header "Acme-Sig": its name is much like Acme-Signature`, "fix: set signature.header: Acme-Sig in scheme bare"}},
		{fixCase{scheme: "bare", header: []string{"X-Checked: " + none, "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}, "{}", []string{`there is a header "X-Checked": its value looks like what is missing`}},
		{fixCase{scheme: "bare", header: []string{"Acme-Signature: " + none}}, `{"n":17}`, []string{"next: check that the key is this webhook's current one, that scheme bare is what the sender documents, and that the body is the raw bytes that arrived"}},
		{fixCase{scheme: "github", header: []string{"X-Hub-Signature-256: sha256=" + none}}, `{"n":10.5}`, []string{"it is exactly as JSON.stringify (Node.js) writes JSON"}},
	} {
		out := c.verified(t, c.body)
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %s\nlacks %s", c.scheme, out, want)
			}
		}
	}
}

// TestDiagnoseOrigin gives why and verify the origin alone, as listen takes it: path and query are those that arrived.
func TestDiagnoseOrigin(t *testing.T) {
	t.Parallel()
	const origin = "https://hooks.example.com"
	w := newWorld(t)
	l := w.listen("--scheme", "twilio", "--secret-file", w.write("secret", fixKey))
	header := "X-Twilio-Signature: " + base64.StdEncoding.EncodeToString(macOf(sha1.New, origin+"/in?x=1To1")) + "\r\n"
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

// TestDiagnoseWaits: who types verify waits for all of a search that the listener would cut off.
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
