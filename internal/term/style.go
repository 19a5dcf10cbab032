package term

// Colour, by meaning.

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
func (s Style) Bold(text string) string { return s.paint(sgrBold, text) }

// Dim is for what may be skipped.
func (s Style) Dim(text string) string { return s.paint(sgrDim, text) }

// Good is for what succeeded.
func (s Style) Good(text string) string { return s.paint(sgrGreen, text) }

// Bad is for what failed.
func (s Style) Bad(text string) string { return s.paint(sgrRed, text) }

// Warn is for what wants attention.
func (s Style) Warn(text string) string { return s.paint(sgrYellow, text) }

// Accent is for names: event types, commands.
func (s Style) Accent(text string) string { return s.paint(sgrCyan, text) }

// Key is for the names of a JSON object.
func (s Style) Key(text string) string { return s.paint(sgrBlue, text) }

// Str is for JSON strings.
func (s Style) Str(text string) string { return s.paint(sgrGreen, text) }

// Num is for JSON numbers.
func (s Style) Num(text string) string { return s.paint(sgrYellow, text) }

// Lit is for true, false and null.
func (s Style) Lit(text string) string { return s.paint(sgrMagenta, text) }

// Edge is for frames around text.
func (s Style) Edge(text string) string { return s.paint(sgrGrey, text) }

// The parameters of Select Graphic Rendition (ECMA-48, 8.3.117) that are used; grey is bright black, as aixterm and xterm have it.
const (
	sgrBold    = "1"
	sgrDim     = "2"
	sgrRed     = "31"
	sgrGreen   = "32"
	sgrYellow  = "33"
	sgrBlue    = "34"
	sgrMagenta = "35"
	sgrCyan    = "36"
	sgrGrey    = "90"
	sgrWeight  = "22" // neither bold nor dim
	sgrReset   = "0"
)

func (s Style) paint(parameter, text string) string {
	if !s.on || text == "" {
		return text
	}
	end := sgrReset
	if parameter == sgrBold || parameter == sgrDim {
		end = sgrWeight
	}
	return "\x1b[" + parameter + "m" + text + "\x1b[" + end + "m"
}
