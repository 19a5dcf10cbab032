package e2e

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// capture has a listener record requests, and gives the ids of their deliveries in order. The listener has ended then.
func (w *world) capture(requests [][]byte, args ...string) (ids []string) {
	w.t.Helper()
	l := w.listen(args...)
	for _, raw := range requests {
		exchange(w.t, l.addr, raw)
		ids = append(ids, l.await("delivery").str("id"))
	}
	l.stop()
	return ids
}

// numberedRequests are signed requests whose events count from 0.
func numberedRequests(n int) (requests [][]byte) {
	for i := range n {
		requests = append(requests, delivery(event(fmt.Sprintf("e%04d", i))))
	}
	return requests
}

// resumeToken is what an interrupted run says to go on with.
func resumeToken(t *testing.T, said string) string {
	t.Helper()
	found := regexp.MustCompile(`--resume (\S+)`).FindStringSubmatch(said)
	if found == nil {
		t.Fatalf("no --resume in %q", said)
	}
	return found[1]
}

// TestReplayThousandInOrder interrupts a replay of 1,000, kills the run that goes on with it, and goes on again. The receiver has each of
// them once and in order, save for the one that was being sent when its run was killed: whctl names it and does not send it again.
func TestReplayThousandInOrder(t *testing.T) {
	t.Parallel()
	const all = 1000
	w := newWorld(t)
	w.capture(numberedRequests(all))
	tg := okTarget(t)
	args := []string{"replay", "--since", "1h", "--to", tg.addr, "--rate", "500/s", "--secret-file", w.path("key")}
	first := w.spawn(args...)
	tg.nth(t, all*3/10)
	first.interrupt()
	if code := first.wait(); code != 130 {
		t.Errorf("interrupted it ends with %d", code)
	}
	if !strings.Contains(first.errs.String(), fmt.Sprintf("of %d deliveries dealt with", all)) {
		t.Errorf("it says %q", first.errs)
	}
	args = append(args, "--resume", resumeToken(t, first.errs.String()))
	sent := tg.count()
	killed := w.spawn(args...)
	tg.nth(t, all*6/10)
	_ = killed.cmd.Process.Kill()
	<-killed.done
	if !strings.Contains(killed.errs.String(), fmt.Sprintf("%d deliveries sent already", sent)) {
		t.Errorf("it says %q, and %d were sent", killed.errs, sent)
	}
	last := w.must(0, args...)
	got := tg.bodies("POST ")
	var want []string
	for i := range all {
		want = append(want, string(event(fmt.Sprintf("e%04d", i))))
	}
	lost := slices.DeleteFunc(slices.Clone(want), func(body string) bool { return slices.Contains(got, body) })
	if len(lost) > 1 || len(lost) == 1 && !strings.Contains(last.err, "cut off while it was sent") {
		t.Errorf("lost %q, said %q", lost, last.err)
	}
	want = slices.DeleteFunc(want, func(body string) bool { return slices.Contains(lost, body) })
	if !slices.Equal(got, want) {
		t.Errorf("the receiver got %d, not the %d in order", len(got), len(want))
	}
	if open := w.jobs("--state", "sending"); len(open) > 0 {
		t.Errorf("still being sent: %v", open)
	}
	if again := w.must(0, args...); !strings.Contains(again.err, "nothing to send") || tg.count() != len(got) {
		t.Errorf("once more: %q, and %d came", again.err, tg.count())
	}
}

