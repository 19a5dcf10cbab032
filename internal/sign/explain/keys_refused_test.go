package explain_test

// Keys as people paste them.

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// pastedKey is one line of testdata/keys.jsonl, made by tests/diagnose/generate with openssl.
type pastedKey struct {
	ID, Scheme, Want string
	Key              []byte `json:"key_base64"`
}

func loadKeys(tb testing.TB) []pastedKey {
	tb.Helper()
	b, err := os.ReadFile("testdata/keys.jsonl")
	if err != nil {
		tb.Fatal(err)
	}
	var out []pastedKey
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		var k pastedKey
		if err := json.Unmarshal(lines.Bytes(), &k); err != nil {
			tb.Fatal(err)
		}
		out = append(out, k)
	}
	return out
}

// TestPastedKeys: a key in another form than the scheme's is refused with what it is and what to do, and never quoted.
func TestPastedKeys(t *testing.T) {
	t.Parallel()
	all := loadKeys(t)
	if len(all) < 70 {
		t.Fatalf("only %d keys", len(all))
	}
	for _, k := range all {
		text := strings.TrimSuffix(string(k.Key), "\n") // as a key file is read
		_, err := explain.Key(signtest.Rules(t, k.Scheme), text)
		if k.Want == "" {
			if err != nil {
				t.Errorf("%s: %v", k.ID, err)
			}
			continue
		}
		var ke *sign.KeyError
		if !errors.As(err, &ke) || !strings.HasPrefix(ke.Problem, k.Want) {
			t.Errorf("%s: %v, want %s", k.ID, err, k.Want)
			continue
		}
		quotesNothing(t, k.ID, err.Error(), text)
	}
}

// quotesNothing looks for any eight characters of a key's own in what is said; short words and the beginnings of all keys of a
// provider are not the key's own.
func quotesNothing(t *testing.T, id, said, key string) {
	t.Helper()
	for word := range strings.FieldsSeq(strings.NewReplacer(":", "", `\n`, " ", "=", " ", "sk_live_", " ", "pk_test_", " ").Replace(key)) {
		for i := 0; len(word) >= 16 && i+8 <= len(word); i++ {
			if strings.Contains(said, word[i:i+8]) {
				t.Fatalf("%s: the refusal holds %q of the key", id, word[i:i+8])
			}
		}
	}
}

// TestSigningKeyMistakes: a public key cannot sign, in whatever form it comes.
func TestSigningKeyMistakes(t *testing.T) {
	t.Parallel()
	for _, k := range loadKeys(t) {
		r := signtest.Rules(t, k.Scheme)
		_, err := explain.SigningKey(r, string(k.Key))
		switch k.ID {
		case "sendgrid/pem", "sendgrid/right", "telnyx/spki", "discord/spki-hex", "telnyx/pem", "telnyx/pem-no-header", "discord/pem":
			if err == nil || !strings.Contains(err.Error(), "signing needs the private one") {
				t.Errorf("%s: %v", k.ID, err)
			}
		case "discord/pem-private":
			if err == nil || !strings.Contains(err.Error(), "openssl pkey -in key.pem -outform DER | tail -c 32 | od") {
				t.Errorf("%s: %v", k.ID, err)
			}
		case "sendgrid/pem-private":
			if err != nil {
				t.Errorf("%s: %v", k.ID, err)
			}
		}
	}
}

// FuzzKeyText feeds key texts to schemes of each kind of key: a refusal is one plain line and quotes nothing of the text.
func FuzzKeyText(f *testing.F) {
	for _, k := range loadKeys(f) {
		f.Add(k.Key)
	}
	for _, k := range loadOpenSSL(f) {
		f.Add([]byte(k.Key))
	}
	var all []*sign.Rules
	for _, name := range []string{"discord", "telnyx", "sendgrid", "standard-webhooks", "standard-webhooks.ed25519", "adyen", "baanx", "wise", "fireblocks"} {
		all = append(all, signtest.Rules(f, name))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, r := range all {
			for _, decode := range []func(string) (sign.Key, error){r.Key, r.SigningKey} {
				if _, err := decode(string(text)); err != nil {
					plainRefusal(t, err, text)
				}
			}
		}
	})
}

func plainRefusal(t *testing.T, err error, text []byte) {
	t.Helper()
	var ke *sign.KeyError
	if !errors.As(err, &ke) || ke.Problem == "" || strings.ContainsAny(ke.Problem, "\n\r\x1b") {
		t.Fatalf("%q", err)
	}
	if len(text) >= 24 && strings.Contains(ke.Problem, string(text)) {
		t.Fatalf("%q holds the key", err)
	}
}
