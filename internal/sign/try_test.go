package sign_test

// What explaining works with is not seen.

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// TestTrialIsNotSeen prints what explaining works with in every way: neither the key nor the right digest comes out.
func TestTrialIsNotSeen(t *testing.T) {
	t.Parallel()
	c := signtest.NewCase(t, "github", 1)
	key := &sign.CaseKey{Raw: []byte(c.Text), Key: c.Keys[0]}
	trial := c.Rules.Try(&sign.Case{Key: key, Digest: sign.Digest{Mode: sign.HMAC, Algorithm: scheme.HMACSHA256}, Body: []byte(signtest.PlainBody)})
	raw, err := hex.DecodeString(c.Signed.Signature[len("sha256="):])
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
		secrets := []string{c.Text, hex.EncodeToString([]byte(c.Text)), fmt.Sprintf("%d", []byte(c.Text)), hex.EncodeToString(raw), fmt.Sprintf("%d", raw)}
		signtest.NoSecret(t, verb, fmt.Sprintf(verb+verb+verb+verb, key, *key, trial, &trial), secrets)
	}
}
