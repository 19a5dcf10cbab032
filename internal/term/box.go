package term

// A frame around labelled values.

import (
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Field is one labelled line of a Box.
type Field struct{ Label, Value string }

// Box puts labelled values below each other in a rounded frame of at most width columns (0: as wide as needed). Labels are
// aligned, long values are wrapped. The text must be clean and may be styled. No newline ends the result.
func (s Style) Box(title string, fields []Field, width int) string {
	layout := newLayout(s.On())
	labels, values := make([]string, 0, len(fields)), make([]string, 0, len(fields))
	const narrowest = 20 // for values; with less room the frame is left out
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
	// lipgloss, which draws the frame, counts characters that some terminals join as one.
	if slices.ContainsFunc(slices.Concat([]string{title}, labels, values), func(s string) bool { return lipgloss.Width(s) != Width(s) }) {
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

// boxGap is the space between label and value.
const boxGap = 2

// boxRoom is how many columns are left for values.
func boxRoom(fields []Field, width int) int {
	const frame = 4 // border and padding, on both sides
	labels := 0
	for _, f := range fields {
		labels = max(labels, Width(f.Label))
	}
	return width - frame - labels - boxGap
}

// BoxHolds says whether Box shows the value of field i on one line.
func BoxHolds(fields []Field, i, width int) bool {
	return width <= 0 || Width(fields[i].Value) <= boxRoom(fields, width)
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

// newLayout makes a renderer that cannot query the terminal: it is given a colour profile and a background, and it writes
// to nowhere.
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
