package e2e

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

func scriptGolden(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: golden FILE WANT")
	}
	got, want := shape(ts.ReadFile(args[0])), shape(ts.ReadFile(args[1]))
	if got != want {
		return fmt.Errorf("%s is\n%s\nand not\n%s", args[0], got, want)
	}
	return nil
}

// shape replaces what differs from run to run by its name, and with it the widths of columns.
func shape(text string) string {
	for _, one := range []struct{ form, name string }{
		{`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, "ID"},
		{`whk_[a-z0-9]{64}`, "KEY"},
		{`whk_\*{4}\.\.\.\*{4}[a-z0-9]{4}`, "MASK"},
		{`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`, "TIME"},
		{`127\.0\.0\.1:\d+`, "ADDR"},
		{`\b(just now|in \d+ (ms|s|min|h)|\d+ (ms|s|min|h) ago)`, "WHEN"},
		{`\b\d+(\.\d+)? m?s\b`, "TOOK"},
		{`(/[^/ ]+)*/data/`, "DATA/"},
		{` {2,}`, "  "},
	} {
		text = regexp.MustCompile(one.form).ReplaceAllString(text, one.name)
	}
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, strings.TrimRight(line, " \r"))
	}
	return strings.Join(lines, "\n")
}
