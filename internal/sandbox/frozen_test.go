package sandbox_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/sandbox"
)

// TestFrozenDataFile reads a file that an earlier whctl wrote (commit 2e55294). data.jsonl is of a sandbox with chaos, retries and
// an attempt under way. compacted.jsonl and status.json are of a sandbox of that commit which started with it. The three are never
// written again.
func TestFrozenDataFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, frozen(t, "data.jsonl"), 0o600); err != nil {
		t.Fatal(err)
	}
	seed := uint64(12)
	now := func() time.Time { return time.Date(2026, 3, 4, 9, 5, 0, 0, time.UTC) }
	s, err := sandbox.New(sandbox.Options{DataFile: path, Seed: &seed, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+api.PathStatus, nil)
	r.Header.Set("Authorization", "Bearer "+s.Token())
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	var want bytes.Buffer
	if err := json.Compact(&want, frozen(t, "status.json")); err != nil {
		t.Fatal(err)
	}
	if got := bytes.TrimSpace(w.Body.Bytes()); !bytes.Equal(got, want.Bytes()) {
		t.Errorf("status\n%s\nwant\n%s", got, &want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := frozen(t, "compacted.jsonl"); !bytes.Equal(got, want) {
		t.Errorf("the file as it was written anew differs from the frozen one:\n%s", got)
	}
}

func frozen(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "frozen", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
