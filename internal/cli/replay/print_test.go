package replay

import (
	"strings"
	"testing"
)

// TestNarrowLine: what was recorded and what was answered goes on below, as an id that is cut cannot be typed.
func TestNarrowLine(t *testing.T) {
	t.Parallel()
	l := line{
		mark: "✗", heads: []string{"35fs7frzdx  → "}, what: "400 in 2.6 ms  localhost:3990", tail: "signed now with key file stripe.key, recorded as 35fs7mccqq",
		below: []string{"answered: No signatures found matching the expected signature for payload"},
	}
	lines := l.fit("", 60)
	if len(lines) != 5 || !strings.HasSuffix(strings.Join(lines[1:3], " "), "35fs7mccqq") || strings.Contains(strings.Join(lines, ""), "…") {
		t.Errorf("%q", lines)
	}
	if lines := l.fit("", 0); len(lines) != 2 {
		t.Errorf("without a terminal: %q", lines)
	}
}
