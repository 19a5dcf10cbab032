package render

import (
	"errors"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

var errTODO = errors.New("not built yet")

// Machine says whether the output is for scripts: json, yaml or filtered.
func (o Output) Machine() bool { return o.JQ != "" || o.Format == FormatJSON || o.Format == FormatYAML }

// Check finds an unknown format or a broken --jq expression before any work is done. The error is a usage fault.
func (o Output) Check() error { return nil }

// Value writes v in the chosen format; for text it calls text.
func (o Output) Value(t *term.IO, v any, text func() error) error { return errTODO }

// JSON writes v as one compact document on one line to Out.
func JSON(t *term.IO, v any) error { return errTODO }

// YAML writes v as YAML to Out, with the field names and the order of its JSON.
func YAML(t *term.IO, v any) error { return errTODO }

// CheckJQ says whether a --jq expression can be used. The error is a usage fault.
func CheckJQ(expression string) error { return nil }

// NewNDJSON prints each activity as one JSON object a line, through the jq expression unless that is empty.
func NewNDJSON(t *term.IO, jq string) ActivityPrinter { return nil }

// TextOptions are the choices for the text form of a listener.
type TextOptions struct {
	Body     string         // pretty (also ""), raw or none
	MaxLines int            // lines of a body before it is folded; 0 is 40, negative all
	Quiet    bool           // no ready box
	Location *time.Location // of the times shown; nil is local
}

// NewText prints deliveries as aligned lines to Out, and what is said about the listener itself to Err.
func NewText(t *term.IO, o TextOptions) ActivityPrinter { return nil }

// DeliveryJSON is the object that stands for a delivery in every JSON output.
func DeliveryJSON(d record.Delivery, withBody bool) any { return nil }

// AttemptJSON is the object that stands for an attempt in every JSON output.
func AttemptJSON(a record.Attempt) any { return nil }

// DiagnosisJSON is the object that stands for a diagnosis in every JSON output.
func DiagnosisJSON(d record.Diagnosis) any { return nil }

// VerdictJSON is the object that stands for a verdict in every JSON output.
func VerdictJSON(v sign.Verdict) any { return nil }

// BodyOptions say how much of a body is shown and how.
type BodyOptions struct {
	Width       int    // columns; 0 is unlimited
	MaxLines    int    // 0 is 40, negative is all
	MaxBytes    int    // bytes looked at; 0 is 16 KiB, negative is all
	Mode        string // pretty (also ""), raw or none
	ContentType string // of the request
	Size        int64  // bytes received, when more than are at hand; 0: as many as at hand
	Ref         string // delivery id for the note on how to see the rest; "" leaves that out
}

// Body is the display lines of a body.
func Body(st term.Style, b []byte, o BodyOptions) []string { return nil }

// Mark is a verdict's sign and reason, coloured: "✓ valid", "✗ mismatch", "? unverified".
func Mark(st term.Style, v sign.Verdict) string { return "" }

// Column describes one column of a Table.
type Column struct {
	Title string
	Right bool // right-aligned, for numbers
	Fixed bool // never shortened: ids and other things to copy
}

// Cell is one field of a Table. Text may be remote; it is cleaned. Paint colours it and may be nil.
type Cell struct {
	Text  string
	Paint func(string) string
}

// Table is aligned columns that fit a width.
type Table struct{}

// NewTable makes an empty table.
func NewTable(columns ...Column) *Table { return &Table{} }

// Add appends a row of plain cells.
func (tb *Table) Add(texts ...string) {}

// AddCells appends a row.
func (tb *Table) AddCells(cells ...Cell) {}

// Lines is the table as text, headers first.
func (tb *Table) Lines(st term.Style, width int) []string { return nil }

// Print writes the table to Out in the terminal's width.
func (tb *Table) Print(t *term.IO) error { return nil }
