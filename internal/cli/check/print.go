package check

// The report as it is printed, case by case for people and whole for programs.

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/check"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// printer prints what comes of the cases.
type printer struct {
	o      *options
	out    render.Output
	format string
	keys   *cmdkit.KeySet
	total  int
	n      int
	held   []check.Result // until a right event was accepted: they may have one failure in common
	flows  bool
	group  string
	status *term.StatusLine
}

// settleForm takes the form of --format, or else that of -o and --jq.
func (o *options) settleForm() error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	o.out = out
	switch o.format {
	case "":
		o.format = asText
		if out.Machine() {
			o.format = asJSON
		}
		return nil
	case asJSON:
		o.out.Format = render.FormatJSON
		return nil
	case asText:
	case asJUnit, asSARIF, asMarkdown:
		if o.list {
			return fault.Hint(fault.New(fault.Usage, "--format %s is of a report, which --list does not make", o.format), "there are text and json for --list")
		}
	default:
		return fault.Hint(fault.New(fault.Usage, "unknown --format %q", o.format), "there are text, json, junit, sarif and markdown")
	}
	o.out.Format = render.FormatText
	return o.env.OwnForm("--format " + o.format)
}

// printer makes the printer for the form that was settled.
func (o *options) printer(keys *cmdkit.KeySet) *printer {
	return &printer{o: o, out: o.out, format: o.format, keys: keys, total: len(check.Chosen(o.types, trimmed(o.only))), status: o.env.IO.StatusLine()}
}

// begin shows on a terminal which case is under way.
func (p *printer) begin(c check.Case) {
	if !p.o.env.Quiet() {
		p.status.Show(fmt.Sprintf("%d of %d  %s", p.n+1, p.total, c.ID))
	}
}

// tell prints a case at once where people read.
func (p *printer) tell(r check.Result) {
	p.n++
	p.status.Clear()
	if p.format != asText {
		return
	}
	p.held = append(p.held, r)
	if p.flows = p.flows || r.Taken; p.flows {
		p.flush()
	}
}

// flush prints what was held back.
func (p *printer) flush() {
	for _, r := range p.held {
		p.text(r)
	}
	p.held = nil
}

// end prints what is printed whole.
func (p *printer) end(report check.Report, failed error) error {
	p.status.Clear()
	if failed != nil && len(report.Results) == 0 {
		return failed
	}
	err := p.whole(report)
	if failed != nil {
		return failed
	}
	if err == nil {
		err = p.o.addSummary(p.markdown(report))
	}
	return cmdkit.Shown(err)
}

func (p *printer) whole(report check.Report) error {
	switch p.format {
	case asJSON:
		return p.out.Value(p.o.env.IO, p.json(report), nil)
	case asJUnit:
		return render.Whole(p.o.env.IO, p.junit(report))
	case asSARIF:
		return render.JSON(p.o.env.IO, p.sarif(report))
	case asMarkdown:
		return render.Text(p.o.env.IO, p.markdown(report))
	default:
		if report.Obstacle != nil {
			p.obstacle(report)
		} else {
			p.flush()
		}
		return render.Text(p.o.env.IO, p.summary(report)+"\n")
	}
}

// obstacle prints the one failure that most cases come from, and below it those that do not.
func (p *printer) obstacle(report check.Report) {
	o := report.Obstacle
	var b strings.Builder
	for i, part := range term.Wrap(term.Clean(o.Title), max(widest(p.o.env.IO.Width())-2, 20)) {
		lead := "✗ "
		if i > 0 {
			lead = "  "
		}
		b.WriteString(p.o.env.IO.Style().Bad(lead+part) + "\n")
	}
	p.note(&b, "why", o.Why)
	p.note(&b, "fix", o.Fix)
	p.again(&b, o.Request)
	_, _ = fmt.Fprint(p.o.env.IO.Out, b.String())
	p.group = check.Groups()[0] // no heading for the rest
	for i := range report.Results {
		if r := &report.Results[i]; !r.Follows && (r.Outcome == check.Failed || r.Outcome == check.Warned) {
			p.text(*r)
		}
	}
}

