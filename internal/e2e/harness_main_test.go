package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
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
	if err := sideBySide(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return b.m.Run()
}

// perProcessor is how many tests run side by side for each processor. They wait for processes and clocks more than they work: with two, the
// suite takes little over half the time that it takes with one.
const perProcessor = 2

// sideBySide sets how many tests run at once, unless the command line says it.
func sideBySide() error {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given || racing { // under the race detector they work more than they wait
		return nil
	}
	return flag.Set("test.parallel", strconv.Itoa(perProcessor*runtime.GOMAXPROCS(0)))
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
