package sign_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// TestTrialIsNotSeen prints what explaining works with in every way: neither the key nor the right digest comes out.
func TestTrialIsNotSeen(t *testing.T) {
	t.Parallel()
	c := makeCase(t, "github", 1)
	key := &sign.CaseKey{Raw: []byte(c.text), Key: c.keys[0]}
	trial := c.rules.Try(&sign.Case{Key: key, Digest: sign.Digest{Mode: sign.HMAC, Algorithm: scheme.HMACSHA256}, Body: []byte(plainBody)})
	raw, err := hex.DecodeString(c.signed.Signature[len("sha256="):])
	if err != nil {
		t.Fatal(err)
	}
	if !trial.Is(raw) {
		t.Fatal("the trial is not of the right signature")
	}
	if b, err := json.Marshal(key); err == nil {
		t.Errorf("a key was written out: %s", b)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d", "%q"} {
		secrets := []string{c.text, hex.EncodeToString([]byte(c.text)), fmt.Sprintf("%d", []byte(c.text)), hex.EncodeToString(raw), fmt.Sprintf("%d", raw)}
		noSecret(t, verb, fmt.Sprintf(verb+verb+verb+verb, key, *key, trial, &trial), secrets)
	}
}
