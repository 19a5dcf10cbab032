package client

// Why a call failed, and what to do.

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/netname"
)

const (
	maxMessage    = 1000           // characters of an API's message that are told
	longestAdvice = 24 * time.Hour // a longer Retry-After is not shown
)

// APIError is an answer of the API that is not a success. Its text quotes the API, so whoever prints it sanitises it.
type APIError struct {
	Status   int
	Messages []string // the API's own; empty when it sent none
	Body     string   // what it sent in place of a message: "an HTML page", "nothing", …; "" when there is a message
}

// Error is the status and the API's own message.
func (e *APIError) Error() string {
	if len(e.Messages) == 0 {
		return fmt.Sprintf("the API answered %d with %s", e.Status, e.Body)
	}
	return fmt.Sprintf("the API answered %d: %s", e.Status, strings.Join(e.Messages, "; "))
}

// errShape is behind every error about an answer of the wrong shape.
var errShape = errors.New("an answer of another shape")

// Passing says whether an error may pass by itself: a gateway could not reach the API, or the API was overloaded.
func Passing(err error) bool {
	status := Status(err)
	return status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || errors.Is(err, errShape)
}

// Status returns the HTTP status of the API's refusal behind err, or 0.
func Status(err error) int {
	if e, ok := errors.AsType[*APIError](err); ok {
		return e.Status
	}
	return 0
}

// failure makes the error of a call that did not succeed.
func (c *Client) failure(ctx context.Context, q call, a answer, err error) error {
	if u, silent := errors.AsType[*unanswered](err); silent {
		return c.noAnswer(ctx, q, u)
	}
	switch {
	case err != nil:
		return err
	case a.status/100 == 3:
		return c.redirected(q, a)
	default:
		return c.refused(q, a)
	}
}

func (c *Client) stopped(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(fault.Unreachable, err, "no answer from %s in time", c.base.Host)
	}
	return fault.Wrap(fault.Stopped, err, "stopped before %s answered", c.base.Host)
}

func (c *Client) noAnswer(ctx context.Context, q call, u *unanswered) error {
	if err := ctx.Err(); err != nil && !q.finish {
		return c.stopped(err)
	}
	text, hint := c.explain(q, u)
	err := fault.Wrap(fault.Unreachable, quiet{u}, "%s", text)
	if u.sent && q.unsure != "" {
		return fault.WithStep(fault.Wrap(fault.Unreachable, quiet{err}, "%s; %s", text, q.unsure), c.manners.step(q))
	}
	return fault.WithStep(err, hint)
}

// explain returns why no answer came, and the next step.
func (c *Client) explain(q call, u *unanswered) (text string, hint fault.Step) {
	host := c.base.Host
	timeout := cmp.Or(q.timeout, c.o.Timeout)
	switch {
	case u.timeout && u.cut:
		return fmt.Sprintf("the answer of %s did not end in %s", host, timeout), again()
	case u.cut:
		return fmt.Sprintf("the answer of %s was cut off", host), again()
	case u.timeout:
		return fmt.Sprintf("no answer from %s in %s", host, timeout), fault.NextStep("check the address (%s) and the network", fault.Word(c.manners.setting()))
	}
	cause := deliver.CauseOf(u.err)
	text = fmt.Sprintf("no answer from %s: %s", host, c.redact(deliver.Words(cause, u.err, c.base.Hostname())))
	var cert *tls.CertificateVerificationError
	switch {
	case cause == deliver.Refused && netname.Loopback(c.base.Hostname()):
		hint = c.manners.absent(c.base)
	case cause == deliver.Refused:
		hint = fault.NextStep("check the address (%s)", fault.Word(c.manners.setting()))
	case cause == deliver.DNS:
		hint = fault.NextStep("check the address (%s) and the network", fault.Word(c.manners.setting()))
	case errors.As(u.err, &cert):
		hint = fault.NextStep("check the address (%s) and this machine's list of certificate authorities", fault.Word(c.manners.setting()))
	default:
		hint = again()
	}
	return text, hint
}

// redirected says where the API redirects to. Nothing is sent there.
func (c *Client) redirected(q call, a answer) error {
	err := &APIError{Status: a.status, Body: "a redirect, which is not followed"}
	if to, perr := url.Parse(a.header.Get("Location")); perr == nil && to.Host != "" {
		err.Body = fmt.Sprintf("a redirect to %s://%s, which is not followed", to.Scheme, to.Host)
	}
	if step := c.manners.hint(q, a); step != (fault.Step{}) {
		return fault.WithStep(fault.Wrap(fault.Refused, err, ""), step)
	}
	return fault.Hint(fault.Wrap(fault.Refused, err, ""), "check the address of the API (%s); the token is sent to that address only", fault.Word(c.manners.setting()))
}

