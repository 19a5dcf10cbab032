package scheme

// Members of a JSON body.

import (
	"errors"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// The bounds of what is read in a body.
const (
	maxJSONScan  = 8 << 20 // bytes that are looked at for {json:}
	maxJSONValue = 64 << 10
	maxPathDepth = 16
)

// parsePath reads a JSON path such as a.b, items[0].id or [0].event.
func parsePath(s string) (path jsonbytes.Path, problem string) {
	path, err := jsonbytes.ParsePath(s)
	bad := (*jsonbytes.Error)(nil)
	switch {
	case s == "":
		return nil, "a JSON path cannot be empty"
	case errors.As(err, &bad):
		return nil, "the JSON path " + Quote(s) + " is wrong: " + bad.Problem
	case path.Appends():
		return nil, "the JSON path " + Quote(s) + " has a [ without an index such as [0]"
	case len(path) > maxPathDepth:
		return nil, "the JSON path has more than 16 segments"
	}
	return path, ""
}

// Lookup finds a scalar in a JSON text without decoding the rest: a string's text, or a number, true or false as
// written. Of members with the same name the last counts, as in most parsers. Only the first 8 MiB are looked at.
func Lookup(body []byte, path jsonbytes.Path) (string, bool) {
	return jsonbytes.Find(body[:min(len(body), maxJSONScan)], path)[0].Exact(maxJSONValue)
}
