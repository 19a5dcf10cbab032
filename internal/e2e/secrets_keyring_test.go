//go:build linux

package e2e

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// silentBus is a session bus that accepts and never answers, like a keyring behind a dialog that nobody sees. It gives the address,
// and the number of callers so far.
func silentBus(t *testing.T) (address string, callers func() int) {
	t.Helper()
	name := "@" + t.Name() + strconv.Itoa(os.Getpid()) // an abstract one: no path is short enough for sure
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "unix", name)
	if err != nil {
		t.Fatal(err)
	}
	var (
		mu   sync.Mutex
		held []net.Conn
		wait sync.WaitGroup
	)
	wait.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			held = append(held, conn)
			mu.Unlock()
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		wait.Wait()
		for _, conn := range held {
			_ = conn.Close()
		}
	})
	return "unix:abstract=" + name[1:], func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(held)
	}
}

// TestPlatformKeyringHangs creates and rotates with a keyring that never answers: three seconds, then the file, which is
// said; the key works, and reading it asks no keyring.
func TestPlatformKeyringHangs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	bus, callers := silentBus(t)
	w.setenv("WHCTL_KEYRING=", "DBUS_SESSION_BUS_ADDRESS="+bus)
	began := time.Now()
	r := w.must(0, "webhooks", "create", "--name", "one", "--url", "http://127.0.0.1:1/", "--events", "*", "--active")
	took := time.Since(began)
	if took < 3*time.Second || took > 20*time.Second || callers() == 0 {
		t.Errorf("create took %s with %d callers of the bus, want three seconds", took, callers())
	}
	file := filepath.Join(w.dir, "data", "credentials.json")
	if !strings.Contains(r.out, "saved     the file "+file+" (0600), as the OS keyring did not answer within 3s") {
		t.Errorf("create says %s", r.out)
	}
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", st.Mode(), err)
	}
	before := callers()
	w.must(0, "sign", "key", "--webhook", "one", "--format", "value")
	w.must(0, "keys", "list")
	if callers() != before {
		t.Error("a key in the file was asked for at the keyring")
	}
}

// TestPlatformKeyringMissing has no session bus at all, or one that refuses: the file at once, and no bus is started.
func TestPlatformKeyringMissing(t *testing.T) {
	t.Parallel()
	buses := []string{"unix:path=/nonexistent/bus", "nonsense", "tcp:host=127.0.0.1,port=1"}
	if _, err := os.Stat("/run/user/" + strconv.Itoa(os.Getuid()) + "/bus"); err != nil {
		buses = append(buses, "") // with one it would be this person's own keyring
	}
	for _, bus := range buses {
		w := newWorld(t)
		w.setenv("WHCTL_KEYRING=", "DBUS_SESSION_BUS_ADDRESS="+bus, "PATH="+w.path("bin"))
		if err := os.Mkdir(w.path("bin"), 0o700); err != nil {
			t.Fatal(err)
		}
		w.write("bin/dbus-launch", "#!/bin/sh\n: >"+w.path("launched")+"\n")
		if err := os.Chmod(w.path("bin/dbus-launch"), 0o700); err != nil {
			t.Fatal(err)
		}
		r := w.must(0, "keys", "add", "mine", "--secret-file", "key")
		if !strings.Contains(r.out, "✓ saved mine in the file "+filepath.Join(w.dir, "data", "credentials.json")+" (0600), as ") {
			t.Errorf("%q: says %s", bus, r.out)
		}
		if _, err := os.Stat(w.path("launched")); err == nil {
			t.Errorf("%q: a bus was started", bus)
		}
	}
}
