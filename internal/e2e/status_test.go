package e2e

import (
	"encoding/json"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// statusReport is what the tests read of whctl status -o json.
type statusReport struct {
	Profile, API                  object
	Listeners, Sandboxes, Targets []object
	Keys, Journal                 object
}

func (w *world) status() statusReport {
	w.t.Helper()
	return jsonOf[statusReport](w.t, w.must(0, "status", "-o", "json"))
}

// statusHas wants texts in what whctl status shows to people.
func (w *world) statusHas(wanted ...string) {
	w.t.Helper()
	text := w.must(0, "status").out
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			w.t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

// markFiles wants so many files by which processes tell of themselves, or told.
func (w *world) markFiles(want int) {
	w.t.Helper()
	if left, err := filepath.Glob(w.path("data/running/*")); err != nil || len(left) != want {
		w.t.Errorf("left %q, %v", left, err)
	}
}

// tree lists what is in the world's folder.
func (w *world) tree() (names []string) {
	w.t.Helper()
	err := filepath.WalkDir(w.dir, func(path string, _ fs.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return names
}

// TestStatusOfNothing: where nothing runs and nothing is, whctl status says so, and makes nothing.
func TestStatusOfNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.tree()
	w.statusHas(
		"listener none runs: whctl listen\n", "sandbox  none runs: whctl sandbox\n", "profile  baanx  default\n", "api      https://api.baanx.com  built in\n",
		"token    none: whctl login, or WHCTL_TOKEN\n", "keys     none saved for this profile\n", "journal  none yet: "+w.path("data/journal.db")+"\n",
	)
	if after := w.tree(); !slices.Equal(before, after) {
		t.Errorf("made %q", after)
	}
	w.setenv("WHCTL_TOKEN=" + platformToken)
	if s := w.status(); s.API.str("tokenFrom") != "WHCTL_TOKEN" || s.API["answers"] != nil {
		t.Errorf("%v", s.API)
	}
	w.setenv("WHCTL_PROFILE=sandbox", "WHCTL_API_URL=http://"+closedPort(t))
	if s := w.status(); s.Profile.str("origin") != "env WHCTL_PROFILE" || s.API["answers"] != false {
		t.Errorf("%v %v", s.Profile, s.API)
	}
}

// TestStatusOfWhatRuns: listeners and sandboxes are found with what they do and what troubles them, for as long as they live.
func TestStatusOfWhatRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(0, "keys", "add", "staging", "--secret-file", "key")
	dead := closedPort(t)
	l := w.listen("--ack", "now", "--forward", "shop="+dead, "--admin", "127.0.0.1:0")
	both := w.listen("--sandbox", "--forward", okTarget(t).addr)
	box := w.start("sandbox", "--addr", "127.0.0.1:0", "--scheme", "stripe")
	send(t, l.addr, event("1"))
	s := w.status()
	if !eventually(func() bool { s = w.status(); return len(s.Listeners[0]["troubles"].([]any)) > 0 }) { //nolint:forcetypeassert // a test
		t.Fatalf("no trouble in %v", s.Listeners)
	}
	first, second := s.Listeners[0], s.Listeners[1]
	if len(s.Listeners) != 2 || first.str("url") != "http://"+l.addr || first["answers"] != true || first.num("pid") != l.cmd.Process.Pid ||
		first.str("adminUrl") != l.ready.str("adminUrl") || first.str("profile") != "baanx" || first.str("command") != "listen" {
		t.Errorf("listeners %v", s.Listeners)
	}
	if second.str("sandboxUrl") != both.ready.str("sandboxUrl") || second.str("profile") != "sandbox" {
		t.Errorf("the listener with a sandbox: %v", second)
	}
	if len(s.Sandboxes) != 2 || s.Sandboxes[0].str("listener") != "http://"+both.addr || s.Sandboxes[1].str("url") != "http://"+box.addr || s.Sandboxes[1].str("scheme") != "stripe" {
		t.Errorf("sandboxes %v", s.Sandboxes)
	}
	if s.Journal.num("deliveries") != 1 || s.Journal.num("open") != 1 || s.Keys.num("count") != 1 || s.Journal.str("oldest") == "" {
		t.Errorf("%v %v", s.Journal, s.Keys)
	}
	if len(s.Targets) == 0 || s.Targets[0].str("target") != "shop" || s.Targets[0]["owned"] != true || s.Targets[0].num("open") != 1 {
		t.Errorf("targets %v", s.Targets)
	}
	w.statusHas(
		"listener http://"+l.addr+"  listen, profile baanx, scheme baanx", "         to shop\n", "         lost shop, ", "keys     1 saved: staging (baanx)\n", "queue    1 open, 0 dead\n",
		"part of the listener at http://"+both.addr,
	)
	both.stop()
	if err := l.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	l.wait()
	if s = w.status(); len(s.Listeners) != 0 || len(s.Sandboxes) != 1 || s.Targets[0]["owned"] != false {
		t.Errorf("left: %v %v %v", s.Listeners, s.Sandboxes, s.Targets)
	}
	w.statusHas("shop: 1 open, the oldest ", "no listener sends them now: whctl listen --forward shop=TARGET\n")
	box.stop()
	w.markFiles(2) // of the one that was killed, until the next one starts
	w.listen().stop()
	w.markFiles(0)
}

// TestStatusOfWhatIsBroken: a part that cannot be read is said in its place, and the others are shown.
func TestStatusOfWhatIsBroken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen()
	send(t, l.addr, event("1"))
	l.stop()
	good, err := os.ReadFile(w.path("data/journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	newer := slices.Clone(good)
	newer[63] = 99 // the format, in SQLite's header: sqlite.org/fileformat.html#user_version_number
	for name, b := range map[string][]byte{
		"was made by a newer whctl (format 99": newer, "is damaged": append(slices.Clone(good[:4096]), make([]byte, 8192)...), "is not a journal of whctl": []byte("notes\n"),
	} {
		w.write("data/journal.db", string(b))
		w.write("data/credentials.json", "{")
		s := w.status()
		if !strings.Contains(s.Journal.str("error"), name) && name != "is not a journal of whctl" || s.Journal.str("error") == "" || s.Journal.str("hint") == "" || s.Journal.num("bytes") != len(b) {
			t.Errorf("%s: %v", name, s.Journal)
		}
		if !strings.Contains(s.Keys.str("error"), "is damaged") || !strings.Contains(s.API.str("error"), "is damaged") {
			t.Errorf("%v %v", s.Keys, s.API)
		}
		text := w.must(0, "status")
		if !strings.Contains(text.out, "\njournal  "+w.path("data/journal.db")) || strings.Count(text.out, "cannot be read: ") != 3 || text.err != "" {
			t.Errorf("%s%s", text.out, text.err)
		}
		if now, err := os.ReadFile(w.path("data/journal.db")); err != nil || !slices.Equal(now, b) {
			t.Errorf("%s: the journal was changed, %v", name, err)
		}
	}
}

// TestStatusReadsNoSecret: neither a key nor a token is in the report or in what processes tell of themselves.
func TestStatusReadsNoSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(0, "keys", "add", "staging", "--secret-file", "key")
	to := okTarget(t).addr
	w.listen("--sandbox", "--forward", "http://"+to+"/hooks?token=hush-hush-0123456789", "--header", "Authorization: Bearer hush-hush-0123456789")
	told, err := filepath.Glob(w.path("data/running/*.json"))
	if err != nil || len(told) != 1 {
		t.Fatalf("%q, %v", told, err)
	}
	file, err := os.ReadFile(told[0])
	if err != nil || !json.Valid(file) {
		t.Fatalf("%s, %v", file, err)
	}
	token, err := filepath.Glob(w.path("data/sandbox/*.token"))
	if err != nil || len(token) != 1 {
		t.Fatalf("%q, %v", token, err)
	}
	secret, err := os.ReadFile(token[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(file), w.must(0, "status").out, w.must(0, "status", "-o", "json").out} {
		for _, hidden := range []string{testKey, "hush-hush", strings.TrimSpace(string(secret))} {
			if strings.Contains(text, hidden) {
				t.Errorf("%q is in %s", hidden, text)
			}
		}
		if !strings.Contains(text, to+"/hooks") {
			t.Errorf("the target is missing in %s", text)
		}
	}
	if fi, err := os.Stat(told[0]); err != nil || fi.Mode().Perm()&0o077 != 0 && !onWindows() {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
}

// TestListensOnEveryAddress: where a listener is bound to every address, people see the one that they gave and a URL that works, and are told
// that other machines reach it.
func TestListensOnEveryAddress(t *testing.T) {
	t.Parallel()
	for asked, note := range map[string]string{"0.0.0.0:0": "0.0.0.0:PORT, open to other machines", "[::]:0": "[::]:PORT, open to other machines", "127.0.0.1:0": ""} {
		w := newWorld(t)
		l := w.start("listen", "--addr", asked, "--secret-file", "key")
		host, port, err := net.SplitHostPort(l.addr)
		if want, _, _ := net.SplitHostPort(asked); err != nil || host != want {
			t.Errorf("%s: ready at %s, %v", asked, l.addr, err)
		}
		url := l.ready.str("url")
		where := url
		if note != "" {
			where += " (" + strings.ReplaceAll(note, "PORT", port) + ")"
			if url != "http://localhost:"+port {
				t.Errorf("%s: the URL is %s", asked, url)
			}
		}
		w.statusHas("listener " + where + "  listen, profile baanx")
		if got := w.status().Listeners[0]; got.str("url") != url || got.str("addr") != l.addr {
			t.Errorf("%s: status has %v", asked, got)
		}
		w.must(0, "send", "card.activated", "--to", url, "--secret-file", "key")
		l.stop()
	}
}
