package sign

import (
	"slices"
	"strings"
	"time"
)

// clock explains a right signature that is out of its window.
func (s *search) clock() {
	age := s.v.Skew
	a := assumption{rank: 0, title: "the signature is right, only its time is out of the window"}
	switch zone := zoneOffset(age); {
	case s.v.SignedAt.Year() < 2000:
		a.id, a.title = "clock.unit", "the time was read in the wrong unit"
		a.evidence = "its time would be in " + itoa(int64(s.v.SignedAt.Year())) + ": it looks like seconds where the scheme has milliseconds"
		a.fix = "send milliseconds, or set timestamp.unit to auto in a scheme of your own"
	case s.v.Reason == TooNew && zone == 0:
		a.id = "clock.behind"
		a.evidence = "its time is " + about(-age) + " ahead of this machine's clock"
		a.fix = "set this machine's clock (chrony, timedatectl), or the sender's; meanwhile --tolerance " + allow(-age)
	case zone != 0:
		a.id = "clock.timezone"
		a.evidence = "its time is off by " + about(age.Abs()) + ", the size of a time zone"
		a.fix = "sign with UTC: a local time was taken for UTC on one of the two sides"
	case age >= 24*time.Hour:
		a.id = "clock.replayed"
		a.evidence = "it was made " + about(age) + " ago"
		a.fix = "a recorded request is verified with --ignore-time, or with --at and the time it arrived"
	default:
		a.id = "clock.old"
		a.evidence = "its time is " + about(age) + " behind this machine's clock"
		a.fix = "if the delivery did not wait that long, set the clocks (chrony, timedatectl); else --tolerance " + allow(age)
	}
	s.note(&a)
}

// zoneOffset is the offset of a time zone that a skew has the size of, or 0.
func zoneOffset(skew time.Duration) time.Duration {
	const near = 90 * time.Second
	offset := skew.Round(30 * time.Minute)
	if offset.Abs() < 30*time.Minute || offset.Abs() > 14*time.Hour || (skew-offset).Abs() > near {
		return 0
	}
	return offset
}

func about(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return itoa(int64(d/(24*time.Hour))) + " days"
	case d >= time.Hour:
		h, m := int64(d.Round(time.Minute)/time.Hour), int64(d.Round(time.Minute)%time.Hour/time.Minute)
		if m == 0 {
			return itoa(h) + " h"
		}
		return itoa(h) + " h " + itoa(m) + " min"
	case d >= 2*time.Minute:
		return itoa(int64(d.Round(time.Minute)/time.Minute)) + " min"
	default:
		return itoa(int64(d/time.Second)) + " s"
	}
}

// allow is a tolerance that would let a skew pass, as a flag's value.
func allow(d time.Duration) string {
	return itoa(int64(d.Truncate(time.Minute)/time.Minute)+1) + "m"
}

// intact is the finding when the signature matches as it stands, and something else was refused.
func (s *search) intact() assumption {
	a := assumption{
		id: "header.other", title: "the signature itself is right", evidence: "it matches as it stands; what was refused is another header",
		fix: "send the headers that the scheme asks for: " + s.headerList(),
	}
	switch {
	case s.v.Reason == MalformedTimestamp && strings.HasSuffix(s.v.Detail, "due"):
		a.id, a.title = "clock.unit", "the time is in another unit"
		a.evidence = "it matches as it stands, and the time is in milliseconds where the scheme has seconds"
		a.fix = "send seconds, or set timestamp.unit to auto in a scheme of your own"
	case s.v.Reason == MalformedTimestamp:
		a.id, a.title = "clock.format", "the time is written in another form"
		a.evidence = "it matches as it stands, but the scheme's unit is " + s.r.scheme.Timestamp.Unit
		a.fix = "send the time as the scheme has it, or set timestamp.unit in a scheme of your own"
	case s.r.scheme.BodyHash != nil && s.v.Reason == Mismatch:
		a.id, a.title, a.kind, a.rank = "body.hash", "the body is not the one whose hash is in the URL", recipeBody, 30
		a.evidence = "the URL's signature is right, and " + s.v.Detail
		a.fix = rawFix
	}
	return a
}

func (s *search) headerList() string {
	names := slices.Concat(s.r.idHeaders, s.r.timeHeaders, s.r.sigHeaders)
	for _, q := range s.r.require {
		names = append(names, q.header)
	}
	return strings.Join(names, ", ")
}
