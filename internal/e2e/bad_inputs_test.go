//go:build unix

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// badArguments are words that no command can make sense of.
func badArguments(w *world) []string {
	return []string{"", " ", "\x1b[2J", "\xff\xfe", strings.Repeat("x", 100_000), w.path("gone"), "../..", "-", "a\nb", "日本", "%00", "$(id)", "'"}
}

// TestBadArguments gives commands arguments that they cannot take, and too many of them.
func TestBadArguments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body", "{}")
	for _, c := range []struct {
		args  []string
		codes []int
		any   bool // it takes any number of arguments
		lines bool // one for each argument
	}{
		{args: []string{"sign", "--secret-file", "key"}, codes: []int{0, 2}}, // "-" is standard input, and empty
		{args: []string{"verify", "--secret-file", "key", "-H", "X-Signature: 00", "-H", "X-Timestamp: 1"}, codes: []int{2, 3}, lines: true},
		{args: []string{"send", "--to", "127.0.0.1:1", "--secret-file", "key"}, codes: []int{2, 6}},
		{args: []string{"listen", "--secret-file", "key", "--addr", "127.0.0.1:0", "--for", "1ms"}, codes: []int{2}},
		{args: []string{"journal", "show"}, codes: []int{2, 5}},
		{args: []string{"journal", "list"}, codes: []int{2}},
		{args: []string{"journal", "path"}, codes: []int{2}},
		{args: []string{"journal", "diff", "last"}, codes: []int{2, 5}},
		{args: []string{"journal", "export"}, codes: []int{2, 5}, any: true},
		{args: []string{"queue", "list"}, codes: []int{2}},
		{args: []string{"queue", "retry"}, codes: []int{2, 5}, any: true},
		{args: []string{"queue", "drop", "--yes"}, codes: []int{2, 5}, any: true},
		{args: []string{"queue", "pause"}, codes: []int{2, 5}},
		{args: []string{"queue", "resume"}, codes: []int{2, 5}},
		{args: []string{"journal"}, codes: []int{2}},
		{args: []string{"sandbox", "--addr", "127.0.0.1:0", "--for", "1ms"}, codes: []int{2}},
		{args: []string{"sandbox", "trigger", "--api-url", "http://127.0.0.1:1"}, codes: []int{2, 6}},
		{args: []string{"schemes", "show"}, codes: []int{2}},
		{args: []string{"completion"}, codes: []int{2}},
		{args: []string{"version"}, codes: []int{2}},
		{args: []string{"help"}, codes: []int{0, 2}},
		{args: nil, codes: []int{2}},
	} {
		for _, bad := range badArguments(w) {
			r := w.run(append(slices.Clip(c.args), bad)...)
			checkRefusal(t, fmt.Sprintf("whctl %q %.40q", c.args, bad), r, c.codes)
		}
		many, codes := strings.Fields(strings.Repeat("word ", 2000)), []int{2}
		if c.any {
			codes = c.codes
		}
		r := w.run(append(slices.Clip(c.args), many...)...)
		if c.lines && strings.Count(r.out, "\n") == len(many) {
			r.out = "" // what is wrong with each file
		}
		checkRefusal(t, fmt.Sprintf("whctl %q and 2000 words", c.args), r, codes)
	}
}

func checkRefusal(t *testing.T, what string, r result, codes []int) {
	t.Helper()
	expected := false
	for _, code := range codes {
		expected = expected || r.code == code
	}
	if !expected {
		t.Errorf("%s: exit code %d, want one of %v: %.300s", what, r.code, codes, r.err)
		return
	}
	if r.code == 2 && (r.out != "" || !errorLine.MatchString(r.err)) {
		t.Errorf("%s: stdout %.100q, stderr %.300q", what, r.out, r.err)
	}
	if bad := intruders(r.err); len(bad) > 0 {
		t.Errorf("%s: %q in the error", what, bad[0])
	}
}

