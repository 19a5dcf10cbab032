package record

// How the headers of two requests or answers differ.

import (
	"maps"
	"net/http"
	"slices"
)

// HeaderChange is one header that the old message and the new one do not have in common.
type HeaderChange struct {
	Name string
	Old  []string // nil where the old message does not have it
	New  []string // nil where the new message does not have it
}

// CompareHeaders gives the headers whose values differ, by name. The order of values counts, that of headers is not recorded.
func CompareHeaders(before, after http.Header) []HeaderChange {
	var out []HeaderChange
	names := slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after)))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if !slices.Equal(before[name], after[name]) {
			out = append(out, HeaderChange{Name: name, Old: before[name], New: after[name]})
		}
	}
	return out
}
