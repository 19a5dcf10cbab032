package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestALargeJournalIsListedInLittleMemory lists 32 MiB of bodies and looks at what that took when nearly all of it has come. It
// does not depend on how much there is.
func TestALargeJournalIsListedInLittleMemory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const n, size = 64, 512 << 10
	filled(t, w, n, size)
	forms := [][]string{{"-o", "json"}, {"--jq", ".[] | .body"}}
	if !racing {
		forms = append(forms, []string{"-o", "yaml"})
	}
	for _, args := range forms {
		args = append([]string{"journal", "list", "--limit", "0", "--bodies"}, args...)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		out := &watcher{at: (n - 2) * size}
		cmd := w.command(ctx, args...)
		stdout, err := cmd.StdoutPipe()
		try(t, err)
		try(t, cmd.Start())
		b := make([]byte, 64<<10)
		for {
			k, err := stdout.Read(b)
			out.took(t, k, cmd.Process.Pid)
			if err != nil {
				break
			}
		}
		err = cmd.Wait()
		cancel()
		if err != nil || out.n < n*size {
			t.Fatalf("%q: %d bytes, %v", args, out.n, err)
		}
		if out.peak > 100<<20 {
			t.Errorf("%q took %d MiB", args, out.peak>>20)
		}
	}
}

// watcher looks at a child's memory once so much of its output has come.
type watcher struct {
	n, at, peak int
}

func (o *watcher) took(t *testing.T, k, pid int) {
	t.Helper()
	before := o.n
	o.n += k
	if before >= o.at || o.n < o.at {
		return
	}
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	try(t, err)
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	number, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	kib, err := strconv.Atoi(number)
	try(t, err)
	o.peak = kib << 10
}

// TestReplayOnAFullDisk has no room for the index beside the journal's log: nothing is sent, and it says what is missing.
func TestReplayOnAFullDisk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen()
	exchange(t, l.addr, delivery(event("a")))
	l.stop()
	full := *w
	full.bin = "/bin/sh"
	for _, args := range [][]string{{"replay", "last", "--to", tg.addr, "--as-captured"}, {"journal", "prune", "--older", "0s", "--yes"}} {
		args = append([]string{"-c", `ulimit -f 40 && exec "$0" "$@"`, w.bin}, args...)
		r := full.must(7, args...)
		if !strings.Contains(r.err, "no room left for the journal") || !strings.Contains(r.err, "\nhint: free some disk space") || r.out != "" {
			t.Errorf("%q: %q, %q", args, r.out, r.err)
		}
	}
	if n := strings.TrimSpace(w.must(0, "journal", "list", "--replays", "--jq", "length").out); n != "1" {
		t.Errorf("the journal has %s deliveries", n)
	}
}
