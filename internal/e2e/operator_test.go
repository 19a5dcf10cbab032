//go:build unix

package e2e

// What a listener does for whoever is not there to look.

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMaxDown: a target that stays down ends the run with 6, after what is under way.
func TestMaxDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dead := closedPort(t)
	l := w.listen("--forward", "shop="+dead, "--forward", okTarget(t).addr, "--max-down", "50ms")
	if status := send(t, l.addr, event("1")); status != 502 {
		t.Errorf("answered %d", status)
	}
	if code := l.wait(); code != 6 || !strings.Contains(l.errs.String(), "error: target shop has been down for 50 ms\nhint: ") ||
		!strings.Contains(l.errs.String(), "1 delivery (1 valid)") {
		t.Errorf("exit code %d: %s", code, l.errs)
	}
	if r := w.must(2, "listen", "--no-verify", "--max-down", "-1s"); !strings.Contains(r.err, "must not be negative") {
		t.Errorf("%s", r.err)
	}
}

// TestNotify: the command of --notify gets each change as JSON, without whctl's secrets in its environment, and prints nowhere.
func TestNotify(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setenv("WHCTL_TOKEN=token-s3cr3t", "WHCTL_SECRET=secret-s3cr3t", "HOOKS_KEY="+testKey, "COPY=x"+testKey+"y", "SHORT=k3y", "PLAIN=stays", "NOTIFY_SOCKET=@nobody-here")
	dead := closedPort(t)
	l := w.listen("--forward", "shop="+dead, "--secret-env", "HOOKS_KEY", "--secret-env", "SHORT",
		"--notify", `sh -c 'cat >>changes; env >environment; echo noise; echo noise >&2' "not \$HOME"`)
	send(t, l.addr, event("1"))
	read := func(name, end string) string {
		var text []byte
		if !eventually(func() bool { text, _ = os.ReadFile(w.path(name)); return strings.Contains(string(text), end) }) {
			t.Fatalf("%s: %s\n%s", name, text, l.errs)
		}
		return string(text)
	}
	lost := object{}
	if err := json.Unmarshal([]byte(read("changes", "\n")), &lost); err != nil || lost.str("type") != "state" || lost.str("state") != "lost" || lost.str("target") != "shop" {
		t.Errorf("%v, %v", lost, err)
	}
	environment := read("environment", "PLAIN=stays\n")
	for _, never := range []string{"s3cr3t", testKey, "SHORT", "HOOKS_KEY", "NOTIFY_SOCKET"} {
		if strings.Contains(environment, never) {
			t.Errorf("the command's environment holds %s:\n%s", never, environment)
		}
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", dead)
	if err != nil {
		t.Fatal(err)
	}
	app := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go func() { _ = app.Serve(ln) }()
	t.Cleanup(func() { _ = app.Close() })
	send(t, l.addr, event("2"))
	if text := read("changes", `"recovered"`); strings.Count(text, "\n") != 2 {
		t.Errorf("%s", text)
	}
	l.stop()
	if text := l.out.String() + l.errs.String(); strings.Contains(text, "noise") {
		t.Errorf("the command's output is shown: %s", text)
	}
}

// TestNotifyFails: a command that fails is told of once, without secrets, and the run goes on.
func TestNotifyFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings("listen:\n  notify: sh -c 'cat key >&2; exit 3'\n") // the user's own file may name one
	dead := closedPort(t)
	l := w.listen("--forward", "a="+dead, "--forward", "b="+dead+"/b", "--forward", "c="+dead+"/c")
	send(t, l.addr, event("1"))
	e := l.await("error")
	if want := "--notify: sh: exit status 3, saying: ****; it is told once until the command succeeds"; e.str("message") != want {
		t.Errorf("told %q, want %q", e.str("message"), want)
	}
	l.interrupt()
	if more := l.rest("error"); len(more) != 0 {
		t.Errorf("told again: %v", more)
	}
	if code := l.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for args, words := range map[string]string{"no-such-program x": "there is no program no-such-program", `"a`: "a quote is not closed", " ": "it is empty"} {
		if r := w.must(2, "listen", "--no-verify", "--notify", args); !strings.Contains(r.err, "--notify: "+words) || !strings.Contains(r.err, "hint: ") {
			t.Errorf("%q: %s", args, r.err)
		}
	}
}

