package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/term"
)

func updateGolden() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write testdata/*.golden anew")
	flag.Parse()
	os.Exit(m.Run())
}

// golden compares text with a file of testdata; -update writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if updateGolden() {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path) // #nosec G304 -- a name from this test
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s", path, got, want)
	}
}

const target = "http://localhost:3000"

func at(clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05.000", "2026-03-01 "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

func sumOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

func delivery(id, clock, typ, eventID string, body string, reason sign.Reason, targets ...string) hub.Stamped {
	d := &record.Delivery{
		ID: id, ReceivedAt: at(clock), EventType: typ, EventID: eventID, Body: []byte(body), BodySHA256: sumOf(body), Size: int64(len(body)),
		Header:  http.Header{"Content-Type": {"application/json"}},
		Verdict: sign.Verdict{OK: reason == sign.Valid, Reason: reason, KeyIndex: -1}, Targets: targets,
	}
	if d.Verdict.OK {
		d.Verdict.KeyIndex = 0
	}
	switch {
	case len(targets) > 0:
	case d.Verdict.OK, reason == sign.Unverified:
		d.Answer = 200
	default:
		d.Answer = 401
	}
	return hub.Stamped{Time: d.ReceivedAt, Event: record.Received{Delivery: d}}
}

func attempt(deliveryID, clock, to string, status int, took time.Duration, failure string) hub.Stamped {
	a := &record.Attempt{
		ID: "a" + deliveryID, DeliveryID: deliveryID, Target: to, Number: 1, StartedAt: at(clock), Duration: took, Status: status, Answer: status,
	}
	if failure != "" {
		a.Error, a.Answer = failure, 502
	}
	return hub.Stamped{Time: at(clock).Add(took), Event: record.Attempted{Attempt: a}}
}

func deliveryOf(s hub.Stamped) *record.Delivery {
	r, _ := s.Event.(record.Received)
	return r.Delivery
}

func attemptOf(s hub.Stamped) *record.Attempt {
	a, _ := s.Event.(record.Attempted)
	return a.Attempt
}

func padded(n int) string { return `{"a":"` + strings.Repeat("x", n-8) + `"}` }

// story is a morning of a listener: what the text and the NDJSON printers are shown.
func story() []hub.Stamped {
	duplicate := delivery("01jd3", "14:03:10.000", "kyc.status.changed", "51d2e8b6-aaaa", padded(477), sign.Valid, target)
	deliveryOf(duplicate).Duplicate = &record.Duplicate{ID: "01jd1", Answered: true}
	deliveryOf(duplicate).Verdict.KeyIndex = 1
	down := attempt("01jd4", "14:03:11.100", target, 0, 3*time.Millisecond, "connection refused")
	attemptOf(down).Hint = fault.StoredStep("nothing listens on 127.0.0.1:3000, but [::1]:3000 answers: --forward '[::1]:3000'")
	missing := delivery("01jd7", "14:03:20.000", "", "", "", sign.MissingSignature)
	deliveryOf(missing).Verdict.Detail = sign.Words("no header x-signature")
	tooLarge := delivery("01jd8", "14:03:21.000", "", "", "", sign.MissingSignature)
	deliveryOf(tooLarge).Answer, deliveryOf(tooLarge).Size = 413, 6<<20
	retried := attempt("01jd4", "14:03:41.100", target, 200, 12*time.Millisecond, "")
	attemptOf(retried).Number = 2
	list := []hub.Stamped{
		{Time: at("14:03:00.000"), Event: record.Ready{
			Addr: "127.0.0.1:4140", URL: "http://127.0.0.1:4140", Targets: []string{target}, Scheme: "baanx", Keys: 1, Journal: "/data/journal.db",
		}},
		delivery("01jd1", "14:03:07.112", "kyc.status.changed", "51d2e8b6-4a50-4b6c-8a2e-1", padded(477), sign.Valid, target),
		attempt("01jd1", "14:03:07.115", target, 200, 12*time.Millisecond, ""),
		delivery("01jd2", "14:03:09.480", "card.activated", "7be10d94-0000", padded(392), sign.Mismatch),
		{Time: at("14:03:09.500"), Event: record.Explained{Diagnosis: &record.Diagnosis{
			DeliveryID: "01jd2", Tried: 4, Elapsed: 2 * time.Millisecond, Findings: []explain.Finding{{
				Title: "body was re-serialised", Evidence: "it matches as compact JSON", Fix: "verify the raw bytes, before a JSON parser runs", Certain: true,
			}},
		}}},
		duplicate,
		attempt("01jd3", "14:03:10.001", target, 204, 900*time.Microsecond, ""),
		delivery("01jd4", "14:03:11.000", "transaction.cleared", "evt_12345678", padded(2000), sign.Valid, target),
		down,
		delivery("01jd5", "14:03:12.000", "card.frozen", "a", padded(300), sign.Unverified),
		delivery("01jd6", "14:03:13.000", "kyc.status.changed", "b", padded(300), sign.TooOld, target),
		{Time: at("14:03:13.500"), Event: record.Asked{
			Scheme: "meta", Provider: "Meta (WhatsApp, Messenger)", Field: "hub.challenge", Method: "GET", Path: "/hook?hub.verify_token=(masked)", Status: 403, Withheld: sign.WithheldUnknown,
		}},
		{Time: at("14:03:13.600"), Event: record.Asked{Scheme: "asana", Provider: "Asana", Field: "X-Hook-Secret", Method: "POST", Path: "/", Status: 200, Target: target, Duration: 3 * time.Millisecond, Key: record.KeyLost}},
		{Time: at("14:03:14.000"), Event: record.Changed{State: record.Waiting, DeliveryID: "01jd6", Target: target}},
		{Time: at("14:03:15.000"), Event: record.Changed{State: record.Waiting, DeliveryID: "01jd6", Target: target}},
		attempt("01jd6", "14:03:13.100", target, 500, 3400*time.Millisecond, ""),
		missing, tooLarge, retried,
		{Time: at("14:03:42.000"), Event: record.Explained{Diagnosis: &record.Diagnosis{DeliveryID: "01jd2", Tried: 800, Elapsed: 90 * time.Millisecond, CutOff: true}}},
		delivery("01jd9", "14:03:43.000", "many.targets", "c", padded(300), sign.Valid, target, "https://staging.example/hooks"),
		attempt("01jd9", "14:03:43.000", "https://staging.example/hooks", 302, 80*time.Millisecond, ""),
		attempt("01jd9", "14:03:43.000", target, 200, 10*time.Millisecond, ""),
		attempt("01unknown", "14:03:44.000", target, 200, 10*time.Millisecond, ""),
		{Time: at("14:03:45.000"), Event: record.Missed{Count: 12}},
		{Time: at("14:03:46.000"), Event: record.Failed{Message: "journal: disk full", Hint: fault.StoredStep("whctl journal prune"), DeliveryID: "01jd9"}},
		{Time: at("14:03:47.000"), Event: record.Changed{State: record.Draining, Message: "1 delivery under way", Count: 1}},
		delivery("01jda", "14:03:48.000", "held.to.the.end", "d", padded(300), sign.Valid, target),
	}
	for i := range list {
		list[i].Seq = int64(i + 1)
	}
	return list
}

// play prints events and gives what came to stdout and stderr.
func play(t *testing.T, fake term.FakeOptions, o TextOptions, events []hub.Stamped) (string, string) {
	t.Helper()
	stream, out, errs := term.Fake(fake)
	o.Location = time.UTC
	p := NewText(stream, o)
	for _, a := range events {
		if err := p.Print(a); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String(), errs.String()
}

func TestTextStory(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fake term.FakeOptions
		o    TextOptions
	}{
		"pipe":   {o: TextOptions{Body: BodyNone}},
		"bodies": {o: TextOptions{}},
		"tty120": {fake: term.FakeOptions{OutTTY: true, ErrTTY: true, Width: 120, Env: map[string]string{"NO_COLOR": "1"}}, o: TextOptions{Body: BodyNone}},
		"tty80":  {fake: term.FakeOptions{OutTTY: true, ErrTTY: true, Width: 80, Env: map[string]string{"NO_COLOR": "1"}}, o: TextOptions{Body: BodyNone}},
		"tty40":  {fake: term.FakeOptions{OutTTY: true, ErrTTY: true, Width: 40, Env: map[string]string{"NO_COLOR": "1"}}, o: TextOptions{}},
		"color":  {fake: term.FakeOptions{OutTTY: true, ErrTTY: true, Width: 120}, o: TextOptions{}},
		"quiet":  {o: TextOptions{Body: BodyNone, Quiet: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs := play(t, c.fake, c.o, story())
			golden(t, "text-"+name, "stdout:\n"+out+"stderr:\n"+errs)
		})
	}
}

// The two lines that the documentation shows.
func TestTextAsDocumented(t *testing.T) {
	t.Parallel()
	out, _ := play(t, term.FakeOptions{}, TextOptions{Body: BodyNone}, story()[1:5])
	want := "" +
		"14:03:07.112  ✓ valid      kyc.status.changed  51d2e8b6  477 B  →  200 in 12 ms  localhost:3000\n" +
		"14:03:09.480  ✗ mismatch   card.activated      7be10d94  392 B  →  401, not forwarded\n" +
		"              body was re-serialised: it matches as compact JSON. verify the raw bytes, before a JSON parser runs\n"
	if out != want {
		t.Errorf("got:\n%s\nwant:\n%s", out, want)
	}
}

func TestTextFitsEveryWidth(t *testing.T) {
	t.Parallel()
	for width := 20; width <= 200; width++ {
		out, errs := play(t, term.FakeOptions{OutTTY: true, ErrTTY: true, Width: width}, TextOptions{}, story())
		for line := range strings.Lines(out + errs) {
			if w := term.Width(strings.TrimSuffix(line, "\n")); w > width {
				t.Fatalf("width %d: %d columns: %q", width, w, line)
			}
		}
		for _, must := range []string{"401", "502", "500", "413"} {
			if !strings.Contains(out, must) {
				t.Errorf("width %d: outcome %s is not to be seen", width, must)
			}
		}
	}
}

func TestTextColourOnlyAddsToTheText(t *testing.T) {
	t.Parallel()
	fake := term.FakeOptions{OutTTY: true, ErrTTY: true, Width: 100}
	colored, coloredErr := play(t, fake, TextOptions{}, story())
	for _, env := range []string{"NO_COLOR", "TERM"} {
		fake.Env = map[string]string{env: "dumb"}
		plain, plainErr := play(t, fake, TextOptions{}, story())
		if strings.Contains(plain+plainErr, "\x1b") {
			t.Errorf("%s: colours in %q", env, plain)
		}
		if uncolor(colored) != plain || uncolor(coloredErr) != plainErr {
			t.Errorf("%s: the text differs beyond its colours:\n%s\n%s", env, uncolor(colored+coloredErr), plain+plainErr)
		}
	}
	if !strings.Contains(colored, "\x1b[32m✓ valid\x1b[0m") {
		t.Errorf("no green verdict in %q", colored)
	}
}

// uncolor removes SGR sequences.
func uncolor(s string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, s, _ = strings.Cut(after, "m")
	}
}

func TestTextHoldsOnlySoMany(t *testing.T) {
	t.Parallel()
	stream, out, _ := term.Buffer()
	p := NewText(stream, TextOptions{Location: time.UTC})
	const sent, mostHeld = 1000, 64
	for i := range sent {
		if err := p.Print(delivery(fmt.Sprintf("d%d", i), "14:00:00.000", "a", "b", "{}", sign.Valid, target)); err != nil {
			t.Fatal(err)
		}
	}
	if shown := strings.Count(out.String(), "waiting"); shown != sent-mostHeld {
		t.Errorf("%d shown as waiting, want %d", shown, sent-mostHeld)
	}
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	if shown := strings.Count(out.String(), "waiting"); shown != sent {
		t.Errorf("%d shown at the end", shown)
	}
}

// A delivery that whctl refused by itself waits for no target.
func TestTextRefusalIsShownAtOnce(t *testing.T) {
	t.Parallel()
	stream, out, _ := term.Buffer()
	a := delivery("d", "14:00:00.000", "a", "b", "{}", sign.Valid, target)
	deliveryOf(a).Answer = 503
	if err := NewText(stream, TextOptions{Body: BodyNone, Location: time.UTC}).Print(a); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out.String(), "→  503, not forwarded\n") {
		t.Errorf("%q", out.String())
	}
}

func BenchmarkPrint(b *testing.B) {
	for name, p := range map[string]func(*term.IO) Printer{
		"text":   func(t *term.IO) Printer { return NewText(t, TextOptions{}) },
		"ndjson": func(t *term.IO) Printer { return NewNDJSON(t, "") },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			printer := p(&term.IO{In: &bytes.Buffer{}, Out: io.Discard, Err: io.Discard})
			events := story()[1:3]
			for b.Loop() {
				for _, a := range events {
					if err := printer.Print(a); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

func TestTextHostileEvents(t *testing.T) {
	t.Parallel()
	evil := "\x1b]8;;http://evil\x07\u202e\r\n\x9b31m\x00\u200b"
	a := delivery("id"+evil, "14:00:00.000", evil, evil, `{"`+"\u202e"+`":"`+evil+`"}`, sign.TooOld, target+evil)
	deliveryOf(a).Verdict.Detail = sign.Words(evil)
	deliveryOf(a).Verdict.Reason = sign.Reason("r" + evil)
	deliveryOf(a).Duplicate = &record.Duplicate{ID: evil}
	deliveryOf(a).Header.Set("Content-Type", evil)
	tried := attempt(deliveryOf(a).ID, "14:00:00.000", target+evil, 0, 0, evil)
	attemptOf(tried).Hint = fault.StoredStep(evil)
	events := []hub.Stamped{
		{Event: record.Ready{Addr: evil, Scheme: evil, Journal: evil, SandboxURL: evil, Targets: []string{evil, evil}}},
		a, tried,
		{Event: record.Explained{Diagnosis: &record.Diagnosis{DeliveryID: evil, Findings: []explain.Finding{{Title: evil, Evidence: evil, Fix: evil}, {}}}}},
		{Event: record.Changed{State: record.State(evil), Message: evil, Target: evil}},
		{Event: record.Failed{Message: evil, Hint: fault.StoredStep(evil), DeliveryID: deliveryOf(a).ID}},
		attempt("none"+evil, "14:00:00.000", evil, 200, 0, ""),
	}
	for _, width := range []int{0, 20, 50, 80, 120} {
		out, errs := play(t, term.FakeOptions{OutTTY: width > 0, ErrTTY: width > 0, Width: width}, TextOptions{}, events)
		checkSafe(t, uncolor(out+errs))
		if !strings.Contains(uncolor(out), `\x1b]8;;`) {
			t.Errorf("width %d: the escape is not shown: %q", width, out)
		}
	}
}

// checkSafe fails when text holds anything but newlines that could change a terminal.
func checkSafe(t *testing.T, s string) {
	t.Helper()
	if s != strings.ToValidUTF8(s, "?") {
		t.Errorf("invalid UTF-8 in %q", s)
	}
	for i, r := range s {
		switch {
		case r == '\n':
		case r < 0x20, r >= 0x7f && r <= 0x9f, r == 0x061c, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e,
			r >= 0x2060 && r <= 0x206f, r == 0xfeff, r >= 0xe0000 && r <= 0xe0fff:
			t.Errorf("%U at %d of %q", r, i, s)
			return
		}
	}
}

// A reader that went away is an error that the caller can tell from others.
func TestTextClosedPipe(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	for name, p := range map[string]func(*term.IO) Printer{
		"text":   func(t *term.IO) Printer { return NewText(t, TextOptions{}) },
		"ndjson": func(t *term.IO) Printer { return NewNDJSON(t, "") },
	} {
		err := p(&term.IO{In: &bytes.Buffer{}, Out: w, Err: w}).Print(delivery("a", "14:00:00.000", "b", "c", "{}", sign.Valid))
		if !term.IsClosedPipe(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
