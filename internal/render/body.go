package render

// How a body looks.

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/term"
)

// The modes of --body.
const (
	BodyPretty = "pretty"
	BodyRaw    = "raw"
	BodyNone   = "none"
)

// BodyOptions say how much of a body is shown and how.
type BodyOptions struct {
	Width       int    // columns; 0 is unlimited
	MaxLines    int    // 0 is 40, negative is all
	MaxBytes    int    // bytes that are read; 0 is 16 KiB, negative is all
	Mode        string // pretty (also ""), raw or none
	ContentType string // of the request
	Size        int64  // bytes received, when the body is only their beginning; 0: it is all
	Ref         string // id of the delivery, for the note that says how to see the rest; "": no note
}

const (
	usualLines = 40
	usualBytes = 16 << 10
	allLines   = int(^uint(0) >> 2)
)

// page collects the lines of a body, and counts those it leaves out.
type page struct {
	st    term.Style
	width int
	max   int      // lines shown
	lines []string // at most max and one more: a note would take as much room as a single last line
	total int      // lines, those left out too
	fold  int      // offset in the body at which the first line beyond max begins
	more  bool     // the body goes on behind the bytes that were read
}

// Body returns the lines that show a body: JSON indented and coloured, forms decoded, text as it is, binary as hex. A note says
// what is left out. Nothing in the lines can change a terminal. Numbers, strings and escapes stand as they came.
func Body(st term.Style, b []byte, o BodyOptions) []string {
	if o.Mode == BodyNone || len(b) == 0 {
		return nil
	}
	size := max(o.Size, int64(len(b)))
	seen := b
	if limit := cmp.Or(o.MaxBytes, usualBytes); limit > 0 && len(b) > limit {
		seen = b[:limit]
	}
	p := page{st: st, width: o.Width, max: cmp.Or(o.MaxLines, usualLines), more: int64(len(seen)) < size}
	if p.max < 0 {
		p.max = allLines
	}
	if binary(seen) && (o.Mode == BodyRaw || !p.json(seen)) {
		return hexView(st, seen, size, o)
	}
	if p.total == 0 {
		p.text(seen, o)
	}
	return p.finish(size, o)
}

// text fills the page with a body that is not binary.
func (p *page) text(b []byte, o BodyOptions) {
	if o.Mode == BodyRaw {
		p.plain(b, chunked)
		return
	}
	if p.json(b) || isForm(o.ContentType) && p.form(b) {
		return
	}
	p.reset()
	p.plain(b, wrapped)
}

// chunked breaks a line of text anywhere, and loses nothing of it.
func chunked(line string, width int) []string { return term.Chunk(term.Clean(line), width) }

// wrapped breaks a line of text at spaces, where there are any. Its tabs are four spaces.
func wrapped(line string, width int) []string {
	return term.Wrap(term.Clean(strings.ReplaceAll(line, "\t", "    ")), width)
}

func (p *page) reset() { p.lines, p.total, p.fold = nil, 0, 0 }

// room says whether the next line will be kept. The line begins at offset in the body.
func (p *page) room(offset int) bool {
	if p.total == p.max {
		p.fold = offset
	}
	return p.total <= p.max
}

// add counts a line and keeps it when there is room.
func (p *page) add(line string) {
	if p.total <= p.max {
		p.lines = append(p.lines, line)
	}
	p.total++
}

// addAll adds the lines that show what stands at an offset in the body.
func (p *page) addAll(lines []string, offset int) {
	for _, line := range lines {
		p.room(offset)
		p.add(line)
	}
}

// finish gives the lines, with a note in place of what is left out.
func (p *page) finish(size int64, o BodyOptions) []string {
	if p.total <= p.max+1 && !p.more {
		return p.lines
	}
	lines := p.lines
	if len(lines) > p.max {
		lines = lines[:p.max]
	}
	left, hidden := size-int64(p.fold), p.total-len(lines)
	if hidden == 0 {
		left = 0 // all that was read is shown; the size of the whole body is told below
	}
	var what string
	switch {
	case p.more && hidden > 0:
		what = fmt.Sprintf("… more (%s)", Size(left))
	case p.more:
		what = "… more (" + Size(size) + " in all)"
	default:
		what = fmt.Sprintf("… %s (%s)", fault.Plural(hidden, "more line"), Size(left))
	}
	return append(lines, note(p.st, what, o))
}

