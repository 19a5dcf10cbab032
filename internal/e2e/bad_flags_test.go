//go:build unix

package e2e

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// Values that are wrong for a kind of flag, whatever the command.
func badFiles(w *world) []string {
	_ = os.Symlink(w.path("nowhere"), w.path("dangling"))
	_ = os.Symlink(w.path("loop"), w.path("loop"))
	w.write("plain", "x")
	return []string{"", w.path("gone"), w.dir, w.path("dangling"), w.path("loop"), w.path("plain/below"), "/proc/self/mem", strings.Repeat("long/", 2000), "a\nb"}
}

func badTimes() []string {
	return []string{"", "yesterday", "1e9", "-", "+", "10m", "-10", "99999999999999999999", "2026-13-01T00:00:00Z", "2026-01-01", "0x10", "１７", "NaN", "-99999999999h", "1750000000.5"}
}

func badDurations() []string {
	return []string{"", "5", "abc", "-1s", "1", "99999999999h", "1s1", "1y", "NaN", "∞"}
}

func badNumbers() []string {
	return []string{"", "x", "-1", "1.5", "1e3", "99999999999999999999", "0x", " 1", "１"}
}

func badWords() []string { return []string{"", "nonsense", "TEXT", "text ", "--"} }

func badHeaders() []string {
	return []string{"", ":", "no colon", ": x", "a b: c", "X\x1b: 1", "X-A: a\r\nX-B: b", "X-A: \x01", "X-A: \x7f", "Ä: b", "(x): y", "@", "@/nowhere/gone", strings.Repeat("x", 70_000)}
}

func badPairs() []string { return []string{"", "=", "novalue", "=x"} }

var errorLine = regexp.MustCompile(`(?s)^(warning: [^\n]+\n)*error: (?:[^A-Z\n]|WHCTL_)[^\n]*[^.\n]\n(hint: [^\n]+\n)?$`)

// valueFlag is a line of a help text about a flag that takes a value.
var valueFlag = regexp.MustCompile(`(?m)^ +(?:-\w, )?--([a-z-]+) \S+`)

// TestEveryFlagIsTried compares the table with what the help texts say.
func TestEveryFlagIsTried(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, s := range subjects(w, "127.0.0.1:1", "127.0.0.1:1") {
		section, commandLine := "\nflags\n", append(strings.Fields(s.name), "--help")
		if s.name == "version" { // stands for the flags that every command has
			commandLine = commandLine[1:]
		}
		_, flags, found := strings.Cut(w.must(0, commandLine...).out, section)
		if !found {
			t.Errorf("whctl %s: no flags in its help", s.name)
		}
		flags, _, _ = strings.Cut(flags, "\n\n")
		for _, m := range valueFlag.FindAllStringSubmatch(flags, -1) {
			if _, tried := s.flags[m[1]]; !tried && !slices.Contains(s.free, m[1]) {
				t.Errorf("whctl %s: nothing wrong is tried with --%s", s.name, m[1])
			}
		}
	}
}

// TestBadFlags gives every flag what it cannot take: exit code 2, one line that says so, nothing on standard output,
// nothing of Go's own texts, and well within the time that a person would wait.
func TestBadFlags(t *testing.T) {
	w := newWorld(t)
	w.write("body", "{}")
	w.write("good.http", "POST / HTTP/1.1\nHost: a\nX-Timestamp: 1750000000\nX-Signature: "+hmacHex(testKey, []byte("1750000000.{}"))+"\n\n{}")
	w.write("cut.http", "POST / HTTP/1.1\nHost: a\nContent-Length: 100\n\n{}")
	w.must(0, "sandbox", "--addr", "127.0.0.1:0", "--for", "1ms")
	box := w.start("sandbox", "--addr", "127.0.0.1:0")
	to := okTarget(t)
	for _, s := range subjects(w, box.addr, to.addr) {
		t.Run(s.name, func(t *testing.T) {
			w := w.in(t)
			base := append(strings.Fields(s.name), s.args...)
			if r := w.run(base...); r.code != s.code {
				t.Fatalf("whctl %q alone: exit code %d: %s", base, r.code, r.err)
			}
			for flag, values := range s.flags {
				for _, value := range values {
					checkBadFlag(t, w, base, flag, value)
				}
			}
		})
	}
	box.stop()
}

func checkBadFlag(t *testing.T, w *world, base []string, flag, value string) {
	t.Helper()
	want := 2
	switch {
	case flag == "webhook" && value != "":
		want = 5 // a name that resolves to nothing
	case flag == "delivery" && (value == "last" || value == "nobody"):
		want = 5 // there is none
	case flag == "data" && value != "" && !strings.HasSuffix(value, "fifo") && value != w.dir:
		want = 7
	}
	began := time.Now()
	r := w.run(append(slices.Clone(base), "--"+flag, value)...)
	what := fmt.Sprintf("--%s %.60q", flag, value)
	if r.code != want {
		t.Errorf("%s: exit code %d, want %d\nstdout: %.200q\nstderr: %.300s", what, r.code, want, r.out, r.err)
		return
	}
	if r.out != "" {
		t.Errorf("%s: standard output %.200q", what, r.out)
	}
	if !errorLine.MatchString(r.err) || len(r.err) > 2500 {
		t.Errorf("%s: not one line that says what is wrong: %.400q", what, r.err)
	}
	for _, noise := range []string{"strconv", "panic", "goroutine", "%!", "syscall", "invalid character", "0x"} {
		if strings.Contains(r.err, noise) && !strings.Contains(value, noise) {
			t.Errorf("%s: %q in %.300q", what, noise, r.err)
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("%s took %s", what, took)
	}
}
