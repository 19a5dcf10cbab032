// Package api holds the types and paths of the management API, for its client and for the sandbox. An answer that was decoded is
// encoded again with every field it came with.
package api

import (
	"encoding/json"
	"net/url"
	"strconv"
)

// Limits and constants of the API.
const (
	MaxWebhooks      = 5   // per tenant
	MaxNameLength    = 255 // characters
	MinLimit         = 1
	MaxLimit         = 100
	DefaultLimit     = 50
	LogRetentionDays = 7
	MaxAttempts      = 6
)

// The sandbox's built-in tokens. They are no secrets and go to loopback only.
const (
	SandboxToken         = "whctl-sandbox-token"           //nolint:gosec // G101: not a secret, it opens nothing but a sandbox on loopback
	SandboxReadOnlyToken = "whctl-sandbox-read-only-token" //nolint:gosec // G101: as above
	SandboxURL           = "http://127.0.0.1:4141"
)

// The paths that take no id.
const (
	PathWebhooks = "/v1/webhooks"
	PathEvents   = "/v1/webhooks/events"
	PathOpenAPI  = "/openapi.json"

	PathTrigger = "/_sandbox/trigger"
	PathPlay    = "/_sandbox/play"
	PathAdvance = "/_sandbox/advance"
	PathStatus  = "/_sandbox/status"
	PathReset   = "/_sandbox/reset"
)

// WebhookPath is the path of one webhook.
func WebhookPath(id string) string { return PathWebhooks + "/" + url.PathEscape(id) }

// RotateKeyPath is where a webhook's signing key is replaced.
func RotateKeyPath(id string) string { return WebhookPath(id) + "/rotate-key" }

// WebhookLogsPath is the delivery log of one webhook.
func WebhookLogsPath(id string) string { return WebhookPath(id) + "/logs" }

// EventStatusPath is the short status of one event.
func EventStatusPath(eventID string) string {
	return PathEvents + "/" + url.PathEscape(eventID) + "/status"
}

// EventLogsPath is one event with all its attempts.
func EventLogsPath(eventID string) string {
	return PathEvents + "/" + url.PathEscape(eventID) + "/logs"
}

// RetryPath queues an event again.
func RetryPath(eventID string) string { return PathEvents + "/" + url.PathEscape(eventID) + "/retry" }

// EventStatuses lists the documented statuses of an event, in the order of its life.
func EventStatuses() []string {
	return []string{StatusPending, StatusProcessing, StatusCompleted, StatusFailed, StatusSkipped}
}

// The statuses of an event. A server may send others; they are kept as text.
const (
	StatusPending    = "pending"
	StatusProcessing = "processing"
	StatusCompleted  = "completed"
	StatusFailed     = "failed"
	StatusSkipped    = "skipped"
)

// The statuses of one delivery attempt. Note that an event ends as completed, a delivery as success.
const (
	DeliveryPending    = "pending"
	DeliveryProcessing = "processing"
	DeliverySuccess    = "success"
	DeliveryFailed     = "failed"
)

// Error is the body of every answer that is no success.
type Error struct {
	Message string `json:"message"`
}

// CreateWebhook is the body of a create call. Its fields are snake_case, those of the answer are not.
type CreateWebhook struct {
	Name       string                     `json:"name"`
	URL        string                     `json:"url"`
	EventTypes []string                   `json:"event_types"`
	IsActive   bool                       `json:"is_active"`
	Metadata   map[string]json.RawMessage `json:"metadata,omitzero"`
}

// UpdateWebhook is the body of an update call: only what is not nil is sent and changed. EventTypes and Metadata
// replace what was there as a whole; an empty map that is not nil clears the metadata.
type UpdateWebhook struct {
	Name       *string                    `json:"name,omitempty"`
	URL        *string                    `json:"url,omitempty"`
	EventTypes []string                   `json:"event_types,omitzero"`
	IsActive   *bool                      `json:"is_active,omitempty"`
	Metadata   map[string]json.RawMessage `json:"metadata,omitzero"`
}

// Empty says whether the update would change nothing.
func (u UpdateWebhook) Empty() bool {
	return u.Name == nil && u.URL == nil && u.EventTypes == nil && u.IsActive == nil && u.Metadata == nil
}

// RetryEvent is the body of a retry call. Its field is camelCase, unlike those of create and update.
type RetryEvent struct {
	WebhookID string `json:"webhookId,omitempty"` // empty: all active webhooks
}

// EventQuery selects events. The zero value is all of them, up to the API's default limit.
type EventQuery struct {
	Status string // one of EventStatuses; "" is all
	Limit  int    // MinLimit to MaxLimit; 0 is the API's default
}

// Encode is the query string, without "?"; "" when nothing is asked for.
func (q EventQuery) Encode() string {
	v := url.Values{}
	if q.Status != "" {
		v.Set("status", q.Status)
	}
	if q.Limit != 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	return v.Encode()
}
