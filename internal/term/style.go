package term

// Colour, by meaning.

import (
	"github.com/fatih/color"
)

// The colour modes of --color.
const (
	ColorAuto   = "auto"
	ColorAlways = "always"
	ColorNever  = "never"
)

// ColorModeError says that --color has an unknown value.
type ColorModeError struct{ Mode string }

// Error names the modes.
func (e *ColorModeError) Error() string {
	return "colour must be auto, always or never, not \"" + Cut(Clean(e.Mode), 60) + `"`
}

// Style colours text by meaning. Without colour each method returns its argument; the zero value has none. Clean text
// before styling it, never after.
type Style struct{ on bool }

// SetColor chooses when colours are used: auto (also ""), always or never. Call it before Style and ErrStyle. The error is a
// *ColorModeError.
func (t *IO) SetColor(mode string) error {
	switch mode {
	case "", ColorAuto, ColorAlways, ColorNever:
		t.mode = mode
	default:
		return &ColorModeError{Mode: mode}
	}
	return nil
}

// colored decides whether a stream has colour: --color comes first, then NO_COLOR (no-color.org), CLICOLOR_FORCE, TERM=dumb
// and CLICOLOR (bixense.com/clicolors), then whether it is a terminal.
func (t *IO) colored(tty bool) bool {
	switch t.mode {
	case ColorAlways:
		return true
	case ColorNever:
		return false
	}
	if t.getenv("NO_COLOR") != "" {
		return false
	}
	if v := t.getenv("CLICOLOR_FORCE"); v != "" && v != "0" {
		return true
	}
	return tty && t.getenv("TERM") != "dumb" && t.getenv("CLICOLOR") != "0"
}

// Style is how to colour what goes to Out.
func (t *IO) Style() Style { return t.style(&t.out, t.Out) }

// ErrStyle is how to colour what goes to Err.
func (t *IO) ErrStyle() Style { return t.style(&t.err, t.Err) }

func (t *IO) style(s *stream, file any) Style {
	s.styleOnce.Do(func() {
		s.colored = t.colored(t.isTTY(s, file)) && prepare(file)
	})
	return Style{s.colored}
}

// On says whether this style colours at all.
func (s Style) On() bool { return s.on }

// Bold is for what should be found first.
func (s Style) Bold(text string) string { return s.paint(color.Bold, text) }

// Dim is for what may be skipped.
func (s Style) Dim(text string) string { return s.paint(color.Faint, text) }

// Good is for what succeeded.
func (s Style) Good(text string) string { return s.paint(color.FgGreen, text) }

// Bad is for what failed.
func (s Style) Bad(text string) string { return s.paint(color.FgRed, text) }

// Warn is for what wants attention.
func (s Style) Warn(text string) string { return s.paint(color.FgYellow, text) }

// Accent is for names: event types, commands.
func (s Style) Accent(text string) string { return s.paint(color.FgCyan, text) }

// Key is for the names of a JSON object.
func (s Style) Key(text string) string { return s.paint(color.FgBlue, text) }

// Str is for JSON strings.
func (s Style) Str(text string) string { return s.paint(color.FgGreen, text) }

// Num is for JSON numbers.
func (s Style) Num(text string) string { return s.paint(color.FgYellow, text) }

// Lit is for true, false and null.
func (s Style) Lit(text string) string { return s.paint(color.FgMagenta, text) }

func (s Style) paint(attribute color.Attribute, text string) string {
	if !s.on || text == "" {
		return text
	}
	c := color.New(attribute)
	c.EnableColor() // the library decided at import, from the wrong stream
	return c.Sprint(text)
}
