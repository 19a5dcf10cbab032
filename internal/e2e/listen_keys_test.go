//go:build unix

package e2e

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// keysHelpEnd is how the list of the keys ends.
const keysHelpEnd = "?  list these keys\n"

// TestKeyReplays presses r: the last delivery goes out again to each of its targets, signed anew and with the headers of the run, and is
// recorded as a replay.
func TestKeyReplays(t *testing.T) {
	t.Parallel()
	for _, ack := range []string{"forward", "now"} {
		t.Run(ack, func(t *testing.T) {
			t.Parallel()
			keyReplays(t, ack)
		})
	}
}

func keyReplays(t *testing.T, ack string) {
	t.Helper()
	w := newWorld(t)
	one, two := okTarget(t), okTarget(t)
	c, addr := w.listening(100, "--ack", ack, "--forward", "shop="+one.addr, "--forward", two.addr, "--header", "X-Own: 7")
	c.press("r")
	c.shows(1, "r: no delivery has come yet")
	for _, id := range []string{"first", "second"} {
		if status := send(t, addr, event(id)); status != 200 {
			t.Fatalf("answered %d", status)
		}
		c.shows(1, id+" ")
	}
	for _, tg := range []*target{one, two} {
		tg.nth(t, 1)
	}
	c.press("r")
	for _, tg := range []*target{one, two} {
		m := tg.nth(t, 2)
		if string(m.body) != string(event("second")) || m.value("X-Own") != "7" || m.value("X-Signature") == "" {
			t.Errorf("the target got %q", m.head)
		}
	}
	c.shows(2, "recorded as ")
	c.quits()
	if n := len(jsonOf[[]object](t, w.must(0, "journal", "list", "--replays", "-o", "json"))); n != 2+2 {
		t.Errorf("%d replays are recorded, want one a target", n)
	}
}

// TestKeyReplaysWhatTheSandboxSigned presses r where nobody but this process has the key.
func TestKeyReplaysWhatTheSandboxSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	c, _ := w.listening(100, "--sandbox", "--trigger", "card.activated", "--forward", tg.addr)
	first := tg.nth(t, 0)
	c.shows(1, "✓ valid")
	c.press("r")
	again := tg.nth(t, 1)
	if string(again.body) != string(first.body) || again.value("X-Signature") == "" {
		t.Errorf("the target got %q", again.head)
	}
	c.shows(1, "signed now with key of the sandbox")
	c.quits()
}

// TestKeyReplaysNothing presses r where there is no target, and where the delivery went to none.
func TestKeyReplaysNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, _ := w.listening(60)
	c.press("r")
	c.shows(1, "r: nothing to hand it to: this listener has no --forward\n")
	c.quits()
	tg := okTarget(t)
	c, addr := w.listening(60, "--forward", tg.addr)
	if m := exchange(t, addr, request("POST", "/", signedHeader("another key", time.Now(), event("1")), event("1"))); m.status != 401 {
		t.Errorf("answered %d", m.status)
	}
	c.shows(1, "✗ mismatch")
	c.press("r")
	c.shows(1, "went to no target")
	c.shows(1, "hint: say where to send it: whctl replay ")
	c.quits()
	if n := tg.count(); n != 0 {
		t.Errorf("the target got %d", n)
	}
}

// TestKeyExplains presses w: it is about the last delivery that was not taken, and says what whctl why says of it.
func TestKeyExplains(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var bad atomic.Bool
	tg := newTarget(t, func(message) string {
		if bad.Load() {
			return answerOf("500 Oops", "", `{"error":"no such table"}`)
		}
		return okAnswer
	})
	c, addr := w.listening(200, "--forward", tg.addr)
	c.press("w")
	c.shows(1, "w: no delivery has come yet")
	seen := 0
	explains := func(want string) {
		t.Helper()
		c.press("w")
		seen++
		c.shows(seen, "  card.activated ")
		c.shows(1, want)
	}
	if status := send(t, addr, event("fine")); status != 200 {
		t.Errorf("answered %d", status)
	}
	c.shows(1, "✓ valid")
	explains("valid: scheme baanx, signed ")
	bad.Store(true)
	if status := send(t, addr, event("failed")); status != 500 {
		t.Errorf("answered %d", status)
	}
	c.shows(1, "500 in")
	bad.Store(false)
	if status := send(t, addr, event("fine2")); status != 200 {
		t.Errorf("answered %d", status)
	}
	c.shows(2, "200 in")
	explains("answered 500 (body: ")
	if m := exchange(t, addr, request("POST", "/", signedHeader("another key", time.Now(), event("refused")), event("refused"))); m.status != 401 {
		t.Errorf("answered %d", m.status)
	}
	c.shows(1, "✗ mismatch")
	c.shows(1, " tried in ") // and recorded
	explains("invalid: mismatch: ")
	c.quits()
	screen := c.screen()
	for line := range strings.SplitSeq(strings.TrimSpace(w.must(0, "why", "--color", "never").out), "\n") {
		if line = strings.TrimSpace(line); !strings.Contains(screen, line) {
			t.Errorf("whctl why says %q, and w does not", line)
		}
	}
}

