package secret_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/secret"
)

// hanging blocks the named calls until release is closed.
func hanging(release <-chan struct{}, calls ...string) func(call, ref string) error {
	return func(call, _ string) error {
		for _, c := range calls {
			if c == call {
				<-release
			}
		}
		return nil
	}
}

func TestHangingKeyringFallsBackToTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		ring := &memory{before: hanging(release, "set")}
		s := secret.Open(secret.Options{Dir: dir, Keyring: ring})
		start := time.Now()
		where := save(t, s, "p", secret.SavedKey{Name: "n", Key: keyA})
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("waited %s, want 3 s", took)
		}
		if !strings.Contains(where, "did not answer within 3s") || !strings.Contains(where, s.Path()) {
			t.Errorf("where is %q", where)
		}
		// A second key does not wait again, and both are there.
		save(t, s, "p", secret.SavedKey{Name: "m", Key: keyB})
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("waited %s in all, want 3 s", took)
		}
		if keys, err := s.Keys(t.Context(), "p"); err != nil || len(keys) != 2 {
			t.Errorf("%d keys (%v)", len(keys), err)
		}
		// What the keyring stores too late is taken out again: nothing lists it.
		close(release)
		synctest.Wait()
		if ring.len() != 0 {
			t.Errorf("%d items were left in the keyring", ring.len())
		}
	})
}

func TestKeyringThatHangsOnReading(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		ring := &memory{}
		s := secret.Open(secret.Options{Dir: dir, Keyring: ring})
		save(t, s, "p", secret.SavedKey{Name: "n", Key: keyA})
		save(t, s, "p", secret.SavedKey{Name: "m", Key: keyB})
		ring.before = hanging(release, "get")
		start := time.Now()
		_, err := s.Keys(t.Context(), "p")
		wantKind(t, err, fault.Storage, "does not answer", "unlock the keyring")
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("two keys took %s, want 3 s once", took)
		}
		if list, err := s.ListKeys(t.Context(), "p"); err != nil || len(list) != 2 {
			t.Errorf("the list needs the keyring: %v", err)
		}
	})
}

// A shell that completes a word must not be held up by a question of the keyring.
func TestTokenInFile(t *testing.T) {
	t.Parallel()
	ring := &memory{before: func(call, _ string) error { return map[string]error{"set": errors.New("no")}[call] }}
	s, _ := ringStore(t, ring)
	if _, err := s.SaveToken(t.Context(), "https://file.example", keyA); err != nil {
		t.Fatal(err)
	}
	ring.before = nil
	if _, err := s.SaveToken(t.Context(), "https://ring.example", keyB); err != nil {
		t.Fatal(err)
	}
	ring.before = func(call, _ string) error { t.Errorf("the keyring was asked to %s", call); return nil }
	for origin, want := range map[string]string{"https://file.example": keyA, "https://ring.example": "", "https://none.example": ""} {
		if text, err := s.TokenInFile(origin); err != nil || text != want {
			t.Errorf("%s: %q, %v", origin, text, err)
		}
	}
}

func TestKeyringThatFails(t *testing.T) {
	t.Parallel()
	for name, ring := range map[string]*memory{
		"refuses":      {before: func(string, string) error { return errors.New("collection is locked") }},
		"panics":       {before: func(string, string) error { panic("bad reply") }},
		"too big":      {most: 10},
		"forgets":      {forget: true},
		"garbles":      {garble: true},
		"cannot read":  {before: func(call, _ string) error { return map[string]error{"get": errors.New("no")}[call] }},
		"cannot write": {before: func(call, _ string) error { return map[string]error{"set": errors.New("no")}[call] }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := ringStore(t, ring)
			where := save(t, s, "p", secret.SavedKey{Name: "n", Key: keyA})
			if !strings.Contains(where, s.Path()) || !strings.Contains(where, "did not take it") {
				t.Errorf("where is %q", where)
			}
			if k, err := s.Key(t.Context(), "p", "n"); err != nil || k.Key != keyA {
				t.Errorf("not as saved: %v", err)
			}
		})
	}
}

