//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// editor makes a program that $EDITOR names: a shell script that is given the file as $1.
func (w *world) editor(name, script string) string {
	w.t.Helper()
	path := w.write(name, "#!/bin/sh\n"+script+"\n")
	if err := os.Chmod(path, 0o700); err != nil { // #nosec G302 -- a program of this test
		w.t.Fatal(err)
	}
	return path
}

// TestReplayEditSendsNothing: an editor that fails, changes nothing, only ends the file with a line break, or is missing: nothing is
// sent, and nothing of the body stays on the disk.
func TestReplayEditSendsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.capture(numberedRequests(1))
	tg := okTarget(t)
	for name, c := range map[string]struct{ script, says string }{
		"fails":   {"printf '{}' > \"$1\"; exit 3", "failed, so nothing is sent: exit status 3"},
		"nothing": {"true", "nothing was changed in the editor"},
		"newline": {"echo >> \"$1\"", "nothing was changed in the editor"},
		"removes": {"rm \"$1\"", "the edited body cannot be read"},
	} {
		w.setenv("VISUAL="+w.editor("ed-"+name, c.script), "EDITOR=false")
		if r := w.must(2, "replay", "last", "--edit", "--to", tg.addr, "--secret-file", "key"); !strings.Contains(r.err, c.says) {
			t.Errorf("%s: said %q", name, r.err)
		}
	}
	w.setenv("VISUAL=", "EDITOR=/no/such/editor")
	if r := w.must(2, "replay", "last", "--edit", "--to", tg.addr, "--secret-file", "key"); !strings.Contains(r.err, "there is no editor") {
		t.Errorf("said %q", r.err)
	}
	w.setenv("EDITOR=")
	if r := w.must(2, "replay", "last", "--edit", "--to", tg.addr, "--secret-file", "key"); !strings.Contains(r.err, "neither VISUAL nor EDITOR is set") {
		t.Errorf("said %q", r.err)
	}
	if n := tg.count(); n != 0 {
		t.Errorf("%d were sent", n)
	}
	w.leftNothing(t)
}

// leftNothing looks for what an edit could leave in the folder for temporary files.
func (w *world) leftNothing(t *testing.T) {
	t.Helper()
	if left, err := filepath.Glob(w.path("whctl-edit-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// TestReplayEditTenMegabytes: an editor that writes 10 MiB, in a file that only its user can read, and without whctl's key. What it wrote
// is sent, and its signature holds.
func TestReplayEditTenMegabytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.capture(numberedRequests(1))
	l := w.listen("--max-body", "11MiB")
	w.setenv("WHCTL_SECRET="+testKey, "EDITOR="+w.editor("ed", `shift
ls -ld "$1" > seen; ls -ld "$(dirname "$1")" >> seen; env >> seen
printf '{"event_type":"card.activated","event_id":"e0000","pad":"' > "$1"
head -c 10485760 /dev/zero | tr '\0' x >> "$1"
printf '"}' >> "$1"`)+" --wait")
	w.must(0, "replay", "last", "--edit", "--to", l.addr, "--secret-file", "key")
	d := l.await("delivery")
	if d.num("size") < 10<<20 || d.sub("verdict").str("reason") != "valid" || d.str("eventId") != "e0000" {
		t.Errorf("received %d bytes, %v", d.num("size"), d.sub("verdict"))
	}
	l.stop()
	seen, err := os.ReadFile(w.path("seen"))
	if lines := strings.Split(string(seen), "\n"); err != nil || !strings.HasPrefix(lines[0], "-rw-------") || !strings.HasPrefix(lines[1], "drwx------") {
		t.Errorf("the editor saw %s, %v", seen, err)
	}
	if strings.Contains(string(seen), testKey) {
		t.Error("the editor was given the key")
	}
	w.leftNothing(t)
}

// TestReplayEditRestoresTheTerminal: an editor that dies leaves the terminal as it was.
func TestReplayEditRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.capture(numberedRequests(1))
	w.setenv("EDITOR=" + w.editor("ed", "stty raw -echo; kill -9 $$"))
	shell := *w
	shell.bin = "/bin/sh"
	c := shell.onTerminal(80, "-c", "whctl replay last --edit --to 127.0.0.1:9 --secret-file key; echo ended with $?; stty -a")
	c.wait()
	words := strings.Fields(c.out.String())
	for _, bad := range []string{"-echo", "-icanon", "-opost"} {
		for _, word := range words {
			if strings.TrimSuffix(word, ";") == bad {
				t.Errorf("the terminal is left with %s: %s", bad, c.out)
			}
		}
	}
	if !strings.Contains(c.out.String(), "ended with 2") || !strings.Contains(c.out.String(), "icanon") {
		t.Errorf("it shows %s", c.out)
	}
}
