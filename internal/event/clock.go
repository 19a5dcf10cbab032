package event

// The time of an event, as providers write it.

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseTime reads the time of an event: RFC 3339, or the time since 1970 in seconds, milliseconds, microseconds or nanoseconds, whichever
// gives a time of this age. It is false for what is none, and for a time without a zone: nothing is known of that.
func ParseTime(text string) (time.Time, bool) {
	if len(text) < len("1e9") || text[0] < '0' || text[0] > '9' {
		return time.Time{}, false
	}
	if strings.IndexByte(text, ':') < 0 {
		at, err := sinceEpoch(text)
		return at, err == nil && ofThisAge(at)
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04:05-0700", text)
	}
	return at, err == nil && ofThisAge(at)
}

// ofThisAge says whether an event may have that time: from 2000 to 2100. What is older or newer is no time of an event.
func ofThisAge(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 2100 }

// sinceEpoch reads a number. Whole ones are exact.
func sinceEpoch(text string) (time.Time, error) {
	const milli, micro, nano = 1e11, 1e14, 1e17 // from here on it is no longer of the unit before
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || f < 0 || f >= nano {
			return time.Time{}, strconv.ErrSyntax
		}
		for unit := float64(milli); f >= milli && unit <= micro; unit *= 1000 {
			f /= 1000
		}
		whole, part := math.Modf(f)
		return time.Unix(int64(whole), int64(part*1e9)), nil
	case n < milli:
		return time.Unix(n, 0), nil
	case n < micro:
		return time.UnixMilli(n), nil
	case n < nano:
		return time.UnixMicro(n), nil
	default:
		return time.Unix(0, n), nil
	}
}
