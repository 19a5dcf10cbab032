package render

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

// TextOptions are the choices for the text form of a listener.
type TextOptions struct {
	Body     string         // pretty (also ""), raw or none
	MaxLines int            // lines of a body before it is folded; 0 is 40, negative all
	Quiet    bool           // no ready box
	Location *time.Location // of the times shown; nil is local
	Types    []string       // event types that are known to come; their column is as wide as they need from the start
}

const (
	mostHeld  = 64  // deliveries that wait for the outcome that belongs on their line
	longBody  = 8   // lines
	mostKnown = 256 // deliveries, held or shown, that a later event can still refer to
)

// text prints deliveries as aligned lines.
type text struct {
	t       *term.IO
	o       TextOptions
	columns columns
	known   map[string]*entry
	order   []*entry // oldest first
	held    int
	last    string            // the delivery whose lines are the last on the screen
	hinted  map[string]string // by target: what its last answer's hint was, so that a row of the same shows it once
	advised string            // what the last refusal without a search suggested, for the same reason
}

// entry is a delivery that was announced. Its body is kept as display lines, and only until it was shown.
type entry struct {
	id       string
	at       time.Time
	cells    cells
	targets  []string
	attempts []*record.Attempt // until it was shown, without bodies
	told     map[string]bool   // targets that were shown as waiting
	below    []string
	body     []string
	long     bool // so is its body that what is said later stands far below its line
	shown    bool
}

// NewText prints deliveries as aligned lines to Out, and what is said about the listener itself to Err. A delivery that is
// forwarded is held until each target has answered or a state "waiting" says that one takes its time.
func NewText(t *term.IO, o TextOptions) Printer {
	if o.Location == nil {
		o.Location = time.Local
	}
	p := &text{t: t, o: o, columns: newColumns(), known: map[string]*entry{}, hinted: map[string]string{}}
	for _, typ := range o.Types {
		p.columns.grow(cells{typ: term.Cut(term.Clean(typ), mostType)})
	}
	return p
}

// Print shows an event or holds it.
func (p *text) Print(s hub.Stamped) error {
	switch e := s.Event.(type) {
	case record.Ready:
		return p.ready(e)
	case record.Received:
		return p.delivery(e.Delivery)
	case record.Attempted:
		return p.attempt(e.Attempt, s.Time)
	case record.Explained:
		return p.diagnosis(e.Diagnosis)
	case record.Changed:
		return p.state(e, s.Time)
	case record.Failed:
		return p.failure(e, s.Time)
	case record.Missed:
		return p.missed(e, s.Time)
	case record.Raised, record.Tried, record.Settled, record.WebhookChanged, record.Forgotten: // a sandbox has a printer of its own
	}
	return nil
}

// Flush shows every delivery that is held, with the outcomes that are known.
func (p *text) Flush() error {
	for _, e := range p.order {
		if err := p.show(e); err != nil {
			return err
		}
	}
	return nil
}

func (p *text) delivery(d *record.Delivery) error {
	e := &entry{id: d.ID, at: d.ReceivedAt, cells: cellsOf(d), targets: d.Targets, told: map[string]bool{}}
	p.columns.grow(e.cells)
	p.columns.room(d.Targets)
	width := p.t.Width()
	for _, text := range notes(d) {
		e.below = append(e.below, below(text, width, p.t.Style().Dim)...)
	}
	e.body = p.body(d, width)
	if err := p.remember(e); err != nil {
		return err
	}
	if len(d.Targets) > 0 && d.Answer < 400 { // what whctl refused by itself, no attempt will follow
		return p.makeRoom()
	}
	return p.put(e, e.at, []string{outcomeAnswered(p.t.Style(), d)})
}

// notes are what is said below a delivery before its body.
func notes(d *record.Delivery) []string {
	var out []string
	v := d.Verdict
	if !v.Detail.IsZero() && !v.OK && !explained(v.Reason) {
		out = append(out, term.Clean(v.Detail.String()))
	}
	if keyMatched(v) && v.KeyIndex > 0 {
		out = append(out, "key "+strconv.FormatUint(uint64(v.KeyIndex)+1, 10)+" matched")
	}
	if d.Duplicate != nil {
		answered := "which was not answered with success"
		if d.Duplicate.Answered {
			answered = "which had been answered with success"
		}
		out = append(out, "duplicate of "+term.Cut(term.Clean(d.Duplicate.ID), 40)+", "+answered)
	}
	return out
}

func (p *text) body(d *record.Delivery, width int) []string {
	indent := indentFor(width)
	o := BodyOptions{
		MaxLines: p.o.MaxLines, Mode: p.o.Body, ContentType: d.Header.Get("Content-Type"), Size: d.Size, Ref: d.ID,
	}
	if width > 0 {
		o.Width = max(width-len(indent), 1)
	}
	lines := Body(p.t.Style(), d.Body, o)
	for i := range lines {
		lines[i] = indent + lines[i]
	}
	return lines
}

// remember makes an entry findable. The oldest makes room; it is shown first if it is still held.
func (p *text) remember(e *entry) error {
	if old := p.known[e.id]; old != nil && !old.shown {
		if err := p.show(old); err != nil {
			return err
		}
	}
	p.known[e.id] = e
	p.order = append(p.order, e)
	p.held++
	for len(p.order) > mostKnown {
		oldest := p.order[0]
		if err := p.show(oldest); err != nil {
			return err
		}
		if p.known[oldest.id] == oldest {
			delete(p.known, oldest.id)
		}
		p.order = p.order[1:]
	}
	return nil
}

