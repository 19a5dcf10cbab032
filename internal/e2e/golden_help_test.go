package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Goldens of all help texts: what a command's help says changes only together with its file in testdata/golden/help.

// TestGoldenHelp walks all commands and topics of the binary. A file whose command is gone fails too.
func TestGoldenHelp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.helps(nil)
	_, topics, _ := strings.Cut(root, "or a topic: ")
	topics, _, _ = strings.Cut(topics, "\n")
	want := []string{"whctl.txt"}
	want = append(want, w.helpsBelow(nil, root)...)
	matchReference(t, want)
	for topic := range strings.SplitSeq(topics, ", ") {
		name := "topic_" + topic + ".txt"
		matchGolden(t, filepath.Join("help", name), w.must(0, "help", topic).out)
		want = append(want, name)
	}
	if len(want) < 50 {
		t.Errorf("only %d help texts: %q", len(want), want)
	}
	files, err := filepath.Glob(filepath.Join("testdata", "golden", "help", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if slices.Contains(want, filepath.Base(file)) {
			continue
		}
		if !updating() {
			t.Errorf("%s is the help of no command", file)
		} else if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}

// helps compares the help of a command with its golden, and gives it.
func (w *world) helps(command []string) string {
	w.t.Helper()
	help := w.must(0, append(slices.Clip(command), "--help")...).out
	matchGolden(w.t, filepath.Join("help", helpFile(command)), help)
	return help
}

// helpsBelow does the same for all commands that the help of a command lists, and gives the names of their files.
func (w *world) helpsBelow(command []string, help string) (files []string) {
	w.t.Helper()
	if !strings.Contains(help, " COMMAND [flags]\n") {
		return nil
	}
	for _, row := range regexp.MustCompile(`(?m)^  ([a-z][a-z-]*) {2,}[A-Z]`).FindAllStringSubmatch(help, -1) {
		sub := append(slices.Clip(command), row[1])
		files = append(files, helpFile(sub))
		files = append(files, w.helpsBelow(sub, w.helps(sub))...)
	}
	return files
}

func helpFile(command []string) string {
	return strings.Join(append([]string{"whctl"}, command...), "_") + ".txt"
}
