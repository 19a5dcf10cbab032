package render

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/term"
)

// extremeInts are the numbers at which arithmetic goes wrong.
func extremeInts() []int64 {
	return []int64{
		0, 1, -1, 999, 1000, 1023, 1024, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, math.MinInt64 + 1, math.MaxInt32, math.MinInt32,
		1 << 57, -1 << 57, int64(24 * time.Hour), -int64(24 * time.Hour), math.MaxInt64 / 1000, math.MinInt64 / 1_000_000,
	}
}

// extremeTimes are the years at which formats and differences end.
func extremeTimes() []time.Time {
	out := []time.Time{{}, time.Unix(math.MaxInt64, 999_999_999), time.Unix(math.MinInt64, 0), time.Unix(0, math.MaxInt64), time.Unix(0, math.MinInt64)}
	for _, year := range []int{-1, 0, 1, 2, 1677, 1970, 2262, 9999, 10_000, 292_277_026} {
		out = append(out, time.Date(year, 1, 2, 3, 4, 5, 6, time.UTC), time.Date(year, 12, 31, 23, 59, 59, 999_999_999, time.FixedZone("", -23*3600)))
	}
	return out
}

func TestDurExtremes(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		math.MaxInt64: "more than 106751 d", math.MinInt64: "less than -106751 d", math.MinInt64 + 1: "less than -106751 d", math.MinInt64 + 2: "-106751 d 23 h", math.MaxInt64 - 1: "106751 d 23 h",
		-1: "-0.1 ms", -time.Hour: "-1 h", Seconds(math.Inf(1)): "more than 106751 d", Seconds(math.Inf(-1)): "less than -106751 d",
		Seconds(1e300): "more than 106751 d", Seconds(-1e300): "less than -106751 d", Seconds(math.NaN()): "0 ms", Seconds(math.Copysign(0, -1)): "0 ms",
		Milliseconds(1 << 57): "more than 106751 d", Milliseconds(-1 << 57): "less than -106751 d", Milliseconds(math.MaxInt64): "more than 106751 d",
		Milliseconds(math.MinInt64): "less than -106751 d", Milliseconds(1500): "1.5 s", Milliseconds(-1500): "-1.5 s", Seconds(0.25): "250 ms", Seconds(90): "1 min 30 s",
	} {
		if got := Dur(d); got != want {
			t.Errorf("Dur(%d) = %q, want %q", int64(d), got, want)
		}
	}
}

func TestAgoExtremes(t *testing.T) {
	t.Parallel()
	date := func(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		now, t time.Time
		want   string
	}{
		{date(2026), date(9999), "in 2912078 d"},
		{date(9999), date(2026), "2912078 d ago"},
		{date(1).Add(time.Second), date(9999), "in 3651693 d"},
		{date(-1), date(10_000), "in 3652790 d"},
		{date(2026), date(1).Add(time.Hour), "739615 d ago"},
		{date(2026), date(2200), "in 63552 d"},
		{time.Time{}, date(2026), "in 739616 d"},
	} {
		if got := Ago(c.now, c.t); got != c.want {
			t.Errorf("Ago(%s, %s) = %q, want %q", c.now, c.t, got, c.want)
		}
	}
}

func TestSizeExtremes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{-1: "-1 B", math.MinInt64: "-9223372036854775808 B", math.MaxInt64: "8.0 EiB", -1 << 40: "-1099511627776 B"} {
		if got := Size(n); got != want {
			t.Errorf("Size(%d) = %q, want %q", n, got, want)
		}
	}
}

// FuzzFormats prints any number as a size, a duration, an age and a time: short, and never empty or upside down.
func FuzzFormats(f *testing.F) {
	for _, n := range extremeInts() {
		f.Add(n, -n, float64(n), int64(0))
	}
	for _, s := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300, math.Copysign(0, -1), math.SmallestNonzeroFloat64, 9.3e9, -9.3e9} {
		f.Add(int64(1), int64(2), s, int64(3))
	}
	f.Fuzz(func(t *testing.T, a, b int64, s float64, c int64) {
		now, then := time.Unix(a, c), time.Unix(b, a)
		for what, text := range map[string]string{
			"Size": Size(a), "Dur": Dur(time.Duration(a)), "Dur of seconds": Dur(Seconds(s)), "Dur of ms": Dur(Milliseconds(b)), "Ago": Ago(now, then),
			"stamp": Stamp(then),
		} {
			if text == "" || len(text) > 32 || strings.Contains(text, "--") {
				t.Errorf("%s of %d, %d, %v is %q", what, a, b, s, text)
			}
		}
		if _, err := time.Parse(time.RFC3339Nano, Stamp(then)); err != nil {
			t.Errorf("%v: %v", then, err)
		}
		if d := Seconds(s); s > 0 && d < 0 || s < 0 && d > 0 {
			t.Errorf("%v s are %d", s, d)
		}
		if d := Milliseconds(b); b > 0 && d < 0 || b < 0 && d > 0 {
			t.Errorf("%d ms are %d", b, d)
		}
	})
}