func note(st term.Style, what string, o BodyOptions) string {
	if o.Ref != "" {
		what += "; " + fault.Command("whctl journal show", o.Ref).Switch("--raw").String()
	}
	return st.Dim(term.Cut(what, o.Width))
}

// plain shows text line by line. Long lines are broken and not cut, because what matters may be anywhere in them.
func (p *page) plain(b []byte, divide func(line string, width int) []string) {
	offset := 0
	for whole := range bytes.Lines(b) {
		if !p.room(offset) {
			p.total += 1 + bytes.Count(bytes.TrimSuffix(b[offset:], []byte("\n")), []byte("\n"))
			return
		}
		line := strings.TrimSuffix(string(whole), "\n")
		pieces := divide(line, p.width)
		for i, piece := range pieces {
			if !p.room(offset + len(line)*i/len(pieces)) {
				p.total += len(pieces) - i
				break
			}
			p.add(piece)
		}
		offset += len(whole)
	}
}

func isForm(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(media), "application/x-www-form-urlencoded")
}

// form shows decoded fields. It returns false when the body is not a form.
func (p *page) form(b []byte) bool {
	p.reset()
	offset := 0
	for pair := range strings.SplitSeq(strings.TrimRight(string(b), "\r\n"), "&") {
		rawKey, rawValue, ok := strings.Cut(pair, "=")
		key, err1 := url.QueryUnescape(rawKey)
		value, err2 := url.QueryUnescape(rawValue)
		if (!ok || err1 != nil || err2 != nil) && !p.more {
			return false
		}
		if p.room(offset) {
			p.addAll(p.segments([]segment{{term.Clean(key), kindKey}, {" = ", kindPlain}, {term.Clean(value), kindString}}), offset)
		} else {
			p.total++
		}
		offset += len(pair) + 1
	}
	return true
}

// binary says whether b is better shown in hex: it holds a NUL, or much that is not text.
func binary(b []byte) bool {
	if bytes.IndexByte(b, 0) >= 0 {
		return true
	}
	strange := 0
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		cutOff := len(b)-i < utf8.UTFMax && !utf8.FullRune(b[i:])
		if r == utf8.RuneError && size == 1 && !cutOff || r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != 0x1b {
			strange++
		}
		i += size
	}
	const tolerated = 10 // one strange character in so many bytes
	return strange*tolerated > len(b)
}

// hexView shows the beginning of a binary body.
func hexView(st term.Style, b []byte, size int64, o BodyOptions) []string {
	const rows, wide, narrow, wideLine = 8, 16, 8, 77
	perLine := wide
	if o.Width > 0 && o.Width < wideLine {
		perLine = narrow
	}
	shown := b[:min(len(b), rows*wide)]
	lines := make([]string, 0, rows*2+1)
	for offset := 0; offset < len(shown); offset += perLine {
		row := shown[offset:min(offset+perLine, len(shown))]
		var hex, text strings.Builder
		for i, c := range row {
			if i == wide/2 {
				hex.WriteByte(' ')
			}
			fmt.Fprintf(&hex, "%02x ", c)
			if c < ' ' || c >= 0x7f {
				c = '.'
			}
			text.WriteByte(c)
		}
		hexWidth := perLine * 3
		if perLine == wide {
			hexWidth++
		}
		line := fmt.Sprintf("%08x  %s |%s|", offset, term.Pad(hex.String(), hexWidth), text.String())
		lines = append(lines, term.Cut(line, o.Width))
	}
	what := fmt.Sprintf("binary, %s", Size(size))
	if size > int64(len(shown)) {
		what = fmt.Sprintf("… binary, %s in all", Size(size))
	}
	return append(lines, note(st, what, o))
}
