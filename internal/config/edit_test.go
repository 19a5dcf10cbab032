package config_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
)

const commented = `# my settings
output: json # for scripts

# the accounts
profiles:
  # staging is shared
  staging:
    api_url: https://staging.example # ask ops
    headers:
      x-client-key: ck
  old: {scheme: stripe}
# the end
`

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestSetKeepsCommentsAndOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.user(commented)
	for _, set := range [][3]string{
		{"", "output", "yaml"},
		{"staging", "api_url", "https://new.example"},
		{"staging", "headers.x-us-env", "true"},
		{"", "profiles.old.scheme", "github"},
		{"", "listen.forward", "localhost:3000, 4000"},
		{"", "listen.timeout", "0s"},
		{"", "no_input", "true"},
		{"", "profiles.a.b.headers.x-y", "z"},
	} {
		if err := config.Set(path, set[0], set[1], set[2]); err != nil {
			t.Fatalf("set %v: %v", set, err)
		}
	}
	text := read(t, path)
	last := -1
	for _, part := range []string{
		"# my settings", "output: yaml # for scripts", "# the accounts", "profiles:", "# staging is shared", "staging:",
		"api_url: https://new.example # ask ops", "x-client-key: ck", `x-us-env: "true"`, "scheme: github", "# the end",
	} {
		at := strings.Index(text, part)
		if at <= last {
			t.Errorf("%q is gone or has moved in:\n%s", part, text)
		}
		last = at
	}
	w.o.Flags.Profile = "staging"
	s := w.load()
	if s.Output != "yaml" || s.APIURL != "https://new.example" || s.Headers["x-us-env"] != "true" || !s.NoInput || *s.Listen.Timeout != 0 {
		t.Errorf("%+v", s)
	}
	if strings.Join(s.Listen.Forward, "|") != "localhost:3000|4000" {
		t.Errorf("forward %v", s.Listen.Forward)
	}
	if v, err := s.Get("profiles.a.b.headers.x-y"); err != nil || v.Value != "z" {
		t.Errorf("%v (%v)", v, err)
	}
}

func TestUnset(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.user(commented)
	for _, un := range []struct {
		profile, key string
		found        bool
	}{
		{"staging", "headers.x-client-key", true},
		{"", "profiles.old.scheme", true},
		{"", "output", true},
		{"", "output", false},
		{"", "listen.addr", false},
		{"nobody", "api_url", false},
	} {
		if found, err := config.Unset(path, un.profile, un.key); err != nil || found != un.found {
			t.Errorf("unset %s: %v (%v)", un.key, found, err)
		}
	}
	text := read(t, path)
	if strings.Contains(text, "headers") || strings.Contains(text, "old") || !strings.Contains(text, "# ask ops") {
		t.Errorf("left:\n%s", text)
	}
	_, err := config.Unset(path, "", "outptu")
	wantUsage(t, err, "did you mean output?")
}

func TestSetMakesFileAndFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := filepath.Join(w.home, ".config", "whctl", "config.yaml")
	if err := config.Set(path, "", "output", "json"); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		fi, err := os.Stat(path)
		if err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("mode %v (%v)", fi.Mode(), err)
		}
	}
	if s := w.load(); s.Output != "json" || s.Origin("output") != path+":1" {
		t.Errorf("%s from %s", s.Output, s.Origin("output"))
	}
	if found, err := config.Unset(path, "", "output"); err != nil || !found {
		t.Error(found, err)
	}
	w.load()
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("files were left behind: %v", left)
	}
	w.user("# only a comment\n")
	if err := config.Set(path, "", "output", "json"); err != nil || !strings.Contains(read(t, path), "# only a comment") {
		t.Errorf("the comment of an empty file is lost (%v):\n%s", err, read(t, path))
	}
}

