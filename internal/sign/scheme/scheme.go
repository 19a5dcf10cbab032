// Package scheme holds how webhook providers sign, as data: the type, its file form, its checks, and the built-in catalogue.
package scheme

import "time"

// Scheme is one provider's way of signing, as data. The built-in catalogue and a user's own schemes are this
// same type. Field names in files are those of the json tags.
type Scheme struct {
	Name      string    `json:"name,omitempty"`
	Title     string    `json:"title,omitempty"`
	URL       string    `json:"url,omitempty"`       // the page the rules come from
	Names     Names     `json:"names,omitempty"`     // other names that people know it by: old names, products, the company
	Like      string    `json:"like,omitempty"`      // the built-in scheme that it signs like; what is not given is as there
	Algorithm Algorithm `json:"algorithm,omitempty"` // default hmac-sha256
	Key       KeySpec   `json:"key,omitzero"`
	// Content is the template of the signed bytes: literals and {id} {timestamp} {body} {url} {method} {form} {url:sorted}
	// {header:Name} {json:path} {form:name} {query:name} {crc32:body} {secret} {param:name}; {{ and }} stand for single braces.
	// {json:path?} may be absent, of {json:path|form:name} the first that is there counts, and {[text {json:path}]} counts as a whole
	// only where what it names is there.
	Content string `json:"content"`
	// Items is the JSON path of a list in the body each of whose elements is signed by itself. The paths of content, signature.json and
	// timestamp.json begin in the element.
	Items     string            `json:"items,omitempty"`
	Signature SignatureSpec     `json:"signature,omitzero"`
	Timestamp *TimestampSpec    `json:"timestamp,omitempty"` // nil: the scheme carries no time
	ID        *IDSpec           `json:"id,omitempty"`        // nil: the scheme carries no id
	Require   map[string]string `json:"require,omitempty"`   // header, or json:path → the value it must have; {param:name} allowed
	BodyHash  *BodyHashSpec     `json:"body_hash,omitempty"`
	JWT       *JWTSpec          `json:"jwt,omitempty"` // with algorithm jwt, in place of content and signature
	// MessageSignature stands in place of content and signature too. The algorithm is that of the scheme.
	MessageSignature *MessageSignatureSpec `json:"message_signature,omitempty"`
	// URLMatch lists further forms of {url} that a verifier accepts: port (without a port, and with the scheme's
	// default one), decoded (with escapes such as %3A turned into their characters, which is then also what is signed).
	URLMatch Names     `json:"url_match,omitempty"`
	Event    EventSpec `json:"event,omitzero"`
	// Handshake is how the provider asks whether a URL is the user's; nil: it does not ask, or not so that a scheme can say it.
	Handshake *HandshakeSpec `json:"handshake,omitempty"`
	// Certificate says which certificates count as keys; nil: any that the user gives.
	Certificate *CertificateSpec `json:"certificate,omitempty"`
	// AnswerTimeout is how long the provider waits for an answer, in seconds; 0 when it is not documented.
	AnswerTimeout float64 `json:"answer_timeout,omitempty"`
	// Retry holds the waits before the second and later attempts, in seconds; empty when there are none or none are documented.
	Retry []float64 `json:"retry,omitempty"`
	// NoRetry4xx says that the provider takes any 4xx answer as final.
	NoRetry4xx bool   `json:"no_retry_4xx,omitempty"`
	Quirks     string `json:"quirks,omitempty"` // one line on what surprises
	Note       string `json:"note,omitempty"`   // what is uncertain about these rules

	twin bool // it signs in the same way as the scheme of Like
}

// Twin says whether a scheme signs in the same way as the one that it is like. Where both are in question that one stands for both,
// unless a header of the event tells them apart.
func (s *Scheme) Twin() bool { return s.twin }

// KeySpec says how the key text a provider hands out becomes bytes.
type KeySpec struct {
	Encoding string `json:"encoding,omitempty"` // utf8 (default), base64, hex, spki-base64, pem
	Prefix   string `json:"prefix,omitempty"`   // stripped first when present
	// SigningPrefix stands before the private key of a public-key scheme, and is stripped like Prefix.
	SigningPrefix string `json:"signing_prefix,omitempty"`
	// Where says in words where the provider shows the key. It goes on after "it is shown".
	Where string `json:"where,omitempty"`
	// Not is what people take for the key: a pattern of its text, with {*}, {digits} and {hex}, and a noun for what it is, such as
	// "an API key". Nothing is refused for it: it says what to do where a key does not fit.
	Not map[string]string `json:"not,omitempty"`
}

// SignatureSpec says where the signature stands and in what form.
type SignatureSpec struct {
	Header      Names  `json:"header,omitempty"`       // first present wins, unless HeaderMatch is "any"
	JSON        string `json:"json,omitempty"`         // the signature stands in the body at this path
	Form        string `json:"form,omitempty"`         // the signature is the field of this name, where the body is a form
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
	Form   string `json:"form,omitempty"` // where the body is a form; it may stand beside JSON
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

// EventSpec says where the event's type, id and time stand, and the id of the object that it is about: JSON paths, or header:Name; the
// first that is there wins.
type EventSpec struct {
	Type   Names `json:"type,omitempty"`
	ID     Names `json:"id,omitempty"`
	Time   Names `json:"time,omitempty"`
	Object Names `json:"object,omitempty"`
}

// Names is one name or a list of them; in files either form is accepted.
type Names []string

// Tolerance is a window in seconds. The zero value means the default of 300 s; Off means that time is not checked.
type Tolerance struct {
	Seconds float64
	Set     bool
	Off     bool
}

// Duration is the window as a duration.
func (t Tolerance) Duration() time.Duration { return time.Duration(t.Seconds * float64(time.Second)) }
