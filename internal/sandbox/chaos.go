package sandbox

// What goes wrong on purpose.

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/fault"
)

const maxDelay = 24 * time.Hour

// Chaos is what goes wrong on purpose. Each number is a probability from 0 to 1. With the zero value nothing does.
type Chaos struct {
	Duplicate float64 // a second delivery right after the first
	Reorder   float64 // the event after this one overtakes it
	Drop      float64 // the attempt is lost: nothing arrives, and the next one follows on the schedule
	Delay     time.Duration
	DelayP    float64       // of the delay
	Status    []StatusChaos // replaces that of a receiver's answer: the receiver has got the event, and the platform does not know

	API       []StatusChaos // a call of the API is answered so, and does nothing
	NoService float64       // the same as where the platform has no notification service
	APIDelay  time.Duration
	APIDelayP float64
}

// StatusChaos is a status of an answer that is not the true one.
type StatusChaos struct {
	Code int
	P    float64
}

// unavailable stands in place of a status for the platform's own 503.
const unavailable = "unavailable"

const chaosHint = "for example: --chaos duplicate=0.1,reorder=0.2,delay=2s,drop=0.05,status=500:0.1,api=503:0.1,api-delay=2s"

// ParseChaos reads duplicate=P,reorder=P,drop=P,delay=DUR[:P],status=CODE[:P],api=CODE[:P],api=unavailable[:P],api-delay=DUR[:P]. There
// may be several of status and api, each code once; they are tried in their order, the next one where the one before does not strike. Its errors
// are usage faults.
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
		if seen[name] && name != "status" && name != "api" {
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
		c.Delay, c.DelayP, err = delay(name, value)
	case "api-delay":
		c.APIDelay, c.APIDelayP, err = delay(name, value)
	case "status":
		c.Status, err = withStatus(c.Status, name, value, http.StatusOK)
	case "api":
		if word, share, has := strings.Cut(value, ":"); word == unavailable {
			if c.NoService > 0 {
				return chaosFault("%s=%s is given twice", name, word)
			}
			if c.NoService = 1; has {
				c.NoService, err = probability(name, share)
			}
			return err
		}
		c.API, err = withStatus(c.API, name, value, http.StatusBadRequest)
	default:
		err = chaosFault("there is no %q: use duplicate, reorder, delay, drop, status, api or api-delay", name)
	}
	return err
}

// delay reads DUR[:P].
func delay(name, value string) (d time.Duration, p float64, err error) {
	text, share, has := strings.Cut(value, ":")
	d, err = duration.Parse(text)
	if err != nil || d <= 0 || d > maxDelay {
		return 0, 0, chaosFault("%s %q is no duration such as 2s, or longer than a day", name, text)
	}
	p = 1
	if has {
		p, err = probability(name, share)
	}
	return d, p, err
}

// withStatus adds CODE[:P] to a list. The lowest code that may be given is least.
func withStatus(list []StatusChaos, name, value string, least int) ([]StatusChaos, error) {
	text, p, has := strings.Cut(value, ":")
	code, err := strconv.Atoi(text)
	if err != nil || code < least || code > 599 {
		return nil, chaosFault("%s %q is no HTTP status from %d to 599", name, text, least)
	}
	if slices.ContainsFunc(list, func(s StatusChaos) bool { return s.Code == code }) {
		return nil, chaosFault("%s=%d is given twice", name, code)
	}
	s := StatusChaos{Code: code, P: 1}
	if has {
		s.P, err = probability(name, p)
	}
	return append(list, s), err
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
	addDelay := func(name string, d time.Duration, p float64) {
		switch {
		case d == 0 || p == 0:
		case p < 1:
			parts = append(parts, name+"="+d.String()+":"+number(p))
		default:
			parts = append(parts, name+"="+d.String())
		}
	}
	addStatus := func(name string, list []StatusChaos) {
		for _, s := range list {
			parts = append(parts, fmt.Sprintf("%s=%d:%s", name, s.Code, number(s.P)))
		}
	}
	addDelay("delay", c.Delay, c.DelayP)
	addStatus("status", c.Status)
	addStatus("api", c.API)
	if c.NoService > 0 {
		parts = append(parts, "api="+unavailable+":"+number(c.NoService))
	}
	addDelay("api-delay", c.APIDelay, c.APIDelayP)
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
