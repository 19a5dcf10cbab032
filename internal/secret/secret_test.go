package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/secret"
)

const (
	keyA = "whk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	keyB = "whk_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	keyC = "whk_cccccccccccccccccccccccccccccccccccccccc"
)

// clock is a time that tests move.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time { return c.now }

// memory is a keyring in memory, in the place of the operating system's.
type memory struct {
	mu    sync.Mutex
	items map[string]string
	// before runs ahead of every call and may fail it.
	before func(call, ref string) error
	most   int // the longest text it takes; 0: any
	forget bool
	garble bool // what it keeps is not what it was given
}

func (m *memory) ask(call, ref string) error {
	if m.before != nil {
		return m.before(call, ref)
	}
	return nil
}

func (m *memory) Set(_, ref, text string) error {
	if err := m.ask("set", ref); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.most > 0 && len(text) > m.most {
		return errors.New("data passed to Set was too big")
	}
	if m.items == nil {
		m.items = map[string]string{}
	}
	if m.garble {
		text = text[1:]
	}
	if !m.forget {
		m.items[ref] = text
	}
	return nil
}

func (m *memory) Get(_, ref string) (string, error) {
	if err := m.ask("get", ref); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if text, ok := m.items[ref]; ok {
		return text, nil
	}
	return "", secret.ErrNotFound
}

func (m *memory) Delete(_, ref string) error {
	if err := m.ask("delete", ref); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.items, ref)
	return nil
}

func (m *memory) len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.items)
}

// onlyFile is an environment that keeps the operating system's keyring out.
func onlyFile(name string) string {
	if name == "WHCTL_KEYRING" {
		return "file"
	}
	return ""
}

func fileStore(t *testing.T) (*secret.Store, *clock) {
	t.Helper()
	c := newClock()
	dir := filepath.Join(t.TempDir(), "share", "whctl")
	return secret.Open(secret.Options{Dir: dir, Getenv: onlyFile, Now: c.Now}), c
}

func ringStore(t *testing.T, ring secret.Keyring) (*secret.Store, *clock) {
	t.Helper()
	c := newClock()
	return secret.Open(secret.Options{Dir: t.TempDir(), Keyring: ring, Now: c.Now}), c
}

func save(t *testing.T, s *secret.Store, profile string, k secret.SavedKey) string {
	t.Helper()
	where, err := s.SaveKey(t.Context(), profile, k)
	if err != nil {
		t.Fatalf("save %s: %v", k.Name, err)
	}
	return where
}

// clean fails when a text that people or logs may see holds a secret.
func clean(t *testing.T, texts ...any) {
	t.Helper()
	for _, text := range texts {
		var hint string
		if err, ok := text.(error); ok {
			hint = fault.HintOf(err).String()
		}
		for _, form := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			got := fmt.Sprintf(form, text) + hint
			for _, key := range []string{keyA, keyB, keyC, fmt.Sprintf("%x", keyA)} {
				if strings.Contains(got, key) {
					t.Errorf("a secret stands in %s", strings.ReplaceAll(got, key, "<SECRET>"))
				}
			}
		}
	}
}

func wantKind(t *testing.T, err error, kind fault.Kind, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want a %s fault", kind)
	}
	if got := fault.KindOf(err); got != kind {
		t.Errorf("kind %s, want %s: %v", got, kind, err)
	}
	text := err.Error() + " | " + fault.HintOf(err).String()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("error %q does not hold %q", text, part)
		}
	}
	clean(t, err)
}

func TestFileStoreKeepsKeysPrivate(t *testing.T) {
	t.Parallel()
	s, c := fileStore(t)
	where := save(t, s, "baanx", secret.SavedKey{WebhookID: "id-1", Name: "staging", Scheme: "baanx", Key: keyA})
	if where != "the file "+s.Path()+" (0600)" {
		t.Errorf("where is %q", where)
	}
	if runtime.GOOS != "windows" {
		for path, want := range map[string]os.FileMode{s.Path(): 0o600, filepath.Dir(s.Path()): 0o700} {
			fi, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if fi.Mode().Perm() != want {
				t.Errorf("%s has mode %o, want %o", path, fi.Mode().Perm(), want)
			}
		}
	}
	c.now = c.now.Add(time.Minute)
	save(t, s, "baanx", secret.SavedKey{WebhookID: "id-2", Name: "prod", Key: keyB})
	save(t, s, "other", secret.SavedKey{Name: "elsewhere", Key: keyC})

	again := secret.Open(secret.Options{Dir: filepath.Dir(s.Path()), Getenv: onlyFile, Now: c.Now})
	keys, err := again.Keys(t.Context(), "baanx")
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) != 2 || keys[0].Key != keyB || keys[1].Key != keyA || keys[1].Scheme != "baanx" || keys[1].WebhookID != "id-1" {
		t.Errorf("got %d keys, or not these, the last one first", len(keys))
	}
	list, err := again.ListKeys(t.Context(), "baanx")
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Name != "prod" || list[1].Name != "staging" || list[0].Where != "file" {
		t.Errorf("list is %+v", list)
	}
	clean(t, keys, list, keys[0])
}

