package journal

import (
	"maps"
	"net/http"
)

// repeatedMark stands among the headers of an attempt that was sent twice, as format 2 has no column for it. No header can
// have a colon in its name.
const repeatedMark = ":repeated"

// withRepeated is the header as it is stored.
func withRepeated(h http.Header, repeated bool) http.Header {
	if !repeated {
		return h
	}
	out := make(http.Header, len(h)+1)
	maps.Copy(out, h)
	out[repeatedMark] = []string{"1"}
	return out
}

// cutRepeated takes the mark out of a stored header, and says whether it was there.
func cutRepeated(h http.Header) bool {
	_, repeated := h[repeatedMark]
	delete(h, repeatedMark)
	return repeated
}
