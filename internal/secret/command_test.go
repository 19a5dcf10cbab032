//go:build unix

package secret

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

// TestCommandEnds: a command that does not end is ended, nothing that it leaves behind is waited for, and so is one that writes without end.
func TestCommandEnds(t *testing.T) {
	t.Parallel()
	const late = "did not end within"
	for line, words := range map[string]string{
		"sleep 60": late, "sh -c 'sleep 20 & sleep 60'": late, "sh -c 'sleep 20 & echo a-key'": "",
		"yes": "longer than 64 KiB", "sh -c 'yes >&2'": late, "cat": "printed nothing",
	} {
		began := time.Now()
		r := &Resolver{Limit: 10 * time.Second} // much, because a busy machine may be late to start a command
		if words == late {
			r.Limit = 300 * time.Millisecond
		}
		keys, _, err := r.Resolve(t.Context(), []Source{{Kind: Command, Arg: line}})
		if words != "" && (err == nil || !strings.Contains(err.Error(), words) || fault.KindOf(err) != fault.Usage) {
			t.Errorf("%s: %v", line, err)
		}
		if words == "" && err == nil && keys[0].Text != "a-key" {
			t.Errorf("%s gives %d bytes", line, len(keys[0].Text))
		}
		if d := time.Since(began); d > 20*time.Second {
			t.Errorf("%s took %s", line, d)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := new(Resolver).Resolve(ctx, []Source{{Kind: Command, Arg: "sleep 60"}}); fault.KindOf(err) == fault.Usage {
		t.Errorf("interrupted: %v", err)
	}
}

// TestStamp: every change of the store is seen without reading it.
func TestStamp(t *testing.T) {
	t.Parallel()
	s := Open(Options{Dir: t.TempDir(), Getenv: func(name string) string { return map[string]string{"WHCTL_KEYRING": "file"}[name] }})
	last := s.Stamp()
	if !last.Same(s.Stamp()) {
		t.Error("two stamps of nothing differ")
	}
	step := func(what string, change func() error) {
		t.Helper()
		if err := change(); err != nil {
			t.Fatal(err)
		}
		now := s.Stamp()
		if now.Same(last) || !now.Same(s.Stamp()) {
			t.Errorf("%s is not seen", what)
		}
		last = now
	}
	for range 20 { // as fast as a clock may not tell apart
		step("a key", func() error {
			_, err := s.SaveKey(t.Context(), "p", SavedKey{Name: "a", Scheme: "baanx", Key: "one"})
			return err
		})
		step("another", func() error {
			_, err := s.SaveKey(t.Context(), "p", SavedKey{Name: "a", Scheme: "baanx", Key: "two"})
			return err
		})
	}
	if at := s.Expiry("p"); at.IsZero() || time.Until(at) > PreviousFor {
		t.Errorf("the previous key ends at %s", at)
	}
	step("a removal", func() error { _, err := s.RemoveKey(t.Context(), "p", "a"); return err })
	step("the file's end", func() error { return os.Remove(filepath.Join(filepath.Dir(s.Path()), vaultName)) })
}

// TestSchemeOfSavedKey: a key that is saved under another scheme keeps none of those before.
func TestSchemeOfSavedKey(t *testing.T) {
	t.Parallel()
	s := Open(Options{Dir: t.TempDir(), Getenv: func(name string) string { return map[string]string{"WHCTL_KEYRING": "file"}[name] }})
	for i, k := range []SavedKey{{Name: "a", Scheme: "discord", Key: "public"}, {Name: "a", Scheme: "github", Key: "secret"}, {Name: "a", Scheme: "github", Key: "newer"}} {
		if _, err := s.SaveKey(t.Context(), "p", k); err != nil {
			t.Fatal(err)
		}
		keys, err := s.Keys(t.Context(), "p")
		if err != nil || len(keys) != 1 || len(keys[0].Previous) != max(0, i-1) {
			t.Errorf("after %d: %d keys, %v", i, len(keys), err)
		}
	}
}
