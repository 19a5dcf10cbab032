package verifier

// The phrases as the program has them are those of their files.

import (
	"bytes"
	"compress/flate"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "pack the phrases anew, and write the golden files") //nolint:gochecknoglobals // a flag of the test

func TestPhrasesArePacked(t *testing.T) {
	t.Parallel()
	var all bytes.Buffer
	for _, language := range Languages() {
		text, err := os.ReadFile(filepath.Join("phrases", language+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(markFile + language + "\n" + string(text))
	}
	if *update {
		writePacked(t, all.Bytes())
	}
	file, err := os.ReadFile("phrases.flate")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(flate.NewReader(bytes.NewReader(file)))
	if err != nil || !bytes.Equal(got, all.Bytes()) {
		t.Error("phrases.flate is stale: run go test ./internal/sign/verifier -update")
	}
}

func writePacked(t *testing.T, text []byte) {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(text)
	if err == nil {
		err = w.Close()
	}
	if err == nil {
		err = os.WriteFile("phrases.flate", out.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
