package send

// The summary of a load, and how it ends.

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/load"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// loadJSON is the summary as JSON; docs/json.md lists it.
type loadJSON struct {
	EventType   string           `json:"eventType"`
	Method      string           `json:"method"`
	URL         string           `json:"url"`
	Size        int              `json:"size"`
	Count       int64            `json:"count,omitempty"`
	DurationMs  float64          `json:"durationMs,omitempty"`
	AskedRate   float64          `json:"askedRate,omitempty"`
	Concurrency int              `json:"concurrency"`
	Expected    string           `json:"expected,omitempty"`
	TookMs      float64          `json:"tookMs"`
	Rate        float64          `json:"rate"`
	Sent        int64            `json:"sent"`
	Accepted    int64            `json:"accepted"`
	Refused     int64            `json:"refused"`
	Errors      int64            `json:"errors"`
	Unfinished  int64            `json:"unfinished"`
	NotSent     int64            `json:"notSent"`
	Repeated    int64            `json:"repeated"`
	Statuses    map[string]int64 `json:"statuses"`
	Causes      []causeJSON      `json:"causes"`
	LatencyMs   *latencyJSON     `json:"latencyMs"`
	Late        lateJSON         `json:"late"`
	Limit       string           `json:"limit"`
	FailIf      []failIfJSON     `json:"failIf,omitempty"`
	Stopped     bool             `json:"stopped"`
}

type causeJSON struct {
	Cause string `json:"cause"`
	Count int64  `json:"count"`
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
}

type latencyJSON struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p999"`
	Max   float64 `json:"max"`
}

type lateJSON struct {
	Count int64   `json:"count"`
	Idle  int64   `json:"idle"`
	MaxMs float64 `json:"maxMs"`
}

type failIfJSON struct {
	Expr  string `json:"expr"`
	Value string `json:"value"`
	Met   bool   `json:"met"`
}

// loadPrinter prints one summary.
type loadPrinter struct {
	*options
	out     render.Output
	summary *load.Summary
	event   craft.Event
	request deliver.Request
	stopped bool
}

