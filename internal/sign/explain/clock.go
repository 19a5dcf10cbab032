package explain

// Times that are out of the window, and signatures that are right.

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

// waited is the age from which it is likelier that a request was saved than that a clock is wrong.
const waited = 15 * time.Minute

// clockRow is a mistake that something besides the signature shows. Of those that apply the first is told.
type clockRow struct {
	applies bool
	mistake
}

// clockRows are the reasons why a right signature is out of its window.
func (s *search) clockRows() []clockRow {
	age, signed := s.v.Skew, s.v.SignedAt
	zone, ahead := zoneOffset(age) != 0, s.v.Reason == sign.TooNew
	counts := slices.Contains([]string{scheme.UnitSeconds, scheme.UnitMillis, scheme.UnitAuto}, s.r.Clock.Unit) // numbers have no zone
	verify := fault.Command("whctl verify").Flag("--at", strconv.FormatInt(signed.Unix(), 10)).String()
	saved := "a request that was saved, replayed or retried is that old: verify it as of its time (" + verify + ", or --ignore-time)"
	const title = "the signature is right, only its time is out of the window"
	const local = "that is the size of a time zone: sign with UTC: a local time was taken for UTC on one of the two sides"
	clocks, waits, fresh := "set this machine's clock (chrony, timedatectl), or the sender's", "; if it did wait that long: "+verify, "; if it is fresh, set the clocks (chrony, timedatectl)"
	now, meanwhile := "this machine's clock", "; meanwhile "
	if s.o.AsOf {
		clocks, waits, fresh = "verify it as of its time ("+verify+", or --ignore-time)", "", ""
		meanwhile = ", or "
		now = s.o.Now.UTC().Format(time.DateTime) + " UTC, which --at says"
	}
	side := " behind"
	if ahead {
		side = " ahead of"
	}
	off := "its time is " + about(age.Abs()) + side + " " + now + "; the window is " + about(s.r.Tolerance(&s.o.VerifyOptions))
	return []clockRow{
		{
			s.secondsForMillis(), mistake{
				id: "clock.unit", title: "the time was read in the wrong unit",
				seen: "its time would be in " + strconv.Itoa(signed.Year()) + ": it looks like seconds where the scheme has milliseconds",
				fix:  "the code that signs must send milliseconds", set: "timestamp.unit: " + scheme.UnitAuto, foreign: true,
			},
		},
		{
			signed.Year() < 2000, mistake{
				id: "clock.old", title: title,
				seen: "its time is " + signed.UTC().Format(time.DateTime) + " UTC; the window is " + about(s.r.Tolerance(&s.o.VerifyOptions)),
				fix:  "the code that signs must send the present time" + s.unitWords() + "; to look at the signature alone: whctl verify --ignore-time",
			},
		},
		{zone && ahead, mistake{id: "clock.timezone", title: title, seen: off, fix: local}},
		{zone && !counts, mistake{id: "clock.timezone", title: title, seen: off, fix: local + "; or " + saved}},
		{ahead, mistake{id: "clock.behind", title: title, seen: off, fix: clocks + allow(meanwhile, age.Abs())}},
		// A unix time has no zone, but code that makes it of a local time has one.
		{zone, mistake{id: "clock.timezone", title: title, seen: off, fix: saved + "; if it is fresh, " + local}},
		{age >= 24*time.Hour, mistake{id: "clock.replayed", title: title, seen: off, fix: saved}},
		{age >= waited, mistake{id: "clock.replayed", title: title, seen: off, fix: saved + fresh}},
		{true, mistake{id: "clock.old", title: title, seen: off, fix: clocks + waits + allow(", or ", age)}},
	}
}

// explainClock explains a right signature that is out of its window.
func (s *search) explainClock() {
	rows := s.clockRows()
	s.note(&rows[slices.IndexFunc(rows, func(r clockRow) bool { return r.applies })].mistake)
}

// secondsForMillis says whether a time that was read as milliseconds is one of these years in seconds.
func (s *search) secondsForMillis() bool {
	at := time.Unix(s.v.SignedAt.UnixMilli(), 0)
	return s.r.Clock.Unit == scheme.UnitMillis && s.v.SignedAt.Year() < 2000 && at.Sub(s.o.Now).Abs() < 10*365*24*time.Hour
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

// about is a duration in its largest units. The largest of all is what a longer difference of two times is cut to.
func about(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return when(d == math.MaxInt64, "more than ") + strconv.Itoa(int(d/(24*time.Hour))) + " days"
	case d >= time.Hour:
		h, m := int64(d.Round(time.Minute)/time.Hour), int64(d.Round(time.Minute)%time.Hour/time.Minute)
		return strconv.FormatInt(h, 10) + " h" + when(m != 0, " "+strconv.FormatInt(m, 10)+" min")
	case d >= 10*time.Minute:
		return strconv.Itoa(int(d.Round(time.Minute)/time.Minute)) + " min"
	default:
		return strconv.Itoa(int(d/time.Second)) + " s"
	}
}

// allow offers a tolerance that lets a skew pass, unless that would be as good as no check.
func allow(before string, d time.Duration) string {
	return when(d < time.Hour, before+"--tolerance "+strconv.Itoa(int(d.Truncate(time.Minute)/time.Minute)+1)+"m")
}

// intact is the finding when the signature matches as it stands, and something else was refused.
func (s *search) intact() mistake {
	spec, d := s.r.Scheme(), s.v.Detail
	unit := ""
	if spec.Timestamp != nil {
		unit = spec.Timestamp.Unit
	}
	for _, row := range []clockRow{
		{d.Place.In == sign.InSettings, mistake{
			id: "header.other", title: "the signature itself is right", evidence: "as it stands, and " + d.String(), fix: s.giveParams(),
		}},
		{d.Code == sign.StandsTwice || d.Code == sign.OtherCase || d.Code == sign.NotJSON, mistake{ // no header is concerned
			id: "header.other", title: "the signature itself is right", evidence: "as it stands", fix: "find what adds to the body on its way",
		}},
		{errors.Is(d.Cause, scheme.ErrMilliseconds), mistake{
			id: "clock.unit", title: "the time is in another unit", evidence: "as it stands, and the time is in milliseconds where the scheme has seconds",
			fix: "the code that signs must send seconds", set: "timestamp.unit: " + scheme.UnitAuto, foreign: true,
		}},
		{s.v.Reason == sign.MalformedTimestamp, mistake{
			id: "clock.format", title: "the time is written in another form", evidence: "as it stands, but the scheme's unit is " + unit,
			fix: "the code that signs must send the time" + s.unitWords(), set: s.unitSet(), foreign: true,
		}},
		{spec.BodyHash != nil && s.v.Reason == sign.Mismatch, mistake{
			id: "body.hash", rank: rankBodyHash, title: "the body is not the one whose hash is in the URL", seen: "the URL's signature is right, and " + d.String(),
			fix: string(rawFix), body: rawFix, recipes: recipeBody,
		}},
	} {
		if row.applies {
			return row.mistake
		}
	}
	return mistake{
		id: "header.other", title: "the signature itself is right", evidence: "as it stands; what was refused is another header",
		fix: "find what drops or changes one of " + s.headerList() + " on its way",
	}
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
