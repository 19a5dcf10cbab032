package sign

import (
	"bytes"
	"compress/flate"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPacked holds the packed catalogue to its texts; with the argument update, as in tools/pack, it writes it.
func TestPacked(t *testing.T) { //nolint:paralleltest // with update it writes what others read
	files, err := filepath.Glob("catalogue/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), err)
	}
	if !isUpdate() {
		t.Parallel()
		if n := len(BuiltinNames()); n != len(files) {
			t.Errorf("%d packed, %d texts: run make pack", n, len(files))
		}
		return // TestCatalogueAsFiles compares each
	}
	if err := os.RemoveAll("bundle"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("bundle", 0o750); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		z, err := flate.NewWriterDict(&packed, flate.BestCompression, dictionary())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := z.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join("bundle", strings.TrimSuffix(filepath.Base(file), ".json")), packed.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// isUpdate says whether the test was called with -args update.
func isUpdate() bool { return slices.Contains(flag.Args(), "update") }