// TestReplayKeepsTheRequest: method, path, query, body and every value of a header arrive as they were captured.
func TestReplayKeepsTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(event("packed"))
	_ = z.Close()
	cases := []struct{ method, target, header, body string }{
		{"POST", "/hooks?a=1&a=%20&b", "Content-Type: application/json\r\nX-Tag: one\r\nX-Tag: two\r\n", string(event("e1"))},
		{"GET", "/look?q=%C3%A9;x", "X-Tag: one\r\n", ""},
		{"PUT", "/put", "Content-Type: application/x-www-form-urlencoded\r\n", "a=1&a=2&c=%20+"},
		{"PATCH", "/", "Content-Encoding: gzip\r\nContent-Type: application/json\r\n", packed.String()},
		{"DELETE", "/bytes", "", "\x00\xff\r\n\x01"},
	}
	var raw [][]byte
	for _, c := range cases {
		raw = append(raw, request(c.method, c.target, c.header+signedHeader(testKey, time.Now().Add(-48*time.Hour), []byte(c.body)), []byte(c.body)))
	}
	ids := w.capture(raw, "--tolerance", "100h")
	for i, c := range cases {
		w.must(0, "replay", ids[i], "--to", tg.addr, "--secret-file", "key")
		m := tg.nth(t, i)
		if m.start != c.method+" "+c.target+" HTTP/1.1" || string(m.body) != c.body {
			t.Errorf("%s %s: got %q with %q", c.method, c.target, m.start, m.body)
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(c.header, "\r\n"), "\r\n") {
			if line != "" && !slices.Contains(m.head, line) {
				t.Errorf("%s: no %q in %q", c.target, line, m.head)
			}
		}
		if tags := m.values("X-Tag"); i == 0 && !slices.Equal(tags, []string{"one", "two"}) {
			t.Errorf("tags %q", tags)
		}
		if got, want := m.value("X-Signature"), hmacHex(testKey, []byte(m.value("X-Timestamp")+"."), []byte(c.body)); got != want {
			t.Errorf("%s: signature %q, want %q", c.target, got, want)
		}
	}
	if r := w.must(2, "replay", ids[3], "--to", tg.addr, "--secret-file", "key", "--set", "a=1"); !strings.Contains(r.err, "compressed (gzip)") {
		t.Errorf("edited though it is compressed: %q", r.err)
	}
}

// TestReplayThroughALane: a replay waits for the listener of its target, which sends it as it is told: signed as of now, or as captured.
func TestReplayThroughALane(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := time.Now().Add(-48 * time.Hour)
	body := event("e1")
	id := w.capture([][]byte{request("POST", "/hooks", signedHeader(testKey, old, body), body)}, "--tolerance", "100h")[0]
	tg := okTarget(t)
	waits := w.must(0, "replay", id, "--target", "shop", "--secret-file", "key", "-o", "json")
	if o := jsonOf[object](t, waits); o.str("state") != "queued" || o.str("replayOf") != id || !strings.Contains(waits.err, "shop: no listener sends them now: whctl listen") {
		t.Errorf("without a listener: %v, %q", o, waits.err)
	}
	l := w.listen("--forward", "shop="+tg.addr)
	first := tg.nth(t, 0)
	if ts := first.value("X-Timestamp"); ts == fmt.Sprint(old.Unix()) || first.value("X-Signature") != hmacHex(testKey, []byte(ts+"."), body) {
		t.Errorf("sent %q", first.head)
	}
	r := w.must(0, "replay", id, "--target", "shop", "--as-captured")
	if !strings.Contains(r.err, "shop: sent by whctl (process ") {
		t.Errorf("said %q", r.err)
	}
	second := tg.nth(t, 1)
	if second.value("X-Timestamp") != fmt.Sprint(old.Unix()) || !bytes.Equal(second.body, body) || second.start != "POST /hooks HTTP/1.1" {
		t.Errorf("as captured: %q %q", second.start, second.head)
	}
	a := l.await("attempt")
	if a.str("origin") != "replay" {
		t.Errorf("told %v", a)
	}
	l.stop()
	w.awaitJobs(0, "--state", "open")
}

// TestReplayToTheTargetItWentTo: without --to a delivery goes where it went, and only the one of several that was asked for.
func TestReplayToTheTargetItWentTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := okTarget(t), inTurn(t, answering(500), answerOf("200 OK", "", `{"ok":true}`))
	w.settings("listen:\n  targets:\n    two: " + two.addr + "/in\n")
	id := w.capture([][]byte{delivery(event("e1"))}, "--forward", one.addr, "--forward", "two="+two.addr+"/in")[0]
	two.nth(t, 0)
	if r := w.must(2, "replay", id, "--secret-file", "key"); !strings.Contains(r.err, "went to 2 targets") {
		t.Errorf("said %q", r.err)
	}
	single := w.capture([][]byte{delivery(event("e2"))}, "--forward", one.addr)[0]
	o := jsonOf[object](t, w.must(0, "replay", single, "--secret-file", "key", "-o", "json"))
	if m := one.nth(t, 2); string(m.body) != string(event("e2")) || o.str("target") != "http://"+one.addr || m.value("X-Forwarded-Host") != "hooks.example.test" {
		t.Errorf("sent %q to %v", m.head, o)
	}
	named := w.capture([][]byte{delivery(event("e3"))}, "--forward", "two="+two.addr+"/in")[0]
	o = jsonOf[object](t, w.must(0, "replay", named, "--secret-file", "key", "--diff", "-o", "json"))
	if o.str("target") != "two" || o.str("url") != "http://"+two.addr+"/in" {
		t.Errorf("sent to %v", o)
	}
	w.settings("")
	if r := w.must(2, "replay", named, "--secret-file", "key"); !strings.Contains(r.err, "the address of target two is not known here") {
		t.Errorf("said %q", r.err)
	}
}

