package duration

import (
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"0": 0, "90s": 90 * time.Second, "1h30m": 90 * time.Minute, "3d": 3 * day, "2w": 14 * day, "1w2d3h4s": 9*day + 3*time.Hour + 4*time.Second,
		"1.5d": 36 * time.Hour, ".5w": 84 * time.Hour, "-2d": -2 * day, "+1d": day, "-1h": -time.Hour, "12h1d": 36 * time.Hour, "106751d": 106751 * day,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%q: %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-", "d", "5", "1d5", "1x", "1 d", "d1", "1dd", "--1d", "1d-1h", "106752d", "15251w", "100000d100000d", "1e3d", "1D", "1..5d", "١d"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q: %s, want an error", text, got)
		}
	}
}

func TestFlag(t *testing.T) {
	t.Parallel()
	var d time.Duration
	v := Flag(&d, time.Minute)
	if v.String() != "1m0s" || v.Set("2d") != nil || d != 48*time.Hour || v.Type() != "duration" {
		t.Errorf("%s, %s", v, d)
	}
	if v.Set("soon") == nil || d != 48*time.Hour {
		t.Errorf("a wrong text gives %s", d)
	}
}
