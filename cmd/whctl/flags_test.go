//go:build unix

package main

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
	return []string{"", "5", "abc", "-1s", "1", "99999999999h", "1s1", "1d", "NaN", "∞"}
}

func badNumbers() []string {
	return []string{"", "x", "-1", "1.5", "1e3", "99999999999999999999", "0x", " 1", "１"}
}

func badWords() []string { return []string{"", "nonsense", "TEXT", "text ", "--"} }

func badHeaders() []string {
	return []string{"", ":", "no colon", ": x", "a b: c", "X\x1b: 1", "X-A: a\r\nX-B: b", "X-A: \x01", "X-A: \x7f", "Ä: b", "(x): y", strings.Repeat("x", 70_000)}
}

func badPairs() []string { return []string{"", "=", "novalue", "=x"} }

// subject is a command with arguments it accepts, and what is wrong for each of its flags.
type subject struct {
	base  []string
	code  int // of base alone
	flags map[string][]string
}

// signing are the flags of every command that signs or verifies.
func signing(w *world, more map[string][]string) map[string][]string {
	w.write("empty", "")
	w.write("masked", "whk_****...****9d4e\n")
	w.write("newline", "\n")
	w.write("large", strings.Repeat("k", 70_000))
	w.setenv("EMPTY=", "MASKED=whk_****...****9d4e")
	flags := map[string][]string{
		"scheme":      {"nonsense", "BAANX", "baanx ", strings.Repeat("x", 5000), "../baanx"},
		"secret-file": append(badFiles(w), w.path("empty"), w.path("masked"), w.path("newline"), w.path("large"), "/dev/null"),
		"secret-env":  {"", "NOT_SET_ANYWHERE", "EMPTY", "MASKED", "$KEY", "A=B", "a b"},
		"webhook":     {"", "nobody", strings.Repeat("x", 5000)}, // not found, which is 5
		"secret":      {"", " ", "whk_****...****9d4e"},
		"param":       badPairs(),
	}
	for name, values := range more {
		flags[name] = values
	}
	return flags
}

