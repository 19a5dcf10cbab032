package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// misplacedSecrets are keys and tokens of many forms. None of them is one.
func misplacedSecrets() []string {
	return []string{
		"whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v5b3n6z0l9d4e", "tok_live_0a1b2c3d4e5f60718293a4b5c6d7e8f9", "whsec_Q2hhbmdlTWVQbGVhc2VJQW1BVGVzdEtleQ==", "bmV2ZXItYS1yZWFsLWtleS1qdXN0LWEtdGVzdC0wMTIz",
		"5f3a9c81b2d4e6f708192a3b4c5d6e7f5f3a9c81b2d4e6f708192a3b4c5d6e7f", "ghp_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ0ZXN0In0.c2lnbmF0dXJlLW9mLW5vdGhpbmc", "AKIA0TESTONLY0TEST0A", "sk_test_0a1B2c3D4e5F6g7H8i9J",
		"Qm9vayBvZiB0ZXN0cywgcGFnZSAx/TXk+Zm9y0a1b2c3=", "five silly words and 7 more",
	}
}

// TestMisplacedSecrets gives a secret in every place where something else belongs: no output holds much of it.
func TestMisplacedSecrets(t *testing.T) {
	t.Parallel()
	for _, s := range misplacedSecrets() {
		t.Run(s[:8], func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.write("b.json", "{}")
			w.setenv("WHCTL_API_URL=http://" + closedPort(t))
			for i, args := range misplacedLines(s) {
				// each way of looking in turn, begun elsewhere for each secret
				args = append(args, [][]string{nil, {"--debug"}, {"--errors", "json"}}[(i+len(s))%3]...)
				r := w.run(args...)
				if r.code == 0 && !slices.Contains(args, "--param") { // NAME= is one
					t.Errorf("whctl %q ends with 0", args)
				}
				if shown := part(r.out+r.err, s); shown != "" {
					t.Errorf("whctl %q shows %q: %s", args, shown, r.out+r.err)
				}
			}
		})
	}
}

func misplacedLines(s string) [][]string {
	lines := [][]string{
		{"login", "--token-file", s},
		{"login", s},
		{"keys", "add", "n", "--secret-file", s},
		{"keys", "remove", s},
		{"sign", "b.json", "--secret-file", s},
		{"sign", "b.json", "--secret-file", "stripe=" + s},
		{"sign", "b.json", "--secret-env", s},
		{"sign", "b.json", "--webhook", s},
		{"sign", "b.json", "--scheme", s},
		{"sign", "b.json", "--format", s},
		{"verify", "b.json", "--scheme", s, "--secret-file", "key"},
		{"verify", "--headers-file", s},
		{"verify", "--request", s},
		{"listen", "--body", s},
		{"listen", "--on-invalid", s},
		{"why", s},
		{"journal", "show", s},
		{"queue", "retry", s},
		{"queue", "pause", s},
		{"events", "list", "--status", s},
		{"schemes", "show", s},
		{"config", "get", s},
		{"config", "set", s, "x"},
		{"profile", "use", s},
		{s},
		{"webhooks", s},
		{"whoami", "--profile", s},
		{"whoami", "--color", s},
		{"whoami", "-o", s},
		{"whoami", "--config", s},
		{"completion", s},
		{"sandbox", "trigger", s},
		{"sandbox", "advance", s},
		{"listen", s},
		{"version", s},
	}
	if strings.Contains(s, " ") {
		return lines // a pass phrase stands in no URL
	}
	return append(lines, [][]string{
		{"sign", "b.json", "--secret-file", "key", "--param", s},
		{"sign", s, "--secret-file", "key"},
		{"listen", "--forward", "http://u:" + s + "@127.0.0.1:1"},
		{"listen", "--forward", "u:" + s + "@127.0.0.1:1"},
		{"send", "card.activated", "--to", "http://u:" + s + "@127.0.0.1:1", "--secret-file", "key"},
		{"send", "card.activated", "--to", "http://127.0.0.1:1/?token=" + s, "--secret-file", "key"},
		{"whoami", "--api-url", "https://u:" + s + "@x"},
		{"whoami", "--api-url", "http://" + s},
		{"whoami", "--api-url", "https://127.0.0.1:1/?key=" + s},
		{"events", "get", s},
		{"webhooks", "get", s},
		{"webhooks", "create", "--name", "a", "--url", "u", "--events", "*", "--key-file", "none/" + strings.ReplaceAll(s, "/", "")},
		{"keys", "add", "n", "--secret-file", "none/" + strings.ReplaceAll(s, "/", "")},
	}...)
}

