//go:build unix

package e2e

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/creack/pty"
)

// onPTY is the program onpty of the scripts: it runs a command with all three streams on a pseudo-terminal and prints
// what arrived there. With -type TEXT it answers the first question that ends in "[y/N] " or ": " with TEXT and Enter; the
// text ^C is that key.
func onPTY() {
	args := os.Args[1:]
	answer, has := "", false
	if len(args) > 1 && args[0] == "-type" {
		answer, has, args = args[1], true, args[2:]
	}
	if len(args) == 0 {
		fail("usage: onpty [-type TEXT] COMMAND…")
	}
	cmd := exec.Command(args[0], args[1:]...) //nolint:noctx // it ends with the script
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 50, Cols: 100})
	if err != nil {
		fail(err.Error())
	}
	var all strings.Builder
	b := make([]byte, 64<<10)
	for {
		n, err := f.Read(b)
		all.Write(b[:n])
		if shown := all.String(); has && (strings.HasSuffix(shown, "[y/N] ") || strings.HasSuffix(shown, ": ")) {
			has = false
			if strings.HasSuffix(shown, ": ") {
				eventually(func() bool { return !echoes(f) }) // it asks first, and then stops showing what is typed
			}
			if _, err := io.WriteString(f, strings.Replace(answer+"\n", "^C\n", "\x03", 1)); err != nil {
				fail(err.Error())
			}
		}
		if err != nil { // EIO once the last process has let go of the other side
			break
		}
	}
	_ = cmd.Wait()
	_, _ = io.WriteString(os.Stdout, all.String())
	os.Exit(cmd.ProcessState.ExitCode())
}

// echoes says whether a terminal shows what is typed.
func echoes(f *os.File) bool {
	cmd := exec.Command("stty", "-a") //nolint:noctx // it looks and ends
	cmd.Stdin = f
	out, err := cmd.Output()
	return err == nil && !slices.Contains(strings.Fields(string(out)), "-echo")
}

// terminalIntruders is what of a terminal's input is more than text and colours.
func terminalIntruders(out string) []string { return intruders(out) }

func fail(text string) {
	_, _ = fmt.Fprintln(os.Stderr, text)
	os.Exit(125)
}
