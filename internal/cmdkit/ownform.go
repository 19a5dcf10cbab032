package cmdkit

// What --jq cannot filter.

import "github.com/whctl/whctl/internal/fault"

// OwnForm refuses --jq beside a flag that asks for another form than JSON, such as --format curl or --raw: it would filter nothing.
func (e *Env) OwnForm(flag string) error {
	if e.Globals.JQ == "" {
		return nil
	}
	return fault.New(fault.Usage, "--jq filters JSON and does not go with %s", flag)
}