// TestReplayIsNeverSentTwiceAtOnce: with --concurrency all go out, each once, and at most so many at a time.
func TestReplayIsNeverSentTwiceAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const all = 60
	w.capture(numberedRequests(all))
	tg := okTarget(t)
	list := jsonOf[[]object](t, w.must(0, "replay", "--since", "1h", "--to", tg.addr, "--concurrency", "8", "--secret-file", "key", "-o", "json"))
	got := tg.bodies("POST ")
	slices.Sort(got)
	if len(list) != all || len(got) != all || len(slices.Compact(got)) != all {
		t.Errorf("%d told, %d sent", len(list), len(got))
	}
}

// TestReplayRefusesWhatWasNotReceived: a body that was cut off or scrubbed when it was recorded is not sent, also not when it is edited.
func TestReplayRefusesWhatWasNotReceived(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	large := []byte(`{"event_type":"a","pad":"` + strings.Repeat("x", 100<<10) + `"}`)
	cut := w.capture([][]byte{request("POST", "/", signedHeader("another-key", time.Now(), large), large)})[0]
	scrubbed := w.capture([][]byte{delivery([]byte(`{"event_type":"a","mail":"somebody@example.com"}`))}, "--scrub", "email")[0]
	for id, says := range map[string]string{cut: "only the first", scrubbed: "was scrubbed"} {
		for _, how := range [][]string{nil, {"--as-captured"}, {"--set", "event_type=b"}, {"--dry-run"}} {
			args := append([]string{"replay", id, "--to", tg.addr, "--secret-file", "key"}, how...)
			if r := w.must(5, args...); !strings.Contains(r.err, says) {
				t.Errorf("%q: said %q", how, r.err)
			}
		}
	}
	if n := tg.count(); n != 0 {
		t.Errorf("%d were sent", n)
	}
}

// TestReplayWhatNeverArrived: --outcome chooses what came of a delivery, and of several targets the one where that came of it. What whctl
// had refused is left out, and so are replays.
func TestReplayWhatNeverArrived(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good, bad := okTarget(t), inTurn(t, answering(500), okAnswer)
	forged := request("POST", "/", signedHeader("another-key", time.Now(), event("forged")), event("forged"))
	l := w.listen("--ack", "now", "--forward", good.addr, "--forward", "bad="+bad.addr, "--retries", "1ms")
	exchange(t, l.addr, delivery(event("e1")))
	exchange(t, l.addr, forged)
	w.awaitJobs(1, "--state", "dead")
	l.stop()
	none := w.capture([][]byte{delivery(event("e2"))})
	w.settings("listen:\n  targets:\n    bad: " + bad.addr + "\n")
	dead := jsonOf[[]object](t, w.must(0, "replay", "--outcome", "dead", "--secret-file", "key", "-o", "json"))
	if len(dead) != 1 || dead[0].str("eventId") != "e1" || dead[0].str("target") != "bad" {
		t.Errorf("dead ones: %v", dead)
	}
	r := w.must(0, "replay", "--outcome", "none", "--to", good.addr, "--secret-file", "key", "-o", "json")
	if never := jsonOf[[]object](t, r); len(never) != 1 || never[0].str("replayOf") != none[0] {
		t.Errorf("none: %v", never)
	}
	if !strings.Contains(r.err, "1 delivery left out that whctl had refused") {
		t.Errorf("said %q", r.err)
	}
	if o := jsonOf[[]object](t, w.must(0, "replay", "--verdict", "refused", "--to", good.addr, "--secret-file", "key", "-o", "json")); len(o) != 1 || o[0].str("eventId") != "forged" {
		t.Errorf("refused ones: %v", o)
	}
	to := jsonOf[[]object](t, w.must(0, "replay", "--target", "bad", "--to", good.addr, "--dry-run", "--secret-file", "key", "-o", "json"))
	if len(to) != 1 || to[0].str("eventId") != "e1" {
		t.Errorf("those that went to a target: %v", to)
	}
	lane := jsonOf[[]object](t, w.must(0, "replay", "--type", "*", "--target", "bad", "--dry-run", "--secret-file", "key", "-o", "json"))
	if len(lane) != 2 {
		t.Errorf("all into a lane: %v", lane)
	}
	w.must(2, "replay", "--target", "bad", "--secret-file", "key")
}
