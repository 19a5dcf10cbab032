package e2e

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
)

// defineUpdate adds -update to the flags of the test binary: it writes what is there now into the goldens of the scripts.
func defineUpdate() { flag.Bool("update", false, "rewrite the goldens") }

func updating() bool { return flag.Lookup("update").Value.String() == "true" }

// compareGolden compares a text with a file of the script.
func compareGolden(ts *testscript.TestScript, name, got string) error {
	want := scriptFile(ts, name)
	if got == want {
		return nil
	}
	if !updating() {
		return fmt.Errorf("%swrite it down with go test ./internal/e2e -run TestScripts/%s -update",
			diff.Diff(name, []byte(want), "now", []byte(got)), ts.Name())
	}
	file := filepath.Join("testdata", "script", ts.Name()+".txtar")
	script, err := txtar.ParseFile(file)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(script.Files, func(f txtar.File) bool { return f.Name == name })
	if at < 0 {
		return fmt.Errorf("%s is no file of %s", name, file)
	}
	script.Files[at].Data = []byte(got)
	return os.WriteFile(file, txtar.Format(script), 0o600)
}

// scriptFile is the content of a file of the script, wherever the script has gone with cd.
func scriptFile(ts *testscript.TestScript, name string) string {
	return ts.ReadFile(filepath.Join(ts.Getenv("WORK"), name))
}

func scriptGolden(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: golden FILE WANT")
	}
	return compareGolden(ts, args[1], shaped(ts, ts.ReadFile(args[0])))
}

// scriptSession runs the commands that a file shows and compares the file with what came of them:
//
//	$ whctl verify body.json --secret-file key     a command, quoted as in scripts; $ NAME=VALUE sets a variable
//	> invalid: missing_signature: …                a line of its standard output
//	! warning: …                                   a line of its standard error
//	exit 3                                         its exit code, unless that is 0
//
// The standard output of a command that ends in "> FILE" goes to that file. All other lines are for the reader.
func scriptSession(ts *testscript.TestScript, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: session FILE")
	}
	var got strings.Builder
	for line := range strings.Lines(scriptFile(ts, args[0])) {
		command, is := strings.CutPrefix(line, "$ ")
		if is || !strings.HasPrefix(line, ">") && !strings.HasPrefix(line, "!") && !strings.HasPrefix(line, "exit ") {
			got.WriteString(line)
		}
		if is {
			if err := sessionLine(ts, strings.TrimSpace(command), &got); err != nil {
				return fmt.Errorf("%s: %w", strings.TrimSpace(line), err)
			}
		}
	}
	return compareGolden(ts, args[0], got.String())
}

// sessionLine runs a command of a session and writes down what came of it.
func sessionLine(ts *testscript.TestScript, line string, got *strings.Builder) error {
	words := split(line, ts.Getenv)
	if name, value, is := strings.Cut(words[0], "="); is {
		ts.Setenv(name, value)
		return nil
	}
	to := ""
	if n := len(words); n > 2 && words[n-2] == ">" {
		words, to = words[:n-2], words[n-1]
	}
	code, err := exitCode(ts.Exec(words[0], words[1:]...))
	if err != nil {
		return err
	}
	if out := ts.ReadFile("stdout"); to == "" {
		mark(got, ">", shaped(ts, out))
	} else if err := os.WriteFile(ts.MkAbs(to), []byte(out), 0o600); err != nil {
		return err
	}
	mark(got, "!", shaped(ts, ts.ReadFile("stderr")))
	if code != 0 {
		fmt.Fprintf(got, "exit %d\n", code)
	}
	return nil
}

