package replay

// What a run prints: a line or an object for each delivery, how far it is, and how it ended.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// replayJSON is a delivery that was sent again; docs/json.md lists it.
type replayJSON struct {
	ID         string          `json:"id"` // of the replay; "" when nothing was recorded
	ReplayOf   string          `json:"replayOf"`
	EventType  string          `json:"eventType"`
	EventID    string          `json:"eventId"`
	Method     string          `json:"method,omitempty"`
	URL        string          `json:"url,omitempty"`
	Target     string          `json:"target,omitempty"`
	Size       int64           `json:"size"`
	Signing    string          `json:"signing,omitempty"` // resigned, or as_captured
	Scheme     string          `json:"scheme,omitempty"`
	KeyName    string          `json:"keyName,omitempty"`
	SignedAt   string          `json:"signedAt,omitempty"`
	DryRun     bool            `json:"dryRun,omitempty"`
	State      string          `json:"state,omitempty"` // of its job
	Status     int             `json:"status"`
	Outcome    string          `json:"outcome,omitempty"`
	Answered   string          `json:"answered,omitempty"` // what a refusal says, in a line
	DurationMs float64         `json:"durationMs"`
	Diff       *differenceJSON `json:"diff,omitempty"`
	Error      string          `json:"error,omitempty"`
	Hint       string          `json:"hint,omitempty"`
}

// printer is safe for concurrent use.
type printer struct {
	o      *options
	out    render.Output
	places *places
	total  int
	single bool // one delivery was named, so that scripts are given one object

	mu       sync.Mutex
	array    *render.Array // nil for people, and for a single object
	n        int           // deliveries that were dealt with
	accepted int
	refused  int
	silent   int // not answered
	queuedUp int
	failed   int   // not sent
	unsent   error // the worst reason why one of several was not sent
	progress progress
	hinted   fault.Step // the last hint
}

func newPrinter(o *options, out render.Output, to *places, total int) (*printer, error) {
	p := &printer{o: o, out: out, places: to, total: total, single: len(o.choice.refs) == 1}
	p.progress = progress{env: o.env, on: total > 1 && o.env.IO.ErrTTY() && (out.Machine() || !o.env.IO.OutTTY()), total: total, last: o.env.Now()}
	if !out.Machine() || p.single {
		return p, nil
	}
	var err error
	p.array, err = out.Array(o.env.IO)
	return p, err
}

// object is what all objects have.
func (p *printer) object(r *ready, to *place) replayJSON {
	v := replayJSON{
		ID: r.row.ID, ReplayOf: r.row.ReplayOf, EventType: r.row.EventType, EventID: r.row.EventID, Method: r.row.Method,
		URL: to.shown(r.row.Path), Target: to.label, Size: r.row.Size, Signing: "as_captured", Scheme: r.row.Verdict.Scheme, KeyName: r.key,
	}
	if r.signing == record.Resigned {
		v.Signing = string(record.Resigned)
	}
	if at := r.row.Verdict.SignedAt; r.key != "" && !at.IsZero() {
		v.SignedAt = render.Stamp(at)
	}
	return v
}

// line is what people see of a delivery.
type line struct {
	mark  string
	heads []string // how it can begin: the first with which the line fits is taken
	what  string   // what came of it, or would
	tail  string   // how it was signed and recorded: behind that where there is room, else below it
	below []string // more lines, which are indented
}

// indent stands before what belongs to a line.
const indent = "  "

// fit gives the line and those below it in a width; 0 is unlimited. number stands before them.
func (l *line) fit(number string, width int) []string {
	text := ""
	for _, head := range l.heads {
		if text = number + l.mark + " " + head + l.what; width == 0 || term.Width(text) <= width {
			break
		}
	}
	below := l.below
	if tail := text + "  " + term.Clean(l.tail); width == 0 || term.Width(tail) <= width {
		text = tail
	} else {
		below = append([]string{term.Clean(l.tail)}, below...)
	}
	lines := []string{term.Cut(text, width)}
	for _, more := range below {
		for _, part := range term.Wrap(more, max(width-len(indent), 0)) { // an id that is cut cannot be typed
			lines = append(lines, term.Cut(indent+part, width))
		}
	}
	return lines
}

