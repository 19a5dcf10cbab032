package cmdkit

// TIME and NAME=VALUE in flags.

import (
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/fault"
)

// ParseTime reads TIME: RFC 3339, unix seconds, or relative to now as a signed duration (-10m, +1h).
func ParseTime(s string, now time.Time) (time.Time, error) {
	if _, err := duration.Parse(s); err == nil && s != "" && s[0] >= '0' && s[0] <= '9' && s != "0" {
		return time.Time{}, fault.Hint(fault.New(fault.Usage, "cannot read %q as a time", s), "write a distance from now as %s or %s", fault.Word("-"+s), fault.Word("+"+s))
	}
	bad := fault.Hint(fault.New(fault.Usage, "cannot read %q as a time", s),
		"use RFC 3339 (2026-03-04T09:15:00Z), unix seconds (1750000000) or a distance from now (-10m)")
	if s == "" {
		return time.Time{}, bad
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		const maxUnix = 253402300799 // the end of the year 9999, which is as far as RFC 3339 goes
		if n < 0 || n > maxUnix || s[0] == '+' {
			return time.Time{}, bad
		}
		return time.Unix(n, 0).UTC(), nil
	}
	if s[0] == '-' || s[0] == '+' {
		d, err := duration.Parse(s)
		if err != nil {
			return time.Time{}, bad
		}
		return now.Add(d), nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, bad
	}
	return t, nil
}

// TimeValue is a flag with a TIME. A relative time counts from the time that Resolve is given.
type TimeValue struct{ Text string }

// String is the flag's text.
func (v *TimeValue) String() string { return v.Text }

// Set checks the text, so that a mistake is a usage error before anything happens.
func (v *TimeValue) Set(s string) error {
	if _, err := ParseTime(s, time.Unix(0, 0)); err != nil {
		return err
	}
	v.Text = s
	return nil
}

// Type is the placeholder in help texts.
func (v *TimeValue) Type() string { return "TIME" }

// Resolve returns the flag's time, or now when the flag was not given.
func (v *TimeValue) Resolve(now time.Time) time.Time {
	if t, err := ParseTime(v.Text, now); err == nil {
		return t
	}
	return now // the text is empty, as Set takes valid times alone
}

// ParsePairs reads K=V arguments.
func ParsePairs(flag string, pairs []string) (map[string]string, error) {
	out := make(map[string]string, len(pairs))
	for _, p := range pairs {
		k, v, ok := strings.Cut(p, "=")
		if !ok || k == "" {
			return nil, fault.New(fault.Usage, "%s %q is not of the form NAME=VALUE", flag, p)
		}
		out[k] = v
	}
	return out, nil
}
