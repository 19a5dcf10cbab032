package client

// What differs between the platforms whose API is called. Everything else is shared: where the token goes, what is repeated, what is
// read and how much of it, and what a failure is called.

import (
	"net/http"
	"net/url"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

// manners is how one platform wants to be called.
type manners interface {
	// header sets the headers that every call carries, besides those of all platforms.
	header(h http.Header)
	// limited says that an answer turns the call away for the number of calls before it, so that nothing was done, and how long to
	// wait before the try-th try is repeated.
	limited(a answer, now time.Time, try int) (wait time.Duration, is bool)
	// hint is the next step after a refusal.
	hint(q call, a answer) fault.Step
	// step tells how to see whether a call was carried out.
	step(q call) fault.Step
	// absent is the next step when nothing answers at a base URL on loopback.
	absent(base *url.URL) fault.Step
	// setting names what the address of the API comes from.
	setting() string
	// noToken is the next step when there is no token.
	noToken() fault.Step
}

// later says when to try again; 0 when nobody knows.
func later(d time.Duration) fault.Step {
	if d > 0 && d <= longestAdvice {
		return fault.NextStep("try again in %s", fault.Word(d.Round(time.Second).String()))
	}
	return fault.NextStep("wait a little and try again")
}
