package craft

// What to do where a request cannot be signed.

import (
	"errors"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
)

// SignFault makes a usage fault of an error of signing. Its hint says what to give.
func SignFault(err error) error {
	out := fault.New(fault.Usage, "%w", err)
	var unsigned *sign.SignError
	if !errors.As(err, &unsigned) {
		return fault.Hint(out, "give a key that signs: of a pair the private one")
	}
	part, name, _ := strings.Cut(unsigned.Field, ":")
	switch part {
	case "param":
		return fault.Hint(out, "add --param %s", fault.Word(name+"=VALUE"))
	case "header":
		return fault.Hint(out, "add -H %s", fault.Word(name+": VALUE"))
	case "json", "form":
		return fault.Hint(out, "put it into the body, or take a body as the provider sends it")
	case "query":
		return fault.Hint(out, "add it to the URL")
	default:
		return fault.Hint(out, "%s says what it signs", fault.Command("whctl schemes show", unsigned.Scheme))
	}
}

// noPlace is the fault of a body that cannot hold what signing puts into it.
func noPlace(err error, what string) error {
	return fault.Hint(fault.Wrap(fault.Usage, err, "cannot put %s into the body", what), "take a body as the provider sends it, which is JSON with an object")
}