func (p *loadPrinter) print() error {
	return p.out.Value(p.env.IO, p.json(), p.text)
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func tenths(f float64) float64 { return math.Round(f*10) / 10 }

func (p *loadPrinter) json() loadJSON {
	s := p.summary
	v := loadJSON{
		EventType: p.event.Type, Method: p.request.Method, URL: masking.RequestTarget(p.request.URL), Size: len(p.request.Body),
		Count: s.Count, DurationMs: millis(s.Duration), AskedRate: tenths(s.Asked()), Concurrency: s.Concurrency, Expected: p.expect.text,
		TookMs: millis(s.Took), Rate: tenths(s.Rate()),
		Sent: s.Sent, Accepted: s.Accepted, Refused: s.Refused, Errors: s.Failed, Unfinished: s.GivenUp, NotSent: s.Missed, Repeated: s.Repeated,
		Statuses: map[string]int64{}, Causes: []causeJSON{}, Late: lateJSON{s.Late.Count, s.Late.Idle, millis(s.Late.Longest)},
		Limit: string(s.Limit()), Stopped: p.stopped,
	}
	for _, one := range s.Statuses {
		v.Statuses[strconv.Itoa(one.Status)] = one.Count
	}
	for i := range s.Failures {
		f := &s.Failures[i]
		v.Causes = append(v.Causes, causeJSON{string(f.Cause), f.Count, p.env.Screen(f.First.Err.Error()), f.First.Hint.String()})
	}
	if l := s.Latencies; l.Count > 0 {
		v.LatencyMs = &latencyJSON{l.Count, millis(l.Mean), millis(l.P50), millis(l.P90), millis(l.P99), millis(l.P999), millis(l.Max)}
	}
	for i := range p.load.failIf {
		met, is := p.load.failIf[i].Met(s)
		v.FailIf = append(v.FailIf, failIfJSON{p.load.failIf[i].Text, is, met})
	}
	return v
}

func (p *loadPrinter) text() error {
	s, style := p.summary, p.env.IO.Style()
	mark := style.Good("✓")
	if s.Accepted < s.Sent {
		mark = style.Bad("✗")
	}
	rate := fmt.Sprintf("%.1f/s", s.Rate())
	if asked := s.Asked(); asked > 0 {
		rate += fmt.Sprintf(" of %s asked", strconv.FormatFloat(tenths(asked), 'f', -1, 64)+"/s")
	}
	what := cmp.Or(p.event.Type, p.event.Source)
	lines := []string{fmt.Sprintf("%s %d sent in %s  %s  %s  %s  %s", mark, s.Sent, render.Dur(s.Took), rate, term.Clean(what),
		render.Size(int64(len(p.request.Body))), term.Clean(masking.RequestTarget(p.request.URL)))}
	label := "answers"
	for _, one := range s.Statuses {
		lines = append(lines, fmt.Sprintf("  %-9s%8d  %s", label, one.Count, p.status(one.Status)))
		label = ""
	}
	label = "errors"
	for i := range s.Failures {
		f := &s.Failures[i]
		lines = append(lines, fmt.Sprintf("  %-9s%8d  %s", label, f.Count, style.Bad(term.Clean(p.env.Screen(f.First.Err.Error())))))
		label = ""
	}
	if s.GivenUp > 0 {
		lines = append(lines, fmt.Sprintf("  %-9s%8d  under way when it was stopped", "", s.GivenUp))
	}
	if s.Missed > 0 {
		lines = append(lines, fmt.Sprintf("  %-9s%8d  due, and not sent in time", "not sent", s.Missed))
	}
	lines = append(lines, p.latency()...)
	lines = append(lines, p.limits()...)
	for i := range p.load.failIf {
		c := &p.load.failIf[i]
		if met, is := c.Met(s); met {
			lines = append(lines, fmt.Sprintf("  %-9s%s: %s", "fail-if", term.Clean(c.Text), style.Bad("it is "+is)))
		}
	}
	return render.Text(p.env.IO, strings.Join(lines, "\n")+"\n")
}

func (p *loadPrinter) status(status int) string {
	text := strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
	if p.expect.met(status) {
		return p.env.IO.Style().Good(text)
	}
	return p.env.IO.Style().Bad(text)
}

func (p *loadPrinter) latency() []string {
	l := p.summary.Latencies
	if l.Count == 0 {
		return nil
	}
	line := fmt.Sprintf("  %-9sp50 %s  p90 %s  p99 %s  p99.9 %s  max %s", "latency",
		render.Dur(l.P50), render.Dur(l.P90), render.Dur(l.P99), render.Dur(l.P999), render.Dur(l.Max))
	if p.summary.Step > 0 {
		line += ", from when each was due"
	}
	return []string{line}
}

// limits says what kept the load from more than it was, where that was not the receiver.
func (p *loadPrinter) limits() []string {
	s := p.summary
	behind := s.Late.Count + s.Missed
	note := func(format string, args ...any) []string {
		return []string{fmt.Sprintf("  %-9s", "limit") + p.env.IO.Style().Warn(fmt.Sprintf(format, args...))}
	}
	switch limit := s.Limit(); {
	case limit == load.Connections:
		return note("all %d connections were busy: %s began over 10 ms late or not at all, the latest %s late (--concurrency has more at once)",
			s.Concurrency, fault.Plural(behind, "delivery"), render.Dur(s.Late.Longest))
	case limit == load.Generator && s.Step > 0:
		return note("this machine did not keep up with sending: %s began over 10 ms late or not at all, the latest %s late",
			fault.Plural(behind, "delivery"), render.Dur(s.Late.Longest))
	case limit == load.Generator:
		return note("this machine did not keep up with sending: work of whctl waited %s for a processor, which is in the latencies", render.Dur(s.Queued))
	default:
		return nil
	}
}

// outcome is how the command ends.
func (p *loadPrinter) outcome(ctx context.Context) error {
	s := p.summary
	if p.stopped {
		return fault.New(fault.Stopped, "stopped after %s", fault.Plural(s.Sent, "delivery"))
	}
	judged := map[load.Field]bool{}
	for i := range p.load.failIf {
		c := &p.load.failIf[i]
		judged[c.Field] = true
		if met, is := c.Met(s); met {
			return fault.Hint(fault.New(fault.Unverified, "--fail-if %s: it is %s", fault.Quote(c.Text), is), "the summary is above; a lower --rate shows from where on it holds")
		}
	}
	var worst error
	if s.Refused > 0 && !judged[load.FieldRefused] {
		worst = p.refused()
	}
	if s.Failed > 0 && !judged[load.FieldErrors] {
		worst = fault.Worse(worst, p.unanswered(ctx))
	}
	return worst
}

// refused is how it ends when answers were not good ones.
func (p *loadPrinter) refused() error {
	if p.expect.given() {
		return fault.Hint(fault.New(fault.Unverified, "%d answers were not %s, as was expected", p.summary.Refused, p.expect.words()), "a single delivery shows the answer: leave out --count and --duration")
	}
	return fault.Exit(fault.Refused)
}

// unanswered is how it ends when there were requests without an answer.
func (p *loadPrinter) unanswered(ctx context.Context) error {
	most := p.summary.Failures[0]
	hint := most.First.Hint
	if most.Cause == deliver.Refused || most.First.Silent {
		if step := deliver.Probe(context.WithoutCancel(ctx), p.request.URL, most.First); step != (fault.Step{}) {
			hint = step
		}
	}
	return fault.WithStep(fault.New(fault.Unreachable, "%d of %s had no answer from %s: %s", p.summary.Failed, fault.Plural(p.summary.Sent, "delivery"), p.request.URL, most.First.Err), hint)
}
