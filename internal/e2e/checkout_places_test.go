//go:build unix

package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// insideLink is a line of a file that a link in the place of a project file points to.
const insideLink = "line-of-a-private-file"

// place is what stands where a project file is looked for, and what a command then ends with and says.
type place struct {
	put  func(w *world, path string) error
	code int
	said string
}

// linkTo is a link to a file of the user's with this content.
func linkTo(content string) func(*world, string) error {
	return func(w *world, path string) error { return os.Symlink(w.write("private", content), path) }
}

// link is a link to what is at a path already, or is not.
func link(to string) func(*world, string) error {
	return func(_ *world, path string) error { return os.Symlink(to, path) }
}

// plainFile is a file with this content and mode.
func plainFile(content string, mode os.FileMode) func(*world, string) error {
	return func(w *world, path string) error {
		w.write(".whctl.yaml", content)
		return os.Chmod(path, mode)
	}
}

func places() map[string]place {
	const noProject = "is a link to a file that is not a project file"
	return map[string]place{
		"a folder": {func(_ *world, path string) error { return os.Mkdir(path, 0o700) }, 0, "it is a folder and no plain file"},
		"a pipe":   {func(_ *world, path string) error { return syscall.Mkfifo(path, 0o600) }, 0, "it is a pipe and no plain file"},
		"a link to a pipe": {func(w *world, path string) error {
			return errors.Join(syscall.Mkfifo(w.path("pipe"), 0o600), os.Symlink(w.path("pipe"), path))
		}, 0, "it is a pipe and no plain file"},
		"a link to itself":        {link(".whctl.yaml"), 0, "it is a link to itself"},
		"a link to nothing":       {link("gone"), 0, "it is a link to nothing"},
		"a link to a device":      {link("/dev/zero"), 0, "and no plain file"},
		"a link to a folder":      {link("/"), 0, "it is a link to /: there it is a folder and no plain file"},
		"a link to a key":         {linkTo("-----BEGIN PRIVATE KEY-----\n" + insideLink + "\n"), 2, noProject},
		"a link to passwords":     {linkTo(insideLink + ": " + insideLink + "\n"), 2, noProject},
		"a link to a token":       {linkTo("token: " + insideLink + "\n"), 2, noProject},
		"a link to variables":     {linkTo("SECRET=" + insideLink + "\n"), 2, noProject},
		"a link to a block":       {linkTo("listen: {body: " + insideLink + "}\n"), 2, noProject},
		"a link to a bad pattern": {linkTo("content: {" + insideLink + "}: x\n"), 2, noProject},
		"a link to settings":      {linkTo("quiet: true\n"), 2, "may not set quiet"},
		"a link to a link": {func(w *world, path string) error {
			return errors.Join(linkTo("listen: {timeout: "+insideLink+"}\n")(w, w.path("between")), os.Symlink("between", path))
		}, 2, noProject},
		"writable by everybody": {plainFile("scheme: "+insideLink+"\n", 0o666), 0, "others can write it (mode 0666)"},
		"writable by others":    {plainFile("scheme: "+insideLink+"\n", 0o602), 0, "others can write it (mode 0602)"},
		"long":                  {plainFile("scheme: stripe\n# "+insideLink+strings.Repeat("x", 300<<10), 0o600), 2, "longer than 256 KiB"},
		"deep":                  {plainFile("listen: "+strings.Repeat("[", 9000)+"\n", 0o600), 2, "not YAML"},
		"binary":                {plainFile("\x00\x01\xff"+insideLink, 0o600), 2, "not YAML"},
	}
}

// TestCheckoutPlaces puts everything but a plain file of the user in the place of a project file. No command waits for it or shows
// what a link points to, and a command that needs no settings of it goes on.
func TestCheckoutPlaces(t *testing.T) {
	t.Parallel()
	for name, tc := range places() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.write("body", "{}")
			if err := errors.Join(tc.put(w, w.path(".whctl.yaml")), os.MkdirAll(w.path("a/b"), 0o700)); err != nil {
				t.Fatal(err)
			}
			for _, dir := range []string{w.dir, filepath.Join(w.dir, "a", "b")} {
				deep := *w
				deep.dir = dir
				tc.check(t, deep.run("sign", w.path("body"), "--secret-file", w.path("key")), tc.code)
				if tc.said != "may not set quiet" { // that one can be trusted
					tc.check(t, deep.run("config", "trust"), 2)
				}
			}
		})
	}
}

func (p place) check(t *testing.T, r result, code int) {
	t.Helper()
	if r.code != code || !strings.Contains(r.err, p.said) || strings.Contains(r.err, insideLink) || strings.Contains(r.out, "Stripe") {
		t.Errorf("exit code %d, %s%s", r.code, r.out, r.err)
	}
}

// TestOwnSettingsOfOthers: the user's own file is never passed over in silence, as it may name another account.
func TestOwnSettingsOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.settings("scheme: stripe\n")
	if err := os.Chmod(path, 0o622); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"config", "get", "scheme"}, {"--config", path, "config", "get", "scheme"}, {"config", "set", "scheme", "github"}, {"config", "trust", "--list"},
	} {
		want := path + " is not used, because others can write it (mode 0622)\nhint: look at it, then: chmod go-w " + path + "\n"
		if r := w.must(2, args...); r.out != "" || !strings.Contains(r.err, want) {
			t.Errorf("%q: %s%s", args, r.out, r.err)
		}
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	w.must(0, "config", "get", "scheme")
}
