package scheme

import (
	"strconv"
	"strings"
	"time"
)

// Time units of a scheme.
const (
	UnitSeconds = "s"
	UnitMillis  = "ms"
	UnitAuto    = "auto"
	UnitRFC3339 = "rfc3339"
	UnitLayout  = "layout:"
)

// MaxUnix is the last second of the year 9999, which is as far as RFC 3339 goes.
const MaxUnix = 253_402_300_799

// autoMillis is what a number of unit auto must be above to count milliseconds.
const autoMillis = 1e11

// Clock reads and writes a scheme's time.
type Clock struct {
	Unit   string
	layout []directive // for UnitLayout
}

// Parse reads a message's time. The problem is for people and never quotes the text.
func (c *Clock) Parse(s string) (t time.Time, problem string) {
	switch c.Unit {
	case UnitRFC3339:
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return time.Time{}, "is not an RFC 3339 time"
		}
		return t, ""
	case UnitLayout:
		return parseLayout(c.layout, s)
	}
	n, problem := ParseDigits(s)
	if problem != "" {
		return time.Time{}, problem
	}
	if c.Unit == UnitMillis || c.Unit == UnitAuto && n > autoMillis {
		if n/1000 > MaxUnix {
			return time.Time{}, "is beyond the year 9999 even in milliseconds"
		}
		return time.UnixMilli(n).UTC(), ""
	}
	if n > MaxUnix {
		return time.Time{}, "is beyond the year 9999; it looks like milliseconds where seconds are due"
	}
	return time.Unix(n, 0).UTC(), ""
}

// Format writes a time the way the scheme's sender does.
func (c *Clock) Format(t time.Time) string {
	switch c.Unit {
	case UnitMillis:
		return strconv.FormatInt(t.UnixMilli(), 10)
	case UnitRFC3339:
		return t.UTC().Format(time.RFC3339)
	case UnitLayout:
		return formatLayout(c.layout, t.UTC())
	default:
		return strconv.FormatInt(t.Unix(), 10)
	}
}

// Step is the resolution of a message's time; a window is compared in it, as the providers' own code does.
func (c *Clock) Step(text string) time.Duration {
	switch {
	case c.Unit == UnitMillis,
		c.Unit == UnitAuto && len(text) > 11,
		c.Unit == UnitRFC3339 && strings.Contains(text, "."):
		return time.Millisecond
	default:
		return time.Second
	}
}

// ParseDigits reads a time that is a plain number. The problem is for people and never quotes the text.
func ParseDigits(s string) (n int64, problem string) {
	if len(s) > 18 {
		return 0, "is too long for a number of seconds or milliseconds"
	}
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, "is not plain digits (character " + strconv.Itoa(i+1) + " of " + strconv.Itoa(len(s)) + " is none)"
		}
		n = n*10 + int64(c-'0')
	}
	if s == "" {
		return 0, "is empty"
	}
	return n, ""
}
