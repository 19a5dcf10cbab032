// Package render is how things look: text for people, JSON and YAML for scripts, from the same values.
package render

import (
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/term"
)

// Printer shows events, one after the other. It is not safe for concurrent use.
type Printer interface {
	// Print shows an event, or holds it until what belongs on its line has come. The error is one of writing (see
	// term.IsClosedPipe), or a fault of the --jq expression.
	Print(s hub.Stamped) error
	// Flush shows what is held. Call it when no more events come.
	Flush() error
}

// Screen is a printer for people at a terminal, who may ask for something between two events.
type Screen interface {
	Printer
	// Aside shows text that belongs to no event. It has whole lines, cleaned and no wider than the terminal.
	Aside(text string) error
	// Clear clears the terminal. What was on it is no longer referred to.
	Clear() error
}

// Reader makes a printer a reader of the hub. After its first error it prints no more; failed is called then, and Close
// gives the error.
func Reader(p Printer, failed func()) hub.Reader { return &reader{printer: p, failed: failed} }

type reader struct {
	printer Printer
	failed  func()
	err     error
}

func (r *reader) Read(s hub.Stamped) {
	if r.err != nil {
		return
	}
	if r.err = r.printer.Print(s); r.err != nil {
		r.failed()
	}
}

func (r *reader) Close() error {
	if r.err != nil {
		return r.err
	}
	return r.printer.Flush()
}

// Output is what -o and --jq ask for.
type Output struct {
	Format string // text, json, yaml; "" is text
	JQ     string // filter of the JSON output; implies json
}

// NewOutput checks what cmdkit's Env.Format gives, error and all. The error is that or a usage fault.
func NewOutput(format, jq string, err error) (Output, error) {
	if err != nil {
		return Output{}, err
	}
	o := Output{Format: format, JQ: jq}
	return o, o.Check()
}

// CheckStream refuses formats that a stream does not have. The error is a usage fault.
func (o Output) CheckStream() error {
	if o.Format == FormatYAML && o.JQ == "" {
		return fault.Hint(fault.New(fault.Usage, "a stream has no YAML form"), "use -o json, one object a line")
	}
	return nil
}

// Text writes text for people to Out in one call. Lines that are wider than the terminal are broken at spaces where there are any.
func Text(t *term.IO, text string) error { return Whole(t, term.FoldWords(text, t.Width())) }

// Whole is Text for lines that people copy, such as keys and code: it breaks none.
func Whole(t *term.IO, text string) error { return writeAll(t.Out, []byte(text)) }

// The formats of -o.
const (
	FormatText = "text"
	FormatJSON = "json"
	FormatYAML = "yaml"
)

// Machine says whether the output is for scripts: json, yaml or --jq.
func (o Output) Machine() bool { return o.JQ != "" || o.Format == FormatJSON || o.Format == FormatYAML }

// Check refuses an unknown format and a broken --jq expression. The error is a usage fault.
func (o Output) Check() error {
	switch o.Format {
	case "", FormatText, FormatJSON, FormatYAML:
	default:
		return fault.New(fault.Usage, "output must be text, json or yaml, not %q", term.Cut(term.Clean(o.Format), 40))
	}
	if o.JQ == "" {
		return nil
	}
	return CheckJQ(o.JQ)
}

// Value writes v in the chosen format. For text it calls text.
func (o Output) Value(t *term.IO, v any, text func() error) error {
	if err := o.Check(); err != nil {
		return err
	}
	switch {
	case o.JQ != "":
		f, err := newFilter(flagJQ, o.JQ)
		if err != nil {
			return err
		}
		return f.write(t, v)
	case o.Format == FormatJSON:
		return JSON(t, v)
	case o.Format == FormatYAML:
		return YAML(t, v)
	default:
		return text()
	}
}
