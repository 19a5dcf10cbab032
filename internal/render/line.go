package render

// The line of a delivery, and its columns.

import (
	"cmp"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

// Mark is a verdict's sign and reason in colour: "✓ valid", "✗ mismatch", "? unverified".
func Mark(st term.Style, v sign.Verdict) string {
	text, paint := mark(st, v)
	return paint(text)
}

func mark(st term.Style, v sign.Verdict) (text string, paint func(string) string) {
	reason := term.Cut(term.Clean(string(v.Reason)), 24)
	switch {
	case v.OK:
		return "✓ " + reason, st.Good
	case reason == "": // of an attempt whose delivery is not known
		return none, st.Dim
	case v.Reason == sign.Unverified:
		return "? " + reason, st.Warn
	default:
		return "✗ " + reason, st.Bad
	}
}

// cells are what a delivery's line is made of, clean and bounded.
type cells struct {
	verdict sign.Verdict
	scheme  string // where it was found for each delivery
	typ     string
	id      string
	size    string
	path    string // "" for the root
}

const (
	mostType   = 48
	mostPath   = 24
	mostScheme = 20
	idWidth    = 8
)

func cellsOf(d *record.Delivery) cells {
	return cells{
		verdict: sign.Verdict{OK: d.Verdict.OK, Reason: d.Verdict.Reason},
		typ:     cmp.Or(term.Cut(term.Clean(d.EventType), mostType), none),
		id:      cmp.Or(ShortID(d.EventID), none),
		size:    Size(d.Size),
		path:    pathOf(d),
	}
}

// pathOf is the path that was asked for, without its query, which may hold a secret; "" for the root. Before it stands the method where
// that is not the usual one: a look of a browser or a monitor is told from a delivery.
func pathOf(d *record.Delivery) string {
	path, _, _ := strings.Cut(d.Path, "?")
	switch {
	case d.Method != http.MethodPost && d.Method != "":
		path = d.Method + " " + path
	case path == "/":
		return ""
	}
	return term.Cut(term.Clean(path), mostPath)
}

// ShortID is the beginning of an id, by which people recognise it and which commands take for it.
func ShortID(id string) string {
	id = term.Clean(id)
	if term.Width(id) <= idWidth {
		return id
	}
	id = term.Cut(id, idWidth+1) // its last column is the ellipsis
	return strings.TrimSuffix(id, "…")
}

// columns holds how wide each column has become, so that lines stand below each other.
type columns struct{ mark, scheme, typ, size, path, outcome int }

func (c *columns) grow(x cells) {
	mark, _ := mark(term.Style{}, x.verdict)
	c.mark = max(c.mark, term.Width(mark))
	c.scheme = max(c.scheme, term.Width(x.scheme))
	c.typ = max(c.typ, term.Width(x.typ))
	c.size = max(c.size, term.Width(x.size))
	c.path = max(c.path, term.Width(x.path))
}

// room reserves room for the outcome of a single target, so that no column vanishes when the first outcome comes. The outcomes of
// several targets have lines of their own.
func (c *columns) room(targets []string) {
	const status, most = 14, 34 // of "200 in 12 ms" and two spaces; in all
	if len(targets) == 1 {
		c.outcome = min(max(c.outcome, status+term.Width(ShortTarget(targets[0]))), most)
	}
}

// layout says which columns fit.
type layout struct {
	clock    string
	id, size bool
	path     int
	mark     int
	scheme   int
	typ      int
}

const (
	fullClock  = "15:04:05.000"
	shortClock = "15:04:05"
	gap        = "  "
	arrow      = "→  "
)

// fit leaves out the size, then the scheme, the id, the path and the milliseconds, before it shortens the type.
func (c *columns) fit(width int) layout {
	l := layout{clock: fullClock, id: true, size: true, path: c.path, mark: c.mark, scheme: c.scheme, typ: c.typ}
	if width <= 0 {
		return l
	}
	const narrowest, enough = 12, 24
	if width < roomy { // a long reason takes no room from all lines
		l.mark = min(l.mark, len("? unverified"))
	}
	for _, drop := range []func(){
		func() {}, func() { l.size = false }, func() { l.scheme = 0 }, func() { l.id = false }, func() { l.path = 0 }, func() { l.clock = shortClock },
	} {
		drop()
		left := width - len(l.clock) - len(gap) - l.mark - 2*len(gap) - term.Width(arrow) - c.outcome
		if l.id {
			left -= idWidth + len(gap)
		}
		if l.size {
			left -= c.size + len(gap)
		}
		for _, column := range []int{l.scheme, l.path} {
			if column > 0 {
				left -= column + len(gap)
			}
		}
		l.typ = max(min(c.typ, left), narrowest)
		if left >= min(c.typ, enough) {
			break
		}
	}
	return l
}

// line is a delivery and its outcome. Where there is no room for both, the outcome stands below. A type that is longer than its column is
// not cut.
func (c *columns) line(st term.Style, at time.Time, x cells, outcome string, width int) []string {
	l := c.fit(width)
	var b strings.Builder
	b.WriteString(st.Dim(at.Format(l.clock)))
	b.WriteString(gap)
	mark, paint := mark(st, x.verdict)
	b.WriteString(paint(mark))
	space := l.mark - term.Width(mark) // negative: the type gives way
	b.WriteString(strings.Repeat(" ", max(space, 0)) + gap)
	if l.scheme > 0 {
		b.WriteString(term.Pad(x.scheme, l.scheme) + gap)
	}
	typ := x.typ
	if width > 0 {
		typ = term.CutMiddle(typ, max(width-term.Width(b.String()), 1))
	}
	b.WriteString(st.Accent(typ) + strings.Repeat(" ", max(l.typ+min(space, 0)-term.Width(typ), 0)))
	if l.id {
		b.WriteString(gap + st.Dim(term.Pad(x.id, idWidth)))
	}
	if l.size {
		b.WriteString(gap + term.PadLeft(x.size, c.size))
	}
	if l.path > 0 {
		b.WriteString(gap + term.Pad(x.path, l.path))
	}
	head, tail := b.String(), gap+arrow+outcome
	bare := strings.TrimRight(head, " ")
	switch left := width - term.Width(bare) - term.Width(tail); {
	case width <= 0 || term.Width(head)+term.Width(tail) <= width:
		return []string{head + tail}
	case left >= 0:
		return []string{bare + strings.Repeat(" ", left) + tail}
	default:
		return twoLines(bare, l.withoutPath(x), outcome, width)
	}
}

// withoutPath is the path of a delivery where the layout leaves no column for it, else "".
func (l *layout) withoutPath(x cells) string {
	if l.path > 0 {
		return ""
	}
	return x.path
}

// twoLines is a delivery with its outcome below it. The line has room then for a path that has no column. An outcome that is too wide goes on
// below, further in.
func twoLines(bare, path, outcome string, width int) []string {
	if path != "" && term.Width(bare)+len(gap)+term.Width(path) <= width {
		bare += gap + path
	}
	lines := []string{term.Cut(bare, width)}
	indent := indentFor(width)
	for i, part := range term.Wrap(outcome, max(width-len(indent)-term.Width(arrow), 1)) {
		before := arrow
		if i > 0 {
			before = strings.Repeat(" ", term.Width(arrow))
		}
		lines = append(lines, term.Cut(indent+before+part, width))
	}
	return lines
}

// roomy is the width from which each column may be as wide as it needs.
const roomy = 110

// comfortable is the width from which the lines of a delivery are indented as far as its verdict.
const comfortable = 64

func indentFor(width int) string {
	if width > 0 && width < comfortable {
		return gap
	}
	return strings.Repeat(" ", len(fullClock)+len(gap))
}

// below indents text under a delivery, and breaks it where the line ends. paint colours the lines and may be nil.
func below(text string, width int, paint func(string) string) []string {
	indent := indentFor(width)
	room := 0
	if width > 0 {
		room = max(width-len(indent), 1)
	}
	lines := term.Wrap(text, room)
	for i := range lines {
		if paint != nil {
			lines[i] = paint(lines[i])
		}
		lines[i] = indent + lines[i]
	}
	return lines
}

// appendLines appends lines, each with an indent.
func appendLines(b []byte, indent string, lines []string) []byte {
	for _, line := range lines {
		b = append(append(append(b, indent...), line...), '\n')
	}
	return b
}

func writeLines(w io.Writer, lines []string) error {
	if len(lines) == 0 {
		return nil
	}
	return writeAll(w, appendLines(nil, "", lines))
}
