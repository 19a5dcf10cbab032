package e2e

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/itchyny/gojq"
	"github.com/rogpeppe/go-internal/testscript"
)

type scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string)

// withPlatform adds the commands of the scripts about the platform and its twin:
//
//	platform                 starts whctl sandbox and makes it the API of what follows; $SANDBOX is its address
//	answers NAME FILE…       a receiver that gives the raw HTTP answer in the first FILE to its first request, and so on; the last one stays
//	outside NAME             a listener on an address of this machine that is not loopback; each connection counts as a request
//	[!] heard NAME TEXT…     every TEXT (none of them) stands in the requests that the receiver NAME got
//	capture NAME FILE EXPR   $NAME is what the jq EXPR makes of the JSON in FILE, texts without quotes
//	fill FILE…               replaces $NAME in the files by the script's variables
//	golden FILE WANT         FILE is WANT, save for ids, keys, times and addresses, whose form alone counts
//	onpty (a program)        onpty [-type TEXT] COMMAND… runs a command on a terminal and prints what arrived there
//	terminal-safe FILE       nothing in FILE, as it arrived on a terminal, can do anything but be read
func withPlatform(commands scriptCommands) scriptCommands {
	maps.Copy(commands, scriptCommands{
		"platform":      plain(scriptPlatform),
		"answers":       plain(scriptAnswers),
		"outside":       plain(scriptOutside),
		"heard":         scriptHeard,
		"capture":       plain(scriptCapture),
		"fill":          plain(scriptFill),
		"golden":        plain(scriptGolden),
		"terminal-safe": plain(scriptTerminalSafe),
	})
	return commands
}

// scriptPlatform starts a sandbox that ends with the script.
func scriptPlatform(ts *testscript.TestScript, args []string) error {
	w := &world{t: tb(ts), dir: ts.Getenv("WORK"), env: privateEnv(ts.Getenv("WORK")), bin: whctlPath(tb(ts))}
	addr := w.platform(args...).addr
	ts.Setenv("SANDBOX", addr)
	ts.Setenv("WHCTL_API_URL", "http://"+addr)
	ts.Setenv("WHCTL_PROFILE", "sandbox")
	return nil
}

func scriptAnswers(ts *testscript.TestScript, args []string) error {
	if len(args) < 2 {
		return errors.New("usage: answers NAME FILE…")
	}
	var raw []string
	for _, file := range args[1:] {
		raw = append(raw, headToWire(ts.ReadFile(file)))
	}
	tg := inTurn(tb(ts), raw...)
	receivers(ts)[args[0]] = tg
	ts.Setenv(args[0], tg.addr)
	return nil
}

// inTurn is a receiver that gives one answer after the other; the last one stays.
func inTurn(t testing.TB, raw ...string) *target {
	t.Helper()
	var n atomic.Int64
	return newTarget(t, func(message) string { return raw[min(int(n.Add(1)), len(raw))-1] })
}

func scriptOutside(ts *testscript.TestScript, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: outside NAME")
	}
	tg := outside(tb(ts))
	receivers(ts)[args[0]] = tg
	ts.Setenv(args[0], tg.addr)
	return nil
}

// platformCondition knows [outside]: this machine has an address that is not loopback.
func platformCondition(cond string) (bool, error) {
	if cond != "outside" {
		return false, fmt.Errorf("no condition %q", cond)
	}
	return outsideAddress() != "", nil
}

// outsideAddress is an address of this machine that is not loopback, "" when there is none.
func outsideAddress() string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	for _, a := range addrs {
		if ip, is := a.(*net.IPNet); is && !ip.IP.IsLoopback() && ip.IP.IsGlobalUnicast() && ip.IP.To4() != nil {
			return ip.IP.String()
		}
	}
	return ""
}

