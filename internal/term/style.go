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
	return "colour must be auto, always or never, not " + quote(e.Mode)
}

// Style colours text by meaning. Without colour each method returns its argument; the zero value has none. Clean text
// before styling it, never after.
type Style struct{ p *palette }

// palette is made on first use, once for each stream.
type palette struct {
	bold, dim, good, bad, warn, accent, key, str, num, lit *color.Color
}

// SetColor chooses when colours are used: auto (also ""), always or never. Call it before Style and ErrStyle. The error is a
// *ColorModeError.
func (t *IO) SetColor(mode string) error {
	switch mode {
	case "":
		t.mode = ColorAuto
	case ColorAuto, ColorAlways, ColorNever:
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
func (t *IO) Style() Style {
	t.outStyleOnce.Do(func() {
		if t.colored(t.OutTTY()) && prepare(t.Out) {
			t.outPalette = newPalette()
		}
	})
	return Style{t.outPalette}
}

// ErrStyle is how to colour what goes to Err.
func (t *IO) ErrStyle() Style {
	t.errStyleOnce.Do(func() {
		if t.colored(t.ErrTTY()) && prepare(t.Err) {
			t.errPalette = newPalette()
		}
	})
	return Style{t.errPalette}
}

func newPalette() *palette {
	one := func(attributes ...color.Attribute) *color.Color {
		c := color.New(attributes...)
		c.EnableColor() // the library decided at import, from the wrong stream
		return c
	}
	return &palette{
		bold: one(color.Bold), dim: one(color.Faint), good: one(color.FgGreen), bad: one(color.FgRed),
		warn: one(color.FgYellow), accent: one(color.FgCyan),
		key: one(color.FgBlue), str: one(color.FgGreen), num: one(color.FgYellow), lit: one(color.FgMagenta),
	}
}

// On says whether this style colours at all.
func (s Style) On() bool { return s.p != nil }

// Bold is for what should be found first.
func (s Style) Bold(text string) string {
	return s.paint(text, func(p *palette) *color.Color { return p.bold })
}

// Dim is for what may be skipped.
func (s Style) Dim(text string) string {
	return s.paint(text, func(p *palette) *color.Color { return p.dim })
}

// Good is for what succeeded.
func (s Style) Good(text string) string {
	return s.paint(text, func(p *palette) *color.Color { return p.good })
}

// Bad is for what failed.
func (s Style) Bad(text string) string {
	return s.paint(text, func(p *palette) *color.Color { return p.bad })
}

// Warn is for what wants attention.
func (s Style) Warn(text string) string {
	return s.paint(text, func(p *palette) *color.Color { return p.warn })
}

// Accent is for names: event types, commands.
func (s Style) Accent(text string) string {
	return s.paint(text, func(p *palette) *color.Color { return p.accent })
}

// Key is for the names of a JSON object.
func (s Style) Key(text string) string {
	return s.paint(text, func(p *palette) *color.Color { return p.key })
}

// Str is for JSON strings.
func (s Style) Str(text string) string {
	return s.paint(text, func(p *palette) *color.Color { return p.str })
}

// Num is for JSON numbers.
func (s Style) Num(text string) string {
	return s.paint(text, func(p *palette) *color.Color { return p.num })
}

// Lit is for true, false and null.
func (s Style) Lit(text string) string {
	return s.paint(text, func(p *palette) *color.Color { return p.lit })
}

func (s Style) paint(text string, pick func(*palette) *color.Color) string {
	if s.p == nil || text == "" {
		return text
	}
	return pick(s.p).Sprint(text)
}
