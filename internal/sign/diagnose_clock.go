package sign

import (
	"math"
	"slices"
	"strings"
	"time"
)

// waited is the age from which a request is likelier to have been kept than a clock to be wrong.
const waited = 15 * time.Minute

// clock explains a right signature that is out of its window.
func (s *search) clock() {
	age := s.v.Skew
	zone := zoneOffset(age)
	at := "--at " + itoa(s.v.SignedAt.Unix())
	a := assumption{rank: 0, title: "the signature is right, only its time is out of the window"}
	a.evidence = "its time is " + about(age.Abs()) + " behind this machine's clock; the window is " + about(s.window())
	if s.v.Reason == TooNew {
		a.evidence = strings.Replace(a.evidence, "behind", "ahead of", 1)
	}
	kept := "a request that was saved, replayed or retried is that old: verify it as of its time (whctl verify " + at + ", or --ignore-time)"
	const local = "sign with UTC: a local time was taken for UTC on one of the two sides"
	switch {
	case s.secondsForMillis():
		a.id, a.title = "clock.unit", "the time was read in the wrong unit"
		a.evidence = "its time would be in " + itoa(int64(s.v.SignedAt.Year())) + ": it looks like seconds where the scheme has milliseconds"
		a.fix = "the code that signs must send milliseconds"
		a.or("timestamp.unit: " + unitAuto)
	case s.v.SignedAt.Year() < 2000:
		a.id = "clock.old"
		a.evidence = "its time is " + s.v.SignedAt.UTC().Format(time.DateTime) + " UTC; the window is " + about(s.window())
		a.fix = "the code that signs must send the present time" + s.unitWords() + "; to look at the signature alone: whctl verify --ignore-time"
	case zone != 0 && (s.v.Reason == TooNew || !s.countsSeconds()):
		a.id, a.fix = "clock.timezone", "that is the size of a time zone: "+local
		if s.v.Reason == TooOld {
			a.fix += "; or " + kept
		}
	case s.v.Reason == TooNew:
		a.id, a.fix = "clock.behind", "set this machine's clock (chrony, timedatectl), or the sender's"+allow("; meanwhile ", age.Abs())
	case zone != 0: // a unix time has no zone, but code that makes it of a local time does
		a.id, a.fix = "clock.timezone", kept+"; if it is fresh, that is the size of a time zone: "+local
	case age >= waited:
		if a.id, a.fix = "clock.replayed", kept; age < 24*time.Hour {
			a.fix += "; if it is fresh, set the clocks (chrony, timedatectl)"
		}
	default:
		a.id, a.fix = "clock.old", "set this machine's clock (chrony, timedatectl), or the sender's; if it did wait that long: whctl verify "+at+allow(", or ", age)
	}
	s.note(&a)
}

// window is how far a message's time may be off.
func (s *search) window() time.Duration {
	if s.o.Tolerance != nil {
		return max(0, *s.o.Tolerance)
	}
	return s.r.scheme.Timestamp.Tolerance.duration()
}

// secondsForMillis says whether a time that was read as milliseconds is one of these years in seconds.
func (s *search) secondsForMillis() bool {
	at := time.Unix(s.v.SignedAt.UnixMilli(), 0)
	return s.r.clock.unit == unitMillis && s.v.SignedAt.Year() < 2000 && at.Sub(s.o.Now).Abs() < 10*365*24*time.Hour
}

// countsSeconds says whether the scheme's times are numbers, which have no zone.
func (s *search) countsSeconds() bool {
	return s.r.clock.unit == unitSeconds || s.r.clock.unit == unitMillis || s.r.clock.unit == unitAuto
}

// unitWords say how the scheme writes times; they go on after "the time".
func (s *search) unitWords() string {
	switch s.r.clock.unit {
	case unitSeconds, unitAuto:
		return " in seconds since 1970 (date +%s)"
	case unitMillis:
		return " in milliseconds since 1970 (date +%s%3N)"
	case unitRFC3339:
		return " as in " + s.o.Now.UTC().Format(time.RFC3339)
	default:
		return " as in " + s.r.clock.format(s.o.Now)
	}
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
	case d == math.MaxInt64: // the difference of two times stops there
		return "more than " + itoa(int64(d/(24*time.Hour))) + " days"
	case d >= 48*time.Hour:
		return itoa(int64(d/(24*time.Hour))) + " days"
	case d >= time.Hour:
		h, m := int64(d.Round(time.Minute)/time.Hour), int64(d.Round(time.Minute)%time.Hour/time.Minute)
		if m == 0 {
			return itoa(h) + " h"
		}
		return itoa(h) + " h " + itoa(m) + " min"
	case d >= 10*time.Minute:
		return itoa(int64(d.Round(time.Minute)/time.Minute)) + " min"
	default:
		return itoa(int64(d/time.Second)) + " s"
	}
}

// allow offers a tolerance that would let a skew pass, unless that were to switch the check off.
func allow(before string, d time.Duration) string {
	if d >= time.Hour {
		return ""
	}
	return before + "--tolerance " + itoa(int64(d.Truncate(time.Minute)/time.Minute)+1) + "m"
}

// intact is the finding when the signature matches as it stands, and something else was refused.
func (s *search) intact() assumption {
	a := assumption{
		id: "header.other", title: "the signature itself is right", evidence: "it matches as it stands; what was refused is another header",
		fix: "look what drops or changes one of " + s.headerList() + " on its way",
	}
	switch {
	case s.v.Reason == WrongHeader && strings.HasPrefix(s.v.Detail, "setting"):
		a.evidence = "it matches as it stands, and " + s.v.Detail
		a.fix = s.giveParams()
	case s.v.Reason == MalformedTimestamp && strings.HasSuffix(s.v.Detail, "due"):
		a.id, a.title = "clock.unit", "the time is in another unit"
		a.evidence = "it matches as it stands, and the time is in milliseconds where the scheme has seconds"
		a.fix = "the code that signs must send seconds"
		a.or("timestamp.unit: " + unitAuto)
	case s.v.Reason == MalformedTimestamp:
		a.id, a.title = "clock.format", "the time is written in another form"
		a.evidence = "it matches as it stands, but the scheme's unit is " + s.r.scheme.Timestamp.Unit
		a.fix = "the code that signs must send the time" + s.unitWords()
		a.or(s.unitSet())
	case s.r.scheme.BodyHash != nil && s.v.Reason == Mismatch:
		a.id, a.title, a.kind, a.rank = "body.hash", "the body is not the one whose hash is in the URL", recipeBody, 30
		a.evidence = "the URL's signature is right, and " + s.v.Detail
		a.fix = rawFix
	}
	return a
}

// unitSet is the unit that reads the message's time, for a scheme of one's own; "" when none does.
func (s *search) unitSet() string {
	var p parts
	s.r.read(s.m, s.o, &p)
	for _, unit := range []string{unitRFC3339, unitAuto} {
		c := clockFormat{unit: unit}
		if len(p.times) > 0 && p.times[0].text != "" {
			if _, problem := c.parse(p.times[0].text); problem == "" {
				return "timestamp.unit: " + unit
			}
		}
	}
	return ""
}

func (s *search) headerList() string {
	names := slices.Concat(s.r.idHeaders, s.r.timeHeaders, s.r.sigHeaders)
	for _, q := range s.r.require {
		names = append(names, q.header)
	}
	return strings.Join(names, ", ")
}
