package files_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/whctl/whctl/internal/files"
)

func TestSweepTakesOnlyWhatIsOurs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	for name, content := range map[string]string{
		"f": "ours", ".f-123": "ours, cut", ".f-9": "", "f.new-5": "ours", "f.new-77": "a note", ".f-x": "ours", ".f-": "ours", ".g-5": "ours", ".f-12x": "ours", "f-3": "ours",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Mkdir(filepath.Join(dir, ".f-4"), 0o700), os.Symlink("f", filepath.Join(dir, ".f-6"))); err != nil {
		t.Fatal(err)
	}
	files.Me().Sweep(path, func(start []byte) bool { return len(start) == 0 || bytes.HasPrefix(start, []byte("ours")) }, "f.new-")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if want := []string{".f-", ".f-12x", ".f-4", ".f-6", ".f-x", ".g-5", "f", "f-3", "f.new-77"}; !slices.Equal(got, want) {
		t.Errorf("left: %v, want %v", got, want)
	}
}

func TestReplaceWithIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, broken := filepath.Join(dir, "f"), errors.New("no more")
	for _, text := range []string{"one", "two"} {
		err := files.Me().ReplaceWith(path, func(w io.Writer) error {
			if _, err := io.WriteString(w, text); err != nil || text == "one" {
				return err
			}
			return broken
		})
		if (text == "two") != errors.Is(err, broken) {
			t.Errorf("%s: %v", text, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if b, rerr := os.ReadFile(path); err != nil || rerr != nil || string(b) != "one" || len(entries) != 1 {
		t.Errorf("%q, %v, %v, %v", b, rerr, entries, err)
	}
}
