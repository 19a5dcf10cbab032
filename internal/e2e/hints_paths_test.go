//go:build unix

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPathsOfACheckoutArePasted: a folder of a checkout may be called anything. Its path in a message is one word to a shell.
func TestPathsOfACheckoutArePasted(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, name := range []string{"$(touch ran)", "`touch ran`", "a;touch ran;", "a b&&touch ran", "x'$(touch ran)", "|touch ran"} {
		w := newWorld(t)
		folder := filepath.Join(w.dir, name)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		one := *w
		one.dir = folder
		for _, text := range []string{"x: 1\n", "scheme: auto\n", "scheme: [\n", "a: {{b}}\n", "scheme: github\n---\nx: 1\n", "scheme: github\nquiet: 1\n", "scheme: github\n"} {
			if err := os.WriteFile(filepath.Join(folder, ".whctl.yaml"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			said := one.run("config", "get", "scheme").err
			at := strings.Index(said, "/")
			if at < 0 {
				t.Errorf("in %s, %q: no path in %q", name, text, said)
				continue
			}
			line, _, _ := strings.Cut(said, "\n")
			at = max(0, at-1) // with the quote before it
			paste := exec.CommandContext(t.Context(), sh, "-c", ": "+strings.TrimPrefix(line[at:], " "))
			paste.Dir = t.TempDir()
			_ = paste.Run()
			if _, err := os.Stat(filepath.Join(paste.Dir, "ran")); err == nil {
				t.Errorf("in %s, %q: pasted, %q runs", name, text, line[at:])
			}
			tried++
		}
	}
	if tried < 40 {
		t.Errorf("only %d lines were pasted", tried)
	}
}

// TestKeyInPlaceOfATarget: a key typed where the target belongs is refused, and shown nowhere.
func TestKeyInPlaceOfATarget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, key := range []string{
		"whk_live_4Tq8ZrB1mXv6Kc0Ny3Hs9Jw2Lf7Pd5Ga", "ghp_7rK2vQ9mX4cZ1bN6tL8hJ3wP5sD0fG2yA7eU", "whsec_Q7mZ2xV9bK4nT1cL8hR5wJ3pD6sF0gYa",
		"xoxb-9081726354-QmZxVbKnTcLhRwJpDsFgYa", "9f3c1b7e5d2a8046c1e8f39b0d5a2c7e4f6b8d1039a5c7e2f4b6d80a1c3e5f70",
	} {
		for _, target := range []string{key, "app=" + key, key + ":3000", "http://" + key} {
			r := w.run("listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--no-verify", "--forward", target)
			if r.code != 2 || !strings.Contains(r.err, "hint: ") || strings.Contains(r.out+r.err, key) {
				t.Errorf("--forward %s: exit code %d: %s%s", target, r.code, r.out, r.err)
			}
		}
	}
	for _, target := range []string{
		"my_service:3000", "web-1:80", "app=api:8080", "k8s-prod-cluster:80", "payments_service_v2:3000", "3f2a9b8c1d2e:3000", "a1b2c3d4e5f6.ngrok-free.app",
		"customer-subscription-service:3000", "webhook-receiver-development:3000",
	} {
		if r := w.run("listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--no-verify", "--forward", target); r.code != 0 {
			t.Errorf("--forward %s: exit code %d: %s", target, r.code, r.err)
		}
	}
}
