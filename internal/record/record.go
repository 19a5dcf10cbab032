// Package record holds what happened on this machine as types: deliveries, attempts and the activities of a listener.
// It has no behaviour but its own JSON encoding; docs/json.md lists the fields.
package record

import (
	"net/http"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
)

// Masked stands in place of a header value that is itself a secret. The real value is never stored.
const Masked = "(masked)"

// Delivery is one HTTP request that carried an event, as it was received.
type Delivery struct {
	ID         string
	Profile    string
	ReceivedAt time.Time
	RemoteAddr string // host:port of the sender
	Method     string
	Path       string      // request target as received, query included
	Host       string      // the Host header
	Header     http.Header // every value, canonical names; secret values replaced by Masked
	Body       []byte      // as received; a refused delivery keeps its first 64 KiB
	Size       int64       // bytes received, which may be more than len(Body)
	BodySHA256 string      // hex, of all bytes received
	// BodyDamaged says that Body was read from the journal and is not what was received any more.
	BodyDamaged bool
	Verdict     sign.Verdict
	EventType   string // as read from the bytes, "" when not there
	EventID     string
	EventTime   string
	Duplicate   *Duplicate        // nil when no earlier delivery carried this event
	Answer      int               // status whctl answered by itself; 0 when the answer is the target's, in an attempt
	Targets     []string          // the names of the targets it is forwarded to, in order, each once; empty when it is not
	KeyName     string            // the name of the key that verified it; "" when it has none, or none did
	PublicURL   string            // the origin the provider knew, as the check of the signature took it; "": "http://" and Host
	Params      map[string]string // what else the check was given
	Route       string            // the route that chose the targets; "" for none
}

// Truncated says whether the stored body is only the beginning of what was received.
func (d *Delivery) Truncated() bool { return d.Size > int64(len(d.Body)) }

// Duplicate names the earlier delivery of the same event.
type Duplicate struct {
	ID       string // the first delivery of this event that verified
	Answered bool   // it had been answered 2xx, so this one is no needed retry
}

// Attempt is one try of handing a delivery on to a target.
type Attempt struct {
	ID         string
	DeliveryID string
	Target     string // its name: what the user called it, else its URL without user info
	Number     int    // from 1
	StartedAt  time.Time
	Duration   time.Duration
	Origin     Origin
	Outcome    OutcomeKind
	Status     int         // the target's status, 0 when it did not answer
	Header     http.Header // of the answer
	Body       []byte      // of the answer, its first 64 KiB
	BodySize   int64
	Error      string     // why there was no answer, in words; "" when there was one
	Hint       fault.Step // the likely mistake and its cure; none when it is not known
	Answer     int        // the status that went back to the sender because of this attempt; 0 when another one's did
	Repeated   bool       // sent a second time, as the kept connection of the first had ended before any byte of an answer
}

// ActivityType names what an activity tells.
type ActivityType string

// The activity types, which are the "type" of each line of listen -o json.
const (
	TypeReady     ActivityType = "ready"
	TypeDelivery  ActivityType = "delivery"
	TypeAttempt   ActivityType = "attempt"
	TypeDiagnosis ActivityType = "diagnosis"
	TypeState     ActivityType = "state"
	TypeError     ActivityType = "error"
)

// Activity is one typed record of what the listener saw or did. Exactly the member its Type names is set.
type Activity struct {
	Type      ActivityType
	Time      time.Time
	Ready     *Ready
	Delivery  *Delivery
	Attempt   *Attempt
	Diagnosis *Diagnosis
	State     *State
	Error     *Failure
}

// Ready says that the socket is open.
type Ready struct {
	Addr       string   // host:port that accepts
	URL        string   // what a sender posts to
	Targets    []string // where deliveries go
	Scheme     string
	Keys       int    // how many keys verify; 0: deliveries are marked unverified
	SandboxURL string // "" without --sandbox
	SandboxKey string // the throw-away key that --sandbox made; "" when the key was brought along
	Journal    string // path of the journal file
}

// Diagnosis is what was found out about a refused delivery.
type Diagnosis struct {
	DeliveryID string
	Findings   []explain.Finding
	Tried      int
	Elapsed    time.Duration
	CutOff     bool   // the work bound ended the search before it was through
	Next       string // what to do next when no finding is certain; "" otherwise
}

// State is a change that people and scripts should know of: waiting, dropped, draining, lost, recovered, filtered.
type State struct {
	State      string
	Message    string
	DeliveryID string // "" when it concerns no single delivery
	Target     string
	Count      int // how many were dropped, waiting, …; 0 when counting makes no sense
}

// Failure is something that went wrong and did not end the listener.
type Failure struct {
	Message    string
	Hint       fault.Step
	DeliveryID string
}