// TestBadEnvironment sets the variables that commands read to wrong values.
func TestBadEnvironment(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	for _, c := range []struct {
		name   string
		values []string
		code   int
	}{
		{"WHCTL_OUTPUT", []string{"nonsense", "JSON", long, "\x1b[2J"}, 2},
		{"WHCTL_PROFILE", []string{"nonsense", "\x1b[2J", long}, 2},
		{"WHCTL_API_URL", []string{"nonsense", "http://example.com", "ftp://x", long, "\x1b[2J"}, 2},
		{"WHCTL_CONFIG", []string{"/nowhere/at/all", "/", long, "\x1b[2J"}, 2},
		{"WHCTL_SCHEME", []string{"nonsense", long, "\x1b[2J"}, 2},
		{"WHCTL_SECRET", []string{"whk_****...****9d4e", " "}, 2},
		{"XDG_CONFIG_HOME", []string{"relative", "\x1b[2J"}, 0}, // the specification says to pass over relative ones
		{"NO_COLOR", []string{"", "0", "\x1b"}, 0},
		{"COLUMNS", []string{"-1", "99999999999999999999", "x"}, 0},
		{"TERM", []string{"", "dumb", "\x1b[2J", long}, 0},
		{"TZ", []string{"Nowhere/AtAll", "\x1b[2J", "../../etc/passwd"}, 0},
		{"LC_ALL", []string{"nonsense"}, 0},
	} {
		for _, value := range c.values {
			w := newWorld(t)
			file := w.write("body", "{}")
			w.setenv(c.name + "=" + value)
			args := []string{"sign", file}
			if c.name != "WHCTL_SECRET" {
				args = append(args, "--secret-file", "key")
			}
			checkRefusal(t, fmt.Sprintf("%s=%.40q", c.name, value), w.run(args...), []int{c.code})
		}
	}
}

// TestStreamsThatAreClosed starts commands with standard streams closed, as some supervisors do.
func TestStreamsThatAreClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body", "{}")
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, closed := range []string{"<&-", ">&-", "2>&-", "<&- >&- 2>&-"} {
		cmd := exec.CommandContext(t.Context(), shell, "-c", "exec '"+w.bin+"' sign body --secret-file key "+closed)
		cmd.Dir, cmd.Env = w.dir, w.env
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != 0 || strings.Contains(string(out), "error") {
			t.Errorf("with %s: exit code %d, %q", closed, code, out)
		}
		if key, err := os.ReadFile(w.path("key")); err != nil || string(key) != testKey+"\n" {
			t.Fatalf("with %s the output went into the key file: %q, %v", closed, key, err)
		}
	}
	// a folder as standard input
	dir, err := os.Open(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = dir.Close() }()
	for _, args := range [][]string{{"sign", "-", "--secret-file", "key"}, {"verify", "-", "--secret-file", "key"}, {"sign", "body", "--secret-file", "-"}} {
		cmd := w.command(t.Context(), args...)
		cmd.Stdin = dir
		out, _ := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 2 || !strings.HasPrefix(string(out), "error: ") || !strings.Contains(string(out), "cannot read ") {
			t.Errorf("whctl %q of a folder: exit code %d, %q", args, cmd.ProcessState.ExitCode(), out)
		}
	}
}

// TestJournalThatFails puts something else in the place of the journal: exit code 7, and it stays as it is.
func TestJournalThatFails(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(dir string) error{
		"text": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "journal.db"), []byte("not a journal\n"), 0o600)
		},
		"folder": func(dir string) error { return os.Mkdir(filepath.Join(dir, "journal.db"), 0o700) },
		"long text": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "journal.db"), bytes.Repeat([]byte("x"), 1<<20), 0o600)
		},
		"half of one": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "journal.db"), append([]byte("SQLite format 3\x00"), bytes.Repeat([]byte{0xff}, 500)...), 0o600)
		},
	} {
		w := newWorld(t)
		if err := os.Mkdir(w.path("data"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := prepare(w.path("data")); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(filepath.Join(w.path("data"), "journal.db"))
		for _, args := range [][]string{
			{"listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--for", "1ms"},
			{"journal", "list"},
			{"journal", "show", "last"},
		} {
			r := w.run(args...)
			if r.code != 7 || r.out != "" || !errorLine.MatchString(r.err) || !strings.Contains(r.err, "hint: ") {
				t.Errorf("%s: whctl %q: exit code %d, stdout %q, stderr %q", name, args, r.code, r.out, r.err)
			}
		}
		after, _ := os.ReadFile(filepath.Join(w.path("data"), "journal.db"))
		if !bytes.Equal(before, after) {
			t.Errorf("%s: the file was changed", name)
		}
	}
	// a data folder that cannot be made
	w := newWorld(t)
	w.setenv("WHCTL_DATA_DIR=" + filepath.Join(w.write("file", ""), "data"))
	r := w.run("listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--for", "1ms")
	if r.code != 7 || !errorLine.MatchString(r.err) {
		t.Errorf("below a file: exit code %d, stderr %q", r.code, r.err)
	}
}
