// Package reconcile compares the events of a platform with what arrived here and what the targets made of it, and has what is missing
// delivered again.
package reconcile

import (
	"context"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// Phase is how far the platform has come with an event.
type Phase string

// The phases.
const (
	Trying Phase = "trying" // it delivers it, or waits for its next attempt
	Done   Phase = "done"   // it was answered 2xx
	Failed Phase = "failed" // it has given up
	Unsent Phase = "unsent" // it goes to no webhook
)

// Event is one event as the platform tells of it.
type Event struct {
	ID      string // the event's own, the same in every delivery of it
	Type    string
	Created time.Time // by the platform's clock
	Status  string    // the platform's own word
	Phase   Phase
	// Attempts are those to the webhook, oldest first. A platform whose list does not hold them gives them when asked.
	Attempts []Attempt
	Ref      string // what the platform calls it when it delivers it again
}

// Attempt is one try of the platform to deliver an event.
type Attempt struct {
	At     time.Time
	Status int    // of the answer; 0: there was none
	Error  string // the platform's own words where there was no answer
}

// Range is what was seen of one part of the platform's events.
type Range struct {
	Status   string // the part, in the platform's own word; "": all events
	Seen     int
	Total    int       // how many there are; -1: the platform does not say
	From, To time.Time // when the oldest and the newest event seen were created; zero where none was
	Whole    bool      // everything that was asked for was seen
}

// View is what a platform tells of its events.
type View struct {
	Events []Event // newest first, each once
	Ranges []Range
}

// Platform is where events come from. Its errors are faults.
type Platform interface {
	// Now is the time by the platform's clock, as far as it is known.
	Now() time.Time
	// Events gives the events since a time by the platform's clock; zero: all that it lists.
	Events(ctx context.Context, since time.Time) (View, error)
	// Attempts completes an event with the attempts to deliver it to the webhook, and says whether it is one of the webhook's.
	Attempts(ctx context.Context, e Event) (full Event, its bool, err error)
	// Retry has the event delivered to the webhook again. It returns before that is done.
	Retry(ctx context.Context, e Event) error
}

// Arrival is one delivery of an event as it was recorded here, and the jobs that it made. A replay is one too.
type Arrival struct {
	ID       string
	Event    string // the event's id
	At       time.Time
	Key      string // the name of the key that verified it
	Webhook  string // the id of the webhook whose key that is; "": not known
	Reason   sign.Reason
	Answer   int // the status that whctl answered by itself; 0: the answer was a target's
	Skipped  record.Skip
	ReplayOf string // the id of the delivery that it repeats; "": it was received
	Jobs     []Job
}

// Job is what came of one target's part of a delivery.
type Job struct {
	Target   string
	State    record.JobState
	Status   int                // of the last answer; 0: there was none
	Outcome  record.OutcomeKind // of the last attempt; "": there was none
	Attempts int
}

// Journal is what was recorded here.
type Journal interface {
	// Arrivals gives the deliveries of some events, by event id, in the order in which they came.
	Arrivals(ctx context.Context, ids []string) (map[string][]Arrival, error)
	// First is when the oldest delivery was received; zero: there is none.
	First(ctx context.Context) (time.Time, error)
}