// subjects are the commands under test, in a world whose sandbox answers at api and whose receiver at to.
func subjects(w *world, api, to string) []subject {
	platform := []string{"--profile", "sandbox", "--api-url", "http://" + api}
	with := func(args ...string) []string { return append(args, platform...) }
	return []subject{
		{base: []string{"listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--secret-file", w.path("key")}, flags: signing(w, map[string][]string{
			"forward":    {"", "0", "65536", "ftp://x", "http://", "localhost:", "http://u:p@x", "http://x?q", "http://x#f", "::::", "-1", "http://[::1", "a b", "localhost:99999", "/path"},
			"addr":       {"", "nonsense", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "192.0.2.1:0", "300.0.0.1:0", ":::::"},
			"tolerance":  badDurations(),
			"on-invalid": badWords(),
			"events":     {""},
			"timeout":    badDurations(),
			"header":     badHeaders(),
			"max-body":   {"", "x", "0", "-1", "5XiB", "300MiB", "99999999999999999999", "MiB", "1.x"},
			"body":       badWords(),
			"public-url": {"nonsense", "ftp://x", "http://", "http://a b", "/path"},
			"trigger":    {"all", "card.activated"}, // without --sandbox
			"ready-file": {w.path("gone/ready"), w.dir, w.path("plain/ready"), "/proc/ready"},
			"exit-after": badNumbers(),
			"for":        badDurations(),
		})},
		{base: []string{"sign", w.path("body"), "--secret-file", w.path("key")}, flags: signing(w, map[string][]string{
			"timestamp": badTimes(),
			"id":        {"a\nb", "a\x1bb"},
			"format":    badWords(),
			"to":        {"::::", "http://", "http://a b", "a\nb"},
			"method":    {"", "a b", "GET\r\n", "é"},
			"header":    badHeaders(),
		})},
		{base: []string{"verify", "--request", w.path("good.http"), "--secret-file", w.path("key"), "--at", "1750000000"}, flags: signing(w, map[string][]string{
			"header":       badHeaders(),
			"headers-file": append(badFiles(w), w.path("body"), "/proc/self/exe"),
			"request":      append(badFiles(w), w.path("body"), "/dev/null", "/proc/self/exe", w.path("cut.http")),
			"delivery":     {"", "last", "nobody", "last~x"},
			"tolerance":    badDurations(),
			"at":           badTimes(),
		})},
		{base: []string{"send", "card.activated", "--to", to, "--secret-file", w.path("key")}, flags: signing(w, map[string][]string{
			"to":        {"", "::::", "http://", "ftp://x", "http://a b", "0", "65536", "localhost:", "/path"},
			"set":       {"", "=", "=x", "a", "a..b=1", "a[x]=1", "a[-1]=1", "a[99999999999]=1", strings.Repeat("a.", 50_000) + "a=1", ".=1", "a.=1", "[0]=1"},
			"header":    badHeaders(),
			"timestamp": badTimes(),
			"age":       {"", "5", "abc", "99999999999h", "1d"},
			"method":    {"", "a b", "GET\r\n", "é", "/"},
			"tamper":    {"nonsense", "BODY", "body "},
			"timeout":   badDurations(),
		})},
		{base: []string{"journal", "list"}, flags: map[string][]string{
			"verdict": {"nonsense", "VALID", "valid "},
			"since":   {"yesterday", "1e9", "5d", "99999999999999999999", "-", "99999999999h"},
			"limit":   badNumbers(),
		}},
		{base: []string{"journal", "path"}},
		{base: []string{"sandbox", "--addr", "127.0.0.1:0", "--for", "1ms"}, flags: map[string][]string{
			"addr":       {"", "nonsense", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "0.0.0.0:0", "192.0.2.1:0"},
			"scheme":     {"nonsense", "BAANX"},
			"chaos":      {"nonsense", "duplicate", "duplicate=", "duplicate=2", "duplicate=-1", "duplicate=NaN", "delay=5", "delay=-1s", "status=99:0.1", "status=500", "status=500:2", "=", ",", "drop=1e-400x"},
			"seed":       badNumbers(),
			"ready-file": {w.path("gone/ready"), w.dir, w.path("plain/ready"), "/proc/ready"},
			"for":        badDurations(),
		}},
		{base: with("sandbox", "trigger", "card.activated"), flags: map[string][]string{
			"set":   {"", "=", "=x", "a", "a..b=1", "a[x]=1"},
			"count": append(badNumbers(), "0", "1000000"),
		}},
		{base: with("sandbox", "status")},
		{base: []string{"schemes", "list"}},
		{base: []string{"schemes", "show", "stripe"}},
		{base: []string{"version"}, flags: map[string][]string{
			"profile": {"nonsense", "BAANX", "a b", "../x", strings.Repeat("x", 5000)},
			"api-url": {"nonsense", "ftp://x", "http://example.com", "http://u:p@127.0.0.1", "https://", "https://x?q", "https://x#f", "http://127.0.0.1:99999", "/path"},
			"output":  {"", "nonsense", "JSON", "text ", "xml"},
			"jq":      {"nonsense(", ".[", "|", "$x", "import \"a\" as b; ."},
			"color":   {"", "nonsense", "ALWAYS"},
			"config":  append(badFiles(w), w.write("bad.yaml", "a: [\n"), w.write("unknown.yaml", "outptu: json\n"), w.write("list.yaml", "- a\n"), w.write("binary.yaml", "\x00\xff\x1b")),
		}},
		{base: []string{"completion", "bash"}},
		{base: with("webhooks", "list")},
		{base: with("events", "list"), flags: map[string][]string{
			"status": {"nonsense", "FAILED"},
			"limit":  append(badNumbers(), "0", "101"),
		}},
		{base: []string{"keys", "list"}},
		{base: []string{"config", "list"}},
		{base: []string{"config", "path"}},
		{base: []string{"profile", "list"}},
	}
}

var errorLine = regexp.MustCompile(`(?s)^(warning: [^\n]+\n)*error: [^A-Z\n][^\n]*[^.\n]\n(hint: [^\n]+\n)?$`)

// TestBadFlags gives every flag what it cannot take: exit code 2, one line that says so, nothing on standard output,
// nothing of Go's own texts, and well within the time that a person would wait.
func TestBadFlags(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body", "{}")
	w.write("good.http", "POST / HTTP/1.1\nHost: a\nX-Timestamp: 1750000000\nX-Signature: "+hmacHex(testKey, []byte("1750000000.{}"))+"\n\n{}")
	w.write("cut.http", "POST / HTTP/1.1\nHost: a\nContent-Length: 100\n\n{}")
	w.must(0, "sandbox", "--addr", "127.0.0.1:0", "--for", "1ms")
	box := w.start("sandbox", "--addr", "127.0.0.1:0")
	to := okTarget(t)
	for _, s := range subjects(w, box.addr, to.addr) {
		t.Run(strings.Join(s.base[:min(2, len(s.base))], " "), func(t *testing.T) {
			w := w.in(t)
			if r := w.run(s.base...); r.code != s.code {
				t.Fatalf("whctl %q alone: exit code %d: %s", s.base, r.code, r.err)
			}
			for flag, values := range s.flags {
				for _, value := range values {
					args := append(slices.Clone(s.base), "--"+flag, value)
					want := 2
					if flag == "webhook" && value != "" {
						want = 5
					}
					began := time.Now()
					r := w.run(args...)
					what := fmt.Sprintf("--%s %.60q", flag, value)
					if r.code != want {
						t.Errorf("%s: exit code %d, want %d\nstdout: %.200q\nstderr: %.300s", what, r.code, want, r.out, r.err)
						continue
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
			}
		})
	}
	box.stop()
}
