package render

// Sizes, durations and ages for people.

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/whctl/whctl/internal/term"
)

// The longest durations stand for everything longer, as in time.Time.Sub.
const (
	longest  = time.Duration(math.MaxInt64)
	shortest = time.Duration(math.MinInt64)
)

// Seconds makes a duration of a remote number of seconds. A number that is too large becomes the longest duration of its sign, and
// NaN becomes 0.
func Seconds(s float64) time.Duration {
	switch ns := s * float64(time.Second); {
	case math.IsNaN(ns):
		return 0
	case ns >= float64(math.MaxInt64):
		return longest
	case ns <= float64(math.MinInt64):
		return shortest
	default:
		return time.Duration(ns)
	}
}

// Milliseconds is Seconds for whole milliseconds.
func Milliseconds(n int64) time.Duration {
	switch {
	case n > int64(longest/time.Millisecond):
		return longest
	case n < int64(shortest/time.Millisecond):
		return shortest
	default:
		return time.Duration(n) * time.Millisecond
	}
}

// Size is a number of bytes for people: "477 B", "1.2 KiB".
func Size(n int64) string {
	const unit = 1024
	if n < unit {
		return strconv.FormatInt(n, 10) + " B"
	}
	value, names := float64(n), "KMGTPE"
	i := -1
	for value >= unit && i < len(names)-1 {
		value /= unit
		i++
	}
	if value >= 1023.95 && i < len(names)-1 { // would be rounded to 1024.0
		value /= unit
		i++
	}
	return fmt.Sprintf("%.1f %ciB", value, names[i])
}

// Dur is a duration for people: "0.4 ms", "12 ms", "1.5 s", "2 min 5 s", "3 h 20 min", "2 d 4 h", and "more than …" for the
// longest.
func Dur(d time.Duration) string {
	switch {
	case d == longest:
		return "more than " + twoUnits(int64(d/(24*time.Hour)), "d", 0, "h")
	case d <= -longest: // the shortest has no positive counterpart
		return "less than " + twoUnits(int64(d/(24*time.Hour)), "d", 0, "h")
	case d < 0:
		return "-" + Dur(-d)
	case d == 0:
		return "0 ms"
	case d < 9950*time.Microsecond:
		return fmt.Sprintf("%.1f ms", max(float64(d)/float64(time.Millisecond), 0.1))
	case d < 999500*time.Microsecond:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d < 59950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour-500*time.Millisecond:
		d = d.Round(time.Second)
		return twoUnits(int64(d/time.Minute), "min", int64(d%time.Minute/time.Second), "s")
	case d < 24*time.Hour-30*time.Second:
		d = d.Round(time.Minute)
		return twoUnits(int64(d/time.Hour), "h", int64(d%time.Hour/time.Minute), "min")
	default:
		d = d.Round(time.Hour)
		return twoUnits(int64(d/(24*time.Hour)), "d", int64(d%(24*time.Hour)/time.Hour), "h")
	}
}

func twoUnits(large int64, largeName string, small int64, smallName string) string {
	text := strconv.FormatInt(large, 10) + " " + largeName
	if small != 0 {
		text += " " + strconv.FormatInt(small, 10) + " " + smallName
	}
	return text
}

// Ago says how long before now t is, in one unit: "just now", "12 s ago", "5 d ago", and "in 5 min" for a later time. The zero
// time is "–".
func Ago(now, t time.Time) string {
	if t.IsZero() {
		return none
	}
	switch text, later := apart(now, t); {
	case text == "":
		return "just now"
	case later:
		return "in " + text
	default:
		return text + " ago"
	}
}

// AgoCell is Ago in a table. Where the room is short it leaves out the "ago".
func AgoCell(now, t time.Time) Cell {
	c := Cell{Text: Ago(now, t)}
	switch text, later := apart(now, t); {
	case t.IsZero() || later:
	case text == "":
		c.Short = "now"
	default:
		c.Short = text
	}
	return c
}

// apart is how far t is from now in one unit, "" for less than a second, and whether it is later.
func apart(now, t time.Time) (text string, later bool) {
	d := now.Sub(t)
	if d == longest || d == shortest { // further apart than a duration can say
		const day = 24 * 60 * 60
		days := now.Unix()/day - t.Unix()/day
		return strconv.FormatInt(max(days, -days), 10) + " d", d < 0
	}
	return oneUnit(d.Abs()), d < 0
}

// oneUnit rounds down, as people do with ages. Less than a second is "".
func oneUnit(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Second:
		return ""
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	case d < 2*day:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	default:
		return strconv.Itoa(int(d/day)) + " d"
	}
}

// none stands where there is nothing to show.
const none = "–"

// When is a time for people: how long before now, and exactly. The zero time is "".
func When(style term.Style, now, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return Ago(now, t) + style.Dim("  "+t.Local().Format(time.RFC3339))
}
