// Package record is what happened on this machine, as types: deliveries, attempts, jobs, and the events that tell of them.
package record

import (
	"net/http"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
)

// Delivery is one HTTP request that carried an event, as it was received.
type Delivery struct {
	ID         string
	Seq        int64 // its number in the journal, of which ID is the text; 0 until it is recorded
	Profile    string
	ReceivedAt time.Time
	RemoteAddr string // host:port of the sender
	Method     string
	Path       string      // request target as received, query included
	Host       string      // the Host header
	Header     http.Header // every value, canonical names; secret values replaced by masking.Masked
	Body       []byte      // as received; a refused delivery keeps its first 64 KiB
	Size       int64       // bytes received, which may be more than len(Body)
	BodySHA256 string      // hex, of all bytes received
	// BodyDamaged says that the journal's bytes are no longer those received.
	BodyDamaged bool
	Verdict     sign.Verdict
	EventType   string // as the body says; "" when it does not
	EventID     string
	EventTime   string
	Duplicate   *Duplicate        // nil when no earlier delivery carried this event
	Answer      int               // status whctl answered by itself; 0 when the answer is the target's, in an attempt
	Targets     []string          // the names of the targets it is forwarded to, in order, each once; empty when it is not
	KeyName     string            // the name of the key that verified it; "" when it has none, or none did
	PublicURL   string            // the origin the provider knew, as the check of the signature took it; "": "http://" and Host
	Params      map[string]string // what else the check was given
	Route       string            // the route that chose the targets; "" for none
	Skipped     Skip              // why it is not handed on although there are targets; "" when it is
	ReplayOf    string            // the id of the delivery that this one sends again; "" when it was received
	Scrubbed    int               // how many places of it were replaced before it was recorded
	Late        time.Duration     // how long after its event it came, when that is longer than its scheme takes a signature for fresh; 0: it is not late
	OutOfOrder  bool              // a newer event of the same kind had come before
	Conflict    string            // the id of an earlier delivery with the same event id and other bytes; "" when there is none
	Earlier     []byte            // the body of that one, where a listener tells of it; it is not recorded with this one
}

// CheckedAt is the time as of which the signature was checked: when it was received, or for a message of a broker, when it was received
// first. A scheme without a time does not depend on it.
func (d *Delivery) CheckedAt() time.Time {
	if d.Verdict.SignedAt.IsZero() {
		return d.ReceivedAt
	}
	return d.Verdict.SignedAt.Add(d.Verdict.Skew)
}

// Skip says why a delivery that holds is not handed on.
type Skip string

// The reasons.
const (
	SkipFiltered Skip = "filtered" // its type or the filter leaves it out
	SkipUnrouted Skip = "unrouted" // no route takes it
)

// Refused says whether the listener refused it. What --respond answers to a delivery that holds is no refusal; it has no targets.
func (d *Delivery) Refused() bool {
	return d.Answer >= 400 && (!d.Verdict.OK || len(d.Targets) > 0)
}

// Truncated says whether Body is only the beginning of what was received.
func (d *Delivery) Truncated() bool { return d.Size > int64(len(d.Body)) }

// Duplicate names the earlier delivery of the same event.
type Duplicate struct {
	ID       string // the first delivery of this event that verified
	Answered bool   // it was answered 2xx, so the sender had no need to send again
}

// Attempt is one try of handing a delivery on to a target.
type Attempt struct {
	ID         string
	Seq        int64 // its number in the journal, of which ID is the text; 0 until it is recorded
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
	Repeated   bool       // sent twice: a reused connection ended before any byte of an answer
	Signing    Signing    // how it was signed when it was sent
	Overtook   bool       // an earlier delivery was still waiting for its next try
	Job        *Job       // as this attempt left it; nil when it is not one of the queue. It is not recorded with the attempt
}

// Signing is how a delivery was signed when it was handed on.
type Signing string

// The ways.
const (
	AsCaptured Signing = ""         // as it was received
	Resigned   Signing = "resigned" // with a new time and signature, as those it came with are too old
	Outdated   Signing = "outdated" // as it was received although that is too old: the key that verified it cannot sign
)
