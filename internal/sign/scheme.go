// Package sign knows how webhook providers sign: it signs, verifies and explains requests. It is pure: the clock,
// the body and the keys are handed in, nothing is read from disk or network, and no error or verdict it makes
// ever holds key material or the signature that would have been right.
package sign

import "time"

// Scheme is one provider's way of signing, as data. The built-in catalogue and a user's own schemes are this
// same type. Field names in files are those of the json tags.
type Scheme struct {
	Name      string    `json:"name,omitempty"`
	Title     string    `json:"title,omitempty"`
	URL       string    `json:"url,omitempty"`       // the page the rules come from
	Algorithm Algorithm `json:"algorithm,omitempty"` // default hmac-sha256
	Key       KeySpec   `json:"key,omitzero"`
	// Content is the template of the signed bytes: literals and {id} {timestamp} {body} {url} {method} {form}
	// {header:Name} {json:path} {secret} {param:name}; {{ and }} stand for single braces.
	Content   string            `json:"content"`
	Signature SignatureSpec     `json:"signature"`
	Timestamp *TimestampSpec    `json:"timestamp,omitempty"` // nil: the scheme carries no time
	ID        *IDSpec           `json:"id,omitempty"`        // nil: the scheme carries no id
	Require   map[string]string `json:"require,omitempty"`   // header → the value it must have; {param:name} allowed
	BodyHash  *BodyHashSpec     `json:"body_hash,omitempty"`
	// URLMatch lists further forms of {url} that a verifier accepts: port (without a port, and with the scheme's
	// default one), decoded (with escapes such as %3A turned into their characters, which is then also what is signed).
	URLMatch Names     `json:"url_match,omitempty"`
	Event    EventSpec `json:"event,omitzero"`
	// AnswerTimeout is how long the provider waits for an answer, in seconds; 0 when it is not documented.
	AnswerTimeout float64 `json:"answer_timeout,omitempty"`
	// Retry holds the waits before the second and later attempts, in seconds; empty when there are none or none are documented.
	Retry []float64 `json:"retry,omitempty"`
	// NoRetry4xx says that the provider takes any 4xx answer as final.
	NoRetry4xx bool   `json:"no_retry_4xx,omitempty"`
	Quirks     string `json:"quirks,omitempty"` // one line on what surprises
	Note       string `json:"note,omitempty"`   // what is uncertain about these rules
}

// Algorithm names a keyed hash, a public-key signature, a plain hash or a shared token.
type Algorithm string

// The algorithms a scheme may name.
const (
	HMACSHA1   Algorithm = "hmac-sha1"
	HMACSHA256 Algorithm = "hmac-sha256"
	HMACSHA512 Algorithm = "hmac-sha512"
	Ed25519    Algorithm = "ed25519"
	ECDSAP256  Algorithm = "ecdsa-p256-sha256"
	SHA256     Algorithm = "sha256" // plain hash; the key is part of the content
	Token      Algorithm = "token"  // a shared secret in a header, nothing is signed
)

// KeySpec says how the key text a provider hands out becomes bytes.
type KeySpec struct {
	Encoding string `json:"encoding,omitempty"` // utf8 (default), base64, hex, spki-base64
	Prefix   string `json:"prefix,omitempty"`   // stripped first when present
	// SigningPrefix stands before the private key of a public-key scheme, and is stripped like Prefix.
	SigningPrefix string `json:"signing_prefix,omitempty"`
}

