package api

// Requests and answers of the sandbox's controls.

import "time"

// TypeAll is the type of a TriggerRequest for one event of every sample type.
const TypeAll = "all"

// MaxTrigger is how many events of a type one call may raise.
const MaxTrigger = 10_000

// MaxAdvance is how far one advance call may move the clock.
const MaxAdvance = 366 * 24 * time.Hour

// TriggerRequest asks the sandbox to raise events.
type TriggerRequest struct {
	Type  string   `json:"type"`            // an event type, or TypeAll
	Sets  []string `json:"sets,omitempty"`  // edits of the sample body, each path=value
	Count int      `json:"count,omitempty"` // 1 to MaxTrigger; 0 is 1
	Body  []byte   `json:"body,omitempty"`  // sent as it is, instead of a sample; base64 in JSON
	// Tricky asks for samples whose bytes are easy to get wrong.
	Tricky bool `json:"tricky,omitempty"`
}

// Samples are the events that a sandbox can raise.
type Samples struct {
	Scheme    string       `json:"scheme"`
	Types     []SampleType `json:"types"`
	Scenarios []Scenario   `json:"scenarios"`
}

// SampleType is an event type that there is a sample of.
type SampleType struct {
	Type     string   `json:"type"`
	Variants []string `json:"variants"` // each is asked for as TYPE/VARIANT
}

// Scenario is what happens to one customer, from its first state to its last.
type Scenario struct {
	Name  string   `json:"name"`
	Steps []string `json:"steps"` // types, some with a variant
}

// PlayRequest asks the sandbox to raise the events of a scenario, in order.
type PlayRequest struct {
	Scenario string `json:"scenario"`
}

// Triggered says which events were raised, in order.
type Triggered struct {
	Events []TriggeredEvent `json:"events"`
	Notes  []string         `json:"notes,omitempty"` // what is made up in the samples
}

// TriggeredEvent is one event that was raised.
type TriggeredEvent struct {
	ID        string `json:"id"`
	EventID   string `json:"eventId"`
	EventType string `json:"eventType"`
	Sample    string `json:"sample"` // what it was made of: a type, some with a variant
	Status    string `json:"status"`
	Webhooks  int    `json:"webhooks"` // how many it goes to
}

// AdvanceRequest moves the sandbox's clock.
type AdvanceRequest struct {
	ByMs int64 `json:"byMs"`
}

// By returns how far to move the clock.
func (a AdvanceRequest) By() time.Duration { return time.Duration(a.ByMs) * time.Millisecond }

// Advanced says where the clock stands and what was done on the way.
type Advanced struct {
	Now       Time `json:"now"`
	Attempts  int  `json:"attempts"`
	Completed int  `json:"completed"` // events that became completed
	Failed    int  `json:"failed"`    // events that became failed
	Queued    int  `json:"queued"`    // jobs that wait for an attempt
	NextAt    Time `json:"nextAt"`    // when the next of them is due
}

// SandboxStatus is what the sandbox holds.
type SandboxStatus struct {
	Now      Time           `json:"now"`              // its own clock
	Stands   bool           `json:"stands,omitempty"` // the clock does: it is being moved, or a seed repeats the order of deliveries
	OffsetMs int64          `json:"offsetMs"`         // how far that is ahead of the wall clock
	Scheme   string         `json:"scheme"`
	Schedule []float64      `json:"scheduleSeconds"` // the waits before the second and later attempts
	Webhooks []Webhook      `json:"webhooks"`
	Events   map[string]int `json:"events"` // status → count
	Queued   int            `json:"queued"` // jobs that wait for an attempt
	Queue    []Queued       `json:"queue"`  // the next of them, at most 100
	Chaos    string         `json:"chaos"`  // "" when there is none
	Seed     uint64         `json:"seed"`

	ForgottenEvents   int `json:"forgottenEvents,omitempty"` // that made room for newer ones since the start
	ForgottenAttempts int `json:"forgottenAttempts,omitempty"`
}

// Queued is one job that waits for an attempt.
type Queued struct {
	EventID     string `json:"eventId"`
	EventType   string `json:"eventType"`
	WebhookID   string `json:"webhookId"`
	WebhookName string `json:"webhookName"`
	Attempt     int    `json:"attempt"`
	DueAt       Time   `json:"dueAt"`
}
