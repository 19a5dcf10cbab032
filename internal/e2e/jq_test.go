//go:build unix

package e2e

import (
	"bufio"
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestJQPrintsStringsBare filters the output of every command as scripts do: a string comes without quotes, anything else
// is one line of JSON.
func TestJQPrintsStringsBare(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body", `{"event_id":"1","event_type":"card.activated"}`)
	platform := w.platform()
	to := okTarget(t)
	hook, _ := w.webhook("dev", "http://"+to.addr+"/")
	event := w.trigger("card.activated")[0]
	platform.await("settled")
	l := w.listen()
	exchange(t, l.addr, delivery([]byte(`{"event_id":"x","event_type":"a\nb"}`)))
	l.await("delivery")
	l.stop()
	for _, c := range []struct{ line, filter, want string }{
		{"version", ".version", "dev\n"},
		{"version", ".version, null, [.version, 1], {a: .version}, 1e3, true, \"\"", "dev\nnull\n[\"dev\",1]\n{\"a\":\"dev\"}\n1000\ntrue\n\n"},
		{"version", "empty", ""},
		{"version", `"two\nlines", "tab\tquote\"back\\slash"`, "two\nlines\ntab\tquote\"back\\slash\n"},
		{"version", ".nothing", "null\n"},
		{"version", `"<&>"`, "<&>\n"},
		{"version", "1, halt, 2", "1\n"},
		{"sign body --secret-file key --timestamp 1", `.headers["X-Timestamp"] // .headers["X-Timestamp"][0] // "no"`, "1\n"},
		{"schemes list", ".[0].name", "accessowl\n"},
		{"schemes show stripe", ".signature.header", "Stripe-Signature\n"},
		{"webhooks list", ".[].name", "dev\n"},
		{"webhooks get dev", ".id, .isActive", hook + "\ntrue\n"},
		{"webhooks update dev --name dev", ".name", "dev\n"},
		{"webhooks logs dev", ".logs[0].eventId", event + "\n"},
		{"events list", ".events[0].eventId, .total", event + "\n1\n"},
		{"events get " + event, ".eventId", event + "\n"},
		{"events logs " + event, ".logs | map(.attemptNumber)", "[1]\n"},
		{"events retry " + event, ".[].eventId", event + "\n"},
		{"keys list", ".[].name", "dev\n"},
		{"config get scheme", ".value", "baanx\n"},
		{"profile list", `map(.name) | join(",")`, "baanx,sandbox\n"},
		{"whoami", ".profile", "sandbox\n"},
		{"sandbox status", ".scheme", "baanx\n"},
		{"journal show last --all", ".delivery.eventType", "a\nb\n"},
		{"journal list --all", ".[].eventId", "x\n"},
		{"journal path", ".path", w.path("data/journal.db") + "\n"},
		{"send card.activated --secret-file key --to " + to.addr, ".status", "200\n"},
	} {
		r := w.run(append(strings.Fields(c.line), "--jq", c.filter)...)
		if r.code != 0 || r.out != c.want {
			t.Errorf("whctl %s --jq '%s': %d %q, want %q\n%s", c.line, c.filter, r.code, r.out, c.want, r.err)
		}
	}
	for filter, want := range map[string]string{
		`error("x")`: "error: --jq: error: x\n", ".version | tonumber": "error: --jq: ", "[": "error: --jq: ", `"a" | error`: "error: --jq: error: a\n",
		`error("\u001b[2J")`: `error: --jq: error: \x1b[2J` + "\n",
	} {
		if r := w.run("version", "--jq", filter); r.code != 2 || r.out != "" || !strings.HasPrefix(r.err, want) {
			t.Errorf("--jq '%s': %d %q %q", filter, r.code, r.out, r.err)
		}
	}
	if r := w.run("journal", "list", "--all", "--jq", ".eventId"); r.code != 2 || !strings.HasSuffix(r.err, "hint: -o json shows what the filter is given; .[] goes through an array\n") {
		t.Errorf("a filter for an object: %d %q", r.code, r.err)
	}
	if r := w.run("version", "--jq", `.version, error("late")`); r.code != 2 || r.out != "dev\n" {
		t.Errorf("a filter that fails after a result: %d %q", r.code, r.out)
	}
}

// TestJQOnStreams filters what comes line by line.
func TestJQOnStreams(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ready := w.path("ready")
	cmd := w.command(t.Context(), "listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--ready-file", ready, "-o", "json", "--exit-after", "2",
		"--jq", `select(.type == "delivery") | .eventType, .verdict.keyIndex, .duplicateOf, [.eventId]`)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	addr := strings.TrimSpace(waitFile(t, ready))
	for _, typ := range []string{"card.activated", "two\\nlines"} {
		exchange(t, addr, delivery([]byte(`{"event_id":"`+typ+`","event_type":"`+typ+`"}`)))
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if want := "card.activated\n0\nnull\n[\"card.activated\"]\ntwo\nlines\n0\nnull\n[\"two\\nlines\"]\n"; out.String() != want {
		t.Errorf("%q, want %q", &out, want)
	}
}

// TestJQOnTerminal has a hostile sender choose what is printed bare: nothing of it moves the terminal or begins a line.
func TestJQOnTerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen()
	for _, text := range nasty() {
		if len(text) < 1000 {
			exchange(t, l.addr, delivery([]byte(`{"event_type":`+inJSON(text)[1]+`}`)))
		}
	}
	n := len(w.mustList()) // what was recorded
	l.stop()
	for _, filter := range []string{".[].eventType", ".[] | .eventType, .eventType", ".[].body"} {
		c := w.onTerminal(80, "journal", "list", "--limit", "0", "--bodies", "--jq", filter)
		if code := c.wait(); code != 0 {
			t.Errorf("exit code %d", code)
		}
		checkClean(t, filter, c.out.String())
		if got := strings.Count(c.out.String(), "\n"); got != n*(1+strings.Count(filter, ",")) {
			t.Errorf("--jq '%s': %d lines of %d deliveries", filter, got, n)
		}
	}
}

// mustList gives what the journal holds.
func (w *world) mustList() []object {
	w.t.Helper()
	return jsonOf[[]object](w.t, w.must(0, "journal", "list", "--all", "--limit", "0", "-o", "json"))
}

// endless are filters without an end, one of them in the library's own code as good as that.
func endless() []string {
	return []string{"repeat(.) | empty", "repeat(.)", "range(infinite)", "last(range(infinite))", "def f: f; f", "until(false; .)", "[limit(1e12; repeat(1)) | empty]"}
}

// TestEndlessJQStops interrupts filters that do not end, in commands that print once and in streams: the first ^C ends them.
func TestEndlessJQStops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body", "{}")
	lines := []string{
		"version", "sign body --secret-file key", "schemes show stripe", "keys list", "config list", "journal list",
		"listen --addr 127.0.0.1:0 --secret-file key", "sandbox --addr 127.0.0.1:0",
	}
	filters := endless()
	for i := range max(len(lines), len(filters)) { // each with one of the others; the waits are what costs
		line, filter := lines[i%len(lines)], filters[i%len(filters)]
		t.Run(line+" "+filter, func(t *testing.T) {
			t.Parallel()
			stopEndless(t, w.in(t), filter, strings.Fields(line))
			stopEndless(t, w.in(t), filter, strings.Fields(lines[len(lines)-2]))
		})
	}
}

func stopEndless(t *testing.T, w *world, filter string, args []string) {
	t.Helper()
	cmd := w.command(t.Context(), append(args, "--jq", `"begun", (`+filter+")")...)
	errs := &buffer{}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	cmd.Stdout, cmd.Stderr = writer, errs // nobody reads on: what prints for ever stands before a full pipe
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	if line, err := bufio.NewReaderSize(reader, 16).ReadString('\n'); line != "begun\n" {
		t.Fatalf("%q prints %q, %v", args, line, err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the exit code says it
	if code := cmd.ProcessState.ExitCode(); code != 130 || !strings.Contains(errs.String(), "the --jq filter had not ended") {
		t.Errorf("whctl %q --jq '%s': %d %s", args, filter, code, errs)
	}
}

// TestGreedyJQIsRefused has filters that would take all the memory there is.
func TestGreedyJQIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, filter := range []string{`"x" * 1000000000`, `"x" | until(length > 1e12; . + .)`, "null | .[536870911] = 1"} {
		r := w.run("version", "--jq", filter)
		if r.code != 2 || !strings.Contains(r.err, "takes more than 256.0 MiB of memory") || r.out != "" {
			t.Errorf("--jq '%s': %d %s", filter, r.code, r.err)
		}
	}
}