// TestOtherKeys presses the keys that only show something, and what does nothing: other keys, keys that send several characters, and text
// that is pasted.
func TestOtherKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, _ := w.listening(60)
	c.shows(1, "keys: r replay, w why, c clear, q quit, ? help\n")
	before := len(c.screen())
	for _, nothing := range []string{"x", "R", "Q", "\x04", "\x1b", "\x1b[A", "\x1bOP", "\x1bq", "git rebase -q\n", "é", "\x00"} {
		c.press(nothing)
		c.insists("?", keysHelpEnd) // what it shows comes behind what the key before did
	}
	c.insists("h", keysHelpEnd)
	help := "r  send the last delivery again to its targets\nw  explain the last delivery that failed or was refused\nc  clear the screen\nq  end, as ^C does\n" + keysHelpEnd
	c.insists("\r", keysHelpEnd+"\n")
	c.insists("c", "\x1b[H\x1b[2J")
	c.quits()
	rest := strings.ReplaceAll(c.screen()[before:], help, "")
	if !regexp.MustCompile(`^\n+(\r?\x1b\[H\x1b\[2J)+\r?ended after [^\n]*: 0 deliveries\n$`).MatchString(rest) {
		t.Errorf("besides the help there is %q", rest)
	}
}

// TestModeIsGivenBack ends listeners in every way: the terminal has its own mode afterwards.
func TestModeIsGivenBack(t *testing.T) {
	t.Parallel()
	hearHangups(t)
	for name, one := range map[string]struct {
		args []string
		end  func(c *console, addr string)
		code int
	}{
		"q":       {end: func(c *console, _ string) { c.press("q") }},
		"^C":      {end: func(c *console, _ string) { c.press("\x03") }},
		"^\\":     {end: func(c *console, _ string) { c.press("\x1c") }, code: 2},
		"TERM":    {end: func(c *console, _ string) { c.signal(syscall.SIGTERM) }},
		"HUP":     {end: func(c *console, _ string) { c.signal(syscall.SIGHUP) }},
		"its end": {args: []string{"--exit-after", "1"}, end: func(_ *console, addr string) { send(t, addr, event("1")) }},
		"error": {args: []string{"--forward", closedPort(t), "--max-down", "1ms"}, code: 6, end: func(_ *console, addr string) {
			send(t, addr, event("1"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c, addr := w.listening(80, one.args...)
			one.end(c, addr)
			if code := c.ends(); code != one.code {
				t.Errorf("exit code %d, want %d", code, one.code)
			}
			c.isItself(name)
		})
	}
}

// TestModeIsGivenBackInHaste ends a listener whose target never answers: at the first ^C the terminal is itself again, and so it is after
// the second.
func TestModeIsGivenBackInHaste(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := newTarget(t, func(message) string { return "" })
	c, addr := w.listening(80, "--forward", tg.addr, "--timeout", "0")
	conn := dial(t, addr)
	if _, err := conn.Write(delivery(event("1"))); err != nil {
		t.Fatal(err)
	}
	tg.nth(t, 0)
	c.press("q")
	c.shows(1, "draining")
	if !eventually(func() bool { return c.has("icanon", "echo") }) {
		t.Error("the terminal is not itself again while it drains")
	}
	c.press("\x03")
	if code := c.ends(); code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
	c.isItself("after ^C")
}

// TestModeIsGivenBackDuringOutput ends listeners in the middle of what they print.
func TestModeIsGivenBackDuringOutput(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c, addr := w.listening(80)
			var all sync.WaitGroup
			for s := range 8 {
				all.Go(func() {
					for i, status := 0, -1; status != 0; i++ {
						status = send(t, addr, event(fmt.Sprintf("%d-%d", s, i)))
					}
				})
			}
			c.shows(100, "✓ valid")
			c.press("?w?w\n")
			c.signal(sig)
			if code := c.ends(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			all.Wait()
			c.isItself(sig.String())
		})
	}
}

