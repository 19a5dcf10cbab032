//go:build unix

package main

import (
	"os"
	"strings"
	"testing"
)

// TestKeyThatGoesNowhere has the one output that carries a fresh key fail: a key that was neither printed nor kept is no
// success, even where nobody reads any more.
func TestKeyThatGoesNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	id, _ := w.webhook("dev", "http://127.0.0.1:1/")
	outputs := map[string]func() *os.File{"a pipe that nobody reads": func() *os.File {
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = reader.Close()
		return writer
	}}
	if _, err := os.Stat("/dev/full"); err == nil {
		outputs["a full disk"] = func() *os.File {
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			return full
		}
	}
	for name, open := range outputs {
		for _, how := range [][]string{{"--no-save"}, {"--no-save", "--key-only"}, {"--no-save", "-o", "json"}} {
			for _, what := range [][]string{
				{"webhooks", "rotate", "dev", "--yes"},
				{"webhooks", "create", "--name", "new", "--url", "http://127.0.0.1:1/", "--events", "*"},
			} {
				args := append(what[:len(what):len(what)], how...)
				out := open()
				code, errs := w.writeTo(out, args...)
				_ = out.Close()
				if code != 7 || !strings.Contains(errs, "error: the key could not be printed and is kept nowhere: ") || !strings.Contains(errs, "whctl webhooks rotate ") {
					t.Errorf("whctl %q to %s: exit code %d, stderr %q", args, name, code, errs)
				}
				if what[1] == "rotate" && !strings.Contains(errs, "whctl webhooks rotate "+id+"\n") {
					t.Errorf("the hint names another webhook: %q", errs)
				}
				if what[1] == "create" {
					w.must(0, "webhooks", "delete", "new", "--yes")
				}
			}
		}
		out := open()
		code, errs := w.writeTo(out, "webhooks", "rotate", "dev", "--yes", "--no-save", "--key-file", w.path(strings.ReplaceAll(name, " ", "-")))
		_ = out.Close()
		if strings.Contains(errs, "kept nowhere") || name == "a pipe that nobody reads" && code != 0 {
			t.Errorf("the key file has the key, and to %s: exit code %d, stderr %q", name, code, errs)
		}
	}
}