func (c *Client) refused(q call, a answer) error {
	e := &APIError{Status: a.status, Messages: c.messages(a.body)}
	if len(e.Messages) == 0 {
		e.Body = kindOfBody(a.body)
	}
	if d, is := c.manners.limited(a, c.o.Now(), 1); is {
		return fault.WithStep(fault.Wrap(fault.Refused, e, ""), later(d))
	}
	kind := fault.Refused
	if a.status == http.StatusUnauthorized || a.status == http.StatusForbidden {
		kind = fault.Auth
	}
	err := fault.Wrap(kind, e, "")
	if q.unsure != "" && inDoubt(a) {
		return c.doubt(q, err)
	}
	err = fault.WithStep(err, whatever(a.status)) // unless the platform has something better
	return fault.WithStep(err, c.manners.hint(q, a))
}

// again is the next step after a failure that may pass, whose cause is not on this side.
func again() fault.Step {
	return fault.NextStep("try again, with --debug to see what is sent and what comes back")
}

// whatever is the next step after a refusal of which nothing else is known.
func whatever(status int) fault.Step {
	if status >= http.StatusInternalServerError {
		return again()
	}
	return fault.NextStep("add --debug to see what is sent and what comes back")
}

// inDoubt says whether a refusal may have come from a gateway, after the API did what it was asked.
func inDoubt(a answer) bool {
	if a.status == http.StatusServiceUnavailable && bytes.Contains(bytes.ToLower(a.body), []byte("not configured")) {
		return false // the API's own word
	}
	return a.status >= 500 || a.status == http.StatusTooManyRequests || a.status == http.StatusRequestTimeout
}

func (c *Client) misshapen(why string) error {
	return fault.Hint(fault.Wrap(fault.Refused, quiet{errShape}, "the answer of %s is not what the API documents: %s", c.base.Host, why),
		"check the address of the API (%s)", fault.Word(c.manners.setting()))
}

// messages reads what an API says about its refusal: a string, a list of strings, or an object that holds one.
func (c *Client) messages(body []byte) []string {
	var fields struct {
		Message json.RawMessage `json:"message"`
		Error   json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &fields) != nil {
		return c.plain(body)
	}
	for _, raw := range []json.RawMessage{fields.Message, fields.Error} {
		if list := c.texts(raw, 2); len(list) > 0 {
			return list
		}
	}
	return nil
}

func (c *Client) texts(raw json.RawMessage, depth int) []string {
	var one string
	if json.Unmarshal(raw, &one) == nil && one != "" {
		return []string{c.short(one)}
	}
	var many []json.RawMessage
	if depth > 0 && json.Unmarshal(raw, &many) == nil {
		var list []string
		for _, m := range many[:min(len(many), 20)] {
			list = append(list, c.texts(m, 0)...)
		}
		return list
	}
	var inner struct {
		Message json.RawMessage `json:"message"`
	}
	if depth > 0 && json.Unmarshal(raw, &inner) == nil && inner.Message != nil {
		return c.texts(inner.Message, depth-1)
	}
	return nil
}

// plain takes a short plain text as the message.
func (c *Client) plain(body []byte) []string {
	text := strings.TrimSpace(string(body))
	if text == "" || len(text) > maxMessage || !utf8.ValidString(text) || kindOfBody(body) != plainText {
		return nil
	}
	return []string{c.short(text)}
}

func (c *Client) short(s string) string {
	s = c.redact(strings.ToValidUTF8(s, "\ufffd"))
	if r := []rune(s); len(r) > maxMessage {
		return string(r[:maxMessage]) + "…"
	}
	return s
}

// redact masks the token, and what looks like a secret, in a text from an API or a proxy.
func (c *Client) redact(s string) string { return masking.Text(s, c.o.Token) }

const plainText = "plain text"

// kindOfBody names what an unexpected body looks like.
func kindOfBody(body []byte) string {
	text := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 512)]))
	switch {
	case len(body) == 0:
		return "nothing"
	case bytes.HasPrefix(text, []byte("<!doctype html")), bytes.HasPrefix(text, []byte("<html")), bytes.Contains(text, []byte("<body")), bytes.Contains(text, []byte("<head")):
		return "an HTML page"
	case bytes.HasPrefix(text, []byte("<")):
		return "XML"
	case json.Valid(body):
		return "JSON without a message"
	case utf8.Valid(body):
		return plainText
	default:
		return "binary data"
	}
}

// quiet keeps a cause for errors.Is and errors.As. Its text is already told in other words.
type quiet struct{ error }

func (quiet) Error() string   { return "" }
func (q quiet) Unwrap() error { return q.error }