// TestNoKeys has listeners where keys do nothing, and are not spoken of: the terminal keeps its mode, and what is typed is for others.
func TestNoKeys(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		env  string
		args []string
	}{
		"JSON": {args: []string{"-o", "json"}}, "jq": {args: []string{"--jq", ".eventType"}}, "no input": {args: []string{"--no-input"}},
		"CI": {env: "CI=true"}, "dumb": {env: "TERM=dumb"}, "no TERM": {env: "TERM="}, "systemd": {env: "NOTIFY_SOCKET=/nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if one.env != "" {
				w.setenv(one.env)
			}
			c, addr := w.listeningAnyway(80, nil, one.args...)
			c.press("q\n")
			if status := send(t, addr, event("1")); status != 200 {
				t.Errorf("answered %d", status)
			}
			c.shows(1, "card.activated")
			c.isItself(name)
			if strings.Contains(c.screen(), "keys: r replay") {
				t.Error("keys are spoken of")
			}
			c.press("\x03")
			c.ends()
		})
	}
}

// TestKeysOfAnotherStream gives a listener on a terminal a pipe as standard input: not a byte of it is read. Without a terminal as standard
// output there are no keys either.
func TestKeysOfAnotherStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	reader, writer, err := os.Pipe()
	try(t, err)
	defer func() { _ = reader.Close() }()
	_, err = io.WriteString(writer, "q\nrwc")
	try(t, err)
	c, addr := w.listeningAnyway(80, func(cmd *exec.Cmd) { cmd.Stdin = reader })
	if status := send(t, addr, event("1")); status != 200 {
		t.Errorf("answered %d", status)
	}
	c.shows(1, "card.activated")
	c.isItself("with a pipe")
	c.press("\x03")
	if code := c.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	_ = writer.Close()
	if rest, err := io.ReadAll(reader); err != nil || string(rest) != "q\nrwc" {
		t.Errorf("of the pipe %q is left, %v", rest, err)
	}

	out, err := os.Create(w.path("out"))
	try(t, err)
	c, addr = w.listeningAnyway(80, func(cmd *exec.Cmd) { cmd.Stdout, cmd.SysProcAttr.Ctty = out, 0 })
	if status := send(t, addr, event("1")); status != 200 {
		t.Errorf("answered %d", status)
	}
	c.shows(1, "listening on")
	c.isItself("with a file")
	c.press("\x03")
	c.ends()
}

// TestKeysWithoutStandardError says which keys there are where people see it.
func TestKeysWithoutStandardError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	errs := &buffer{}
	c, _ := w.listeningAnyway(80, func(cmd *exec.Cmd) { cmd.Stderr = errs })
	c.shows(1, "keys: r replay")
	c.keysWork()
	c.press("q")
	c.ends()
	if strings.Contains(errs.String(), "keys: ") {
		t.Errorf("standard error says %q", errs)
	}
}

// TestKeysFit resizes a terminal, and presses keys about a delivery whose names are hostile.
func TestKeysFit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	evil := "\x1b]0;owned\a\u202e" + strings.Repeat("long ", 30)
	tg := newTarget(t, func(message) string { return answerOf("500 "+evil, "", `{"`+evil+`":"`+evil+`"}`) })
	c, addr := w.listening(120, "--forward", tg.addr)
	text := inJSON(evil)[0]
	if m := exchange(t, addr, delivery([]byte(`{"event_type":`+text+`,"event_id":`+text+`}`))); m.status != 500 {
		t.Fatalf("answered %s", m.start)
	}
	c.shows(1, "500 in")
	for n, cols := range []uint16{120, 60} {
		c.resize(cols)
		before := len(c.screen())
		c.press("r")
		c.shows(n+1, "recorded as ")
		c.press("w")
		c.shows(n+1, "answered 500 (body")
		c.press("?")
		c.shows(n+1, keysHelpEnd)
		checkFits(t, fmt.Sprint("keys on ", cols), c.screen()[before:], int(cols))
	}
	c.quits()
	checkClean(t, "all of it", c.screen())
}