// outside counts connections to an address of this machine that is not loopback. Where there is none it is an address
// that nobody has.
func outside(t testing.TB) *target {
	t.Helper()
	tg := &target{addr: "192.0.2.1:443", more: make(chan struct{})}
	ip := outsideAddress()
	if ip == "" {
		return tg
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", net.JoinHostPort(ip, "0"))
	if err != nil {
		t.Fatal(err)
	}
	tg.addr, tg.ln = ln.Addr().String(), ln
	var accepting sync.WaitGroup
	accepting.Go(func() { tg.countConnections(ln) })
	t.Cleanup(func() {
		_ = ln.Close()
		accepting.Wait()
	})
	return tg
}

func (tg *target) countConnections(ln net.Listener) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		_ = conn.Close()
		tg.mu.Lock()
		tg.got = append(tg.got, message{start: "connection"})
		close(tg.more)
		tg.more = make(chan struct{})
		tg.mu.Unlock()
	}
}

func scriptHeard(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || receivers(ts)[args[0]] == nil {
		ts.Fatalf("usage: [!] heard RECEIVER TEXT…")
	}
	tg := receivers(ts)[args[0]]
	tg.mu.Lock()
	defer tg.mu.Unlock()
	var all strings.Builder
	for _, m := range tg.got {
		fmt.Fprintf(&all, "%s\n%s\n\n%s\n", m.start, strings.Join(m.head, "\n"), m.body)
	}
	for _, text := range args[1:] {
		if strings.Contains(all.String(), text) == neg {
			ts.Fatalf("%s got %d requests; %q in them: %t\n%s", args[0], len(tg.got), text, !neg, all.String())
		}
	}
}

func scriptCapture(ts *testscript.TestScript, args []string) error {
	if len(args) != 3 {
		return errors.New("usage: capture NAME FILE EXPR")
	}
	query, err := gojq.Parse(args[2])
	if err != nil {
		return err
	}
	v, err := decodeJSON(ts.ReadFile(args[1]))
	if err != nil {
		return err
	}
	result, _ := query.Run(v).Next()
	switch r := result.(type) {
	case string:
		ts.Setenv(args[0], r)
	case nil, error:
		return fmt.Errorf("%s gives %v", args[2], r)
	default:
		ts.Setenv(args[0], fmt.Sprint(r))
	}
	return nil
}

func scriptFill(ts *testscript.TestScript, args []string) error {
	for _, pattern := range args {
		files, err := filepath.Glob(ts.MkAbs(pattern))
		if err != nil || len(files) == 0 {
			return fmt.Errorf("no file %s", pattern)
		}
		for _, file := range files {
			if err := os.WriteFile(file, []byte(os.Expand(ts.ReadFile(file), ts.Getenv)), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

func scriptGolden(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: golden FILE WANT")
	}
	got, want := shape(ts.ReadFile(args[0])), shape(ts.ReadFile(args[1]))
	if got != want {
		return fmt.Errorf("%s is\n%s\nand not\n%s", args[0], got, want)
	}
	return nil
}

// shape replaces what differs from run to run by its name, and with it the widths of columns.
func shape(text string) string {
	for _, one := range []struct{ form, name string }{
		{`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, "ID"},
		{`whk_[a-z0-9]{64}`, "KEY"},
		{`whk_\*{4}\.\.\.\*{4}[a-z0-9]{4}`, "MASK"},
		{`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`, "TIME"},
		{`127\.0\.0\.1:\d+`, "ADDR"},
		{`\b(just now|in \d+ (ms|s|min|h)|\d+ (ms|s|min|h) ago)`, "WHEN"},
		{`\b\d+(\.\d+)? m?s\b`, "TOOK"},
		{`(/[^/ ]+)*/data/`, "DATA/"},
		{` {2,}`, "  "},
	} {
		text = regexp.MustCompile(one.form).ReplaceAllString(text, one.name)
	}
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, strings.TrimRight(line, " \r"))
	}
	return strings.Join(lines, "\n")
}

func scriptTerminalSafe(ts *testscript.TestScript, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: terminal-safe FILE")
	}
	out := ts.ReadFile(args[0])
	switch bad := terminalIntruders(out); {
	case out == "":
		return errors.New("nothing arrived on the terminal")
	case len(bad) > 0:
		return fmt.Errorf("%d intruders on the terminal, the first is %q", len(bad), bad[0])
	case strings.Contains(strings.ReplaceAll(out, "\r\n", "\n"), "\r"):
		return errors.New("a bare carriage return arrived on the terminal")
	}
	return nil
}
