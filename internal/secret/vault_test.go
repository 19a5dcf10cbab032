package secret_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/secret"
)

// TestMain lets the test binary stand in for other whctl processes.
func TestMain(m *testing.M) {
	if task, ok := os.LookupEnv("WHCTL_TEST_TASK"); ok {
		os.Exit(child(task, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// child is what the other processes do.
func child(task string, args []string) int {
	dir := args[0]
	if task == "full" {
		forbidWriting()
	}
	s := secret.Open(secret.Options{Dir: dir, Getenv: onlyFile})
	for i := range 10 {
		name := fmt.Sprintf("%s-%d", args[1], i)
		if _, err := s.SaveKey(context.Background(), "p", secret.SavedKey{Name: name, Key: keyA + name}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return fault.KindOf(err).ExitCode()
		}
	}
	return 0
}

func run(t *testing.T, task string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "WHCTL_TEST_TASK="+task)
	cmd.Stderr = &bytes.Buffer{}
	return cmd
}

func TestProcessesShareTheStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var cmds []*exec.Cmd
	for i := range 8 {
		cmd := run(t, "save", dir, fmt.Sprint("proc", i))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds, cmd)
	}
	for _, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", err, cmd.Stderr)
		}
	}
	s := secret.Open(secret.Options{Dir: dir, Getenv: onlyFile})
	keys, err := s.Keys(t.Context(), "p")
	if err != nil || len(keys) != 80 {
		t.Fatalf("%d keys of 80 (%v)", len(keys), err)
	}
	for _, k := range keys {
		if k.Key != keyA+k.Name {
			t.Errorf("%s has another's key", k.Name)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("files were left behind: %v", left)
	}
}

// The disk is full: a limit on the size of files stands in for it, and holds for root too.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	s, _ := fileStore(t)
	save(t, s, "p", secret.SavedKey{Name: "n", Key: keyA})
	before, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(s.Path())
	cmd := run(t, "full", dir, "x")
	_ = cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != fault.Storage.ExitCode() {
		t.Errorf("exit code %d, want %d: %v", code, fault.Storage.ExitCode(), cmd.Stderr)
	}
	clean(t, fmt.Sprint(cmd.Stderr))
	after, err := os.ReadFile(s.Path())
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the store changed (%v)", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
		t.Errorf("files were left behind: %v", left)
	}
}

// A home that cannot be written to, by means that hold for root too: its place is taken by a file.
func TestUnwritableHome(t *testing.T) {
	t.Parallel()
	home := filepath.Join(t.TempDir(), "home")
	if err := os.WriteFile(home, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ring := &memory{}
	s := secret.Open(secret.Options{Dir: filepath.Join(home, "whctl"), Keyring: ring})
	_, err := s.SaveKey(t.Context(), "p", secret.SavedKey{Name: "n", Key: keyA})
	wantKind(t, err, fault.Storage, home)
	_, err = s.SaveToken(t.Context(), "https://a.example", keyA)
	wantKind(t, err, fault.Storage, home)
	if ring.len() != 0 {
		t.Error("a key that nothing lists was left in the keyring")
	}
}

// Without a home there is no folder; nothing may then be written to the working folder in its place.
func TestNoFolder(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	ring := &memory{}
	s := secret.Open(secret.Options{Keyring: ring})
	if keys, err := s.Keys(t.Context(), "p"); err != nil || len(keys) != 0 {
		t.Errorf("%d keys (%v)", len(keys), err)
	}
	_, err := s.SaveKey(t.Context(), "p", secret.SavedKey{Name: "n", Key: keyA})
	wantKind(t, err, fault.Storage, "no home folder", "WHCTL_DATA_DIR")
	if left, _ := os.ReadDir(dir); len(left) != 0 || ring.len() != 0 {
		t.Errorf("left behind: %v, and %d items in the keyring", left, ring.len())
	}
}

func TestDamagedStoreIsNotTouched(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty":         "",
		"cut off":       `{"version":1,"keys":[{"profile":"p","name":"n","savedAt":"2026-01-01T00:00:00Z","key":{"text":"` + keyA,
		"no JSON":       keyA,
		"another shape": `{"version":1,"keys":{"` + keyA + `":1}}`,
		"wrong type":    `{"version":1,"keys":[{"key":"` + keyA + `"}]}`,
		"unknown field": `{"version":1,"extra":"` + keyA + `"}`,
		"no version":    `{"keys":[]}`,
		"no key":        `{"version":1,"keys":[{"profile":"p","name":"n","savedAt":"2026-01-01T00:00:00Z","key":{}}]}`,
		"trailing":      `{"version":1} ` + keyA,
		"too large":     `{"version":1}` + strings.Repeat(" ", 17<<20),
		"newer":         `{"version":2,"things":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := fileStore(t)
			if err := os.MkdirAll(filepath.Dir(s.Path()), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(s.Path(), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := s.Keys(t.Context(), "p")
			wantKind(t, err, fault.Storage, s.Path())
			_, err = s.SaveKey(t.Context(), "p", secret.SavedKey{Name: "n", Key: keyB})
			wantKind(t, err, fault.Storage, s.Path())
			_, err = s.RemoveKey(t.Context(), "p", "n")
			wantKind(t, err, fault.Storage, s.Path())
			_, err = s.Token(t.Context(), "https://a.example")
			wantKind(t, err, fault.Storage, s.Path())
			_, err = s.RemoveToken(t.Context(), "https://a.example")
			wantKind(t, err, fault.Storage, s.Path())
			if after, err := os.ReadFile(s.Path()); err != nil || string(after) != content {
				t.Errorf("the file was touched (%v)", err)
			}
		})
	}
}

func TestSymlinkedStoreStaysALink(t *testing.T) {
	t.Parallel()
	s, _ := fileStore(t)
	elsewhere := filepath.Join(t.TempDir(), "real.json")
	if err := os.WriteFile(elsewhere, []byte(`{"version":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(s.Path()), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, s.Path()); err != nil {
		t.Fatal(err)
	}
	save(t, s, "p", secret.SavedKey{Name: "n", Key: keyA})
	if fi, err := os.Lstat(s.Path()); err != nil || fi.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced (%v)", err)
	}
	if b, err := os.ReadFile(elsewhere); err != nil || !bytes.Contains(b, []byte(keyA)) {
		t.Errorf("its target was not written (%v)", err)
	}
}
