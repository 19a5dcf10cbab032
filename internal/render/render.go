// Package render is how things look: text for people and JSON or YAML for scripts, from the same values.
package render

import (
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/term"
)

// ActivityPrinter shows what a listener tells, one activity after the other. It is not safe for concurrent use.
type ActivityPrinter interface {
	// Print shows an activity, or holds it until what belongs on the same line has come. An error is one of
	// writing (see term.IsClosedPipe), or a fault of the --jq expression.
	Print(a record.Activity) error
	// Flush shows what is held. Call it when no more activities come.
	Flush() error
}

// Output is what -o and --jq ask for.
type Output struct {
	Format string // text, json, yaml; "" is text
	JQ     string // filter of the JSON output; implies json
}

// The formats of -o.
const (
	FormatText = "text"
	FormatJSON = "json"
	FormatYAML = "yaml"
)

var _ = term.Cut
