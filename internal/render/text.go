package render

// Deliveries as aligned lines.

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

// TextOptions say how a listener looks as text.
type TextOptions struct {
	Body     string         // pretty (also ""), raw or none
	Quiet    bool           // no ready box
	Keys     string         // which keys do something, for people at a terminal; "": none does
	Location *time.Location // of the times shown; nil is local
	Types    []string       // event types that will come: their column is wide enough from the start
	// Typed makes commands in a text about the run what they have to be to be about the same run; nil: they are as they are.
	Typed func(text string) string
}

// longBody is how many lines a body may have before the lines below it name their delivery.
const longBody = 8

// mostOut is how large a buffer is kept for the next delivery, in bytes. Few bodies are over 64 KiB.
const mostOut = 256 << 10

// text prints deliveries as aligned lines.
type text struct {
	t       *term.IO
	o       TextOptions
	join    *hub.Join[*entry]
	columns columns
	open    bool              // the scheme of each delivery is found
	last    string            // id of the delivery whose lines are the last on the screen
	hinted  map[string]string // the last hint by target: the same hint in a row is shown once
	offered map[failureKind]bool
	advised string      // the last advice for a refusal without a search, likewise
	bodies  []shownBody // of the last deliveries
	out     []byte      // where a delivery's lines are put together
}

// entry is how a delivery looks: all that is kept of it.
type entry struct {
	cells    cells
	answered string // what whctl answered by itself
	below    []string
	body     []string // its lines without their indent, until they are shown
	long     bool
	shown    bool
}

// NewText prints deliveries as aligned lines to Out, and what concerns the listener itself to Err. A delivery that is handed
// on is held until each target has answered or one is known to be slow.
func NewText(t *term.IO, o TextOptions) Screen {
	if o.Location == nil {
		o.Location = time.Local
	}
	if o.Typed == nil {
		o.Typed = func(text string) string { return text }
	}
	usual := columns{mark: 11, typ: 18, size: 5} // the widths of usual contents
	p := &text{t: t, o: o, columns: usual, hinted: map[string]string{}, offered: map[failureKind]bool{}}
	p.join = hub.NewJoin[*entry](p)
	for _, typ := range o.Types {
		p.columns.grow(cells{typ: term.Cut(term.Clean(typ), mostType)})
	}
	return p
}

// Print shows an event or holds it.
func (p *text) Print(s hub.Stamped) error { return p.join.Add(s) }

// Flush shows every delivery that is held, with the outcomes that are known.
func (p *text) Flush() error { return p.join.Flush() }

// Aside shows text between two events.
func (p *text) Aside(text string) error {
	p.last = ""
	return writeAll(p.t.Out, []byte(text))
}

// Clear clears the terminal.
func (p *text) Clear() error {
	p.hinted, p.offered = map[string]string{}, map[failureKind]bool{}
	p.advised, p.bodies = "", nil
	return p.Aside(term.ClearScreen)
}

// Later shows what comes after a delivery's own line or belongs to no delivery.
func (p *text) Later(s hub.Stamped, d *hub.Joined[*entry]) error {
	switch e := s.Event.(type) {
	case record.Ready:
		return p.ready(e)
	case record.Asked:
		return p.handshake(e, s.Time)
	case record.Attempted:
		return p.attempt(e, s.Time, d)
	case record.Explained:
		return p.diagnosis(e.Diagnosis, d)
	case record.Changed:
		return p.state(e, s.Time, d)
	case record.Failed:
		return p.failure(e, s.Time, d)
	case record.Missed:
		return p.talk(s.Time, p.t.ErrStyle().Warn(stateDropped)+": "+missedWords(e))
	case record.Received: // it comes whole
	case record.JobChanged: // its attempts tell of it
	case record.Raised, record.Tried, record.Settled, record.WebhookChanged, record.Forgotten: // a sandbox has a printer of its own
	}
	return nil
}

// View is how a delivery looks.
func (p *text) View(d *record.Delivery) *entry {
	e := &entry{cells: p.cellsOf(d), answered: outcomeAnswered(p.t.Style(), d)}
	p.columns.grow(e.cells)
	p.columns.room(d.Targets)
	width := p.t.Width()
	for _, text := range notes(d) {
		e.below = append(e.below, below(text, width, p.t.Style().Dim)...)
	}
	for _, line := range contradicted(p.t.Style(), d) {
		e.below = append(e.below, term.Cut(indentFor(width)+line, width))
	}
	e.body = p.bodyOnce(d, width)
	e.long = len(e.body) > longBody
	return e
}

