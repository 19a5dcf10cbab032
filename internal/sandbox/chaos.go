package sandbox

// What goes wrong on purpose.

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

const maxDelay = 24 * time.Hour

// Chaos is what goes wrong on purpose. Each number is a probability from 0 to 1. With the zero value nothing does.
type Chaos struct {
	Duplicate float64 // a second delivery right after the first
	Reorder   float64 // the event after this one overtakes it
	Drop      float64 // the attempt is lost: nothing arrives, and the next one follows on the schedule
	Delay     time.Duration
	DelayP    float64 // of the delay
	Status    []StatusChaos
}

// StatusChaos replaces the status of a receiver's answer. The receiver has got the event, and the platform does not know.
type StatusChaos struct {
	Code int
	P    float64
}

const chaosHint = "for example: --chaos duplicate=0.1,reorder=0.2,delay=2s,drop=0.05,status=500:0.1"

// ParseChaos reads duplicate=P,reorder=P,drop=P,delay=DUR[:P],status=CODE[:P]. There may be several statuses. Its errors are
// usage faults.
func ParseChaos(spec string) (Chaos, error) {
	var c Chaos
	seen := map[string]bool{}
	for part := range strings.SplitSeq(spec, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return Chaos{}, chaosFault("%q has no value", part)
		}
		if seen[name] && name != "status" {
			return Chaos{}, chaosFault("%s is given twice", name)
		}
		seen[name] = true
		if err := c.set(name, value); err != nil {
			return Chaos{}, err
		}
	}
	if len(seen) == 0 && strings.TrimSpace(spec) != "" {
		return Chaos{}, chaosFault("%q names nothing", spec)
	}
	return c, nil
}

func (c *Chaos) set(name, value string) (err error) {
	switch name {
	case "duplicate":
		c.Duplicate, err = probability(name, value)
	case "reorder":
		c.Reorder, err = probability(name, value)
	case "drop":
		c.Drop, err = probability(name, value)
	case "delay":
		err = c.setDelay(value)
	case "status":
		err = c.addStatus(value)
	default:
		err = chaosFault("there is no %q: use duplicate, reorder, delay, drop or status", name)
	}
	return err
}

func (c *Chaos) setDelay(value string) error {
	text, p, has := strings.Cut(value, ":")
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > maxDelay {
		return chaosFault("delay %q is no duration such as 2s, or longer than a day", text)
	}
	c.Delay, c.DelayP = d, 1
	if has {
		c.DelayP, err = probability("delay", p)
	}
	return err
}

func (c *Chaos) addStatus(value string) error {
	text, p, has := strings.Cut(value, ":")
	code, err := strconv.Atoi(text)
	if err != nil || code < 200 || code > 599 {
		return chaosFault("status %q is no HTTP status from 200 to 599", text)
	}
	s := StatusChaos{Code: code, P: 1}
	if has {
		s.P, err = probability("status", p)
	}
	c.Status = append(c.Status, s)
	return err
}

func probability(name, text string) (float64, error) {
	p, err := strconv.ParseFloat(text, 64)
	if err != nil || !(p >= 0 && p <= 1) {
		return 0, chaosFault("%s %q is no probability from 0 to 1", name, text)
	}
	return p, nil
}

func chaosFault(format string, args ...any) error {
	return fault.Hint(fault.New(fault.Usage, "chaos: "+format, args...), chaosHint)
}

// String returns the spec that ParseChaos reads, "" if nothing goes wrong.
func (c Chaos) String() string {
	var parts []string
	add := func(name string, p float64) {
		if p > 0 {
			parts = append(parts, name+"="+number(p))
		}
	}
	add("duplicate", c.Duplicate)
	add("reorder", c.Reorder)
	add("drop", c.Drop)
	if c.Delay > 0 && c.DelayP > 0 {
		text := "delay=" + c.Delay.String()
		if c.DelayP < 1 {
			text += ":" + number(c.DelayP)
		}
		parts = append(parts, text)
	}
	for _, s := range c.Status {
		parts = append(parts, fmt.Sprintf("status=%d:%s", s.Code, number(s.P)))
	}
	return strings.Join(parts, ",")
}

// deliveries reports whether anything goes wrong with deliveries.
func (c Chaos) deliveries() bool {
	return c.Duplicate > 0 || c.Reorder > 0 || c.Drop > 0 || c.Delay > 0 || len(c.Status) > 0
}

func number(p float64) string { return strconv.FormatFloat(p, 'g', -1, 64) }

// dice decides what goes wrong for one event and webhook. It depends on the seed, the numbers of event and webhook, and the
// attempt. It does not depend on when it is asked.
type dice struct {
	c              Chaos
	seed           uint64
	event, webhook uint64
}

func (s *Sandbox) dice(e *eventRecord, w *webhook) dice {
	return dice{c: s.o.Chaos, seed: s.seed, event: e.Seq, webhook: uint64(w.Ordinal)} //nolint:gosec // G115: a small count
}

func (d dice) roll(what string, p float64, run, attempt int) bool {
	return p > 0 && chance(d.seed, what, d.event, d.webhook, uint64(run), uint64(attempt)) < p //nolint:gosec // G115: small counts
}

func (d dice) delay() time.Duration {
	if d.c.Delay > 0 && d.roll("delay", d.c.DelayP, 0, 1) {
		return d.c.Delay
	}
	return 0
}

// status returns the status that replaces the receiver's, or 0.
func (d dice) status(run, attempt int) int {
	for i, s := range d.c.Status {
		if d.roll("status"+strconv.Itoa(i), s.P, run, attempt) {
			return s.Code
		}
	}
	return 0
}