// extremeEvents have n in every number and at in every time.
func extremeEvents(n int64, at time.Time) []hub.Stamped {
	i := int(n)
	verdict := sign.Verdict{OK: n%2 == 0, Reason: sign.TooNew, KeyIndex: i, SignedAt: at, Skew: time.Duration(n), Scheme: "x"}
	return []hub.Stamped{
		{Time: at, Event: record.Ready{Addr: "a", Keys: i}},
		{Time: at, Event: record.Received{Delivery: &record.Delivery{
			ID: "d", ReceivedAt: at, Size: n, Answer: i, Verdict: verdict, Body: []byte(`{"a":1}`), Duplicate: &record.Duplicate{ID: "c"},
		}}},
		{Time: at, Event: record.Received{Delivery: &record.Delivery{ID: "e", ReceivedAt: at, Size: n, Verdict: verdict, Targets: []string{"http://t/"}}}},
		{Time: at, Event: record.Attempted{Attempt: &record.Attempt{
			ID: "x", DeliveryID: "e", Target: "http://t/", Number: i, StartedAt: at, Duration: time.Duration(n), Status: i, BodySize: n, Answer: i,
		}}},
		{Event: record.Attempted{Attempt: &record.Attempt{ID: "y", DeliveryID: "nobody", StartedAt: at, Duration: time.Duration(n), Error: "e", Answer: i}}},
		{Time: at, Event: record.Explained{Diagnosis: &record.Diagnosis{DeliveryID: "d", Tried: i, Elapsed: time.Duration(n), CutOff: true}}},
		{Time: at, Event: record.Missed{Count: i}},
		{Time: at, Event: record.Changed{State: record.Pruned, Count: i}},
		{Time: at, Event: record.Failed{Message: "m"}},
	}
}

// TestPrintersTakeAnyNumber gives every printer the extremes: each prints, JSON stays JSON with times that can be read.
func TestPrintersTakeAnyNumber(t *testing.T) {
	t.Parallel()
	for _, n := range extremeInts() {
		for _, at := range extremeTimes() {
			for _, width := range []int{0, 1, 40, 100} {
				printExtremes(t, n, at, width)
			}
		}
	}
}

func printExtremes(t *testing.T, n int64, at time.Time, width int) {
	t.Helper()
	io, out, _ := term.Fake(term.FakeOptions{OutTTY: width > 0, ErrTTY: width > 0, Width: width})
	text, lines := NewText(io, TextOptions{Location: time.UTC}), NewNDJSON(io, "")
	for _, a := range extremeEvents(n, at) {
		if err := text.Print(a); err != nil {
			t.Fatal(err)
		}
		out.Reset()
		if err := lines.Print(a); err != nil {
			t.Fatal(err)
		}
		checkTimes(t, out.Bytes())
	}
	if err := text.Flush(); err != nil {
		t.Fatal(err)
	}
	status := int(n)
	log := api.DeliveryLog{AttemptNumber: status, ResponseStatus: &status, DurationMs: &n, CreatedAt: api.Time{Time: at}, NextRetryAt: api.Time{Time: at.Add(time.Duration(n))}}
	if err := NewAttemptLines(io).Print(log); err != nil {
		t.Fatal(err)
	}
	if err := WebhookAttempts([]api.DeliveryLog{log, log}, at.Add(time.Duration(-n))).Print(io); err != nil {
		t.Fatal(err)
	}
	SortAttempts([]api.DeliveryLog{log, {}, log})
	if got := Findings(io.Style(), explain.Diagnosis{Tried: status, Elapsed: time.Duration(n), CutOff: true}, width); len(got) == 0 {
		t.Error("no lines")
	}
	for _, o := range []BodyOptions{{Size: n, MaxLines: status, MaxBytes: status, Width: width}, {Size: n, Mode: BodyRaw, MaxLines: -1}, {Size: n, MaxBytes: 2}} {
		Body(io.Style(), []byte("{\"a\":1}\n\x00b"), o)
		Body(io.Style(), []byte(`{"a":[1,2,3]}`), o)
	}
}

// checkTimes reads every time of a line of JSON.
func checkTimes(t *testing.T, line []byte) {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(line, &o); err != nil {
		t.Fatalf("%v in %q", err, line)
	}
	for _, name := range []string{"time", "startedAt"} {
		text, is := o[name].(string)
		if !is {
			continue
		}
		if _, err := time.Parse(time.RFC3339Nano, text); err != nil {
			t.Error(fmt.Errorf("%s: %w", name, err))
		}
	}
}
