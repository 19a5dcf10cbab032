package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
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
	b, err := os.ReadFile(filepath.Join("..", "..", "internal", "sign", "testdata", "keys.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); tried++ {
		var k pastedKey
		if err := json.Unmarshal(lines.Bytes(), &k); err != nil {
			t.Fatal(err)
		}
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
	if tried < 45 {
		t.Fatalf("only %d keys", tried)
	}
}

func (k *pastedKey) refused(t *testing.T, r result) {
	t.Helper()
	if !strings.Contains(r.err, `key for scheme "`+k.Scheme+`" `+k.Want) || !strings.Contains(r.err, "hint: ") {
		t.Error(r.err)
	}
	for word := range strings.FieldsSeq(strings.NewReplacer(":", "", `\n`, " ", "=", " ").Replace(string(k.Key))) {
		if len(word) >= 16 && strings.Contains(r.out+r.err, word[:8]) {
			t.Errorf("it holds %q of the key", word[:8])
		}
	}
}