// SignatureSpec says where the signature stands and in what form.
type SignatureSpec struct {
	Header      Names  `json:"header,omitempty"`       // first present wins, unless HeaderMatch is "any"
	JSON        string `json:"json,omitempty"`         // the signature stands in the body at this path
	Prefix      string `json:"prefix,omitempty"`       // fixed text once, before everything
	Sets        string `json:"sets,omitempty"`         // outer separator between complete sets of items
	Separator   string `json:"separator,omitempty"`    // between items; none: a single value
	Item        string `json:"item,omitempty"`         // pattern with {sig}, {*} matches anything; default {sig}
	NextItem    string `json:"next_item,omitempty"`    // pattern of the second and later signatures of a list, where that is another
	Encoding    string `json:"encoding,omitempty"`     // hex (default), HEX, base64, base64url, text
	HeaderMatch string `json:"header_match,omitempty"` // "any": every listed header is a candidate
	Repeated    bool   `json:"repeated,omitempty"`     // the header may come in several lines, each with a signature
	// RefusedBy names the libraries that refuse what is accepted here, by rule: blank (where the separator's is missing), order
	// (where the time does not stand first), one (several signatures), first and last (where another one matches).
	RefusedBy map[string]string `json:"refused_by,omitempty"`
}

// TimestampSpec says where the message's time stands and how far it may be from the verifier's clock.
type TimestampSpec struct {
	Header Names  `json:"header,omitempty"`
	Item   string `json:"item,omitempty"` // pattern with {ts} among the signature header's items
	JSON   string `json:"json,omitempty"`
	// Copy is the JSON path of the same time inside the body, for schemes that sign the body and not the header. Where
	// the body has it, it must be within the window too.
	Copy      string    `json:"copy,omitempty"`
	Unit      string    `json:"unit,omitempty"`     // s (default), ms, auto, rfc3339, layout:…
	Tolerance Tolerance `json:"tolerance,omitzero"` // seconds or "off"; default 300
	Window    string    `json:"window,omitempty"`   // both (default) or past
	OfEvent   bool      `json:"of_event,omitempty"` // the time is that of the event, not of sending, so a late try looks stale
}

// IDSpec says which header carries the message's id. A scheme with one requires it.
type IDSpec struct {
	Header Names `json:"header"`
}

// BodyHashSpec names a query parameter of the URL that must hold the body's hex SHA-256.
type BodyHashSpec struct {
	Query string `json:"query"`
}

// EventSpec says where the event's type, id and time stand: JSON paths, or header:Name; the first that is there wins.
type EventSpec struct {
	Type Names `json:"type,omitempty"`
	ID   Names `json:"id,omitempty"`
	Time Names `json:"time,omitempty"`
}

// Names is one name or a list of them; in files either form is accepted.
type Names []string

// Tolerance is a window in seconds. The zero value means the default of 300 s; Off means that time is not checked.
type Tolerance struct {
	Seconds float64
	Set     bool
	Off     bool
}

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

// Message is a received request. Header keys are in net/http's canonical form. Body is never changed or kept.
type Message struct {
	Method string
	URL    string // as the provider knows it; needed only by schemes whose content has {url}
	Target string // path and query as they arrived, for Diagnose when URL is not where it arrived; or ""
	Header map[string][]string
	Body   []byte
	Params map[string]string // settings for {param:name}
}

// VerifyOptions are what a verdict depends on besides message and keys.
type VerifyOptions struct {
	Now        time.Time      // the verifier's clock
	Tolerance  *time.Duration // nil: the scheme's own window
	IgnoreTime bool           // do not look at the window; a time the content needs must still be there
	Rotations  []Rotation     // keys that took the place of others not long ago, the last first; Diagnose tells of them
	OtherKeys  []KnownKey     // known keys that do not verify; Diagnose says when one of them would have
	Thorough   bool           // Diagnose may take some ten times as long, because a person waits for it and nothing else does
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
	Detail   string        // for people: what exactly is missing or malformed; never key material; may quote remote text
}

// Finding is one explanation of a refusal.
type Finding struct {
	ID       string   `json:"id"`       // stable name of the mistake, e.g. body.reserialised.compact
	Title    string   `json:"title"`    // what was wrong, one sentence, lower case
	Evidence string   `json:"evidence"` // how it is known: "matches when …"
	Fix      string   `json:"fix"`      // what to do
	Certain  bool     `json:"certain"`  // the signature matched under this assumption
	Recipes  []Recipe `json:"recipes,omitempty"`
}

// Recipe is the fix in one framework, in a line or two.
type Recipe struct {
	Framework string `json:"framework"`
	Code      string `json:"code"`
}
