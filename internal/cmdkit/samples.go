package cmdkit

// Sample events: what is said of those that there are not.

import (
	"errors"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
)

// CheckType refuses an event type that no event of a scheme can be made of, and names what would do. It is one rule for every command
// that makes events: what the provider has beside its samples is taken, if its types are not all known and this one has their form.
func CheckType(scheme, typ string) error { return UnknownType(event.CheckType(scheme, typ)) }

// UnknownType makes a fault of an *event.UnknownTypeError. Any other error stays as it is.
func UnknownType(err error) error {
	unknown, is := errors.AsType[*event.UnknownTypeError](err)
	if !is {
		return err
	}
	base := fault.New(fault.Usage, "no sample of event type %q for scheme %s", unknown.Type, unknown.Scheme)
	switch {
	case unknown.Nearest != "":
		return fault.Hint(base, "did you mean %s?", fault.Word(unknown.Nearest))
	case len(unknown.Elsewhere) > 0:
		return fault.Hint(base, "add --scheme %s, which has it", fault.Word(unknown.Elsewhere[0]))
	case len(unknown.Variants) > 0:
		return fault.Hint(base, "there are %s", fault.List(unknown.Variants))
	case unknown.Misformed:
		return fault.Hint(base, "the types of this provider look like %s; or send a file: whctl send ./body.json", fault.Word(unknown.Known[0]))
	case len(unknown.Known) > 0:
		return fault.Hint(base, "there are %s; or send a file: whctl send ./body.json", fault.List(unknown.Known))
	default:
		return fault.Hint(base, "send a file: whctl send ./body.json")
	}
}
