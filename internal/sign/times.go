package sign

import (
	"strings"
	"time"
)

// Time units of a scheme.
const (
	unitSeconds = "s"
	unitMillis  = "ms"
	unitAuto    = "auto"
	unitRFC3339 = "rfc3339"
	unitLayout  = "layout:"
)

const (
	autoMillis = 1e11            // unit auto: a number above this counts milliseconds
	maxUnix    = 253_402_300_799 // the last second of the year 9999, which is as far as RFC 3339 goes
)

// clockFormat reads and writes a scheme's time.
type clockFormat struct {
	unit   string
	layout []directive // for unitLayout
}

// parse reads a message's time. The problem is for people and never quotes the text.
func (c *clockFormat) parse(s string) (t time.Time, problem string) {
	switch c.unit {
	case unitRFC3339:
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return time.Time{}, "is not an RFC 3339 time"
		}
		return t, ""
	case unitLayout:
		return parseLayout(c.layout, s)
	}
	n, problem := parseDigits(s)
	if problem != "" {
		return time.Time{}, problem
	}
	if c.unit == unitMillis || c.unit == unitAuto && n > autoMillis {
		if n/1000 > maxUnix {
			return time.Time{}, "is beyond the year 9999 even in milliseconds"
		}
		return time.UnixMilli(n).UTC(), ""
	}
	if n > maxUnix {
		return time.Time{}, "is beyond the year 9999; it looks like milliseconds where seconds are due"
	}
	return time.Unix(n, 0).UTC(), ""
}

// format writes a time the way the scheme's sender does.
func (c *clockFormat) format(t time.Time) string {
	switch c.unit {
	case unitMillis:
		return itoa(t.UnixMilli())
	case unitRFC3339:
		return t.UTC().Format(time.RFC3339)
	case unitLayout:
		return formatLayout(c.layout, t.UTC())
	default:
		return itoa(t.Unix())
	}
}

// step is the resolution of a message's time; a window is compared in it, as the providers' own code does.
func (c *clockFormat) step(text string) time.Duration {
	switch {
	case c.unit == unitMillis,
		c.unit == unitAuto && len(text) > 11,
		c.unit == unitRFC3339 && strings.Contains(text, "."):
		return time.Millisecond
	default:
		return time.Second
	}
}

func parseDigits(s string) (n int64, problem string) {
	if len(s) > 18 {
		return 0, "is too long for a number of seconds or milliseconds"
	}
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, "is not plain digits (character " + itoa(int64(i+1)) + " of " + itoa(int64(len(s))) + " is none)"
		}
		n = n*10 + int64(c-'0')
	}
	if s == "" {
		return 0, "is empty"
	}
	return n, ""
}

// outside says whether a message's time is out of its window.
func outside(now, at time.Time, step, tolerance time.Duration, pastOnly bool) Reason {
	age := now.Truncate(step).Sub(at)
	switch {
	case age > tolerance:
		return TooOld
	case !pastOnly && age < -tolerance:
		return TooNew
	default:
		return ""
	}
}
