package journal

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/fault"
)

// The program that keeps the log from being folded is named.
func TestWhoeverReadsIsNamed(t *testing.T) {
	t.Parallel()
	said := newTold()
	tune := defaultTuning()
	tune.logTold, tune.logMost = 9<<20, 12<<20
	j, err := open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), Options{Tell: said.tell}, tune)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	fill(t, j, 1)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^$")
	cmd.Env = append(os.Environ(), childReads+"="+j.Path())
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if b := make([]byte, 8); true {
		if _, err := io.ReadFull(out, b); err != nil {
			t.Fatal(err)
		}
	}
	for n := 0; err == nil && n < 60; n++ {
		err = j.AppendDelivery(t.Context(), sized("e", 500<<10, true))
	}
	wantFault(t, err, fault.Storage)
	name := filepath.Base(exe)
	want := name[:min(len(name), 15)] + " (process " + strconv.Itoa(cmd.Process.Pid) + ") reads the journal"
	if !strings.Contains(err.Error(), want) {
		t.Errorf("%v does not say %q", err, want)
	}
	if got := said.all("log_growing"); len(got) != 1 || !strings.Contains(got[0].Message, want) {
		t.Errorf("told %+v", got)
	}
	_ = in.Close()
	_ = cmd.Wait()
}
