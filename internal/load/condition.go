package load

// What makes a run a failure: p99>250ms, errors>1%.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/fault"
)

// Field is a figure that a condition is about.
type Field string

// The fields. The first five are durations.
const (
	FieldP50     Field = "p50"
	FieldP90     Field = "p90"
	FieldP99     Field = "p99"
	FieldP999    Field = "p99.9"
	FieldMax     Field = "max"
	FieldErrors  Field = "errors"
	FieldRefused Field = "refused"
	FieldSent    Field = "sent"
	FieldRate    Field = "rate"
)

func latencyFields() []Field { return []Field{FieldP50, FieldP90, FieldP99, FieldP999, FieldMax} }

func countFields() []Field { return []Field{FieldErrors, FieldRefused, FieldSent, FieldRate} }

// unit is what the value of a condition counts.
type unit int

const (
	nanoseconds unit = iota
	plain            // requests; of a rate: requests a second
	percent          // of the requests that were sent; of a rate: of the one that was asked for
)

// Condition is a comparison that makes a run a failure where it holds.
type Condition struct {
	Text  string
	Field Field
	op    string
	value float64
	unit  unit
}

// ParseCondition reads FIELD OP VALUE. Errors are usage faults.
func ParseCondition(text string) (Condition, error) {
	const marks = "<>=!"
	c := Condition{Text: text}
	at := strings.IndexAny(text, marks)
	if at < 0 {
		return c, broken("%q compares nothing", text)
	}
	rest := strings.TrimLeft(text[at:], marks)
	c.Field, c.op = Field(strings.TrimSpace(text[:at])), text[at:len(text)-len(rest)]
	if !slices.Contains([]string{">", ">=", "<", "<="}, c.op) {
		return c, broken("%q is no comparison in %q", c.op, text)
	}
	value := strings.TrimSpace(rest)
	switch {
	case slices.Contains(latencyFields(), c.Field):
		if !c.setDuration(value) {
			return c, broken("%q is no duration in %q", value, text)
		}
	case slices.Contains(countFields(), c.Field):
		if !c.setNumber(value) {
			return c, broken("%q is no number in %q", value, text)
		}
	default:
		return c, broken("%q is no figure of a load", string(c.Field))
	}
	return c, nil
}

func (c *Condition) setDuration(value string) bool {
	d, err := duration.Parse(value)
	c.value, c.unit = float64(d), nanoseconds
	_, bare := number(value) // such as 0, whose unit nobody knows
	return err == nil && d >= 0 && !bare
}

func (c *Condition) setNumber(value string) (ok bool) {
	c.unit = plain
	if part, is := strings.CutSuffix(value, "%"); is && c.Field != FieldSent {
		c.unit, value = percent, part
	}
	if c.Field == FieldRate {
		value = strings.TrimSuffix(value, "/s")
	}
	c.value, ok = number(value)
	return ok
}

func number(text string) (float64, bool) {
	if strings.Trim(text, "0123456789.") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

func broken(format string, args ...any) error {
	return fault.Hint(fault.New(fault.Usage, format, args...), "write it as 'p99>250ms', 'refused>0' or 'rate<1900'; there are p50, p90, p99, p99.9, max, errors, refused, sent and rate")
}

// Fits says whether a condition can be judged after a run of a plan. The error is a usage fault.
func (c *Condition) Fits(p Plan) error {
	if c.Field == FieldRate && c.unit == percent && p.Step == 0 {
		return fault.Hint(fault.New(fault.Usage, "%q is a part of the rate that is asked for, and there is none", c.Text), "add --rate, or compare with a number: 'rate<1900'")
	}
	return nil
}

// Met says whether a condition holds, and what the figure is, in words. A latency of a run without any holds: nothing shows that it is
// short.
func (c *Condition) Met(s *Summary) (met bool, is string) {
	if c.unit == nanoseconds {
		if s.Latencies.Count == 0 {
			return true, "not known"
		}
		d := s.Latencies.of(c.Field)
		return c.holds(float64(d)), d.Round(time.Microsecond).String()
	}
	n := s.figure(c.Field)
	if c.unit == plain {
		return c.holds(n), strconv.FormatFloat(n, 'f', -1, 64)
	}
	whole := float64(s.Sent)
	if c.Field == FieldRate {
		whole = s.Asked()
	}
	if whole == 0 {
		return c.holds(0), "0%"
	}
	part := n / whole * 100
	return c.holds(part), fmt.Sprintf("%.4g%%", part)
}

func (c *Condition) holds(figure float64) bool {
	switch c.op {
	case ">":
		return figure > c.value
	case ">=":
		return figure >= c.value
	case "<":
		return figure < c.value
	default:
		return figure <= c.value
	}
}

func (l *Latencies) of(f Field) time.Duration {
	switch f {
	case FieldP50:
		return l.P50
	case FieldP90:
		return l.P90
	case FieldP99:
		return l.P99
	case FieldP999:
		return l.P999
	default:
		return l.Max
	}
}

func (s *Summary) figure(f Field) float64 {
	switch f {
	case FieldErrors:
		return float64(s.Failed)
	case FieldRefused:
		return float64(s.Refused)
	case FieldSent:
		return float64(s.Sent)
	default:
		return float64(int64(s.Rate()*10+0.5)) / 10
	}
}
