package render

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/term"
)

// FuzzLinesFit gives every printer texts of others, on terminals of any width and colour: no line takes more columns than
// there are, counted as the widest terminal would draw it.
func FuzzLinesFit(f *testing.F) {
	for _, s := range []string{
		"card.activated", strings.Repeat("\u1100", 80) + "✓ valid", strings.Repeat("क्", 90), strings.Repeat("\u0600", 70) + "A", "a" + strings.Repeat("\u0bbe", 70),
		strings.Repeat("\U0001f1e6", 70), strings.Repeat("👍🏽", 50), strings.Repeat("❤\ufe0f", 60), strings.Repeat("名前", 60), "\x1b[2J\u202e\n\r\t", "Z" + strings.Repeat("\u0301", 99),
		`{"a":"` + strings.Repeat("\uff9e", 90) + `","b":[1,2,{"\u0e33":null}]}`, "a=b&c=" + strings.Repeat("%E1%84%80", 60), strings.Repeat("ab ", 60), "\x00\x01",
	} {
		f.Add(s, "51d2e8b6", uint8(40), true)
		f.Add("t", s, uint8(110), false)
	}
	f.Fuzz(func(t *testing.T, a, b string, columns uint8, colored bool) {
		width := max(int(columns), 40)
		env := map[string]string{"NO_COLOR": "1"}
		if colored {
			env = nil
		}
		io, out, errs := term.Fake(term.FakeOptions{OutTTY: true, ErrTTY: true, Width: width, Env: env})
		showTo(t, io, a, b)
		checkFits(t, out, width)
		checkFits(t, errs, width)
	})
}

func checkFits(t *testing.T, out *bytes.Buffer, width int) {
	t.Helper()
	for line := range strings.SplitSeq(out.String(), "\n") {
		if w := term.Width(line); w > width {
			t.Fatalf("%d columns on a terminal of %d: %q", w, width, line)
		}
	}
}

// showTo prints a and b in every place where others choose the text.
func showTo(t *testing.T, io *term.IO, a, b string) {
	t.Helper()
	now := at("12:00:00.000")
	diagnosis := record.Diagnosis{DeliveryID: b, Next: explain.Steps{{Text: a}}, Tried: 3, Findings: []explain.Finding{{ID: "x", Title: a, Evidence: b, Fix: a + " " + b}, {Title: b, Evidence: a}}}
	p := NewText(io, TextOptions{Location: time.UTC, Types: []string{b}})
	header := http.Header{"Content-Type": {a}}
	for _, event := range []hub.Stamped{
		{Event: record.Ready{Addr: a, URL: b, Targets: []string{a, b}, Scheme: a, SandboxURL: b, Journal: a}},
		{Event: record.Received{Delivery: &record.Delivery{
			ID: "1", ReceivedAt: now, EventType: a, EventID: b, Body: []byte(b), Size: int64(len(b)), Answer: 401, Header: header,
			Verdict: sign.Verdict{Reason: sign.Reason(a), Detail: sign.Words(b)}, Duplicate: &record.Duplicate{ID: a},
		}}},
		{Event: record.Received{Delivery: &record.Delivery{ID: "2", ReceivedAt: now, EventType: b, EventID: a, Body: []byte(a), Targets: []string{a, b}, Header: header}}},
		{Event: record.Received{Delivery: &record.Delivery{
			ID: "3", ReceivedAt: now, EventType: b, Targets: []string{b}, Body: []byte("a=" + a), Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		}}},
		{Time: now, Event: record.Attempted{Attempt: &record.Attempt{DeliveryID: "2", Target: a, Error: b, Hint: fault.StoredStep(a)}}},
		{Time: now, Event: record.Attempted{Attempt: &record.Attempt{DeliveryID: "3", Target: b, Status: 200, Hint: fault.StoredStep(b), Number: 2}}},
		{Time: now, Event: record.Attempted{Attempt: &record.Attempt{DeliveryID: a, Target: b, Status: 500}}},
		{Event: record.Explained{Diagnosis: &diagnosis}},
		{Event: record.Explained{Diagnosis: &record.Diagnosis{DeliveryID: "1", Next: explain.Steps{{Text: b}}}}},
		{Time: now, Event: record.Changed{State: record.State(a), Message: b, Target: a}},
		{Time: now, Event: record.Changed{State: record.Waiting, DeliveryID: "2", Target: b}},
		{Time: now, Event: record.Failed{Message: a, Hint: fault.StoredStep(b), DeliveryID: "1"}},
	} {
		if err := p.Print(event); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	log := api.DeliveryLog{EventID: a, DeliveryStatus: b, ErrorMessage: &a, RequestURL: b, CreatedAt: api.Time{Time: now}, NextRetryAt: api.Time{Time: now}}
	if err := NewAttemptLines(io).Print(log); err != nil {
		t.Fatal(err)
	}
	table := NewTable(Column{Title: "ONE", Worth: 1, Narrow: CutMiddle}, Column{Title: "TWO", Right: true}, Column{Title: "THREE", Least: 18}, Column{Title: "FOUR", Narrow: Flow}, Column{Title: "ID", Narrow: ID})
	table.Add(a, b, a, a+" "+b, b)
	table.AddCells(Cell{Text: b, Short: a}, Cell{Text: a})
	if err := table.Print(io); err != nil {
		t.Fatal(err)
	}
	for _, lines := range [][]string{
		Findings(io.Style(), explain.Diagnosis{Findings: diagnosis.Findings, Next: explain.Steps{{Text: a, Command: b}, {Text: b}}, CutOff: true}, io.Width()),
		Body(io.Style(), []byte(a), BodyOptions{Width: io.Width(), Ref: b}), Body(io.Style(), []byte(a+b), BodyOptions{Width: io.Width(), Mode: BodyRaw, MaxLines: -1, MaxBytes: -1}),
		{term.Fold(term.Clean(b+a), io.Width())},
		{term.Fold(io.Style().Dim("x  "+term.Clean(a)), io.Width())},
	} {
		if err := writeLines(io.Out, lines); err != nil {
			t.Fatal(err)
		}
	}
}

// FuzzTerminalJSON prints texts of others as JSON and YAML on a terminal: they mean the same as elsewhere, and nothing in them
// is unsafe by itself or for what it joins.
func FuzzTerminalJSON(f *testing.F) {
	for _, s := range []string{"a", strings.Repeat("\u1100", 40), "e" + strings.Repeat("\u0301", 40), strings.Repeat("क्", 30), "\x1b\u009b\u202e\n\ttab", strings.Repeat("\u0600", 30), "- x: \ufe0f", "null", ""} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		v := map[string]any{a: []string{b, a}, "k" + b: a}
		io, out, _ := term.Fake(term.FakeOptions{OutTTY: true, Width: 80})
		if err := JSON(io, v); err != nil {
			t.Fatal(err)
		}
		sameMeaning(t, out.Bytes(), v)
		checkJoined(t, out.String())
		out.Reset()
		if err := YAML(io, v); err != nil {
			t.Fatal(err)
		}
		checkJoined(t, out.String())
		out.Reset()
		if err := (Output{JQ: "keys[], .[]"}).Value(io, v, nil); err != nil {
			t.Fatal(err)
		}
		checkJoined(t, out.String())
	})
}

// checkJoined looks at what a terminal got.
func checkJoined(t *testing.T, out string) {
	t.Helper()
	var c term.Cluster
	for i, r := range out {
		if c.Unsafe(r) && r != '\n' {
			t.Fatalf("%q at %d of %q", r, i, out)
		}
	}
}