// makeRoom shows the oldest held deliveries when there are too many.
func (p *text) makeRoom() error {
	for _, e := range p.order {
		if p.held <= mostHeld {
			return nil
		}
		if err := p.show(e); err != nil {
			return err
		}
	}
	return nil
}

func (p *text) attempt(a *record.Attempt, at time.Time) error {
	bare := *a
	bare.Body, bare.Header = nil, nil
	if to := a.Header["Location"]; len(to) > 0 {
		bare.Header = http.Header{"Location": to}
	}
	e := p.known[a.DeliveryID]
	if at.IsZero() {
		at = a.StartedAt.Add(a.Duration)
	}
	switch {
	case e == nil: // its delivery was dropped from the stream, or came before a restart
		e = &entry{cells: cells{typ: none, id: short(a.DeliveryID), size: none}}
		return p.later(e, at, &bare)
	case e.shown:
		return p.later(e, at, &bare)
	}
	e.attempts = append(e.attempts, &bare)
	for _, target := range e.targets {
		if e.attemptOn(target) == nil {
			return nil
		}
	}
	return p.show(e)
}

// attemptOn is the newest attempt on a target, or nil.
func (e *entry) attemptOn(target string) *record.Attempt {
	for _, a := range slices.Backward(e.attempts) {
		if a.Target == target || len(e.targets) == 1 {
			return a
		}
	}
	return nil
}

// show prints a held delivery with the outcomes there are; the other targets are told to be waiting.
func (p *text) show(e *entry) error {
	if e.shown {
		return nil
	}
	st := p.t.Style()
	var outcomes []string
	for _, target := range e.targets {
		a := e.attemptOn(target)
		if a == nil {
			e.told[target] = true
			outcomes = append(outcomes, outcomeWaiting(st, target))
			continue
		}
		outcomes = append(outcomes, outcomeAttempt(st, a))
		e.below = append(p.hint(a), e.below...)
	}
	return p.put(e, e.at, outcomes)
}

// put prints an entry: one outcome on its line, several below it.
func (p *text) put(e *entry, at time.Time, outcomes []string) error {
	st, width := p.t.Style(), p.t.Width()
	first := fmt.Sprintf("%d targets", len(outcomes))
	if len(outcomes) == 1 {
		first = outcomes[0]
	}
	lines := p.columns.line(st, at.In(p.o.Location), e.cells, first, width)
	if len(outcomes) > 1 {
		for _, outcome := range outcomes {
			lines = append(lines, term.Cut(indentFor(width)+arrow+outcome, width))
		}
	}
	lines = append(append(lines, e.below...), e.body...)
	if !e.shown {
		p.held--
	}
	e.long = e.long || len(e.body) > longBody
	e.shown, e.below, e.body, e.attempts = true, nil, nil, nil
	p.last = e.id
	return writeLines(p.t.Out, lines)
}

// later prints an outcome of a delivery whose line is above already.
func (p *text) later(e *entry, at time.Time, a *record.Attempt) error {
	st, width := p.t.Style(), p.t.Width()
	lines := p.columns.line(st, at.In(p.o.Location), e.cells, outcomeAttempt(st, a), width)
	lines = append(lines, p.hint(a)...)
	p.last = e.id
	return writeLines(p.t.Out, lines)
}

// hint is what an outcome suggests, unless the target's outcome before suggested the same.
func (p *text) hint(a *record.Attempt) []string {
	before, now := p.hinted[a.Target], a.Hint.String()
	if a.DeliveryID != "" {
		now = strings.ReplaceAll(now, a.DeliveryID, "")
	}
	p.hinted[a.Target] = now
	if now == "" || now == before {
		return nil
	}
	return hint(p.t.Style(), a.Hint, p.t.Width())
}

func hint(st term.Style, step fault.Step, width int) []string {
	return below(st.Accent("hint:")+" "+term.Clean(step.String()), width, nil)
}

func (p *text) diagnosis(d *record.Diagnosis) error {
	st, width := p.t.Style(), p.t.Width()
	line, rest := DiagnosisLine(*d), more(*d)
	if line == "" {
		if rest == "" || rest == p.advised { // nothing new since the one before, as of a flood without signatures
			return nil
		}
		p.advised = rest
	}
	if e := p.known[d.DeliveryID]; p.last != d.DeliveryID || e != nil && e.long {
		name := d.DeliveryID
		if e != nil {
			name = e.name()
		}
		if line == "" {
			rest = term.Clean(name) + ": " + rest
		} else {
			line = term.Clean(name) + ": " + line
		}
	}
	var lines []string
	if line != "" {
		lines = below(line, width, st.Warn)
	}
	if rest != "" {
		lines = append(lines, below(rest, width, st.Dim)...)
	}
	p.last = d.DeliveryID
	return writeLines(p.t.Out, lines)
}

// name is what a delivery is called away from its line: its event's type and id, and its own id where the event has none.
func (e *entry) name() string {
	id := e.cells.id
	if id == none {
		id = e.id
	}
	if e.cells.typ == none {
		return id
	}
	return strings.TrimSpace(e.cells.typ + " " + id)
}

// explained says whether a diagnosis tells more than the verdict's own detail, which would only say it twice.
func explained(r sign.Reason) bool {
	return r == sign.Mismatch || r == sign.TooOld || r == sign.TooNew
}
