package journal

import (
	"testing"
	"time"
)

// TestTimesBeyondTheYears reads stored times that no RFC 3339 time can be: a sender may claim them by a zone, and another
// program may write them. None of them hides its row.
func TestTimesBeyondTheYears(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"253402300799.999999999": time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		"-62167219201.000000000": time.Date(-1, 12, 31, 23, 59, 59, 0, time.UTC),
		"9223372036854775807.0":  time.Unix(1<<63-1, 0), "-9223372036854775808.0": time.Unix(-1<<63, 0),
		"1.9223372036854775807": time.Unix(1, 1<<63-1), "1.-9223372036854775808": time.Unix(1, -1<<63),
		"": {}, "1750000000.000000001": time.Unix(1_750_000_000, 1), "-1.5": time.Unix(-1, 5),
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
