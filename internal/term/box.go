package term

import (
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Field is one labelled line of a Box.
type Field struct{ Label, Value string }

// Box lays out labelled values one below the other, labels aligned, in a rounded frame that fits width columns
// (0: as wide as needed). Values that do not fit are wrapped. The text must be clean; it may be styled.
// The lines of the result are separated by newlines, without one at the end.
func (s Style) Box(title string, fields []Field, width int) string {
	layout := newLayout(s.On())
	labels, values := make([]string, 0, len(fields)), make([]string, 0, len(fields))
	const narrowest = 20 // for values; below that a frame is in the way
	room := boxRoom(fields, width)
	if width > 0 && room < narrowest {
		return s.list(title, fields, width)
	}
	for _, f := range fields {
		for i, line := range Wrap(f.Value, room) {
			label := ""
			if i == 0 {
				label = f.Label
			}
			labels = append(labels, s.Dim(label))
			values = append(values, line)
		}
	}
	if !measurable(append(append([]string{title}, labels...), values...)) {
		return s.list(title, fields, width)
	}
	left := layout.NewStyle().PaddingRight(boxGap).Render(lipgloss.JoinVertical(lipgloss.Left, labels...))
	right := lipgloss.JoinVertical(lipgloss.Left, values...)
	body := lipgloss.JoinHorizontal(lipgloss.Top, left, right)
	if title != "" {
		body = lipgloss.JoinVertical(lipgloss.Left, s.Bold(title), body)
	}
	box := layout.NewStyle().Border(lipgloss.RoundedBorder()).Padding(0, 1)
	if s.On() {
		box = box.BorderForeground(lipgloss.ANSIColor(termenv.ANSIBrightBlack))
	}
	return box.Render(body)
}

// boxGap is what stands between label and value.
const boxGap = 2

// boxRoom is what the width leaves for values.
func boxRoom(fields []Field, width int) int {
	const frame = 4 // border and padding on both sides
	labels := 0
	for _, f := range fields {
		labels = max(labels, Width(f.Label))
	}
	return width - frame - labels - boxGap
}

// BoxHolds says whether Box shows the value of a field on one line. Without a width it always does.
func BoxHolds(fields []Field, i, width int) bool {
	return width <= 0 || Width(fields[i].Value) <= boxRoom(fields, width)
}

// measurable says whether the library that draws the frame counts the columns of every line as they are counted here. It
// takes what some terminals join for joined.
func measurable(lines []string) bool {
	return !slices.ContainsFunc(lines, func(s string) bool { return lipgloss.Width(s) != Width(s) })
}

// list is Box without alignment and frame.
func (s Style) list(title string, fields []Field, width int) string {
	var lines []string
	if title != "" {
		lines = append(lines, s.Bold(Cut(title, width)))
	}
	for _, f := range fields {
		lines = append(lines, Wrap(s.Dim(f.Label+":")+" "+f.Value, width)...)
	}
	return strings.Join(lines, "\n")
}

// newLayout is a renderer that knows everything it could want to ask: it has a colour profile and a background, and
// writes to nowhere, so that it cannot query the terminal.
func newLayout(colored bool) *lipgloss.Renderer {
	profile := termenv.Ascii
	if colored {
		profile = termenv.ANSI
	}
	r := lipgloss.NewRenderer(io.Discard, termenv.WithProfile(profile))
	r.SetColorProfile(profile)
	r.SetHasDarkBackground(true)
	return r
}
