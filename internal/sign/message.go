package sign

// A request, and what verifying it says.

import "time"

// Reason is why a verdict is as it is. The set is closed; docs/json.md lists it.
type Reason string

// The reasons of a verdict.
const (
	Valid              Reason = "valid"
	MissingSignature   Reason = "missing_signature"
	MalformedSignature Reason = "malformed_signature"
	MissingTimestamp   Reason = "missing_timestamp"
	MalformedTimestamp Reason = "malformed_timestamp"
	MissingID          Reason = "missing_id"
	WrongHeader        Reason = "wrong_header"
	TooOld             Reason = "too_old"
	TooNew             Reason = "too_new"
	Mismatch           Reason = "mismatch"
	Unverified         Reason = "unverified"
)

// Reasons are all of them, in the order in which they are looked for.
func Reasons() []Reason {
	return []Reason{
		Valid, MissingSignature, MalformedSignature, MissingTimestamp, MalformedTimestamp, MissingID, WrongHeader, TooOld, TooNew, Mismatch, Unverified,
	}
}

// Message is a received request. Header keys are in the canonical form of net/http. Body is never changed or kept.
type Message struct {
	Method string
	URL    string // as the provider knows it; needed only by schemes whose content has {url}
	Target string // path and query as they arrived, for explaining when URL is not where it arrived; or ""
	Header map[string][]string
	Body   []byte
	Params map[string]string // settings for {param:name}
}

// VerifyOptions are what a verdict depends on besides message and keys.
type VerifyOptions struct {
	Now        time.Time      // the verifier's clock
	Tolerance  *time.Duration // nil: the scheme's own window
	IgnoreTime bool           // do not look at the window; a time the content needs must still be there
}

// Verdict is the outcome of verifying one message.
type Verdict struct {
	OK       bool
	Reason   Reason
	Scheme   string
	KeyIndex int           // which of the keys matched, from 0; -1 when none did
	SignedAt time.Time     // the message's own time; zero when it has none or it cannot be read
	Skew     time.Duration // Now − SignedAt: positive is age; 0 when SignedAt is zero
	ID       string        // the message id the scheme carries in a header, or ""
	Warning  string        // for people: who refuses what is accepted here, or ""
	Detail   Detail        // what exactly is missing or malformed
}