// text prints a case: a line, and below it what a failure means and what to do.
func (p *printer) text(r check.Result) {
	if r.Unrun {
		return // the summary counts it
	}
	st, width := p.o.env.IO.Style(), p.o.env.IO.Width()
	var b strings.Builder
	if r.Group != p.group {
		if p.group != "" {
			b.WriteByte('\n')
		}
		p.group = r.Group
		b.WriteString(st.Bold(r.Group) + "\n")
	}
	mark, paint := marks(st, r.Outcome)
	title := r.Title
	if r.Outcome == check.Skipped {
		title = r.Detail
	}
	line := fmt.Sprintf("  %s %-5s ", mark, r.Outcome)
	if whole := line + term.Pad(r.ID, 28) + " " + term.Clean(title); term.Width(whole) <= widest(width) {
		b.WriteString(paint(whole) + "\n")
	} else {
		b.WriteString(paint(term.Cut(line+r.ID, width)) + "\n")
		p.note(&b, "", title)
	}
	if r.Detail != "" && r.Outcome != check.Skipped {
		p.note(&b, "", r.Detail)
	}
	if r.Outcome == check.Failed || r.Outcome == check.Warned {
		p.note(&b, "why", r.Why)
		p.note(&b, "fix", r.Fix)
		p.again(&b, r.Request)
	}
	_, _ = fmt.Fprint(p.o.env.IO.Out, b.String())
}

// indent stands before what belongs to a case.
const indent = "          "

// note adds a text below the line of a case.
func (p *printer) note(b *strings.Builder, label, text string) {
	for _, part := range term.Wrap(term.Clean(text), max(widest(p.o.env.IO.Width())-len(indent)-6, 20)) {
		b.WriteString(indent + p.o.env.IO.Style().Dim(term.Pad(label, 6)) + part + "\n")
		label = ""
	}
}

// again adds the line that sends a request again.
func (p *printer) again(b *strings.Builder, q *check.Request) {
	if q == nil {
		return
	}
	if line := p.repeat(q).Send; line != "" {
		b.WriteString(indent + p.o.env.IO.Style().Dim("again ") + line + "\n")
	}
	if q.Raw != "" {
		p.note(b, "", "("+q.Raw+")")
	}
}

func widest(width int) int {
	if width <= 0 {
		return 1 << 20
	}
	return width
}

// marks are the sign and the colour of an outcome.
func marks(st term.Style, o check.Outcome) (string, func(string) string) {
	switch o {
	case check.Passed:
		return "✓", st.Good
	case check.Failed:
		return "✗", st.Bad
	case check.Warned, check.Known:
		return "!", st.Warn
	default:
		return "–", st.Dim
	}
}

// summary is the last line.
func (p *printer) summary(report check.Report) string {
	var parts []string
	for _, c := range []struct {
		outcome check.Outcome
		words   string
	}{{check.Passed, "passed"}, {check.Failed, "failed"}, {check.Warned, "warned"}, {check.Known, "known to fail"}, {check.Skipped, "skipped"}} {
		if n := report.Count(c.outcome); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c.words))
		}
	}
	text := "\n" + strings.Join(parts, ", ")
	if o := report.Obstacle; o != nil && o.Follow+o.Unproven > 1 {
		text += fmt.Sprintf("; %d of them for that alone (-o json lists them)", o.Follow+o.Unproven)
	}
	return text
}

// caseJSON is one case; docs/json.md lists it.
type caseJSON struct {
	ID       string       `json:"id"`
	Group    string       `json:"group"`
	Title    string       `json:"title"`
	Severity string       `json:"severity"`
	Outcome  string       `json:"outcome"`
	Detail   string       `json:"detail"`
	Expects  string       `json:"expects"`
	Why      string       `json:"why"`
	Fix      string       `json:"fix"`
	Follows  bool         `json:"follows,omitempty"` // it ended so for the obstacle alone
	TookMs   float64      `json:"durationMs"`
	Request  *requestJSON `json:"request,omitempty"`
	Repeat   *again       `json:"repeat,omitempty"`
}

