package explain

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// waited is the age from which a request is likelier to have been kept than a clock to be wrong.
const waited = 15 * time.Minute

// explainClock explains a right signature that is out of its window.
func (s *search) explainClock() {
	age := s.v.Skew
	zone := zoneOffset(age)
	verify := fault.Command("whctl verify").Flag("--at", strconv.FormatInt(s.v.SignedAt.Unix(), 10)).String()
	a := mistake{rank: rankTime, title: "the signature is right, only its time is out of the window"}
	side := " behind"
	if s.v.Reason == sign.TooNew {
		side = " ahead of"
	}
	a.seen = "its time is " + about(age.Abs()) + side + " this machine's clock; the window is " + about(s.window())
	kept := "a request that was saved, replayed or retried is that old: verify it as of its time (" + verify + ", or --ignore-time)"
	const local = "sign with UTC: a local time was taken for UTC on one of the two sides"
	switch {
	case s.secondsForMillis():
		a.id, a.title = "clock.unit", "the time was read in the wrong unit"
		a.seen = "its time would be in " + strconv.Itoa(s.v.SignedAt.Year()) + ": it looks like seconds where the scheme has milliseconds"
		a.fix = "the code that signs must send milliseconds"
		a.or("timestamp.unit: " + scheme.UnitAuto)
	case s.v.SignedAt.Year() < 2000:
		a.id = "clock.old"
		a.seen = "its time is " + s.v.SignedAt.UTC().Format(time.DateTime) + " UTC; the window is " + about(s.window())
		a.fix = "the code that signs must send the present time" + s.unitWords() + "; to look at the signature alone: whctl verify --ignore-time"
	case zone != 0 && (s.v.Reason == sign.TooNew || !s.countsSeconds()):
		a.id, a.fix = "clock.timezone", "that is the size of a time zone: "+local
		if s.v.Reason == sign.TooOld {
			a.fix += "; or " + kept
		}
	case s.v.Reason == sign.TooNew:
		a.id, a.fix = "clock.behind", "set this machine's clock (chrony, timedatectl), or the sender's"+allow("; meanwhile ", age.Abs())
	case zone != 0: // a unix time has no zone, but code that makes it of a local time does
		a.id, a.fix = "clock.timezone", kept+"; if it is fresh, that is the size of a time zone: "+local
	case age >= waited:
		if a.id, a.fix = "clock.replayed", kept; age < 24*time.Hour {
			a.fix += "; if it is fresh, set the clocks (chrony, timedatectl)"
		}
	default:
		a.id, a.fix = "clock.old", "set this machine's clock (chrony, timedatectl), or the sender's; if it did wait that long: "+verify+allow(", or ", age)
	}
	s.note(&a)
}

// window is how far a message's time may be off.
func (s *search) window() time.Duration {
	if s.o.Tolerance != nil {
		return max(0, *s.o.Tolerance)
	}
	return s.r.Scheme().Timestamp.Tolerance.Duration()
}

// secondsForMillis says whether a time that was read as milliseconds is one of these years in seconds.
func (s *search) secondsForMillis() bool {
	at := time.Unix(s.v.SignedAt.UnixMilli(), 0)
	return s.r.Clock.Unit == scheme.UnitMillis && s.v.SignedAt.Year() < 2000 && at.Sub(s.o.Now).Abs() < 10*365*24*time.Hour
}

// countsSeconds says whether the scheme's times are numbers, which have no zone.
func (s *search) countsSeconds() bool {
	return s.r.Clock.Unit == scheme.UnitSeconds || s.r.Clock.Unit == scheme.UnitMillis || s.r.Clock.Unit == scheme.UnitAuto
}

// unitWords say how the scheme writes times; they go on after "the time".
func (s *search) unitWords() string {
	switch s.r.Clock.Unit {
	case scheme.UnitSeconds, scheme.UnitAuto:
		return " in seconds since 1970 (date +%s)"
	case scheme.UnitMillis:
		return " in milliseconds since 1970 (date +%s%3N)"
	case scheme.UnitRFC3339:
		return " as in " + s.o.Now.UTC().Format(time.RFC3339)
	default:
		return " as in " + s.r.Clock.Format(s.o.Now)
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
		return "more than " + strconv.Itoa(int(d/(24*time.Hour))) + " days"
	case d >= 48*time.Hour:
		return strconv.Itoa(int(d/(24*time.Hour))) + " days"
	case d >= time.Hour:
		h, m := int64(d.Round(time.Minute)/time.Hour), int64(d.Round(time.Minute)%time.Hour/time.Minute)
		if m == 0 {
			return strconv.FormatInt(h, 10) + " h"
		}
		return strconv.FormatInt(h, 10) + " h " + strconv.FormatInt(m, 10) + " min"
	case d >= 10*time.Minute:
		return strconv.Itoa(int(d.Round(time.Minute)/time.Minute)) + " min"
	default:
		return strconv.Itoa(int(d/time.Second)) + " s"
	}
}

// allow offers a tolerance that would let a skew pass, unless that were to switch the check off.
func allow(before string, d time.Duration) string {
	if d >= time.Hour {
		return ""
	}
	return before + "--tolerance " + strconv.Itoa(int(d.Truncate(time.Minute)/time.Minute)+1) + "m"
}

// intact is the finding when the signature matches as it stands, and something else was refused.
func (s *search) intact() mistake {
	a := mistake{
		id: "header.other", title: "the signature itself is right", evidence: "as it stands; what was refused is another header",
		fix: "look what drops or changes one of " + s.headerList() + " on its way",
	}
	switch {
	case s.v.Detail.Place.In == sign.InSettings:
		a.evidence = "as it stands, and " + s.v.Detail.String()
		a.fix = s.giveParams()
	case errors.Is(s.v.Detail.Cause, scheme.ErrMilliseconds):
		a.id, a.title = "clock.unit", "the time is in another unit"
		a.evidence = "as it stands, and the time is in milliseconds where the scheme has seconds"
		a.fix = "the code that signs must send seconds"
		a.or("timestamp.unit: " + scheme.UnitAuto)
	case s.v.Reason == sign.MalformedTimestamp:
		a.id, a.title = "clock.format", "the time is written in another form"
		a.evidence = "as it stands, but the scheme's unit is " + s.r.Scheme().Timestamp.Unit
		a.fix = "the code that signs must send the time" + s.unitWords()
		a.or(s.unitSet())
	case s.r.Scheme().BodyHash != nil && s.v.Reason == sign.Mismatch:
		a.id, a.title, a.recipes, a.rank = "body.hash", "the body is not the one whose hash is in the URL", recipeBody, rankBodyHash
		a.seen = "the URL's signature is right, and " + s.v.Detail.String()
		a.fix = rawFix
	}
	return a
}

// unitSet is the unit that reads the message's time, for a scheme of one's own; "" when none does.
func (s *search) unitSet() string {
	times := s.r.Read(s.m, &s.o.VerifyOptions).Times
	for _, unit := range []string{scheme.UnitRFC3339, scheme.UnitAuto} {
		c := scheme.Clock{Unit: unit}
		if len(times) > 0 && times[0] != "" {
			if _, err := c.Parse(times[0]); err == nil {
				return "timestamp.unit: " + unit
			}
		}
	}
	return ""
}

func (s *search) headerList() string {
	names := slices.Concat(s.r.IDHeaders, s.r.TimeHeaders, s.r.SigHeaders)
	for _, q := range s.r.Require {
		names = append(names, q.Header)
	}
	return strings.Join(names, ", ")
}
