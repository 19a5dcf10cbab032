package client

// What the API of Baanx, and of the sandbox in its place, has of its own.

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
)

// baanx is the manners of the management API.
type baanx struct {
	from TokenFrom
	now  func() time.Time
}

func (baanx) header(h http.Header) { h.Set("Accept", "application/json") }

// limited is never true: the API documents no limit of calls, so a 429 may come from anywhere on the way.
func (baanx) limited(answer, time.Time, int) (time.Duration, bool) { return 0, false }

func (baanx) absent(base *url.URL) fault.Step {
	run := fault.Command("whctl sandbox")
	if base.Scheme+"://"+base.Host != api.SandboxURL {
		run = run.Flag("--addr", base.Host)
	}
	return fault.NextStep("start a sandbox there: %s; --api-url names another API", run)
}

func (baanx) setting() string { return "--api-url" }

func (baanx) noToken() fault.Step { return fault.NextStep("set WHCTL_TOKEN or run: whctl login") }

func (baanx) step(q call) fault.Step {
	switch {
	case strings.HasPrefix(q.path, api.PathEvents):
		return fault.NextStep("look: whctl events list")
	case strings.HasPrefix(q.path, api.PathWebhooks):
		return fault.NextStep("look: whctl webhooks list")
	case strings.HasPrefix(q.path, "/_sandbox/"):
		return fault.NextStep("look: whctl sandbox status")
	default:
		return fault.NextStep("see whether it was done before you try again")
	}
}

// unknownToken is the next step when the API does not take the token.
func (b baanx) unknownToken() fault.Step {
	switch b.from {
	case FromVariable:
		return fault.NextStep("the token in WHCTL_TOKEN is wrong or expired, and no other is used while the variable is set: set it to another, or unset it")
	case FromLogin:
		return fault.NextStep("the token that whctl login saved is wrong or expired: whctl login saves another")
	case FromSandbox, FromBuiltIn:
		return fault.NextStep("a sandbox of listen --sandbox has a token of its own, in the data folder of that listener: set WHCTL_DATA_DIR to that folder, or WHCTL_TOKEN")
	default:
		return fault.NextStep("the token is missing, wrong or expired: set WHCTL_TOKEN or run whctl login")
	}
}

// weakToken is the next step when the API knows the token and refuses.
func (b baanx) weakToken() fault.Step {
	switch b.from {
	case FromVariable:
		return fault.NextStep("the token in WHCTL_TOKEN may not do that: set the variable to one that may, or have the provider's account team enable it")
	case FromLogin:
		return fault.NextStep("the token that whctl login saved may not do that: log in with one that may, or have the provider's account team enable it")
	default:
		return fault.NextStep("this token may not do that; the provider's account team may have to enable it")
	}
}

func (b baanx) hint(q call, a answer) fault.Step {
	switch a.status {
	case http.StatusUnauthorized:
		return b.unknownToken()
	case http.StatusForbidden:
		return b.weakToken()
	case http.StatusNotFound:
		return b.absentPath(q, a)
	case http.StatusMethodNotAllowed:
		return fault.NextStep("check the address of the API (--api-url)")
	case http.StatusConflict:
		if q.method != http.MethodGet {
			return b.step(q)
		}
	case http.StatusServiceUnavailable:
		if d, ok := deliver.RetryAfter(a.header, b.now()); ok {
			return later(d)
		}
		return fault.NextStep("this environment has no notification service, or it is down: check the address (--api-url)")
	case http.StatusTooManyRequests:
		if d, ok := deliver.RetryAfter(a.header, b.now()); ok {
			return later(d)
		}
		return later(0)
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		switch {
		case q.method == http.MethodPost && bytes.Contains(bytes.ToLower(a.body), []byte("webhook limit")):
			return fault.NextStep("make room first: whctl webhooks delete WEBHOOK")
		case q.path == api.PathTrigger:
			return fault.NextStep("see what there is: whctl sandbox trigger")
		case q.path == api.PathPlay:
			return fault.NextStep("see what there is: whctl sandbox play --list")
		}
		return otherwise(q)
	}
	return fault.Step{}
}

// absentPath is the next step after a 404: the thing is not there, or this is another server than the API's. Every API has its lists.
func (baanx) absentPath(q call, a answer) fault.Step {
	list := q.path == api.PathWebhooks || q.path == api.PathEvents
	switch {
	case strings.HasPrefix(q.path, "/_sandbox/"):
		return fault.NextStep("this API is no sandbox: start one with whctl sandbox")
	case !strings.HasPrefix(q.path, api.PathWebhooks):
		return fault.NextStep("check the path: those of this API begin with /v1/webhooks")
	case list, !json.Valid(a.body):
		return fault.NextStep("this may be another server: check the address of the API (--api-url)")
	case strings.HasPrefix(q.path, api.PathEvents):
		return fault.NextStep("see what there is: whctl events list")
	default:
		return fault.NextStep("see what there is: whctl webhooks list")
	}
}
