package render

import (
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/term"
)

// TestWhatWasAskedFor: the path is there at every width, with the method where that is not the usual one.
func TestWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 14, 3, 7, 0, time.UTC)
	for what, want := range map[[2]string]string{
		{"POST", "/"}:                        "",
		{"POST", "/webhooks/stripe?token=t"}: "/webhooks/stripe",
		{"GET", "/favicon.ico"}:              "GET /favicon.ico",
		{"OPTIONS", "/"}:                     "OPTIONS /",
	} {
		d := &record.Delivery{Method: what[0], Path: what[1], EventType: "charge.succeeded", EventID: "evt_1", Size: 1000}
		for _, width := range []int{0, 60, 100, 140} {
			var c columns
			c.room([]string{"http://localhost:3000"})
			c.grow(cellsOf(d))
			text := strings.Join(c.line(term.Style{}, at, cellsOf(d), "200 in 12 ms  localhost:3000", width), "\n")
			if !strings.Contains(text, want) || strings.Contains(text, "token") || want == "" && strings.Contains(text, "/") {
				t.Errorf("%s at %d columns, want %q:\n%s", what, width, want, text)
			}
		}
	}
}

// TestLongOutcomes: what is too wide goes on below, and nothing of it is cut.
func TestLongOutcomes(t *testing.T) {
	t.Parallel()
	d := &record.Delivery{Method: "POST", Path: "/", EventType: "card.activated"}
	const outcome = "500 in 50 ms  retry 3 in 7 s  billing  attempt 3  overtook"
	var c columns
	c.grow(cellsOf(d))
	lines := c.line(term.Style{}, time.Time{}, cellsOf(d), outcome, 60)
	text := strings.Join(strings.Fields(strings.Join(lines, " ")), " ")
	if len(lines) != 3 || !strings.HasSuffix(text, strings.Join(strings.Fields(outcome), " ")) {
		t.Errorf("%q", lines)
	}
}
