package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/term"
)

func testEnv() *cmdkit.Env {
	streams, _, _ := term.Buffer()
	return &cmdkit.Env{
		IO: streams, Version: "test", Getenv: func(string) string { return "" }, Now: time.Now, Rand: rand.Reader, UID: -1,
	}
}

// walk visits every command of the assembled tree.
func walk(c *cobra.Command, visit func(*cobra.Command)) {
	if c.Hidden {
		return
	}
	visit(c)
	for _, sub := range c.Commands() {
		walk(sub, visit)
	}
}

// runIn runs a command line in a world with nothing in it: no environment, no input, no folder.
func runIn(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	streams, outBuf, errBuf := term.Buffer()
	code = Run(t.Context(), Options{
		Args: args, IO: streams, Version: "test", Getenv: func(string) string { return "" }, Now: time.Now, Rand: rand.Reader,
		UID: -1, Force: make(chan struct{}),
	})
	return code, outBuf.String(), errBuf.String()
}

func TestEveryCommandSaysWhatItDoes(t *testing.T) {
	t.Parallel()
	leaves := 0
	walk(newRoot(testEnv(), nil), func(c *cobra.Command) {
		checkShort(t, c)
		checkExampleForm(t, c)
		if c.Args == nil {
			t.Errorf("%s: says nothing about its arguments", c.CommandPath())
		}
		if c.RunE == nil || c.Run != nil || c.PersistentPreRun != nil || c.PersistentPreRunE != nil {
			t.Errorf("%s: runs otherwise than by RunE", c.CommandPath())
		}
		if !c.HasSubCommands() {
			leaves++
		}
	})
	if leaves < 10 {
		t.Errorf("only %d commands were looked at", leaves)
	}
}

func checkShort(t *testing.T, c *cobra.Command) {
	t.Helper()
	first, _ := utf8.DecodeRuneInString(c.Short)
	if c.Short == "" || !unicode.IsUpper(first) || strings.HasSuffix(c.Short, ".") || strings.Contains(c.Short, "\n") {
		t.Errorf("%s: short text %q", c.CommandPath(), c.Short)
	}
	verb, _, _ := strings.Cut(c.Short, " ")
	if strings.HasSuffix(verb, "s") && !strings.HasSuffix(verb, "ss") || strings.HasSuffix(verb, "ing") {
		t.Errorf("%s: short text %q does not begin with a verb", c.CommandPath(), c.Short)
	}
}

func checkExampleForm(t *testing.T, c *cobra.Command) {
	t.Helper()
	if c.Example == "" || !strings.Contains(c.Example, "whctl ") {
		t.Errorf("%s: no example", c.CommandPath())
	}
	for line := range strings.SplitSeq(c.Example, "\n") {
		if line != "" && !strings.HasPrefix(line, "  ") || strings.HasSuffix(line, " ") {
			t.Errorf("%s: example line %q", c.CommandPath(), line)
		}
	}
}

// TestEveryExampleCanBeTyped looks up the commands and flags that examples name.
func TestEveryExampleCanBeTyped(t *testing.T) {
	t.Parallel()
	root := newRoot(testEnv(), nil)
	walk(root, func(c *cobra.Command) {
		for line := range strings.SplitSeq(c.Example, "\n") {
			for part := range strings.SplitSeq(line, "|") {
				if _, call, found := strings.Cut(" "+part, " whctl "); found {
					checkCall(t, root, c.CommandPath()+": example "+line, call)
				}
			}
		}
	})
}

// checkCall looks up the command and the flags of one command line.
func checkCall(t *testing.T, root *cobra.Command, where, call string) {
	t.Helper()
	words := strings.FieldsFunc(call, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("()\"<>;&", r) })
	target, _, err := root.Find(words)
	if err != nil || target == root && len(words) > 0 && !strings.HasPrefix(words[0], "-") {
		t.Errorf("%s names no command: %v", where, err)
		return
	}
	for _, w := range words {
		name, is := strings.CutPrefix(w, "--")
		name, _, _ = strings.Cut(name, "=")
		if is && name != "" && target.Flags().Lookup(name) == nil && target.InheritedFlags().Lookup(name) == nil {
			t.Errorf("%s: %s has no --%s", where, target.CommandPath(), name)
		}
	}
}

// TestHelpOfEveryCommand asks for help in the ways there are. It opens nothing, so that there is nothing that can fail.
func TestHelpOfEveryCommand(t *testing.T) {
	t.Parallel()
	walk(newRoot(testEnv(), nil), func(c *cobra.Command) {
		words := strings.Fields(c.CommandPath())[1:]
		for _, args := range [][]string{append(slices.Clip(words), "--help"), append(slices.Clip(words), "-h")} {
			code, out, errs := runIn(t, args...)
			if code != 0 || errs != "" || !strings.Contains(out, "usage") || !strings.Contains(out, c.Short[1:4]) && c.Long == "" {
				t.Errorf("whctl %q: exit code %d, stdout %.60q, stderr %q", args, code, out, errs)
			}
			for line := range strings.SplitSeq(out, "\n") {
				if term.Width(line) > 130 && !strings.HasPrefix(strings.TrimSpace(line), "whctl") && !strings.Contains(line, "://") {
					t.Errorf("whctl %q: a line of %d columns: %q", args, term.Width(line), line)
				}
			}
		}
	})
}