// part is the first piece of a secret, long enough to matter, that a text holds.
func part(text, secret string) string {
	const enough = 12
	for i := 0; i+enough <= len(secret); i++ {
		if piece := secret[i : i+enough]; strings.Contains(text, piece) {
			return piece
		}
	}
	return ""
}

// TestMisplacedSecretsInConfig puts them into a config file, in places for other things.
func TestMisplacedSecretsInConfig(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("b.json", "{}")
	w.setenv("WHCTL_CONFIG=" + w.path("c.yaml"))
	for n, s := range misplacedSecrets() {
		for at, line := range []string{
			"token: %", "api_url: https://u:%@x", "headers: {authorization: Bearer %}", "headers: {x-foo: %}", "listen: {forward: 'http://u:%@x'}", "scheme: %", "profile: %", "% : 1", "output: %",
			"color: %", "listen: {tolerance: %}", "listen: {max_body: %}", "listen: {addr: %}", "listen: {body: %}", "listen: {on_invalid: %}", "debug: %", "password: %", "a: [\n%", "schemes: {x: {key: %}}", "listen: {%: 1}",
			"profiles: {%: {scheme: stripe}}", "schemes: {x: {algorithm: %}}", "schemes: {x: {content: '{body}', signature: {header: A, encoding: %}}}",
		} {
			w.write("c.yaml", strings.ReplaceAll(line, "%", s)+"\n")
			i := n + at // each command in turn
			for _, args := range [][][]string{{{"config", "list"}, {"whoami"}}, {{"config", "list", "-o", "json"}}, {{"sign", "b.json", "--secret-file", "key"}}}[i%3] {
				r := w.run(args...)
				if shown := part(r.err, s); shown != "" || r.code != 0 && part(r.out, s) != "" {
					t.Errorf("%q: whctl %q shows %q: %s%s", line, args, shown, r.out, r.err)
				}
			}
		}
	}
}

// TestMisplacedSecretsInEnvironment puts them into variables that are for other things.
func TestMisplacedSecretsInEnvironment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("b.json", "{}")
	for _, s := range misplacedSecrets() {
		for _, name := range []string{"SCHEME", "PROFILE", "API_URL", "OUTPUT", "CONFIG"} {
			for _, value := range []string{s, "https://u:" + s + "@127.0.0.1:1", "http://127.0.0.1:1/?token=" + s} {
				if strings.Contains(s, " ") && value != s {
					continue // a pass phrase stands in no URL
				}
				one := *w
				one.env = append(append([]string{}, w.env...), "WHCTL_"+name+"="+value)
				for _, args := range [][]string{{"sign", "b.json", "--secret-file", "key"}, {"whoami", "--debug"}} {
					if r := one.run(args...); part(r.err, s) != "" {
						t.Errorf("WHCTL_%s=%s whctl %q (%d): %s", name, value, args, r.code, r.err)
					}
				}
			}
		}
	}
}