// put prints an object, or for people a line.
func (p *printer) put(v replayJSON, l line) error {
	p.n++
	defer p.progress.show(p.n, p.refused+p.silent+p.failed)
	if p.array != nil {
		return p.array.Add(v)
	}
	return p.out.Value(p.o.env.IO, v, func() error {
		number := ""
		if p.total > 1 && p.o.env.IO.OutTTY() {
			number = fmt.Sprintf("%d/%d  ", p.n, p.total)
		}
		return render.Text(p.o.env.IO, strings.Join(l.fit(number, p.o.env.IO.Width()), "\n")+"\n")
	})
}

// heads are how the line of a delivery can begin: with all that names it, and shorter, so that there is room for what came of it.
func heads(r *ready) []string {
	const narrowType = 18
	id, typ, event := r.row.ReplayOf, term.Clean(r.row.EventType), term.Clean(r.row.EventID)
	var out []string
	for _, words := range [][]string{
		{id, strings.TrimSpace(typ + " " + event), render.Size(r.row.Size)},
		{id, strings.TrimSpace(typ + " " + render.ShortID(event))},
		{id, term.CutMiddle(typ, narrowType)},
		{id},
	} {
		words = slices.DeleteFunc(words, func(word string) bool { return word == "" })
		out = append(out, strings.Join(append(words, "→ "), "  "))
	}
	return out
}

// signed says how a delivery is signed.
func (o *options) signed(r *ready) string {
	switch at := o.at; {
	case r.key == "":
		return "as captured"
	case o.asCaptured:
		return "as captured, with the token of key " + r.key
	case at.Text != "":
		return "signed as of " + render.Stamp(at.Resolve(o.env.Now())) + " with key " + r.key
	default:
		return "signed now with key " + r.key
	}
}

// recorded says as which delivery of its own one was sent.
func (o *options) recorded(r *ready) string { return o.signed(r) + ", recorded as " + r.row.ID }

// said is the line of an answer that tells most, where it is no success.
func said(a *record.Attempt) string {
	if a.Status < 400 || a.Error != "" {
		return ""
	}
	return refusal.Line(a.Header, a.Body)
}

// rehearsed prints what would be sent.
func (p *printer) rehearsed(r *ready, to *place) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.object(r, to)
	v.DryRun = true
	return p.put(v, line{
		mark: "would send", heads: heads(r), what: term.Clean(r.row.Method + " " + to.shown(r.row.Path)), tail: p.o.signed(r) + " (" + r.row.Verdict.Scheme + ")",
	})
}

// queued prints a delivery that waits in a lane.
func (p *printer) queued(r *ready, to *place) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queuedUp++
	v := p.object(r, to)
	v.State = string(record.JobQueued)
	return p.put(v, p.o.waiting(r, to))
}

// sent prints what came of sending a delivery. The error is for the exit code.
func (p *printer) sent(r *ready, to *place, a *record.Attempt, before []record.Attempt) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.object(r, to)
	v.State, v.Status, v.Outcome, v.Error, v.Hint = string(a.Outcome.Once()), a.Status, string(a.Outcome), a.Error, a.Hint.String()
	v.DurationMs = float64(a.Duration.Microseconds()) / 1000
	result := error(nil)
	switch {
	case a.Outcome == record.OutcomeDelivered:
		p.accepted++
	case a.Outcome == record.OutcomeCancelled:
		result = fault.Exit(fault.Stopped)
		p.silent++
	case a.Status != 0 && a.Error == "":
		result = fault.Exit(fault.Refused)
		p.refused++
	default:
		result = fault.Exit(fault.Unreachable)
		p.silent++
	}
	v.Answered = said(a)
	l := p.o.outcome(r, a)
	if p.o.diff {
		d := compare(before, a)
		v.Diff = d.json()
		l.below = append(l.below, d.words())
	}
	if err := p.put(v, l); err != nil {
		return err
	}
	if a.Hint != (fault.Step{}) && a.Hint != p.hinted && !p.out.Machine() { // the same in a row is said once
		p.o.env.Say("hint: %s", a.Hint.String())
	}
	p.hinted = a.Hint
	return result
}