// requestJSON is the request that decided.
type requestJSON struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Headers http.Header `json:"headers"`
	Size    int         `json:"size"`
	Note    string      `json:"note,omitempty"`
}

// reportJSON is the report; docs/json.md lists it.
type reportJSON struct {
	Summary summaryJSON `json:"summary"`
	Cases   []caseJSON  `json:"cases"`
}

// obstacleJSON is why no right event was accepted.
type obstacleJSON struct {
	Title  string `json:"title"`
	Why    string `json:"why"`
	Fix    string `json:"fix"`
	Repeat again  `json:"repeat"`
}

type summaryJSON struct {
	URL     string `json:"url"`
	Scheme  string `json:"scheme"`
	Passed  int    `json:"pass"`
	Failed  int    `json:"fail"`
	Warned  int    `json:"warn"`
	Skipped int    `json:"skip"`
	Known   int    `json:"known"`
	Gone    bool   `json:"gone"`

	Obstacle *obstacleJSON `json:"obstacle,omitempty"`
}

func (p *printer) json(report check.Report) reportJSON {
	v := reportJSON{Cases: []caseJSON{}, Summary: summaryJSON{
		URL: p.o.to, Scheme: p.keys.Scheme(), Gone: report.Gone,
		Passed: report.Count(check.Passed), Failed: report.Count(check.Failed), Warned: report.Count(check.Warned), Skipped: report.Count(check.Skipped), Known: report.Count(check.Known),
	}}
	if o := report.Obstacle; o != nil {
		v.Summary.Obstacle = &obstacleJSON{o.Title, o.Why, o.Fix, p.repeat(o.Request)}
	}
	for i := range report.Results {
		r := &report.Results[i]
		c := caseJSON{
			ID: r.ID, Group: r.Group, Title: r.Title, Severity: string(r.Severity), Outcome: string(r.Outcome), Detail: r.Detail,
			Expects: r.Expects, Why: r.Why, Fix: r.Fix, Follows: r.Follows, TookMs: float64(r.Took.Round(time.Microsecond).Microseconds()) / 1000,
		}
		if q := r.Request; q != nil {
			c.Request = &requestJSON{Method: q.Method, URL: q.URL, Headers: p.masked(q.Header), Size: len(q.Body), Note: q.Raw}
			line := p.repeat(q)
			c.Repeat = &line
		}
		v.Cases = append(v.Cases, c)
	}
	return v
}

// masked hides the values of headers that are secrets themselves.
func (p *printer) masked(h http.Header) http.Header {
	return cmdkit.MaskAnswer(p.o.env, withoutTokens(h, p.keys.Rules.SecretHeaders()))
}

// printList prints the cases of --list.
func (o *options) printList() error {
	skip := trimmed(o.skip)
	cases := slices.DeleteFunc(check.Chosen(o.types, trimmed(o.only)), func(c check.Case) bool { return slices.Contains(skip, c.ID) || slices.Contains(skip, c.Group) })
	list := []caseJSON{}
	table := render.NewTable(
		render.Column{Title: "CASE", Narrow: render.Uncut}, render.Column{Title: "IF NOT", Narrow: render.Uncut, Worth: 1},
		render.Column{Title: "WHAT IS SENT", Narrow: render.Flow, Least: 20}, render.Column{Title: "EXPECTED", Narrow: render.Flow, Least: 20},
	)
	for _, c := range cases {
		list = append(list, caseJSON{ID: c.ID, Group: c.Group, Title: c.Title, Severity: string(c.Severity), Expects: c.Expects, Why: c.Why, Fix: c.Fix})
		table.Add(c.ID, string(c.Severity), c.Title, c.Expects)
	}
	return cmdkit.Shown(o.out.Value(o.env.IO, list, func() error {
		return render.Text(o.env.IO, strings.Join(table.Lines(o.env.IO.Style(), o.env.IO.Width()), "\n")+"\n")
	}))
}