// cellsOf are the cells of a delivery's line.
func (p *text) cellsOf(d *record.Delivery) cells {
	c := cellsOf(d)
	if p.open {
		c.scheme = cmp.Or(term.Cut(term.Clean(d.Verdict.Scheme), mostScheme), none)
	}
	return c
}

// Whole prints a delivery with the outcomes there are: a single one on its line, several below it.
func (p *text) Whole(d *hub.Joined[*entry]) error {
	st, width, e := p.t.Style(), p.t.Width(), d.View
	first, lines := e.answered, []string(nil)
	var hints []string
	for i, a := range d.Outcomes {
		switch {
		case a != nil:
			first = OutcomeOf(st, a)
			hints = slices.Concat(p.said(a, len(d.Outcomes) > 1), p.hint(a), p.again(a, d.Targets), hints)
		case d.Queued[d.Targets[i]]:
			first = outcomeQueued(st, d.Targets[i])
		default:
			first = outcomeWaiting(st, d.Targets[i])
		}
		if len(d.Outcomes) > 1 {
			lines = append(lines, term.Cut(indentFor(width)+arrow+first, width))
		}
	}
	if len(d.Outcomes) > 1 {
		first = fmt.Sprintf("%d targets", len(d.Outcomes))
	}
	line := p.columns.line(st, d.ReceivedAt.In(p.o.Location), e.cells, first, width)
	p.last = d.ID
	p.out = p.out[:0]
	for _, some := range [][]string{line, lines, hints, e.below} {
		p.out = appendLines(p.out, "", some)
	}
	p.out = appendLines(p.out, indentFor(width), e.body)
	e.below, e.body, e.shown = nil, nil, true
	err := writeAll(p.t.Out, p.out)
	if cap(p.out) > mostOut {
		p.out = nil
	}
	return err
}

// notes are the lines between a delivery's line and its body.
func notes(d *record.Delivery) []string {
	var out []string
	v := d.Verdict
	explained := v.Reason == sign.Mismatch || v.Reason == sign.TooOld || v.Reason == sign.TooNew // a diagnosis says more
	if !v.Detail.IsZero() && !v.OK && !explained {
		out = append(out, term.Clean(v.Detail.String()))
	}
	if keyMatched(v) && v.KeyIndex > 0 {
		name := strconv.FormatUint(uint64(v.KeyIndex)+1, 10)
		if d.KeyName != "" {
			name = d.KeyName
		}
		out = append(out, "key "+term.Clean(name)+" matched")
	}
	if d.Duplicate != nil && d.Conflict == "" {
		answered := "which was not answered with success"
		if d.Duplicate.Answered {
			answered = "which had been answered with success"
		}
		out = append(out, "duplicate of "+term.Cut(term.Clean(d.Duplicate.ID), 40)+", "+answered)
	}
	return append(out, Marks(d)...)
}

// mostBodies is how many deliveries are remembered, so that a body that comes again is not shown again.
const mostBodies = 256

// shownBody is a body that was shown.
type shownBody struct{ delivery, sha256 string }

// bodyOnce is the body, or a mention of it if it is that of a delivery above, byte by byte. What was not verified may be a duplicate with
// other bytes and without a conflict.
func (p *text) bodyOnce(d *record.Delivery, width int) []string {
	lines := p.body(d, width)
	if len(lines) == 0 {
		return nil
	}
	p.bodies = append(p.bodies[max(len(p.bodies)-mostBodies+1, 0):], shownBody{d.ID, d.BodySHA256})
	if len(lines) > 1 && d.Duplicate != nil && d.BodySHA256 != "" && slices.Contains(p.bodies, shownBody{d.Duplicate.ID, d.BodySHA256}) {
		return []string{p.t.Style().Dim("same body as above")}
	}
	return lines
}

func (p *text) body(d *record.Delivery, width int) []string {
	o := BodyOptions{Mode: p.o.Body, ContentType: d.Header.Get("Content-Type"), Size: d.Size, Ref: d.ID}
	if width > 0 {
		o.Width = max(width-len(indentFor(width)), 1)
	}
	return Body(p.t.Style(), d.Body, o)
}

