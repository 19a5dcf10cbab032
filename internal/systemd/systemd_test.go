//go:build linux

package systemd_test

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/systemd"
)

// manager is a service manager's socket.
func manager(t *testing.T, name string) *net.UnixConn {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return c
}

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for _, p := range pairs {
			if n, v, _ := strings.Cut(p, "="); n == name {
				return v
			}
		}
		return ""
	}
}

// TestTell sends to sockets with a path and to abstract ones.
func TestTell(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{filepath.Join(dir, "notify"), fmt.Sprintf("@whctl-test-%d", time.Now().UnixNano())} {
		c := manager(t, name)
		m := systemd.New(env("NOTIFY_SOCKET="+name), 1)
		if !m.Listens() || m.Patience() != 0 {
			t.Errorf("%+v", m)
		}
		for _, lines := range [][]string{{systemd.Ready, systemd.Status("a\nREADY=1\x00b")}, {systemd.Watchdog}} {
			if err := m.Tell(t.Context(), lines...); err != nil {
				t.Fatal(err)
			}
			b := make([]byte, 1000)
			n, err := c.Read(b)
			if want := strings.ReplaceAll(strings.Join(lines, "\n"), "\x00", " ") + "\n"; err != nil || string(b[:n]) != want {
				t.Errorf("got %q, %v", b[:n], err)
			}
		}
	}
	if systemd.Status("a\nREADY=1") != "STATUS=a READY=1" {
		t.Error("a status holds a line of its own")
	}
}

// TestNoManager: without a socket nothing is done, and one that is not there, or that nobody reads, holds up nobody.
func TestNoManager(t *testing.T) {
	t.Parallel()
	if m := systemd.New(env("WATCHDOG_USEC=1000"), 1); m.Listens() || m.Patience() != 0 || m.Tell(t.Context(), systemd.Ready) != nil {
		t.Errorf("%+v", m)
	}
	name := filepath.Join(t.TempDir(), "notify")
	m := systemd.New(env("NOTIFY_SOCKET="+name), 1)
	if m.Tell(t.Context(), systemd.Ready) == nil {
		t.Error("nobody was told")
	}
	manager(t, name)
	began, err := time.Now(), error(nil)
	for range 10_000 {
		if err = m.Tell(t.Context(), systemd.Watchdog); err != nil {
			break
		}
	}
	if err == nil || time.Since(began) > 30*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

func TestPatience(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"30000000": 30 * time.Second, "1": time.Microsecond, "0": 0, "-1": 0, "": 0, "soon": 0, "9223372036854775807": 0, "99999999999999999999": 0,
	} {
		for pid, counts := range map[string]bool{"": true, "7": true, "8": false, "x": false} {
			m := systemd.New(env("NOTIFY_SOCKET=x", "WATCHDOG_USEC="+text, "WATCHDOG_PID="+pid), 7)
			if counts && m.Patience() != want || !counts && m.Patience() != 0 {
				t.Errorf("%q of %q: %s", text, pid, m.Patience())
			}
		}
	}
}
