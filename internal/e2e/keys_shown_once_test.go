//go:build unix

package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// unwritable gives outputs that take nothing.
func unwritable(t *testing.T) map[string]func() *os.File {
	t.Helper()
	outputs := map[string]func() *os.File{"a pipe that nobody reads": func() *os.File {
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = reader.Close()
		return writer
	}}
	if _, err := os.Stat("/dev/full"); err != nil {
		return outputs
	}
	outputs["a full disk"] = func() *os.File {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		return full
	}
	return outputs
}

// TestKeyThatGoesNowhere has the output fail that carries a new key. A key that was neither printed nor kept is not a success,
// even when nobody reads the output.
func TestKeyThatGoesNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	id, _ := w.webhook("dev", "http://127.0.0.1:1/")
	for name, open := range unwritable(t) {
		lost := func(hint string, args ...string) {
			out := open()
			r := w.runTo(out, args...)
			_ = out.Close()
			if r.code != 7 || !strings.Contains(r.err, "error: the key could not be printed and is saved nowhere: ") || !strings.Contains(r.err, hint) {
				t.Errorf("whctl %q to %s: exit code %d, stderr %q", args, name, r.code, r.err)
			}
		}
		for _, how := range [][]string{{}, {"--key-only"}, {"-o", "json"}} {
			how = append([]string{"--no-save"}, how...)
			lost("whctl webhooks rotate "+id+"\n", slices.Concat([]string{"webhooks", "rotate", "dev", "--yes"}, how)...)
			create := []string{"webhooks", "create", "--name", "new", "--url", "http://127.0.0.1:1/", "--events", "*"}
			lost("whctl webhooks rotate ", slices.Concat(create, how)...)
			w.must(0, "webhooks", "delete", "new", "--yes")
		}
	}
}

// TestKeyThatIsInItsFile has the output fail too, but the key file has the key.
func TestKeyThatIsInItsFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	w.webhook("dev", "http://127.0.0.1:1/")
	for name, open := range unwritable(t) {
		out := open()
		file := w.path(strings.ReplaceAll(name, " ", "-"))
		r := w.runTo(out, "webhooks", "rotate", "dev", "--yes", "--no-save", "--key-file", file)
		_ = out.Close()
		want := map[string]int{"a full disk": 7, "a pipe that nobody reads": 0}[name]
		if r.code != want || strings.Contains(r.err, "saved nowhere") {
			t.Errorf("to %s: exit code %d, want %d; stderr %q", name, r.code, want, r.err)
		}
		if key, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(key), "whk_") {
			t.Errorf("the key file: %v", err)
		}
	}
}
