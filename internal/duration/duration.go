// Package duration reads how long something takes, as people write it: 90s, 24h, 3d, 2w, 1w12h.
package duration

import (
	"errors"
	"math"
	"strings"
	"time"
)

// errForm is for a text that is no duration.
var errForm = errors.New("it is no duration such as 90s, 24h or 3d")

// Parse reads a duration. It takes what time.ParseDuration takes, and the units d for 24 hours and w for seven days.
func Parse(text string) (time.Duration, error) {
	if d, err := time.ParseDuration(text); err == nil {
		return d, nil
	}
	rest, sign := text, int64(1)
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		if rest[0] == '-' {
			sign = -1
		}
		rest = rest[1:]
	}
	if rest == "" {
		return 0, errForm
	}
	var sum int64
	for rest != "" {
		part, left := next(rest)
		d, ok := partOf(part)
		if !ok || sum > math.MaxInt64-d {
			return 0, errForm
		}
		sum, rest = sum+d, left
	}
	return time.Duration(sign * sum), nil
}

// next splits off a number with its unit.
func next(text string) (part, rest string) {
	isNumber := func(r rune) bool { return '0' <= r && r <= '9' || r == '.' }
	unit := strings.IndexFunc(text, func(r rune) bool { return !isNumber(r) })
	if unit < 0 {
		return text, ""
	}
	if end := strings.IndexFunc(text[unit:], isNumber); end >= 0 {
		return text[:unit+end], text[unit+end:]
	}
	return text, ""
}

// partOf reads a number with its unit.
func partOf(part string) (nanoseconds int64, ok bool) {
	times := int64(1)
	if number, is := strings.CutSuffix(part, "d"); is {
		part, times = number+"h", 24
	} else if number, is := strings.CutSuffix(part, "w"); is {
		part, times = number+"h", 7*24
	}
	d, err := time.ParseDuration(part)
	return int64(d) * times, err == nil && d >= 0 && int64(d) <= math.MaxInt64/times
}

// Value is a flag with a duration.
type Value time.Duration

// Flag makes a flag of d, which has a default.
func Flag(d *time.Duration, value time.Duration) *Value {
	*d = value
	return (*Value)(d)
}

// String is the duration as Go writes it.
func (v *Value) String() string { return time.Duration(*v).String() }

// Set reads the flag's text.
func (v *Value) Set(text string) error {
	d, err := Parse(text)
	if err == nil {
		*v = Value(d)
	}
	return err
}

// Type is the placeholder in help texts.
func (*Value) Type() string { return "duration" }
