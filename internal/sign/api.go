package sign

import (
	"io"
	"time"
)

// Needs says what a scheme signs besides headers and body, so that a caller can ask for it.
type Needs struct {
	ID        bool     // a message id in a header
	Timestamp bool     // a time, in a header, in the signature header or in the body
	URL       bool     // the URL as the provider knows it
	Method    bool     // the request method
	Params    []string // settings for {param:name}, sorted
}

// SignRequest is what is to be signed. The body is read once, to its end, and not closed.
type SignRequest struct {
	Time      time.Time           // the message's time; needed when Needs().Timestamp is true and Timestamp is empty
	Timestamp string              // the time's exact text, instead of Time; "" normally
	ID        string              // needed when Needs().ID is true
	Method    string              // needed when Needs().Method is true; GET, POST, …
	URL       string              // needed when Needs().URL is true; as the provider knows it
	Header    map[string][]string // other headers that are sent, for {header:Name}
	Body      io.Reader           // nil is an empty body
	Params    map[string]string   // settings for {param:name}
}

// Field is one header line.
type Field struct{ Name, Value string }

// Signed is a signature with everything that has to be sent with it.
type Signed struct {
	Fields    []Field // headers to send, in order: id, timestamp, signature, required ones
	Signature string  // the value of the (first) signature header; for schemes that sign inside the body, of the member
	Timestamp string  // the time's text as signed; "" when the scheme has none
	ID        string
	// Body holds JSON path and value of members that the body must have when sent; only schemes whose signature
	// or time stands in the body have any.
	Body []Field
	// URL is the URL to send to when the scheme adds a query parameter to it; otherwise "".
	URL string
}

// Diagnosis is what a search for the mistake behind a refusal brought to light.
type Diagnosis struct {
	Findings []Finding     // best first; empty when nothing was found
	Tried    int           // combinations that were computed and compared
	Elapsed  time.Duration // wall time of the search
	CutOff   bool          // the work bound or the context ended the search before it was through
}

// Guess is one scheme that a request's headers point to.
type Guess struct {
	Rules      *Rules
	Confidence float64 // 0 to 1; above 0.8 the headers fit this scheme and hardly another
	Why        string  // what in the headers says so
}