func TestKeyringKeepsKeysOutOfTheFile(t *testing.T) {
	t.Parallel()
	ring := &memory{}
	s, _ := ringStore(t, ring)
	if where := save(t, s, "baanx", secret.SavedKey{WebhookID: "id-1", Name: "staging", Key: keyA}); where != "the OS keyring" {
		t.Errorf("where is %q", where)
	}
	if _, err := s.SaveToken(t.Context(), "https://api.baanx.com", keyB); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	clean(t, string(b))
	if !bytes.Contains(b, []byte("staging")) {
		t.Error("the list does not name the key")
	}
	k, err := s.Key(t.Context(), "baanx", "staging")
	if err != nil || k.Key != keyA {
		t.Errorf("key not as saved (%v)", err)
	}
	if list, _ := s.ListKeys(t.Context(), "baanx"); len(list) != 1 || list[0].Where != "keyring" {
		t.Errorf("list is %+v", list)
	}
	if _, err := s.RemoveKey(t.Context(), "baanx", "staging"); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.RemoveToken(t.Context(), "https://API.baanx.com:443/v1"); err != nil || !ok {
		t.Errorf("token not removed: %v %v", ok, err)
	}
	if ring.len() != 0 {
		t.Errorf("%d items stayed in the keyring", ring.len())
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	ring := &memory{}
	s, c := ringStore(t, ring)
	save(t, s, "p", secret.SavedKey{WebhookID: "id-1", Name: "n", Scheme: "baanx", Key: keyA})
	save(t, s, "p", secret.SavedKey{WebhookID: "id-1", Name: "n", Key: keyA}) // the same again is no rotation
	if k, _ := s.Key(t.Context(), "p", "id-1"); len(k.Previous) != 0 || k.Scheme != "baanx" {
		t.Errorf("saved twice: %d previous keys, scheme %q", len(k.Previous), k.Scheme)
	}
	c.now = c.now.Add(time.Hour)
	rotated := c.now
	save(t, s, "p", secret.SavedKey{WebhookID: "id-1", Name: "n", Key: keyB, RotatedAt: rotated})
	c.now = c.now.Add(time.Hour)
	save(t, s, "p", secret.SavedKey{WebhookID: "id-1", Name: "n", Key: keyC, RotatedAt: c.now})

	k, err := s.Key(t.Context(), "p", "n")
	if err != nil {
		t.Fatal(err)
	}
	if k.Key != keyC || len(k.Previous) != 2 || k.Previous[0].Key != keyB || k.Previous[1].Key != keyA {
		t.Fatalf("after two rotations: %d previous keys, or not these", len(k.Previous))
	}
	if !k.Previous[1].RotatedAt.Equal(rotated) || !k.RotatedAt.Equal(c.now) {
		t.Errorf("rotated at %s and %s", k.Previous[1].RotatedAt, k.RotatedAt)
	}
	clean(t, k, k.Previous, k.Previous[0])
	if _, err := json.Marshal(k); err == nil {
		t.Error("a key was written as JSON")
	}
	if _, err := json.Marshal(k.Previous); err == nil {
		t.Error("a previous key was written as JSON")
	}

	c.now = rotated.Add(secret.PreviousFor - time.Millisecond)
	if k, _ := s.Key(t.Context(), "p", "n"); len(k.Previous) != 2 {
		t.Errorf("just before its end the oldest key is gone: %d", len(k.Previous))
	}
	c.now = rotated.Add(secret.PreviousFor)
	if k, _ := s.Key(t.Context(), "p", "n"); len(k.Previous) != 1 || k.Previous[0].Key != keyB {
		t.Errorf("after 24 hours the oldest key still verifies")
	}
	if list, _ := s.ListKeys(t.Context(), "p"); list[0].Previous != 1 || list[0].RotatedAt == nil {
		t.Errorf("list is %+v", list)
	} else if text, err := json.Marshal(list[0].RotatedAt); err != nil || string(text) != `"2026-03-01T14:00:00.000Z"` {
		t.Errorf("in JSON it was rotated at %s (%v), without all of its milliseconds", text, err)
	}
	if ring.len() != 3 {
		t.Errorf("%d items in the keyring before the next save, want 3", ring.len())
	}
	save(t, s, "p", secret.SavedKey{WebhookID: "id-1", Name: "n", Key: keyC})
	if ring.len() != 2 {
		t.Errorf("%d items in the keyring after the next save, want 2", ring.len())
	}
}

// A key that was added by name becomes the previous one when the platform rotates that webhook's, but a new webhook of the
// same name takes nothing over.
func TestSaveFindsWhatItReplaces(t *testing.T) {
	t.Parallel()
	s, c := fileStore(t)
	save(t, s, "p", secret.SavedKey{Name: "shop", Key: keyA})
	save(t, s, "p", secret.SavedKey{WebhookID: "id-1", Name: "shop", Key: keyB})
	if list, _ := s.ListKeys(t.Context(), "p"); len(list) != 2 {
		t.Fatalf("a created webhook replaced another key: %+v", list)
	}
	_, err := s.SaveKey(t.Context(), "p", secret.SavedKey{Name: "shop", Key: keyC})
	wantKind(t, err, fault.Usage, "several saved keys", "id-1 shop")
	_, err = s.Key(t.Context(), "p", "shop")
	wantKind(t, err, fault.Usage, "several saved keys", "id-1 shop")
	if _, err := s.RemoveKey(t.Context(), "p", "id-1"); err != nil {
		t.Fatal(err)
	}
	save(t, s, "p", secret.SavedKey{WebhookID: "id-2", Name: "shop", Key: keyC, RotatedAt: c.now})
	k, err := s.Key(t.Context(), "p", "shop")
	if err != nil || k.WebhookID != "id-2" || k.Key != keyC || len(k.Previous) != 1 || k.Previous[0].Key != keyA {
		t.Errorf("rotation did not take over the key added by name (%v)", err)
	}
	// By id, keys add keeps the webhook's name.
	save(t, s, "p", secret.SavedKey{Name: "id-2", Key: keyA})
	if k, err := s.Key(t.Context(), "p", "id-2"); err != nil || k.Name != "shop" || k.Key != keyA {
		t.Errorf("added by id: name %q (%v)", k.Name, err)
	}
}

// TestKeyFollowsAnother: the key of a webhook that is gone becomes the only earlier key of the one that has its place.
func TestKeyFollowsAnother(t *testing.T) {
	t.Parallel()
	s, _ := fileStore(t)
	save := func(id, key, follows string) {
		t.Helper()
		if _, err := s.SaveKey(t.Context(), "sandbox", secret.SavedKey{WebhookID: id, Name: "dev", Scheme: "baanx", Key: key, Follows: follows}); err != nil {
			t.Fatal(err)
		}
	}
	save("w1", keyA, "")
	save("w2", keyB, "w1")
	save("w3", keyC, "w2")
	keys, err := s.Keys(t.Context(), "sandbox")
	if err != nil || len(keys) != 1 || keys[0].WebhookID != "w3" || keys[0].Key != keyC || len(keys[0].Previous) != 1 || keys[0].Previous[0].Key != keyB {
		t.Errorf("saved %d keys, %v", len(keys), err)
	}
	save("w3", keyA, "none") // its own place, and what it follows is not there
	if keys, err = s.Keys(t.Context(), "sandbox"); err != nil || len(keys) != 1 || len(keys[0].Previous) != 2 {
		t.Errorf("saved %d keys, %v", len(keys), err)
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	s, _ := fileStore(t)
	save(t, s, "p", secret.SavedKey{WebhookID: "51d2e8b6-aa", Name: "one", Key: keyA})
	save(t, s, "p", secret.SavedKey{WebhookID: "51d2ffff-bb", Name: "two", Key: keyB})
	save(t, s, "p", secret.SavedKey{WebhookID: "two", Name: "three", Key: keyC})
	for ref, want := range map[string]string{"51d2e8b6-aa": keyA, "51d2e": keyA, "one": keyA, "51d2f": keyB, "two": keyC, "three": keyC} {
		if k, err := s.Key(t.Context(), "p", ref); err != nil || k.Key != want {
			t.Errorf("%s: another key, or %v", ref, err)
		}
	}
	_, err := s.Key(t.Context(), "p", "51d2")
	wantKind(t, err, fault.Usage, "51d2e8b6-aa one", "51d2ffff-bb two", "give the webhook's id")
	for _, ref := range []string{"", "nobody", keyA} {
		_, err = s.Key(t.Context(), "p", ref)
		wantKind(t, err, fault.Refused, "no key is saved", "whctl keys list")
	}
	_, err = s.Key(t.Context(), "q", "one")
	wantKind(t, err, fault.Refused, "profile q")
	_, err = s.RemoveKey(t.Context(), "p", "nobody")
	wantKind(t, err, fault.Refused, "no key is saved")
}

func TestBadKeysAreNotSaved(t *testing.T) {
	t.Parallel()
	s, _ := fileStore(t)
	for _, text := range []string{"", " \n", "whk_****...****9d4e", keyA + "****"} {
		_, err := s.SaveKey(t.Context(), "p", secret.SavedKey{Name: "n", Key: text})
		wantKind(t, err, fault.Usage)
	}
	_, err := s.SaveKey(t.Context(), "p", secret.SavedKey{Key: keyA})
	wantKind(t, err, fault.Usage, "name")
	if _, err := os.Stat(s.Path()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was made: %v", err)
	}
}

func TestNothingIsMadeByLooking(t *testing.T) {
	t.Parallel()
	s, _ := fileStore(t)
	if keys, err := s.Keys(t.Context(), "p"); err != nil || len(keys) != 0 {
		t.Error(keys, err)
	}
	if list, err := s.ListKeys(t.Context(), "p"); err != nil || list == nil {
		t.Error("an empty list is nil, so that its JSON is null", err)
	}
	if text, err := s.Token(t.Context(), "https://a.example"); err != nil || text != "" {
		t.Error("a token from nowhere", err)
	}
	if ok, err := s.RemoveToken(t.Context(), "https://a.example"); err != nil || ok {
		t.Error(ok, err)
	}
	if _, err := os.Stat(filepath.Dir(s.Path())); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder was made: %v", err)
	}
}

func TestTokensAreBoundToTheirOrigin(t *testing.T) {
	t.Parallel()
	s, _ := fileStore(t)
	if _, err := s.SaveToken(t.Context(), "https://API.baanx.com/", keyA); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SaveToken(t.Context(), "http://127.0.0.1:4141", keyB); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		"https://api.baanx.com": keyA, "https://api.baanx.com:443/v1/x": keyA, "HTTPS://api.baanx.com": keyA,
		"http://api.baanx.com": "", "https://api.baanx.com:8443": "", "https://api.baanx.com.evil.example": "",
		"https://evil.example": "", "http://127.0.0.1:4141": keyB, "http://127.0.0.1:4142": "", "http://127.0.0.1": "",
		"https://u:p@api.baanx.com": keyA,
	} {
		if got, err := s.Token(t.Context(), url); err != nil || got != want {
			t.Errorf("%s: another token than wanted (%v)", url, err)
		}
	}
	for _, url := range []string{"", "api.baanx.com", "ftp://x.example", "https://", "https://:443", "://" + keyA, "https://x:" + keyA + "@[::1"} {
		_, err := s.Token(t.Context(), url)
		wantKind(t, err, fault.Usage)
	}
	for _, text := range []string{"", "a b", "a\nb", "tok\x00", "whk_****...****9d4e", "tö"} {
		_, err := s.SaveToken(t.Context(), "https://a.example", text)
		wantKind(t, err, fault.Usage, "token")
	}
	for url, want := range map[string]string{"https://[::1]/x": "https://[::1]:443", "http://Host": "http://host:80"} {
		if got, err := secret.Origin(url); err != nil || got != want {
			t.Errorf("origin of %s is %q (%v)", url, got, err)
		}
	}
}