// What would make the file refused, or put a secret into it, is refused and changes nothing.
func TestSetRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.user(commented)
	for _, set := range [][]string{
		{"output", "xml", "text, json, yaml"},
		{"api_url", "http://api.example", "loopback"},
		{"api_url", "https://u:hunter2@x.example", "user info"},
		{"quiet", "maybe", "true or false"},
		{"listen.addr", "x", "HOST:PORT"},
		{"listen.nothing", "x", "there is no setting"},
		{"token", "hunter2", "whctl login"},
		{"api_key", "hunter2", "whctl keys add"},
		{"profiles.a.secret", "hunter2", "whctl keys add"},
		{"headers.Authorization", "hunter2", "whctl login"},
		{"profiles.a.headers.X-Api-Key", "hunter2", "may not hold a secret"},
		{"scheme", planted, "may not hold a secret"},
		{"schemes.mine.content", "x", "written in the file"},
		{"profile", "a b", "cannot be the name of a profile"},
		{"data_dir", "here", "absolute path"},
		{"profiles.a b.scheme", "x", "cannot be the name of a profile"},
	} {
		err := config.Set(path, "", set[0], set[1])
		wantUsage(t, err, set[2])
		if read(t, path) != commented {
			t.Fatalf("set %s changed the file", set[0])
		}
	}
	broken := w.write(filepath.Join(w.home, "broken.yaml"), "outptu: json\n")
	if err := config.Set(broken, "", "output", "text"); err == nil || read(t, broken) != "outptu: json\n" {
		t.Errorf("a broken file was written (%v)", err)
	}
	project := w.project("scheme: slack\n")
	if err := config.Set(project, "", "scheme", "kyc"); err != nil || read(t, project) != "scheme: kyc\n" {
		t.Errorf("a project file cannot be edited (%v)", err)
	}
	// A file that is named is the user's own. Where it is found, in a checkout, it is looked at as a project file.
	if err := config.Set(project, "", "api_url", "https://x.example"); err != nil {
		t.Error(err)
	}
	w.refused("may not set api_url", "whctl config trust")
}

func TestSetThroughLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	target := w.write(filepath.Join(w.home, "dotfiles", "whctl.yaml"), "output: text\n")
	link := filepath.Join(w.home, "config.yaml")
	if err := os.Symlink(filepath.Join("dotfiles", "whctl.yaml"), link); err != nil {
		t.Fatal(err)
	}
	dangling := filepath.Join(w.home, "dangling.yaml")
	if err := os.Symlink(filepath.Join("dotfiles", "later", "new.yaml"), dangling); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{link: target, dangling: filepath.Join(w.home, "dotfiles", "later", "new.yaml")} {
		if err := config.Set(link, "", "output", "json"); err != nil {
			t.Fatal(err)
		}
		if fi, err := os.Lstat(link); err != nil || fi.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is no link any more (%v)", link, err)
		}
		if got := read(t, target); got != "output: json\n" {
			t.Errorf("%s holds %q", target, got)
		}
	}
}

func TestProfileEdits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.user(commented)
	if err := config.CreateProfile(path, "new", map[string]string{"api_url": "https://new.example", "headers.x-a": "b"}); err != nil {
		t.Fatal(err)
	}
	if err := config.CreateProfile(path, "bare", nil); err != nil {
		t.Fatal(err)
	}
	wantUsage(t, config.CreateProfile(path, "new", nil), "already", "whctl profile use new")
	wantUsage(t, config.CreateProfile(path, "a/b", nil), "cannot be the name")
	wantUsage(t, config.CreateProfile(path, "bad", map[string]string{"api_url": "http://x.example"}), "loopback")
	wantUsage(t, config.CreateProfile(path, "bad", map[string]string{"token": "hunter2"}), "keys add")
	wantFault(t, fault.Refused, config.UseProfile(path, "nwe", w.load().Profiles()), "did you mean new?")
	for _, name := range []string{"new", "bare", "sandbox"} {
		if err := config.UseProfile(path, name, w.load().Profiles()); err != nil {
			t.Fatal(err)
		}
		if s := w.load(); s.Profile != name {
			t.Errorf("profile is %s, want %s", s.Profile, name)
		}
	}
	if err := config.UseProfile(path, "new", w.load().Profiles()); err != nil {
		t.Fatal(err)
	}
	if err := config.DeleteProfile(path, "new"); err != nil {
		t.Fatal(err)
	}
	if s := w.load(); s.Profile != "baanx" {
		t.Errorf("the default still names it: %s", s.Profile)
	}
	wantFault(t, fault.Refused, config.DeleteProfile(path, "new"), "there is no profile", "whctl profile list")
	wantUsage(t, config.DeleteProfile(path, "sandbox"), "built in")
	if text := read(t, path); !strings.Contains(text, "# ask ops") || !strings.Contains(text, "# the end") {
		t.Errorf("comments are gone:\n%s", text)
	}
}

func TestUnwritableConfig(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	blocked := w.write(filepath.Join(w.home, "blocked"), "")
	err := config.Set(filepath.Join(blocked, "whctl", "config.yaml"), "", "output", "json")
	if err == nil || fault.KindOf(err) != fault.Usage && fault.KindOf(err) != fault.Storage {
		t.Errorf("written below a file: %v", err)
	}
}
