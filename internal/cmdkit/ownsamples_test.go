//go:build unix

package cmdkit

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/whctl/whctl/internal/fault"
)

// TestOwnSamplesRefuses: a folder of samples with a hostile or huge file is refused as a whole, with the file's name.
func TestOwnSamplesRefuses(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"-o.json": "{}", "a b.json": "{}", "a\x1b[31m.json": "{}", "a\u202eb.json": "{}", "quote'.json": "{}",
		strings.Repeat("x", 129) + ".json": "{}", "large.json": `"` + strings.Repeat("x", maxSample) + `"`, "no.json": "{", "empty.json": "",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		own, err := (&Env{}).OwnSamples(dir)
		if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "is not used") || len(own) > 0 {
			t.Errorf("%.40q: %v, %v", name, own.Names(), err)
		}
	}
	dir := t.TempDir()
	if err := errors.Join(syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600), os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pipe", "notes.txt"} { // to open the pipe would never end
		if _, err := (&Env{}).OwnSamples(filepath.Join(dir, name)); fault.KindOf(err) != fault.Usage || !strings.HasSuffix(err.Error(), "it is no folder") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := openSamples(filepath.Join(dir, name), dir); !errors.Is(err, errNoFolder) {
			t.Errorf("%s of a project: %v", name, err)
		}
	}
}

// TestOwnSamplesLeaveOut: hidden files, what is in hidden folders, and files of other kinds are no samples.
func TestOwnSamplesLeaveOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"orders", ".git"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, body := range map[string]string{".git/bad.json": "{", "orders/create.json": "{}", "a.b_c-d.json": "{}", ".hidden.json": "{", "notes.txt": "{}"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if own, err := (&Env{}).OwnSamples(dir); err != nil || strings.Join(own.Names(), " ") != "a.b_c-d orders/create" {
		t.Errorf("%v, %v", own.Names(), err)
	}
}

// manyFiles is a folder with more files than anybody counts.
type manyFiles struct {
	fs.ReadDirFile
	fs.FileInfo

	given int
}

func (m *manyFiles) Open(string) (fs.File, error) { return m, nil }
func (m *manyFiles) Close() error                 { return nil }

func (m *manyFiles) ReadDir(n int) ([]fs.DirEntry, error) {
	m.given += n
	return slices.Repeat([]fs.DirEntry{fs.FileInfoToDirEntry(m.FileInfo)}, max(n, 0)), nil
}

// TestOwnSamplesAreBounded: a folder with a great many files, of whatever kind, is refused, and not read to its end.
func TestOwnSamplesAreBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	notes, err := os.Stat(filepath.Join(dir, "notes.txt"))
	if err != nil {
		t.Fatal(err)
	}
	many := &manyFiles{FileInfo: notes}
	entries, err := fewEntries{many}.ReadDir(".")
	if err != nil || many.given != maxEntries+1 {
		t.Fatalf("%d, %v", many.given, err)
	}
	r := reading{dir: dir}
	for i, entry := range entries {
		err := r.visit(entry.Name(), entry, nil)
		if refused := fault.KindOf(err) == fault.Usage && strings.Contains(err.Error(), "more than 10000 files and folders"); err != nil && !refused || refused != (i == maxEntries) {
			t.Fatalf("%d: %v", i, err)
		}
	}
}
