// Package client calls the management API.
package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/whctl/whctl/internal/api"
)

// Options are what a client is made of.
type Options struct {
	BaseURL string      // https, or http for loopback
	Token   string      // bearer token
	Version string      // of whctl, for User-Agent
	Header  http.Header // extra headers of the profile

	Timeout time.Duration // for one request; 30 s when 0
	Trace   func(TraceLine)

	Proxy     func(*http.Request) (*url.URL, error) // http.ProxyFromEnvironment when nil
	Transport http.RoundTripper                     // made from the above when nil
	Now       func() time.Time
	Rand      io.Reader                                        // jitter; crypto/rand when nil
	Sleep     func(ctx context.Context, d time.Duration) error // waits between tries
}

// TraceLine is one line of --debug: secrets are masked, signatures shortened, control characters are not.
type TraceLine struct {
	Time time.Time
	Text string
}

// Client calls one API. It may be used by several goroutines.
type Client struct{ o Options }

// Sandbox calls the sandbox's own routes.
type Sandbox struct{ c *Client }

var errNotYet = errors.New("not there yet")

// New makes a client. It connects to nothing.
func New(o Options) (*Client, error) { return &Client{o: o}, nil }

// Close lets go of idle connections.
func (c *Client) Close() {}

// ListWebhooks gives all webhooks.
func (c *Client) ListWebhooks(ctx context.Context) ([]api.Webhook, error) { return nil, errNotYet }

// CreateWebhook makes a webhook; the answer holds its full key, once.
func (c *Client) CreateWebhook(ctx context.Context, w api.CreateWebhook) (api.Webhook, error) {
	return api.Webhook{}, errNotYet
}

// GetWebhook reads one webhook.
func (c *Client) GetWebhook(ctx context.Context, id string) (api.Webhook, error) {
	return api.Webhook{}, errNotYet
}

// UpdateWebhook changes what u sets.
func (c *Client) UpdateWebhook(ctx context.Context, id string, u api.UpdateWebhook) (api.Webhook, error) {
	return api.Webhook{}, errNotYet
}

// DeleteWebhook deletes for good.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error { return errNotYet }

// RotateKey replaces the signing key; the answer holds the new one in full, once.
func (c *Client) RotateKey(ctx context.Context, id string) (api.Webhook, error) {
	return api.Webhook{}, errNotYet
}

// WebhookLogs reads the delivery log of a webhook, newest first; limit 0 is the API's default.
func (c *Client) WebhookLogs(ctx context.Context, id string, limit int) (api.WebhookLogs, error) {
	return api.WebhookLogs{}, errNotYet
}

// ListEvents reads events, newest first.
func (c *Client) ListEvents(ctx context.Context, q api.EventQuery) (api.EventList, error) {
	return api.EventList{}, errNotYet
}

// EventStatus reads the short status of an event.
func (c *Client) EventStatus(ctx context.Context, id string) (api.EventStatus, error) {
	return api.EventStatus{}, errNotYet
}

// EventLogs reads an event and its attempts, oldest first.
func (c *Client) EventLogs(ctx context.Context, id string) (api.EventLogs, error) {
	return api.EventLogs{}, errNotYet
}

// RetryEvent queues an event again; webhookID "" is all active webhooks.
func (c *Client) RetryEvent(ctx context.Context, id, webhookID string) (api.Retried, error) {
	return api.Retried{}, errNotYet
}

// Sandbox gives the calls that only a sandbox answers.
func (c *Client) Sandbox() Sandbox { return Sandbox{c} }

// Trigger raises events.
func (s Sandbox) Trigger(ctx context.Context, q api.TriggerRequest) (api.Triggered, error) {
	return api.Triggered{}, errNotYet
}

// Advance moves the clock and returns when all that came due was attempted.
func (s Sandbox) Advance(ctx context.Context, d time.Duration) (api.Advanced, error) {
	return api.Advanced{}, errNotYet
}

// Status tells what the sandbox holds.
func (s Sandbox) Status(ctx context.Context) (api.SandboxStatus, error) {
	return api.SandboxStatus{}, errNotYet
}

// Reset empties the sandbox.
func (s Sandbox) Reset(ctx context.Context) error { return errNotYet }
