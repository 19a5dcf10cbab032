package render

import (
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

func TestSize(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 477: "477 B", 1023: "1023 B", 1024: "1.0 KiB", 1229: "1.2 KiB", 1<<20 - 1: "1.0 MiB", 5 << 20: "5.0 MiB", 1 << 30: "1.0 GiB",
		1<<63 - 1: "8.0 EiB",
	} {
		if got := Size(n); got != want {
			t.Errorf("Size(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestDur(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 ms", time.Nanosecond: "0.1 ms", 412 * time.Microsecond: "0.4 ms", 9960 * time.Microsecond: "10 ms", 12 * time.Millisecond: "12 ms",
		999600 * time.Microsecond: "1.0 s", 1500 * time.Millisecond: "1.5 s", 59960 * time.Millisecond: "1 min", 125 * time.Second: "2 min 5 s",
		time.Hour - time.Millisecond: "1 h", 200 * time.Minute: "3 h 20 min", 24 * time.Hour: "1 d", 52 * time.Hour: "2 d 4 h", -time.Second: "-1.0 s",
	} {
		if got := Dur(d); got != want {
			t.Errorf("Dur(%v) = %q, want %q", int64(d), got, want)
		}
	}
}

func TestAgo(t *testing.T) {
	t.Parallel()
	now := at("12:00:00.000")
	for d, want := range map[time.Duration]string{
		0: "just now", 12 * time.Second: "12 s ago", 3*time.Minute + 59*time.Second: "3 min ago", 47 * time.Hour: "47 h ago",
		5 * 24 * time.Hour: "5 d ago", -5 * time.Minute: "in 5 min", -time.Millisecond: "just now",
	} {
		if got := Ago(now, now.Add(-d)); got != want {
			t.Errorf("Ago(%v) = %q, want %q", d, got, want)
		}
	}
	if got := Ago(now, time.Time{}); got != "–" {
		t.Errorf("Ago of no time is %q", got)
	}
}

func TestMark(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]sign.Verdict{
		"✓ valid": {OK: true, Reason: sign.Valid}, "✗ too_old": {Reason: sign.TooOld}, "? unverified": {Reason: sign.Unverified},
	} {
		if got := Mark(term.Style{}, v); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func webhooks() *Table {
	tb := NewTable(Column{Title: "ID", Narrow: Uncut}, Column{Title: "NAME"}, Column{Title: "URL", Narrow: CutMiddle}, Column{Title: "EVENTS", Right: true}, Column{Title: "STATE"})
	tb.Add("51d2e8b6", "production", "https://api.example.com/webhooks/baanx/incoming", "12", "active")
	tb.Add("7be10d94", "名前の長いウェブフック", "https://x.example", "3")
	tb.AddCells(Cell{Text: "a\x1b[31m"}, Cell{Text: "evil\u202e\nname"}, Cell{}, Cell{Text: "100", Paint: strings.ToUpper}, Cell{Text: "inactive"}, Cell{Text: "surplus"})
	return tb
}

// A column that others could not be read beside is left out, the least important first; what stays keeps its least width.
func TestTableLeavesColumnsOut(t *testing.T) {
	t.Parallel()
	tb := NewTable(
		Column{Title: "ID", Narrow: Uncut}, Column{Title: "TYPE", Least: 10}, Column{Title: "EVENT", Worth: 2}, Column{Title: "REQUEST", Worth: 1, Least: 8},
	)
	tb.Add("0123456789", "kyc.status.changed", "51d2e8b6-4a50-4b6c-8a2e-0123456789ab", "POST /webhooks/of/mine")
	for width, want := range map[int]string{
		0:  "ID TYPE EVENT REQUEST",
		46: "ID TYPE EVENT REQUEST",
		45: "ID TYPE EVENT",
		36: "ID TYPE EVENT",
		35: "ID TYPE",
		18: "ID TYPE",
	} {
		lines := tb.Lines(term.Style{}, width)
		if got := strings.Join(strings.Fields(lines[0]), " "); got != want {
			t.Errorf("%d columns: %s, want %s", width, got, want)
		}
		if n := strings.Index(lines[0], "EVENT"); n >= 0 && n < 24 {
			t.Errorf("%d columns: a type has less than 10: %q", width, lines)
		}
	}
}

// An id is shown by a beginning that no other row has, and other texts by their short form, before a column is left out. What is longer
// than its column keeps its end, or goes on below.
func TestTableShortens(t *testing.T) {
	t.Parallel()
	tb := NewTable(
		Column{Title: "EVENT", Narrow: ID}, Column{Title: "WHEN", Narrow: Uncut}, Column{Title: "SOURCE", Worth: 1}, Column{Title: "URL", Narrow: CutMiddle, Least: 10}, Column{Title: "WHY", Narrow: Flow, Least: 9},
	)
	for _, id := range []string{"51d2e8b6-4a50-4b6c-8a2e-0123456789ab", "evt_1Nabcdef0", "evt_1Nabcxyz0", "evt_1Nabcdef0"} {
		tb.AddCells(Cell{Text: id}, Cell{Text: "12 min ago", Short: "12 min"}, Cell{Text: "card-service"}, Cell{Text: "https://x.example/hooks"}, Cell{Text: "connection refused"})
	}
	tb.AddCells(Cell{Text: "short"}, Cell{Text: "now"})
	for width, want := range map[int]string{
		0: `EVENT                                 WHEN        SOURCE        URL                      WHY
51d2e8b6-4a50-4b6c-8a2e-0123456789ab  12 min ago  card-service  https://x.example/hooks  connection refused
`,
		90: `EVENT       WHEN        SOURCE        URL                      WHY
51d2e8b6    12 min ago  card-service  https://x.example/hooks  connection refused
evt_1Nabcd  12 min ago  card-service  https://x.example/hooks  connection refused
evt_1Nabcx  12 min ago  card-service  https://x.example/hooks  connection refused
evt_1Nabcd  12 min ago  card-service  https://x.example/hooks  connection refused
short       now
`,
		56: `EVENT       WHEN    SOURCE        URL         WHY
51d2e8b6    12 min  card-service  http…hooks  connection
                                              refused
`,
		42: `EVENT       WHEN    URL         WHY
51d2e8b6    12 min  http…hooks  connection
                                refused
`,
	} {
		if got := strings.Join(tb.Lines(term.Style{}, width), "\n") + "\n"; !strings.HasPrefix(got, want) {
			t.Errorf("%d columns:\n%s\nwant\n%s", width, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	for name, width := range map[string]int{"wide": 0, "80": 80, "60": 60} {
		golden(t, "table-"+name, strings.Join(webhooks().Lines(term.Style{}, width), "\n")+"\n")
	}
	for width := 20; width <= 200; width++ {
		for _, line := range webhooks().Lines(term.Style{}, width) {
			if w := term.Width(line); w > width {
				t.Errorf("width %d: %d columns: %q", width, w, line)
			}
			if strings.HasSuffix(line, " ") {
				t.Errorf("width %d: spaces at the end of %q", width, line)
			}
			checkSafe(t, line)
		}
	}
	for _, width := range []int{60, 120} {
		io, out, _ := term.Fake(term.FakeOptions{OutTTY: true, Width: width})
		if err := webhooks().Print(io); err != nil {
			t.Fatal(err)
		}
		if plain := strings.Join(webhooks().Lines(term.Style{}, width), "\n") + "\n"; uncolor(out.String()) != plain {
			t.Errorf("%q without colours is not %q", out.String(), plain)
		}
	}
	if n := webhooks().Len(); n != 3 {
		t.Errorf("%d rows", n)
	}
}

// A column whose texts go on below does not break a word while another column has room to give.
func TestFlowKeepsWords(t *testing.T) {
	t.Parallel()
	table := NewTable(Column{Title: "CASE", Narrow: Uncut}, Column{Title: "SENT", Narrow: Flow, Least: 20}, Column{Title: "EXPECTED", Narrow: Flow, Least: 20})
	table.Add("valid.with-a-signature-xyz", "transaction.cleared with a right signature", "an answer in half the time that the provider waits")
	for _, width := range []int{60, 57} {
		text := strings.Join(table.Lines(term.Style{}, width), "\n")
		for word := range strings.FieldsSeq("transaction.cleared right signature expected provider answer") {
			if !strings.Contains(strings.ToLower(text), word) {
				t.Errorf("%s is broken at %d columns:\n%s", word, width, text)
			}
		}
	}
}
