package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain builds the program once and puts it first in PATH, where harness and scripts find it.
func TestMain(m *testing.M) {
	defineUpdate()
	testscript.Main(withBinary{m}, map[string]func(){"onpty": onPTY})
}

// withBinary runs the tests with a freshly built whctl in PATH.
type withBinary struct{ m *testing.M }

// Run builds the program, runs the tests and removes it. It returns the exit code of the test process.
func (b withBinary) Run() int {
	dir, err := os.MkdirTemp("", "whctl-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := build(filepath.Join(dir, "whctl")); err != nil {
		fmt.Fprintln(os.Stderr, "build whctl:", err)
		return 1
	}
	if err := os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return b.m.Run()
}

// build compiles the program to file, under the race detector when the tests run under it.
func build(file string) error {
	if runtime.GOOS == "windows" {
		file += ".exe"
	}
	args := []string{"build", "-buildvcs=false", "-o", file}
	if racing {
		args = append(args, "-race")
	}
	cmd := exec.CommandContext(context.Background(), "go", append(args, "../../cmd/whctl")...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}
