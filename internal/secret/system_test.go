//go:build keyring

// These tests need a real OS keyring that is unlocked and may be written to; tests/keyring/run makes one.

package secret_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/secret"
)

// lookup asks the Secret Service by another program how many items of whctl it holds, and whether it gives a text.
func lookup(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "secret-tool", "search", "--all", "--unlock", "service", "whctl").CombinedOutput()
	if err != nil && len(bytes.TrimSpace(out)) > 0 {
		t.Fatalf("secret-tool: %v\n%s", err, out)
	}
	return string(out)
}

func TestSystemKeyring(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "whctl")
	open := func() *secret.Store { return secret.Open(secret.Options{Dir: dir, Getenv: os.Getenv}) }
	s := open()
	if where := save(t, s, "p", secret.SavedKey{WebhookID: "id-1", Name: "staging", Key: keyA}); where != "the OS keyring" {
		t.Fatalf("where is %q", where)
	}
	save(t, s, "p", secret.SavedKey{WebhookID: "id-1", Name: "staging", Key: keyB})
	if _, err := s.SaveToken(t.Context(), "https://api.baanx.com", keyC); err != nil {
		t.Fatal(err)
	}
	got := lookup(t)
	for _, want := range []string{keyA, keyB, keyC} {
		if !strings.Contains(got, want) {
			t.Error("the Secret Service does not hold one of the secrets")
		}
	}
	b, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	clean(t, string(b))

	k, err := open().Key(t.Context(), "p", "staging")
	if err != nil || k.Key != keyB || len(k.Previous) != 1 || k.Previous[0].Key != keyA {
		t.Errorf("another process reads something else: %v", err)
	}
	long := strings.Repeat("k", 64<<10)
	if where := save(t, s, "p", secret.SavedKey{Name: "long", Key: long}); where != "the OS keyring" {
		t.Errorf("64 KiB: where is %q", where)
	}
	if k, err := open().Key(t.Context(), "p", "long"); err != nil || k.Key != long {
		t.Errorf("64 KiB are not read back: %v", err)
	}
	for _, name := range []string{"staging", "long"} {
		if _, err := open().RemoveKey(t.Context(), "p", name); err != nil {
			t.Error(err)
		}
	}
	if ok, err := open().RemoveToken(t.Context(), "https://api.baanx.com"); err != nil || !ok {
		t.Error(ok, err)
	}
	if got := lookup(t); strings.Contains(got, "whctl") {
		t.Error("items of whctl stayed in the keyring")
	}
}

func TestSystemKeyringOff(t *testing.T) {
	t.Setenv("WHCTL_KEYRING", "file")
	s := secret.Open(secret.Options{Dir: t.TempDir(), Getenv: os.Getenv})
	if where := save(t, s, "p", secret.SavedKey{Name: "n", Key: keyA}); !strings.Contains(where, s.Path()) {
		t.Errorf("where is %q", where)
	}
	if strings.Contains(lookup(t), keyA) {
		t.Error("the keyring was used in spite of WHCTL_KEYRING=file")
	}
	_, err := s.Key(t.Context(), "p", "other")
	wantKind(t, err, fault.Refused)
}