// TestClockSkew: deliveries that are signed with another clock are told of once, also those that are refused for it.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen("--admin", "127.0.0.1:0")
	for i, age := range []int{60, 60, 3600, 60, 60, 60, 60, 0} {
		body := event(fmt.Sprint(i))
		exchange(t, l.addr, request("POST", "/", signedHeader(testKey, time.Unix(time.Now().Unix()-int64(age), 0), body), body))
	}
	for _, want := range []string{"came late", "agree again"} {
		if e := l.await("state"); e.str("state") != "clock_skew" || !strings.Contains(e.str("message"), want) {
			t.Errorf("said %v, want %s", e, want)
		}
	}
	if skew := figures(t, adminOf(t, l))["whctl_clock_skew_seconds"]; skew < 60 || skew > 120 {
		t.Errorf("the median is %v", skew)
	}
	l.stop()
}

// TestServiceManager: a manager at a socket with a path, or at an abstract one, is told when the listener is ready, that it lives,
// how it is, and of the end.
func TestServiceManager(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"path", "@whctl-e2e-" + fmt.Sprint(time.Now().UnixNano())} {
		w := newWorld(t)
		if name == "path" {
			name = w.path("notify")
		}
		manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: name})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = manager.Close() })
		if err := manager.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		heard := func(want string) {
			t.Helper()
			b := make([]byte, 4096)
			for {
				n, err := manager.Read(b)
				if err != nil {
					t.Fatalf("no %s: %v", want, err)
				}
				if strings.Contains("\n"+string(b[:n]), "\n"+want) {
					return
				}
			}
		}
		w.setenv("NOTIFY_SOCKET="+name, "WATCHDOG_USEC=2000000")
		l := w.listen("--forward", "shop="+closedPort(t))
		heard("READY=1\nSTATUS=taking deliveries on http://" + l.addr + "\n")
		heard("WATCHDOG=1\n")
		heard("WATCHDOG=1\n")
		send(t, l.addr, event("1"))
		heard("STATUS=taking deliveries on http://" + l.addr + "; no answer from shop\n")
		l.interrupt()
		heard("STOPPING=1\n")
		if code := l.wait(); code != 0 {
			t.Errorf("exit code %d: %s", code, l.errs)
		}
	}
}

// TestUnitFile runs the command of docs/whctl.service, with other addresses.
func TestUnitFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	unit := readDoc(t, "whctl.service")
	_, command, found := strings.Cut(unit, "\nExecStart=/usr/bin/whctl ")
	command, _, _ = strings.Cut(command, "\n")
	if !found || !strings.Contains(unit, "\nType=notify\n") || !strings.Contains(unit, "\nWatchdogSec=") || !strings.Contains(unit, "\nDynamicUser=yes\n") {
		t.Fatalf("%s", unit)
	}
	command = strings.NewReplacer("%d/key", w.path("key"), ":4140", ":0", ":9140", ":0", "127.0.0.1:3000", okTarget(t).addr).Replace(command)
	l := w.start(strings.Fields(command)...)
	if m := ask(t, adminOf(t, l), "/readyz"); m.status != 200 || send(t, l.addr, event("1")) != 200 {
		t.Errorf("%s", m.start)
	}
	l.stop()
}

// TestBrokenServiceManager: a socket that is not there is warned of, and the listener runs.
func TestBrokenServiceManager(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setenv("NOTIFY_SOCKET="+w.path("nobody"), "WATCHDOG_USEC=30000000")
	l := w.listen()
	if status := send(t, l.addr, event("1")); status != 200 {
		t.Errorf("answered %d", status)
	}
	l.stop()
	if !strings.Contains(l.errs.String(), "warning: cannot tell the service manager at NOTIFY_SOCKET") {
		t.Errorf("%s", l.errs)
	}
}