// attempt prints an outcome below the line of its delivery.
func (p *text) attempt(tried record.Attempted, at time.Time, d *hub.Joined[*entry]) error {
	a := tried.Attempt
	if a.Job != nil && a.Job.State == record.JobQueued && a.Number > 1 {
		return nil // the target is still down, which was told
	}
	if at.IsZero() {
		at = a.StartedAt.Add(a.Duration)
	}
	e := &entry{cells: cells{typ: none, id: ShortID(a.DeliveryID), size: none}}
	p.last = ""
	var targets []string
	switch {
	case d != nil:
		e, p.last, targets = d.View, d.ID, d.Targets
	case tried.Delivery != nil:
		e, targets = &entry{cells: p.cellsOf(tried.Delivery)}, tried.Delivery.Targets
		p.columns.grow(e.cells)
	}
	return writeLines(p.t.Out, slices.Concat(
		p.columns.line(p.t.Style(), at.In(p.o.Location), e.cells, OutcomeOf(p.t.Style(), a), p.t.Width()), p.said(a, false), p.hint(a), p.again(a, targets),
	))
}

// said is the line of an answer that tells most, where it is no success. With several targets it says whose it is.
func (p *text) said(a *record.Attempt, several bool) []string {
	if a.Status < 400 || a.Error != "" {
		return nil
	}
	line := refusal.Line(a.Header, a.Body)
	if line == "" {
		return nil
	}
	who := "answered:"
	if several {
		who = ShortTarget(a.Target) + " " + who
	}
	return below(p.t.Style().Dim(who)+" "+term.Clean(line), p.t.Width(), nil)
}

// hint is what an outcome suggests, unless the target's last outcome suggested the same.
func (p *text) hint(a *record.Attempt) []string {
	before, now := p.hinted[a.Target], a.Hint.String()
	if a.DeliveryID != "" {
		now = strings.ReplaceAll(now, a.DeliveryID, "")
	}
	p.hinted[a.Target] = now
	if now == "" || now == before {
		return nil
	}
	return hint(p.t.Style(), a.Hint.String(), p.t.Width())
}

func hint(st term.Style, step string, width int) []string {
	return below(st.Accent("hint:")+" "+term.Clean(step), width, nil)
}

func (p *text) diagnosis(found *record.Diagnosis, d *hub.Joined[*entry]) error {
	if found.Look != nil {
		return p.look(found, d)
	}
	st, width := p.t.Style(), p.t.Width()
	line, rest := DiagnosisLine(*found), more(*found)
	if line == "" {
		if rest == "" || rest == p.advised { // a flood without signatures has the same advice each time
			return nil
		}
		p.advised = rest
	}
	if away := p.away(found, d); line == "" {
		rest = away + rest
	} else {
		line = away + line
	}
	var lines []string
	if line != "" {
		lines = below(line, width, st.Warn)
	}
	if rest != "" {
		lines = append(lines, below(rest, width, st.Dim)...)
	}
	p.last = found.DeliveryID
	return writeLines(p.t.Out, lines)
}

// look prints whose an unverified delivery looks like, below its line or with it.
func (p *text) look(found *record.Diagnosis, d *hub.Joined[*entry]) error {
	st, width, line := p.t.Style(), p.t.Width(), lookWords(found.Look)
	if d != nil && !d.View.shown {
		d.View.below = append(d.View.below, below(line, width, st.Dim)...)
		return nil
	}
	line = p.away(found, d) + line
	p.last = found.DeliveryID
	return writeLines(p.t.Out, below(line, width, st.Dim))
}

// away names a delivery in front of what was found out about it, where its line is not right above.
func (p *text) away(found *record.Diagnosis, d *hub.Joined[*entry]) string {
	switch {
	case p.last == found.DeliveryID && (d == nil || !d.View.long):
		return ""
	case d == nil:
		return term.Clean(found.DeliveryID) + ": "
	default:
		return term.Clean(nameOf(d)) + ": "
	}
}

// nameOf names a delivery away from its line: the event's type and id, or the delivery's id if the event has none.
func nameOf(d *hub.Joined[*entry]) string {
	id := d.View.cells.id
	if id == none {
		id = d.ID
	}
	if d.View.cells.typ == none {
		return id
	}
	return strings.TrimSpace(d.View.cells.typ + " " + id)
}
