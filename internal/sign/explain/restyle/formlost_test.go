package restyle_test

// Lost fields of forms, within bounds.

import (
	"fmt"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign/explain/restyle"
)

// lostSets are the sets of fields that a form may have lost.
func lostSets(t *testing.T, text string) (sets []string) {
	t.Helper()
	form, ok := restyle.ParseForm([]byte(text))
	if !ok {
		t.Fatalf("%.40q is no form", text)
	}
	for names, body := range form.WithLost() {
		if len(names) > 20 || !strings.HasPrefix(string(body), text) || len(body) > len(text)+len(names)*(64+2) {
			t.Errorf("%d names, %d bytes", len(names), len(body))
		}
		sets = append(sets, strings.Join(names, ","))
	}
	return sets
}

// TestWithLost: a family's names come first, then those of one head, then each alone.
func TestWithLost(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"FromCity=a&FromZip=b&FromState=c&ToCity=d":       "ToZip,ToState ToZip,ToState ToZip ToState",
		"from_city=a&from_zip=b&to_city=c":                "to_zip",
		"FromCity=a&FromZip=b&ToCity=c&ToZip=d":           "",
		"FromCity=a&ToZip=b":                              "",
		"a=1&b=2":                                         "",
		strings.Repeat("x", 80) + "_a=1&x_a=1&y_a=1&x_b=": "y_b",
	} {
		if got := strings.Join(lostSets(t, text), " "); got != want {
			t.Errorf("%s: %q, not %q", text, got, want)
		}
	}
}

// TestWithLostBounds: forms that strangers make up cost no more than the sets that are tried.
func TestWithLostBounds(t *testing.T) {
	t.Parallel()
	var wide, deep, both strings.Builder
	for i := range 480 {
		fmt.Fprintf(&wide, "h%d_a=&h%d_b=&", i, i) // many heads
		fmt.Fprintf(&deep, "h_t%d=&", i)           // many tails
	}
	wide.WriteString("x_a=")
	deep.WriteString("x_t0=&y_t1=&z_t2=")
	for i := range 30 {
		for j := range 30 - i {
			fmt.Fprintf(&both, "h%d_t%d=&", i, j)
		}
	}
	for name, c := range map[string]struct {
		text string
		most int
	}{"wide": {wide.String(), 0}, "deep": {deep.String(), 60}, "both": {both.String(), 60}} {
		if sets := lostSets(t, c.text); len(sets) > c.most {
			t.Errorf("%s: %d sets", name, len(sets))
		}
	}
}