// keyLines are what lines look like where keys are pressed while deliveries come.
func keyLines() []string {
	return []string{
		`^\d\d:\d\d:\d\d\.\d{3}  ✓ valid +card\.activated +\d+-\d+ +\d+ B +→ +(200 in \S+ \S+|… waiting) +localhost:\d+$`, `^r: no delivery has come yet$`,
		`^\d\d:\d\d:\d\d[.\d]* +(dropped \d+: output could not keep up; the journal has them all|draining.*)$`,
		`^✓ \w{10}  card\.activated \d+-\d+  \d+ B  → +200 in \S+ \S+ +localhost:\d+.*recorded as \w{10}$`,
		`^\w{10}  [-\d]{10} [:\d]{8}  card\.activated \d+-\d+  \d+ B$`, `^valid: scheme baanx, signed .* before it came$`,
		`^[rwcq?]  (send|explain|clear|end,|list) [a-zA-Z ^,]+$`, `^$`, `^[╭│╰].*[╮│╯]$`, `^keys: .*$`, `^ended after .*$`,
	}
}

// TestKeysUnderLoad presses keys all the time while 3,000 deliveries come: none is lost, and no line is broken.
func TestKeysUnderLoad(t *testing.T) {
	t.Parallel()
	const busy, each = 16, 190
	w := newWorld(t)
	tg := okTarget(t)
	c, addr := w.listening(160, "--forward", "http://localhost:"+tg.addr[strings.LastIndex(tg.addr, ":")+1:])
	var senders, fingers sync.WaitGroup
	over := make(chan struct{})
	fingers.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-over:
				return
			default:
				c.press(string("r?w\nhcx"[i%7]))
			}
			n := tg.count()
			eventually(func() bool { return tg.count() >= min(n+3, busy*each) })
		}
	})
	for s := range busy {
		senders.Go(func() {
			for i := range each {
				if status := send(t, addr, event(fmt.Sprintf("%d-%d", s, i))); status != 200 {
					t.Errorf("%d-%d: answered %d", s, i, status)
				}
			}
		})
	}
	senders.Wait()
	close(over)
	fingers.Wait()
	c.quits()
	if n := len(recorded(t, w)); n != busy*each {
		t.Errorf("the journal has %d events", n)
	}
	replays := len(jsonOf[[]object](t, w.must(0, "journal", "list", "--replays", "--limit", "0", "-o", "json"))) - busy*each
	if n := tg.count(); replays < 10 || n != busy*each+replays {
		t.Errorf("the target got %d, with %d replays", n, replays)
	}
	shown, dropped := wholeLines(t, c.screen())
	if shown+dropped < busy*each {
		t.Errorf("%d deliveries are shown, and %d events are said to be left out", shown, dropped)
	}
}

// wholeLines checks that each line is one that a listener prints. It gives how many deliveries are shown, and how many events the listener
// says that it left out.
func wholeLines(t *testing.T, screen string) (shown, dropped int) {
	t.Helper()
	var forms []*regexp.Regexp
	for _, form := range keyLines() {
		forms = append(forms, regexp.MustCompile(form))
	}
	seen := map[string]bool{}
	screen = strings.ReplaceAll(screen, "\x1b[H\x1b[2J", "")
	for line := range strings.SplitSeq(screen, "\n") {
		line = strings.TrimPrefix(line, "\r") // of an interrupt, where the screen was cleared just before
		i := slices.IndexFunc(forms, func(form *regexp.Regexp) bool { return form.MatchString(line) })
		if i < 0 {
			t.Fatalf("a broken line: %q", line)
		}
		if i == 0 {
			seen[strings.Fields(line)[4]] = true
		}
	}
	for _, told := range regexp.MustCompile(`dropped (\d+)`).FindAllStringSubmatch(screen, -1) {
		n, err := strconv.Atoi(told[1])
		try(t, err)
		dropped += n
	}
	return len(seen), dropped
}