// TestNamesStayReadable: screening must not take what people need in an error.
func TestNamesStayReadable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	long := filepath.Join(w.dir, "A Folder With Spaces", "and-a-rather-long-name-of-a-key-file-v2.json")
	for _, tc := range []struct {
		want string
		args []string
	}{
		{"staging-key.txt", []string{"sign", "b", "--secret-file", "staging-key.txt"}},
		{long, []string{"verify", long, "--secret-file", "key"}},
		{"STRIPE_WEBHOOK_SIGNING_SECRET", []string{"sign", "b", "--secret-env", "STRIPE_WEBHOOK_SIGNING_SECRET"}},
		{webhookID, []string{"journal", "show", webhookID}},
		{"evt_1NG8Du2eZvKYlo2CUI79vXWy", []string{"why", "evt_1NG8Du2eZvKYlo2CUI79vXWy"}},
		{"my staging hook", []string{"keys", "remove", "my staging hook"}},
		{"kyc.status.change", []string{"sandbox", "trigger", "kyc.status.change", "--api-url", "http://127.0.0.1:1"}},
		{"standard-webhook", []string{"schemes", "show", "standard-webhook"}},
		{"localhost:99999", []string{"send", "card.activated", "--to", "localhost:99999", "--secret-file", "key"}},
	} {
		if tc.want == "kyc.status.change" {
			tc.want = "127.0.0.1:1"
		}
		if r := w.run(tc.args...); r.code == 0 || !strings.Contains(r.err, tc.want) {
			t.Errorf("whctl %q (%d) does not say %q: %s", tc.args, r.code, tc.want, r.err)
		}
	}
}

// TestKeysOfAnAPIAreNotShown has an API give full keys where it should mask them, in fields known and not.
func TestKeysOfAnAPIAreNotShown(t *testing.T) {
	t.Parallel()
	const key, other, own = "whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v5b3n6z0l9d4e", "plainLookingKeyOfThePlatform-42", "not-a-secret-but-mine"
	hook := `{"id":"` + webhookID + `","tenant":"t","name":"staging","url":"https://x.example","apiKey":"` + key + `","signingSecret":"` + other + `","keys":[{"secret":"` + other + `","note":"kept \u00e9"}],` +
		`"previous":"` + key + `","eventTypes":["*"],"isActive":true,"n":1.50,"metadata":{"token":"` + own + `","leak":"` + key + `"},"createdAt":"2026-03-04T09:15:00.000Z","updatedAt":"2026-03-04T09:15:00.000Z"}`
	w := newWorld(t)
	w.use(newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet:
			sendJSON(rw, 200, `{"success":true,"data":`+hook+`}`)
		case strings.HasSuffix(r.URL.Path, "/webhooks"):
			sendJSON(rw, 200, `[`+hook+`]`)
		default:
			sendJSON(rw, 200, hook)
		}
	}))
	for _, args := range [][]string{
		{"webhooks", "list"},
		{"webhooks", "get", webhookID},
		{"webhooks", "get", "staging"},
		{"webhooks", "enable", webhookID},
		{"webhooks", "disable", webhookID},
		{"webhooks", "update", webhookID, "--name", "b"},
		{"webhooks", "update", webhookID, "--metadata", "a=b"},
	} {
		for _, more := range [][]string{{}, {"-o", "json"}, {"-o", "yaml"}, {"--debug"}, {"-o", "json", "--debug"}} {
			r := w.must(0, append(args, more...)...)
			if shown := part(r.out+r.err, key) + part(r.out+r.err, other); shown != "" {
				t.Errorf("whctl %q shows %q: %s%s", append(args, more...), shown, r.out, r.err)
			}
			if len(more) == 2 && more[1] == "json" {
				holds(t, r.out, `"apiKey":"whk_****...****9d4e"`, `"n":1.50`, `"note":"kept \u00e9"`, own)
			}
		}
	}
	for _, args := range [][]string{{"webhooks", "create", "--name", "a", "--url", "https://x.example", "--events", "*", "--no-save"}, {"webhooks", "rotate", webhookID, "--yes", "--no-save"}} {
		if r := w.must(0, append(args, "--debug")...); !strings.Contains(r.out, key) || strings.Contains(r.err, key) {
			t.Errorf("whctl %q: the key belongs on standard output alone: %s / %s", args, r.out, r.err)
		}
	}
	if _, err := os.Stat(w.path("key")); err != nil {
		t.Fatal(err)
	}
}

func holds(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}
