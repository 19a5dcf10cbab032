package render

// What the listener says about itself. It goes to stderr: it is talk, not data.

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/term"
)

// sandboxKeyLabel stands before the key of an embedded sandbox.
const sandboxKeyLabel = "sandbox key"

// ready says where to send deliveries and where they go: in a box on a terminal, else on one line.
func (p *text) ready(r record.Ready) error {
	p.columns.room(r.Targets)
	p.open = r.Open
	if p.o.Quiet {
		return nil
	}
	st := p.t.ErrStyle()
	fields := readyFields(st, r)
	if p.t.ErrTTY() {
		return writeLines(p.t.Err, append(p.readyBox(st, fields), p.keys(st, p.t.ErrWidth())...))
	}
	parts := make([]string, len(fields))
	for i, f := range fields {
		parts[i] = f.Label + " " + f.Value
	}
	if err := writeLines(p.t.Err, []string{"ready: " + strings.Join(parts, ", ")}); err != nil {
		return err
	}
	return writeLines(p.t.Out, p.keys(p.t.Style(), p.t.Width())) // nobody sees standard error
}

// keys says which keys do something.
func (p *text) keys(st term.Style, width int) (lines []string) {
	if p.o.Keys == "" {
		return nil
	}
	for _, line := range term.Wrap(p.o.Keys, width) {
		lines = append(lines, st.Dim(line))
	}
	return lines
}

// readyBox frames the fields. A key that is too long for the frame stands below it on a line of its own, which a terminal may
// wrap and still copies as one.
func (p *text) readyBox(st term.Style, fields []term.Field) []string {
	width := p.t.ErrWidth()
	at := slices.IndexFunc(fields, func(f term.Field) bool { return f.Label == sandboxKeyLabel })
	if at < 0 || term.BoxHolds(fields, at, width) {
		return []string{st.Box("ready", fields, width)}
	}
	key := fields[at]
	framed := slices.Delete(slices.Clone(fields), at, at+1)
	return []string{st.Box("ready", framed, width), st.Dim(key.Label + ":"), key.Value}
}

func readyFields(st term.Style, r record.Ready) []term.Field {
	keys := strconv.Itoa(r.Keys)
	if r.Keys == 0 {
		keys = st.Warn("none: deliveries are not verified")
	}
	fields := []term.Field{
		{Label: "listening on", Value: st.Accent(term.Clean(cmp.Or(r.URL, r.Addr))) + Reach(r.URL, r.Addr)},
		{Label: "taking from", Value: term.Clean(strings.Join(r.From, " and "))},
		{Label: "forwarding to", Value: readyTargets(r)},
		{Label: "scheme", Value: term.Clean(r.Scheme)},
		{Label: "keys", Value: keys},
		{Label: "sandbox", Value: term.Clean(r.SandboxURL)},
		{Label: sandboxKeyLabel, Value: term.Clean(r.SandboxKey)},
		{Label: "journal", Value: term.Clean(r.Journal)},
		{Label: "admin", Value: term.Clean(r.AdminURL)},
	}
	return slices.DeleteFunc(fields, func(f term.Field) bool { return f.Value == "" })
}

// Reach says what a URL does not tell of the address that accepts: that other machines reach it. It is "" where they do not.
func Reach(url, addr string) string {
	switch {
	case addr == "", netname.LoopbackAddr(addr):
		return ""
	case strings.HasSuffix(url, addr):
		return " (open to other machines)"
	default:
		return " (" + term.Clean(addr) + ", open to other machines)"
	}
}

// readyTargets says where deliveries go. With routes it says which go where.
func readyTargets(r record.Ready) string {
	known := map[string]string{} // what records call a target, and its address
	for i, name := range r.Names {
		known[name] = r.Targets[i]
	}
	targets := r.Targets
	if len(r.Names) > 0 {
		targets = r.Names
	}
	if len(r.Routes) == 0 {
		return shortTargets(targets, known)
	}
	parts := make([]string, len(r.Routes))
	for i, route := range r.Routes {
		parts[i] = shortTargets(route.Targets, known) + " (" + cmp.Or(term.Clean(route.Name), "the rest") + ")"
	}
	return strings.Join(parts, ", ")
}

// shortTargets are targets in words: an address, or with a name of its own NAME=ADDRESS, as --forward takes it.
func shortTargets(names []string, known map[string]string) string {
	short := make([]string, len(names))
	for i, name := range names {
		short[i] = ShortTarget(name)
		if address := known[name]; address != "" && address != name {
			short[i] += "=" + ShortTarget(address)
		}
	}
	return strings.Join(short, " and ")
}

// state shows a change of state, of the listener or of the delivery d.
func (p *text) state(s record.Changed, at time.Time, d *hub.Joined[*entry]) error {
	if d != nil && s.State == record.Waiting {
		st := p.t.Style()
		p.last = d.ID
		return writeLines(p.t.Out, p.columns.line(st, at.In(p.o.Location), d.View.cells, outcomeWaiting(st, s.Target), p.t.Width()))
	}
	if s.Shown {
		return nil
	}
	st := p.t.ErrStyle()
	paint := st.Bold
	switch s.State {
	case record.Lost, record.StorageLost, record.JournalLost, record.LogGrowing, record.Waiting, record.QueueFull, record.QueueLost,
		record.LanePaused, record.LaneElsewhere, record.JobsLeft, record.JobsInterrupted, record.JobsDropped, record.JobsDead, record.JobsTaken,
		record.SourceLost, record.MessageRefused, record.MessagesGone:
		paint = st.Warn
	case record.Recovered, record.StorageRecovered, record.JournalRecovered, record.LogFolded, record.QueueDrained, record.QueueRecovered, record.LaneResumed, record.LaneOwned, record.SourceRecovered:
		paint = st.Good
	case record.Pruned, record.Migrating, record.Guessed, record.KeysChanged, record.Hinted, record.BrowserLooked, record.Filtered, record.Draining, record.ClockSkew:
	}
	parts := []string{paint(term.Clean(strings.ReplaceAll(string(s.State), "_", " "))), ShortTarget(s.Target), term.Clean(p.o.Typed(s.Message))}
	line := strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ": ")
	return p.talk(at, line)
}

// missedWords say how many events this output has not shown.
func missedWords(m record.Missed) string {
	return fmt.Sprintf("dropped %d: output could not keep up; the journal has them all", m.Count)
}

// talk writes a line about the listener, with the time before it, and what belongs below it.
func (p *text) talk(at time.Time, line string, more ...string) error {
	p.last = ""
	width := p.t.ErrWidth()
	lines := below(line, width, nil)
	clock := at.In(p.o.Location).Format(fullClock)
	if indent := indentFor(width); len(indent) > len(clock) {
		lines[0] = p.t.ErrStyle().Dim(clock) + gap + strings.TrimPrefix(lines[0], indent)
	}
	return writeLines(p.t.Err, append(lines, more...))
}

// failure shows what went wrong.
func (p *text) failure(f record.Failed, at time.Time, d *hub.Joined[*entry]) error {
	st := p.t.ErrStyle()
	line := st.Bad("error:") + " " + term.Clean(f.Message)
	if d != nil {
		line += gap + st.Dim(term.Clean(nameOf(d)))
	}
	var more []string
	if f.Hint != (fault.Step{}) {
		more = hint(st, p.o.Typed(f.Hint.String()), p.t.ErrWidth())
	}
	return p.talk(at, line, more...)
}
