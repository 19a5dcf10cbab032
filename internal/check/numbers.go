package check

// Numbers in texts.

import (
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// difference is by how much a number changed; false when one text is no number.
func difference(before, after string) (float64, bool) {
	a, errA := strconv.ParseFloat(strings.TrimSpace(before), 64)
	b, errB := strconv.ParseFloat(strings.TrimSpace(after), 64)
	return b - a, errA == nil && errB == nil
}

// numeric says whether a member of a body holds a number.
func numeric(body []byte, place string) bool {
	path, err := jsonbytes.ParsePath(place)
	if err != nil {
		return false
	}
	text, there := scheme.Lookup(body, path)
	if !there {
		return false
	}
	_, err = strconv.ParseFloat(text, 64)
	return err == nil
}
