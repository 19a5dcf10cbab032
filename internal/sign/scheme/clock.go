package scheme

// How a scheme writes times.

import (
	"errors"
	"fmt"
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
	layout layout // for UnitLayout
}

// Reasons why a time cannot be read. None quotes it.
var (
	ErrMilliseconds = errors.New("is beyond the year 9999; it looks like milliseconds where seconds are due")
	errBeyond       = errors.New("is beyond the year 9999 even in milliseconds")
	errRFC3339      = errors.New("is not an RFC 3339 time")
	errTooLong      = errors.New("is too long for a number of seconds or milliseconds")
	errEmpty        = errors.New("is empty")
)

// Parse reads a message's time.
func (c *Clock) Parse(s string) (time.Time, error) {
	switch c.Unit {
	case UnitRFC3339:
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return time.Time{}, errRFC3339
		}
		return t, nil
	case UnitLayout:
		return c.layout.parse(s)
	}
	n, err := ParseDigits(s)
	switch {
	case err != nil:
		return time.Time{}, err
	case c.Unit == UnitMillis || c.Unit == UnitAuto && n > autoMillis:
		if n/1000 > MaxUnix {
			return time.Time{}, errBeyond
		}
		return time.UnixMilli(n).UTC(), nil
	case n > MaxUnix:
		return time.Time{}, ErrMilliseconds
	default:
		return time.Unix(n, 0).UTC(), nil
	}
}

// Format writes a time the way the scheme's sender does.
func (c *Clock) Format(t time.Time) string {
	switch c.Unit {
	case UnitMillis:
		return strconv.FormatInt(t.UnixMilli(), 10)
	case UnitRFC3339:
		return t.UTC().Format(time.RFC3339)
	case UnitLayout:
		return c.layout.format(t)
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

// ParseDigits reads a time that is a plain number. The error does not quote it.
func ParseDigits(s string) (int64, error) {
	const longest = 18 // digits that an int64 holds
	if len(s) > longest {
		return 0, errTooLong
	}
	n := int64(0)
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, fmt.Errorf("is not plain digits (character %d of %d is not one)", i+1, len(s))
		}
		n = n*10 + int64(s[i]-'0')
	}
	if s == "" {
		return 0, errEmpty
	}
	return n, nil
}
