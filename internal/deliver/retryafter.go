package deliver

// How long an answer asks to wait.

import (
	"net/http"
	"strconv"
	"time"
)

// RetryAfter reads Retry-After, which is in seconds or a date (RFC 9110, 10.2.3). It is false where there is none that can be read. A date
// that is past gives a negative time.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := h.Get("Retry-After")
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second, true
	}
	if t, err := http.ParseTime(text); err == nil {
		return t.Sub(now), true
	}
	return 0, false
}