// exitCode is the exit code of a command that ran.
func exitCode(err error) (int, error) {
	if exit, is := errors.AsType[*exec.ExitError](err); is {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// mark writes the lines of a text with a mark in front.
func mark(to *strings.Builder, with, text string) {
	for line := range strings.Lines(text) {
		whole, is := strings.CutSuffix(line, "\n")
		to.WriteString(strings.TrimRight(with+" "+whole, " "))
		if !is {
			to.WriteString(" (no line break)")
		}
		to.WriteString("\n")
	}
}

// split takes a command line apart at blanks. A word with single quotes stays as it is, with one quote for two in a row;
// in others variables are expanded.
func split(line string, value func(string) string) (words []string) {
	var word strings.Builder
	quoted, had := false, false
	for i := 0; i <= len(line); i++ {
		switch {
		case i < len(line) && line[i] == '\'' && quoted && strings.HasPrefix(line[i+1:], "'"):
			word.WriteByte('\'')
			i++
		case i < len(line) && line[i] == '\'':
			quoted, had = !quoted, true
		case i < len(line) && (line[i] != ' ' || quoted):
			word.WriteByte(line[i])
		case had:
			words = append(words, word.String())
			word.Reset()
			had = false
		case word.Len() > 0:
			words = append(words, os.Expand(word.String(), value))
			word.Reset()
		}
	}
	return words
}

// named are the variables of a script whose values differ from run to run. Goldens hold $NAME in their place.
type named map[string]bool

type namedKey struct{}

func setNamed(ts *testscript.TestScript, name, value string) {
	ts.Setenv(name, value)
	ts.Value(namedKey{}).(named)[name] = true //nolint:forcetypeassert // Setup put it there
}

// shaped is a text of a script in the form that its goldens have.
func shaped(ts *testscript.TestScript, text string) string {
	values := map[string]string{}
	for name := range ts.Value(namedKey{}).(named) { //nolint:forcetypeassert // Setup put it there
		values[name] = ts.Getenv(name)
	}
	return shape(text, values)
}

// golden compares a text with a file in testdata/golden, for a test that is no script.
func (w *world) golden(name, got string) {
	w.t.Helper()
	matchGolden(w.t, name, shape(got, map[string]string{"WORK": w.dir}))
}

// matchGolden compares a text with a file in testdata/golden, byte for byte.
func matchGolden(t testing.TB, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	want, err := os.ReadFile(file)
	switch {
	case err == nil && got == string(want):
	case !updating():
		t.Errorf("%swrite it down with go test ./internal/e2e -run %s -update", diff.Diff(file, want, "now", []byte(got)), t.Name())
	default:
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// shape replaces what differs from run to run by its name, and the blanks between columns, whose number follows from it, by
// two. Values are of variables, by name.
func shape(text string, values map[string]string) string {
	was := text
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if value := values[name]; len(value) > 5 { // not a number that stands in other texts too
			text = strings.ReplaceAll(text, value, "$"+name)
		}
	}
	today := func(at time.Time) bool { return time.Since(at).Abs() < 7*24*time.Hour }
	for _, one := range []struct {
		form, name string
		is         func(string) bool
	}{
		{form: `"seq":\d+`, name: `"seq":N`},
		{form: `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, name: "ID"},
		{form: `whk_[a-z0-9]{64}|whsec_[A-Za-z0-9+/]{43}=`, name: "KEY"},
		{form: `whk_\*{4}\.\.\.\*{4}[a-z0-9]{4}`, name: "MASK"},
		{form: `\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?`, name: "TIME", is: func(s string) bool {
			at, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)])
			return err == nil && today(at)
		}},
		{form: `\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT`, name: "TIME"},
		{form: `\b\d\d:\d\d:\d\d\.\d{3}\b`, name: "TIME"},
		{form: `\b\d{10}\b`, name: "UNIX", is: func(s string) bool {
			at, err := strconv.ParseInt(s, 10, 64)
			return err == nil && today(time.Unix(at, 0))
		}},
		{form: `\b[0-9a-f]{64}\b`, name: "HASH"},
		{form: `[0-9a-f]{32}\b`, name: "ID"},
		{form: `:(\d{5}|4141)\b`, name: ":PORT"}, // 4141 where it is free
		{form: `\bport \d{5}\b`, name: "port PORT"},
		{form: `\b\d[0-9a-z]{9}\b`, name: "DELIVERY", is: func(s string) bool { return strings.ContainsAny(s, "abcdefghijklmnopqrstuvwxyz") }},
		{form: `\b[0-9a-f]{8}\b`, name: "SHORT"},
		{form: `\b\d{3,} d(ays)?\b`, name: "N days"},
		{form: `\b(just now|just then|((\d+(\.\d+)?|N) (ms|s|min|h|d|days) )+(ago|(before|after) it came))\b`, name: "WHEN"},
		{form: `(?m)(^|  )in \d+ (s|min|h)\b`, name: "WHEN"}, // a cell, which may say "just now"
		{form: `\bin \d+(\.\d+)? (µs|ms|s|min)\b`, name: "in TOOK"},
		{form: `\bafter \d+(\.\d+)? (µs|ms|s|min)\b`, name: "after TOOK"},
		{form: `(?m)(^|  )\d+(\.\d+)? (µs|ms|s)\b`, name: "TOOK"},
		{form: `\(process \d+\)`, name: "(process PID)"},
		{form: `\b\d+( combinations)? tried\b`, name: "N tried"},
		{form: `\b\d+ combinations\b`, name: "N combinations"},
		{form: `Ms":-?\d+(\.\d+)?`, name: `Ms":N`},
		{form: `\x1b`, name: `\e`},
	} {
		text = regexp.MustCompile(one.form).ReplaceAllStringFunc(text, func(s string) string {
			if one.is != nil && !one.is(s) {
				return s
			}
			return s[:len(s)-len(strings.TrimLeft(s, " "))] + one.name
		})
	}
	if text != was {
		text = regexp.MustCompile(`(\S) {2,}`).ReplaceAllString(text, "$1  ")
	}
	return regexp.MustCompile(`(?m)[ \r]+$`).ReplaceAllString(text, "")
}
