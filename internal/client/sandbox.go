package client

// The calls that only a sandbox takes.

import (
	"context"
	"net/http"
	"time"

	"github.com/whctl/whctl/internal/api"
)

// advanceTimeout bounds one move of the clock. Every attempt that becomes due on the way is really made, and may take as long as a
// receiver may.
const advanceTimeout = time.Hour

// Sandbox calls the routes that only a sandbox has.
type Sandbox struct{ c *Client }

// Sandbox returns the calls that only a sandbox answers.
func (c *Client) Sandbox() Sandbox { return Sandbox{c} }

// Trigger raises events.
func (s Sandbox) Trigger(ctx context.Context, q api.TriggerRequest) (api.Triggered, error) {
	call := call{method: http.MethodPost, path: api.PathTrigger, body: q, unsure: "the events may have been raised all the same"}
	t, err := get[api.Triggered](ctx, s.c, call)
	if err == nil && t.Events == nil {
		return t, s.c.doubt(call, s.c.misshapen("it names no events"))
	}
	return t, err
}

// Samples lists what there is to raise.
func (s Sandbox) Samples(ctx context.Context) (api.Samples, error) {
	v, err := get[api.Samples](ctx, s.c, call{method: http.MethodGet, path: api.PathTrigger})
	if err == nil && v.Types == nil {
		return v, s.c.misshapen("it names no types")
	}
	return v, err
}

// Play raises the events of a scenario.
func (s Sandbox) Play(ctx context.Context, scenario string) (api.Triggered, error) {
	call := call{method: http.MethodPost, path: api.PathPlay, body: api.PlayRequest{Scenario: scenario}, unsure: "the events may have been raised all the same"}
	t, err := get[api.Triggered](ctx, s.c, call)
	if err == nil && t.Events == nil {
		return t, s.c.doubt(call, s.c.misshapen("it names no events"))
	}
	return t, err
}

// Advance moves the clock. It returns when every attempt that became due on the way is made.
func (s Sandbox) Advance(ctx context.Context, d time.Duration) (api.Advanced, error) {
	q := call{
		method: http.MethodPost, path: api.PathAdvance, body: api.AdvanceRequest{ByMs: d.Milliseconds()}, timeout: advanceTimeout,
		unsure: "the clock may have been moved all the same",
	}
	a, err := get[api.Advanced](ctx, s.c, q)
	if err == nil && a.Now.IsZero() {
		return a, s.c.doubt(q, s.c.misshapen("it tells no time"))
	}
	return a, err
}

// Status returns what the sandbox holds.
func (s Sandbox) Status(ctx context.Context) (api.SandboxStatus, error) {
	v, err := get[api.SandboxStatus](ctx, s.c, call{method: http.MethodGet, path: api.PathStatus})
	if err == nil && v.Now.IsZero() {
		return v, s.c.misshapen("it tells no time")
	}
	return v, err
}

// Reset empties the sandbox and sets its clock to the real time.
func (s Sandbox) Reset(ctx context.Context) error {
	q := call{method: http.MethodPost, path: api.PathReset, unsure: "the sandbox may have been emptied all the same"}
	env, err := get[api.Envelope](ctx, s.c, q)
	if err == nil && !env.Success {
		return s.c.doubt(q, s.c.misshapen("it does not say that it was done"))
	}
	return err
}
