//go:build nokeyring

// These tests need a machine where there is no keyring, or one that never answers; tests/keyring/run makes both.

package secret_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/secret"
)

func TestSystemWithoutKeyring(t *testing.T) {
	start := time.Now()
	s := secret.Open(secret.Options{Dir: t.TempDir(), Getenv: os.Getenv})
	where := save(t, s, "p", secret.SavedKey{Name: "n", Key: keyA})
	if want := os.Getenv("WHCTL_TEST_WHERE"); want == "" || !strings.Contains(where, want) || !strings.Contains(where, s.Path()) {
		t.Errorf("where is %q, want %q", where, want)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	if k, err := s.Key(t.Context(), "p", "n"); err != nil || k.Key != keyA {
		t.Errorf("not as saved: %v", err)
	}
}
