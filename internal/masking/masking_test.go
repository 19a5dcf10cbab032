package masking_test

import (
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/masking"
)

// TestTextHides puts secrets of many kinds where they stand in messages.
func TestTextHides(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v5b3n6z0l9d4e", "tok_live_9f8e7d6c5b4a39281706f5e4d3c2b1a0", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"c2VjcmV0LWtleS1mb3ItdGVzdGluZy0xMjM0NTY3ODkw", "sk_live_" + "51H8abcDEFghiJKLmnoPQRs", "sk-proj-0a1B2c3D4e5F6g7H8i9J0k1L", "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
		"github_pat_11ABCDEFG0abcdefghijkl_MNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyzAB", "glpat-aB3dE5fG7hI9jK1lM3nO", "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy",
		"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe", "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",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
		"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "9F86D081884C7D659A2FEAA0C55AD015", "u9Yq3vKc0hXr5TzB2mLs8QaWe1NfJg7DiPoRk4Vx6Y0=",
		"u9Yq3vKc-hXr5TzB_mLs8QaWe1NfJg7DiPoRk4Vx6Y0", "hvs.CAESIJlU9JMYEhOPYv4igdhm9PnZDrabYTobQ4YmnlzY4fWq", "TOK_LIVE_9F8E7D6C5B4A39281706F5E4D3C2B1A0",
	} {
		for _, where := range []string{
			"cannot read %: no such file", `unknown command "%" for whctl`, `--param "%" is not of the form NAME=VALUE`, "cannot create the key file /nodir/%: no such folder",
			"no answer from http://127.0.0.1:1/?key=%: refused", `cannot forward to "http://u:%@127.0.0.1:1": no`, `cannot forward to "user:%@127.0.0.1:1"`, "use https://%; http is for loopback",
			"X-Gitlab-Token: %", "WHCTL_SECRET=%", `{"apiKey":"%"}`, "Authorization: Bearer %", "(%)", "'%'", "%", "http://localhost:3000/%/hooks", "file:%", "--secret-file=%",
		} {
			if strings.Contains(s, "/") && strings.Contains(where, "/%") {
				continue // it is a path there, as far as anyone can tell
			}
			text := strings.ReplaceAll(where, "%", s)
			got := masking.Text(text)
			for i := 0; i+12 <= len(s); i += 4 {
				if part := s[i : i+12]; strings.Contains(got, part) {
					t.Errorf("%q: shown as %q", text, got)
					break
				}
			}
		}
	}
}

// TestTextHidesRandom makes keys as openssl rand does, because a list of examples proves little.
func TestTextHidesRandom(t *testing.T) {
	t.Parallel()
	encodings := map[string]func([]byte) string{
		"hex": hex.EncodeToString, "base64": base64.StdEncoding.EncodeToString, "base64url": base64.RawURLEncoding.EncodeToString,
	}
	random := rand.NewChaCha8([32]byte{1})
	for name, encode := range encodings {
		shown := 0
		for range 1000 {
			b := make([]byte, 32)
			_, _ = random.Read(b)
			key := encode(b)
			if got := masking.Text("cannot read " + key + ": no such file"); strings.Contains(got, key[:20]) || strings.Contains(got, key[len(key)-20:]) {
				shown++
				t.Log(key)
			}
		}
		if shown > 2 { // letters alone are no proof
			t.Errorf("%d of 1000 keys in %s are shown", shown, name)
		}
	}
}

// TestTextLeaves are texts that people need as they are.
func TestTextLeaves(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"cannot read body.json: no such file", "/home/me/src/project/.whctl.yaml:12: unknown setting", "the journal /tmp/TestKeyThatGoesNowhere3563669217/002/data/journal.db is locked",
		"no webhook \"3f0c9a52-7d1e-4b86-9c43-5a2be81d6f70\"", "event evt_1NG8Du2eZvKYlo2CUI79vXWy ended failed", "message msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
		"no delivery 01ARZ3NDEKTSV4RRFFQ69G5FAV", "WH-2WR32451HC0233532-67976317FL4543714", "its sha256 is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "kyc.status.changed/failed", "https://api.baanx.com/v1/webhooks/3f0c9a52-7d1e-4b86-9c43-5a2be81d6f70/logs",
		"http://127.0.0.1:4141", "no answer from http://localhost:3000/hooks/a/b?c=d", "2026-03-04T09:15:00.000Z", "whctl webhooks enable staging", "add --secret-file FILE, or set WHCTL_SECRET",
		"whctl keys add NAME --webhook-id ID --secret-file key", "unset WHCTL_KEYRING", "--secret-env STRIPE_WEBHOOK_SIGNING_SECRET", "the key is whk_****...****9d4e", "write content: \"{timestamp}.{body}\"",
		"C:\\Users\\me\\AppData\\Roaming\\whctl\\config.yaml", "X-Hub-Signature-256 is missing", "application/x-www-form-urlencoded", "message_signature.components", "key_file: no such setting",
		"key.encoding: utf8 takes the key's text as it stands", "export STRIPE_SECRET=…", "--param NAME=VALUE", "the token is missing, wrong or expired: set WHCTL_TOKEN or run whctl login",
		"see https://github.com/whctl/whctl/issues", "a header line needs a colon, as in Name: value", "the event type account.application.deauthorized is unknown", "TestTheQuickBrownFoxJumpsOverTheLazyDog",
		"/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/body.json", "objects/3f/786850e387550fdab836ed7e6dc881de23001b.json", "--header 'Authorization: …'", "proxy.internal.example.com:8443",
		"add -H 'Name: value'", "standard-webhooks", "PKCS#1 v1.5", "1750000000000", "the scheme mycompany-internal-webhooks-v2 is unknown", "task_runner_configuration", "cannot read key_2024_backup: no such file", "token-file-v2.json", "secret_2025-01.txt", "header X-Gitlab-Token: it is missing",
		"X-Api-Key: the header that holds it", "key-staging-2026-03-04.pem", "put the bytes 3059301306072a8648ce3d020106082a8648ce3d03010703420004 before its 64", "sk-ssh-ed25519", "token_endpoint_auth_method",
	} {
		if got := masking.Text(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

// TestTextGiven masks what is known to be a secret, whatever it looks like.
func TestTextGiven(t *testing.T) {
	t.Parallel()
	got := masking.Text("the API says: hunter2 is wrong, and so is hunter2hunter2", "hunter2", "hunter2hunter2", "", "is")
	if want := "the API says: **** is wrong, and so is ****"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSignatureAndKey(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"t=1750000000,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd": "t=1750000000,v1=5257a869…",
		"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17":          "sha256=757107ea…",
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,bm9ldHUjKzFob2VudXRob2VodWU=":  "v1,g0hM9SsE… v1,bm9ldHUj…",
		"5257a869e7ec": "5257a869…", "short": "short", "": "",
	} {
		if got := masking.Signature(in); got != want {
			t.Errorf("Signature(%q) is %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"whk_7k2m9q4x1c8v5b3n6z0l9d4e": "whk_****...****9d4e", "plain-and-long-enough-key": "****...****-key", "short": "****...****", "": "****...****",
	} {
		if got := masking.Key(in); got != want {
			t.Errorf("Key(%q) is %q, want %q", in, got, want)
		}
	}
}
