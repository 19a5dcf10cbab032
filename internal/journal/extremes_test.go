package journal

import (
	"testing"
	"time"
)

// TestTimesBeyondTheYears reads stored times that no RFC 3339 time can be: a sender may claim them by a zone, and another
// program may write them. They read as none, so that the row can be read.
func TestTimesBeyondTheYears(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"253402300799.999999999":    time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		"-62167219200.000000000":    time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
		"253402300800.000000000":    {},
		"-62167219201.000000000":    {},
		"9223372036854775807.0":     {},
		"-9223372036854775808.0":    {},
		"1.9223372036854775807":     {},
		"1.-9223372036854775808":    {},
		"1.1000000000":              {},
		"":                          {},
		"1750000000.000000001":      time.Unix(1_750_000_000, 1),
		"-1.5":                      time.Unix(-1, 5),
		"253402300799.000000000000": time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	} {
		if got, err := decodeTime(text); err != nil || !got.Equal(want) {
			t.Errorf("%s reads as %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"x", "1", "1.", ".1", "9223372036854775808.0", "NaN.0", "1e9.0"} {
		if got, err := decodeTime(text); err == nil {
			t.Errorf("%s reads as %s", text, got)
		}
	}
}
