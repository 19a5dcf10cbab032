package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cli/topics"
	"github.com/whctl/whctl/internal/term"
)

// helpAt is a command's help on a terminal of that width.
func helpAt(t *testing.T, width int, path ...string) string {
	t.Helper()
	e := testEnv()
	var out *bytes.Buffer
	e.IO, out, _ = term.Fake(term.FakeOptions{OutTTY: true, Width: width, Env: map[string]string{"NO_COLOR": "1"}})
	root := newRoot(e, nil)
	c, _, err := root.Find(path)
	if err != nil {
		t.Fatal(err)
	}
	c.InitDefaultHelpFlag()
	if err := help(e, c); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Help fits the terminal; only examples keep their lines, because they are there to be copied.
func TestHelpFitsTheTerminal(t *testing.T) {
	t.Parallel()
	walk(newRoot(testEnv(), nil), func(c *cobra.Command) {
		for _, width := range []int{40, 60, 80, 120} {
			text := helpAt(t, width, strings.Fields(c.CommandPath())[1:]...)
			before, rest, _ := strings.Cut(text, "\nexamples\n")
			_, rest, _ = strings.Cut(rest, "\n\n")
			for line := range strings.SplitSeq(before+rest, "\n") {
				if term.Width(line) > width && !strings.Contains(line, "whctl") { // a command line is kept whole too
					t.Errorf("%s at %d columns: %q", c.CommandPath(), width, line)
				}
			}
			whole := strings.Join(strings.Fields(text), " ")
			for _, sub := range c.Commands() {
				if sub.IsAvailableCommand() && !strings.Contains(whole, sub.Short) {
					t.Errorf("%s at %d columns: what %s does is cut off", c.CommandPath(), width, sub.Name())
				}
			}
		}
	})
}

// A value's placeholder is in capitals, as under usage, and --help comes last.
func TestHelpFlags(t *testing.T) {
	t.Parallel()
	walk(newRoot(testEnv(), nil), func(c *cobra.Command) {
		text := helpAt(t, 120, strings.Fields(c.CommandPath())[1:]...)
		_, flags, _ := strings.Cut(text, "\nflags\n")
		flags, _, _ = strings.Cut(flags, "\n\n")
		var last string
		for line := range strings.Lines(flags) {
			words := strings.Fields(strings.SplitN(strings.TrimSpace(line), "   ", 2)[0])
			if len(words) == 0 || !strings.HasPrefix(words[0], "-") {
				continue
			}
			last = line
			value := words[len(words)-1]
			if !strings.HasPrefix(value, "-") && value != strings.ToUpper(value) {
				t.Errorf("%s: placeholder %q", c.CommandPath(), value)
			}
		}
		if !strings.Contains(last, "--help") {
			t.Errorf("%s: the last flag is %q", c.CommandPath(), last)
		}
	})
	for _, want := range []string{"--timeout DUR ", "(default 5m)", "(default 2s)"} {
		if text := helpAt(t, 120, "webhooks", "rotate"); !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if text := helpAt(t, 120, "webhooks"); strings.Contains(text, "whctl webhooks [flags]") {
		t.Errorf("a group is shown as a command that runs:\n%s", text)
	}
}

func TestMistypedLines(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"listen --forwrd x":   "error: unknown flag: --forwrd\nhint: did you mean --forward?\n",
		"listen --zzzzzz":     "error: unknown flag: --zzzzzz\nhint: whctl listen --help lists the flags\n",
		"journal list --limt": "error: unknown flag: --limt\nhint: did you mean --limit?\n",
		"listen 3000":         "error: whctl listen takes no arguments, but got \"3000\"\nhint: did you mean --forward 3000?\n",
		"journal list x":      "error: whctl journal list takes no arguments, but got \"x\"\nhint: usage: whctl journal list [flags]\n",
		"listen --secret=":    "error: --secret: it is empty\nhint: leave it out, or give it a value\n",
		"completion bash x":   "error: wrong number of arguments for whctl completion: 2\nhint: usage: whctl completion bash|zsh|fish|powershell [flags]\n",
	} {
		code, out, errs := runIn(t, strings.Fields(line)...)
		if code != 2 || out != "" || errs != want {
			t.Errorf("%s: %d\n%s%s", line, code, out, errs)
		}
	}
}

// So do the tables of topics. Code and JSON keep their lines.
func TestTopicsFitTheTerminal(t *testing.T) {
	t.Parallel()
	for _, topic := range []string{"exit-codes", "environment"} {
		for _, width := range []int{60, 80, 120} {
			for line := range strings.SplitSeq(topicAt(t, width, topic), "\n") {
				if term.Width(line) > width {
					t.Errorf("%s at %d columns: %q", topic, width, line)
				}
			}
		}
	}
	if text := topicAt(t, 60, "schemes"); !strings.Contains(text, `      signature: {header: X-Acme-Signature, item: "v1={sig}"}`+"\n") {
		t.Errorf("code is broken:\n%s", text)
	}
}

func topicAt(t *testing.T, width int, name string) string {
	t.Helper()
	e := testEnv()
	var out *bytes.Buffer
	e.IO, out, _ = term.Fake(term.FakeOptions{OutTTY: true, Width: width, Env: map[string]string{"NO_COLOR": "1"}})
	for _, topic := range topics.New() {
		if topic.Name() == name {
			if err := help(e, topic); err != nil {
				t.Fatal(err)
			}
		}
	}
	if out.Len() == 0 {
		t.Fatalf("no topic %s", name)
	}
	return out.String()
}
