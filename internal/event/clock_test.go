package event_test

import (
	"testing"
	"time"

	"github.com/whctl/whctl/internal/event"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 3, 4, 9, 15, 0, 500_000_000, time.UTC)
	for _, text := range []string{
		"2026-03-04T09:15:00.5Z", "2026-03-04T10:15:00.500+01:00", "2026-03-04T10:15:00.500+0100", "1772615700500", "1772615700.5", "1772615700500000", "1772615700500000000",
		"1772615700500.0", "1.7726157005e9",
	} {
		if got, ok := event.ParseTime(text); !ok || got.Sub(want).Abs() > time.Microsecond {
			t.Errorf("%q is %v, %v", text, got, ok)
		}
	}
	if got, ok := event.ParseTime("1772615700"); !ok || got.Unix() != 1772615700 {
		t.Errorf("seconds are %v, %v", got, ok)
	}
	for _, text := range []string{"", "x", "0", "12", "-1772615700", "2026-03-04", "2026-03-04T09:15:00", "2026-03-04 09:15", "1872-03-04T09:15:00Z", "99999999999", "NaN", "1e99", "12345678901234567890123", "true"} {
		if got, ok := event.ParseTime(text); ok {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}