// outcome is the line of what came of sending a delivery.
func (o *options) outcome(r *ready, a *record.Attempt) line {
	style := o.env.IO.Style()
	mark := style.Bad("✗")
	if a.Outcome == record.OutcomeDelivered {
		mark = style.Good("✓")
	}
	plain := *a
	plain.Signing = record.AsCaptured // it is told in other words
	l := line{mark: mark, heads: heads(r), what: render.OutcomeOf(style, &plain), tail: o.recorded(r)}
	if answered := said(a); answered != "" {
		l.below = append(l.below, "answered: "+term.Clean(answered))
	}
	return l
}

// waiting is the line of a delivery that waits in a lane.
func (o *options) waiting(r *ready, to *place) line {
	return line{mark: o.env.IO.Style().Good("✓"), heads: heads(r), what: "queued  " + render.ShortTarget(to.label), tail: o.recorded(r)}
}

// problem tells why a delivery was not sent. The error is for the exit code: of a single one it is told at the end.
func (p *printer) problem(id string, err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed++
	p.n++
	if p.total == 1 {
		return err
	}
	p.o.env.Warn("%s: %s", id, err)
	if p.array != nil {
		p.n--
		if added := p.put(replayJSON{ReplayOf: id, Error: err.Error(), Hint: fault.HintOf(err).String()}, line{}); added != nil {
			return added
		}
	}
	p.unsent = fault.Worse(p.unsent, err)
	return fault.Exit(fault.KindOf(err))
}

// told is how a run ends whose worst is known: with why one was not sent, which was only warned of.
func (p *printer) told(worst error) error {
	what := "not every delivery was sent"
	if p.o.dryRun {
		what = "not every delivery can be sent"
	}
	return fault.NotEvery(what, p.unsent, worst)
}

// close ends the output.
func (p *printer) close() error {
	if p.array == nil {
		return nil
	}
	return cmdkit.Shown(p.array.Close())
}

// end ends the output and says how the run ended. worst is the worst that happened.
func (p *printer) end(ctx context.Context, worst error, token string) error {
	worst = fault.Worse(worst, p.close())
	if p.total == 1 && ctx.Err() == nil {
		return worst
	}
	if p.n < p.total {
		err := fault.New(fault.KindOf(fault.Worse(worst, ctx.Err())), "stopped: %d of %s dealt with (%s)", p.n, fault.Plural(p.total, "delivery"), p.counts())
		return fault.Hint(err, "the same command with %s goes on with the rest", fault.Command("").Flag("--resume", token))
	}
	p.o.env.Say("%s: %s", fault.Plural(p.n, "delivery"), p.counts())
	return p.told(worst)
}

// counts are how many deliveries came out how.
func (p *printer) counts() string {
	var words []string
	for _, one := range []struct {
		n    int
		what string
	}{{p.queuedUp, "queued"}, {p.accepted, "accepted"}, {p.refused, "refused"}, {p.silent, "not answered"}, {p.failed, "not sent"}} {
		if one.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", one.n, one.what))
		}
	}
	if len(words) == 0 {
		return "none sent"
	}
	return strings.Join(words, ", ")
}

// progress says how far a run is, where standard error is a terminal and standard output does not show it.
type progress struct {
	env   *cmdkit.Env
	on    bool
	total int
	last  time.Time
}

const progressStep = 2 * time.Second

func (g *progress) show(n, bad int) {
	now := g.env.Now()
	if !g.on || now.Sub(g.last) < progressStep {
		return
	}
	g.last = now
	if bad > 0 {
		g.env.Say("%d of %d, %d not accepted", n, g.total, bad)
		return
	}
	g.env.Say("%d of %d", n, g.total)
}
