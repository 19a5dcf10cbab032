package render

import (
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/term"
)

// Where a header is missing there is nothing to search, and nothing is said of a search.
func TestNoSearchIsNotTold(t *testing.T) {
	t.Parallel()
	d := record.Diagnosis{DeliveryID: "01jd1", Tried: 1, Elapsed: time.Millisecond, Next: explain.Steps{{Text: "look at the proxy"}}}
	out, _ := play(t, term.FakeOptions{}, TextOptions{}, []hub.Stamped{{Event: record.Explained{Diagnosis: &d}}})
	if out != "              01jd1: look at the proxy\n" {
		t.Errorf("one try: got %q", out)
	}
	d.Tried = 2
	if out, _ = play(t, term.FakeOptions{}, TextOptions{}, []hub.Stamped{{Event: record.Explained{Diagnosis: &d}}}); !strings.Contains(out, "2 tried") {
		t.Errorf("two tries: got %q", out)
	}

	streams, _, _ := term.Buffer()
	for tried, told := range map[int]bool{0: false, 1: false, 2: true} {
		got := strings.Join(Findings(streams.Style(), explain.Diagnosis{Tried: tried, Next: explain.Steps{{Text: "look"}}}, 0), "\n")
		if strings.Contains(got, "nothing matched") != told || !strings.Contains(got, "next: look") {
			t.Errorf("%d tries: got %q", tried, got)
		}
	}
}

// The first lines stand below each other when the types to come are known.
func TestTextKnownTypes(t *testing.T) {
	t.Parallel()
	const long = "transaction.cleared"
	out, _ := play(t, term.FakeOptions{}, TextOptions{Body: BodyNone, Types: []string{long}}, story()[1:3])
	first, _, _ := strings.Cut(out, "\n")
	if !strings.Contains(first, "kyc.status.changed   51d2e8b6") {
		t.Errorf("no room for %s: %q", long, first)
	}
}