// TestUnknownWords gives every group a word it does not know, and every command more words than it takes: cobra would
// print help and end with 0.
func TestUnknownWords(t *testing.T) {
	t.Parallel()
	walk(newRoot(testEnv(), nil), func(c *cobra.Command) {
		words := strings.Fields(c.CommandPath())[1:]
		args := append(words, "nonsense-word")
		if !c.HasSubCommands() {
			err := c.Args(c, strings.Fields("a b c d e f g h"))
			if err == nil && c.Name() != "help" && !strings.Contains(c.Use, "…") {
				t.Errorf("%s takes eight arguments, it says %s", c.CommandPath(), c.Use)
			}
			return
		}
		code, out, errs := runIn(t, args...)
		if code != 2 || out != "" || !strings.HasPrefix(errs, "error: unknown command \"nonsense-word\" for "+c.CommandPath()) {
			t.Errorf("whctl %q: exit code %d, stdout %.60q, stderr %q", args, code, out, errs)
		}
	})
	for _, args := range [][]string{{"lisen"}, {"journal", "lst"}, {"sandbox", "triger"}} {
		if code, _, errs := runIn(t, args...); code != 2 || !strings.Contains(errs, "hint: did you mean whctl ") {
			t.Errorf("whctl %q: exit code %d, stderr %q", args, code, errs)
		}
	}
}

// TestUnknownFlags gives every command a flag it does not have.
func TestUnknownFlags(t *testing.T) {
	t.Parallel()
	walk(newRoot(testEnv(), nil), func(c *cobra.Command) {
		words := strings.Fields(c.CommandPath())[1:]
		for _, flag := range []string{"--nonsense-flag", "-Z", "--", "--=x", "---"} {
			if flag == "--" {
				continue // ends the flags, and is right
			}
			code, out, errs := runIn(t, append(slices.Clip(words), flag)...)
			if code != 2 || out != "" || !strings.HasPrefix(errs, "error: ") || !strings.Contains(errs, "\nhint: ") {
				t.Errorf("whctl %q %s: exit code %d, stdout %.60q, stderr %q", words, flag, code, out, errs)
			}
		}
	})
}

// TestCrash has a bug reported as one: exit code 1, and no stack trace unless asked for.
func TestCrash(t *testing.T) {
	t.Parallel()
	streams, _, errs := term.Buffer()
	o := Options{
		Args: []string{"version"}, IO: streams, Getenv: func(string) string { panic("made for this test") }, Now: time.Now,
		Rand: rand.Reader, UID: -1,
	}
	if code := Run(t.Context(), o); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if text := errs.String(); !strings.HasPrefix(text, "error: whctl has a bug: made for this test\nhint: ") || strings.Contains(text, "goroutine") {
		t.Errorf("stderr %q", text)
	}
}

// failing is an output that cannot be written to.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestOutputFails tells a reader that is gone, which is no failure of ours, from one that cannot be written to.
func TestOutputFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		code int
	}{{io.ErrClosedPipe, 0}, {errors.New("some trouble"), 1}, {context.Canceled, 130}} {
		streams, _, _ := term.Buffer()
		streams.Out = failing{c.err}
		o := Options{Args: []string{"version"}, IO: streams, Getenv: func(string) string { return "" }, Now: time.Now, Rand: rand.Reader, UID: -1}
		if code := Run(t.Context(), o); code != c.code {
			t.Errorf("%v: exit code %d, want %d", c.err, code, c.code)
		}
	}
}

// TestYesIsTakenWhereverSomethingIsRemoved: a script may add -y to any command that asks or removes something.
func TestYesIsTakenWhereverSomethingIsRemoved(t *testing.T) {
	t.Parallel()
	removing := []string{"remove", "delete", "drop", "prune", "unset", "reset", "logout", "rotate"}
	with := 0
	walk(newRoot(testEnv(), nil), func(c *cobra.Command) {
		f := c.Flags().Lookup("yes")
		switch {
		case f != nil && f.Shorthand != "y":
			t.Errorf("%s has --yes without -y", c.CommandPath())
		case f != nil:
			with++
		case slices.Contains(removing, c.Name()):
			t.Errorf("%s has no --yes", c.CommandPath())
		}
	})
	if with < 14 {
		t.Errorf("only %d commands take --yes", with)
	}
}