// WHCTL_KEYRING=file must not ask the keyring at all, and says so when a key is there.
func TestFileSettingKeepsTheKeyringOut(t *testing.T) {
	t.Parallel()
	ring := &memory{}
	dir := t.TempDir()
	s := secret.Open(secret.Options{Dir: dir, Keyring: ring})
	save(t, s, "p", secret.SavedKey{Name: "n", Key: keyA})
	asked := false
	ring.before = func(string, string) error { asked = true; return nil }
	s = secret.Open(secret.Options{Dir: dir, Keyring: ring, Getenv: onlyFile})
	_, err := s.Key(t.Context(), "p", "n")
	wantKind(t, err, fault.Storage, "key of n", "unset WHCTL_KEYRING")
	// Saving anew works, and does not lose the one that cannot be read now.
	save(t, s, "p", secret.SavedKey{Name: "n", Key: keyB})
	if asked {
		t.Error("the keyring was asked")
	}
	ring.before = nil
	k, err := secret.Open(secret.Options{Dir: dir, Keyring: ring}).Key(t.Context(), "p", "n")
	if err != nil || k.Key != keyB || len(k.Previous) != 1 || k.Previous[0].Key != keyA {
		t.Errorf("the key that could not be read is lost (%v)", err)
	}
}

func TestItemDeletedInTheKeyring(t *testing.T) {
	t.Parallel()
	ring := &memory{}
	s, _ := ringStore(t, ring)
	save(t, s, "p", secret.SavedKey{Name: "gone", Key: keyA})
	clear(ring.items)
	save(t, s, "p", secret.SavedKey{Name: "there", Key: keyB})
	_, err := s.Keys(t.Context(), "p")
	wantKind(t, err, fault.Storage, "no longer holds the key of gone", "whctl keys remove gone")

	// Without a flag the others are still used, with a warning.
	r := secret.Resolver{Store: s, Profile: "p"}
	keys, warnings, err := r.Resolve(t.Context(), nil)
	if err != nil || len(keys) != 1 || keys[0].Text != keyB || len(warnings) != 1 || !strings.Contains(warnings[0].Text, "gone") {
		t.Errorf("%d keys, warnings %q, error %v", len(keys), warnings, err)
	}
	if _, err := s.RemoveKey(t.Context(), "p", "gone"); err != nil {
		t.Errorf("it cannot be removed: %v", err)
	}
}

// Another process may replace a key between the moment the list is read and the moment the keyring is asked.
func TestReadingWhileAnotherReplaces(t *testing.T) {
	t.Parallel()
	ring := &memory{}
	s, _ := ringStore(t, ring)
	save(t, s, "p", secret.SavedKey{Name: "n", Key: keyA})
	once := true
	ring.before = func(call, _ string) error {
		if call != "get" || !once {
			return nil
		}
		once = false
		if _, err := s.RemoveKey(t.Context(), "p", "n"); err != nil {
			return err
		}
		_, err := s.SaveKey(t.Context(), "p", secret.SavedKey{Name: "n", Key: keyB})
		return err
	}
	if k, err := s.Key(t.Context(), "p", "n"); err != nil || k.Key != keyB {
		t.Errorf("not the key that is there now: %v", err)
	}
}

// A key is shown only once: ^C at the wrong moment must not lose it.
func TestCancelledContextStillSaves(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, _ := ringStore(t, &memory{})
	if _, err := s.SaveKey(ctx, "p", secret.SavedKey{Name: "n", Key: keyA}); err != nil {
		t.Fatal(err)
	}
	if k, err := s.Key(t.Context(), "p", "n"); err != nil || k.Key != keyA {
		t.Errorf("lost: %v", err)
	}
	ring := &memory{before: hanging(make(chan struct{}), "get")}
	if _, err := secret.Open(secret.Options{Dir: t.TempDir(), Keyring: ring}).Token(ctx, "https://a.example"); err != nil {
		t.Errorf("no token needs no keyring: %v", err)
	}
}
