package journal

import (
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// ref is a parsed reference: either the delivery that is back places before the newest one, or an id or prefix of one.
type ref struct {
	last   bool
	back   int64
	lo, hi int64
	ok     bool // lo and hi are set; false: no id can look like that
}

// parseRef reads last, last~N, an id or a prefix of one. Only a wrong text after last~ is a usage fault: any other text may be an
// id, and names nothing.
func parseRef(text string) (ref, error) {
	switch {
	case text == "":
		return ref{}, fault.Hint(fault.New(fault.Usage, "empty delivery reference"), "give an id, the beginning of one, last or last~2")
	case text == "last":
		return ref{last: true}, nil
	case strings.HasPrefix(text, "last~"):
		n, err := strconv.ParseInt(text[len("last~"):], 10, 64)
		if err != nil || n < 0 || text[len("last~")] == '+' || text[len("last~")] == '-' {
			return ref{}, fault.Hint(fault.New(fault.Usage, "%q is not a delivery reference", text), "write a number after last~, for example last~2")
		}
		return ref{last: true, back: n}, nil
	}
	lo, hi, ok := idRange(text)
	return ref{lo: lo, hi: hi, ok: ok}, nil
}
