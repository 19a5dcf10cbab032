package api

// What the API answers.

import "encoding/json"

// Webhook is a registration on the platform. APIKey is the whole signing key in the answers to create and rotate, and masked
// in all others. No String method shows it.
type Webhook struct {
	ID         string                     `json:"id"`
	Tenant     string                     `json:"tenant"`
	Name       string                     `json:"name"`
	URL        string                     `json:"url"`
	APIKey     string                     `json:"apiKey"`
	EventTypes []string                   `json:"eventTypes"`
	IsActive   bool                       `json:"isActive"`
	Metadata   map[string]json.RawMessage `json:"metadata"`
	CreatedAt  Time                       `json:"createdAt"`
	UpdatedAt  Time                       `json:"updatedAt"`

	Raw json.RawMessage `json:"-"` // as it came; if set, this is what is encoded
}

// String names the webhook without its key.
func (w Webhook) String() string { return "webhook " + w.ID }

// GoString names the webhook without its key.
func (w Webhook) GoString() string { return w.String() }

// Event is what happened on the platform.
type Event struct {
	ID            string          `json:"id"`      // of the record
	EventID       string          `json:"eventId"` // of the event, the same in every delivery of it
	Tenant        string          `json:"tenant"`
	EventType     string          `json:"eventType"`
	Payload       json.RawMessage `json:"payload"`
	UserID        *string         `json:"userId"`
	SourceService string          `json:"sourceService"`
	Status        string          `json:"status"`
	CreatedAt     Time            `json:"createdAt"`
	ProcessedAt   Time            `json:"processedAt"` // zero until processed
	QueuedAt      Time            `json:"queuedAt"`    // zero until queued

	Raw json.RawMessage `json:"-"` // as it came; if set, this is what is encoded
}

// EventStatus is the short form of an Event.
type EventStatus struct {
	ID          string `json:"id"`
	EventID     string `json:"eventId"`
	Status      string `json:"status"`
	EventType   string `json:"eventType"`
	CreatedAt   Time   `json:"createdAt"`
	ProcessedAt Time   `json:"processedAt"`

	Raw json.RawMessage `json:"-"` // as it came; if set, this is what is encoded
}

// DeliveryLog is one delivery attempt to one webhook.
type DeliveryLog struct {
	ID             string          `json:"id"`
	EventID        string          `json:"eventId"`
	WebhookID      string          `json:"webhookId"`
	AttemptNumber  int             `json:"attemptNumber"` // from 1
	RequestURL     string          `json:"requestUrl"`
	RequestHeaders Headers         `json:"requestHeaders"`
	RequestBody    json.RawMessage `json:"requestBody"`
	ResponseStatus *int            `json:"responseStatus"` // nil when nothing answered
	ResponseBody   *string         `json:"responseBody"`
	ErrorMessage   *string         `json:"errorMessage"`
	DeliveryStatus string          `json:"deliveryStatus"`
	DurationMs     *int64          `json:"durationMs"`
	CreatedAt      Time            `json:"createdAt"`
	NextRetryAt    Time            `json:"nextRetryAt"` // zero when none is planned

	Raw json.RawMessage `json:"-"` // as it came; if set, this is what is encoded
}

// EventList is the answer to a list of events. Total counts all matches, which may be more than Events.
type EventList struct {
	Total  int     `json:"total"`
	Events []Event `json:"events"`

	Newest bool `json:"-"` // the API gave the newest first, which it does not document

	Raw json.RawMessage `json:"-"` // as it came; its other fields are encoded, too
}

// WebhookLogs is the delivery log of one webhook. Count is the number of Logs.
type WebhookLogs struct {
	Count int           `json:"count"`
	Logs  []DeliveryLog `json:"logs"`

	Raw json.RawMessage `json:"-"` // as for EventList
}

// EventLogs is one event and every attempt to deliver it.
type EventLogs struct {
	Event Event         `json:"event"`
	Logs  []DeliveryLog `json:"logs"`

	Raw json.RawMessage `json:"-"` // as for EventList
}

// Retried is the answer to a retry call, without its envelope.
type Retried struct {
	EventID      string `json:"eventId"`
	WebhookCount int    `json:"webhookCount"`
	Message      string `json:"message"`

	Raw json.RawMessage `json:"-"` // as it came; if set, this is what is encoded
}

// Envelope holds the answer to create, update, rotate and retry.
type Envelope struct {
	Success bool            `json:"success"`
	Data    json.RawMessage `json:"data"`
}
