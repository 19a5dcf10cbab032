package target

// What a broker asks for, and what it is asked to do.

import (
	"crypto/tls"
	"crypto/x509"
)

// Access is what a broker asks for. Its zero value is nothing.
type Access struct {
	JWT         []byte // with its seed, as a .creds file has them
	Seed        []byte // of a user's nkey
	User        string
	Password    string
	Token       string
	Mechanism   Mechanism         // by which Kafka takes User and Password
	Roots       *x509.CertPool    // that its certificate is checked with; nil: those of the system
	Certificate []tls.Certificate // of whctl
	Insecure    bool              // any certificate will do
}

// Secret says whether a secret itself goes over the connection. A JWT comes with a signature of the broker's question, and of a seed that signature alone.
func (a *Access) Secret() bool { return a.Password != "" || a.Token != "" }

// Mechanism is how Kafka is given a user and a password (SASL).
type Mechanism string

// The mechanisms.
const (
	Plain       Mechanism = "plain"
	ScramSHA256 Mechanism = "scram-sha-256"
	ScramSHA512 Mechanism = "scram-sha-512"
)

// Dedupe says how a stream that has an event already is kept from taking it again.
type Dedupe string

// The ways.
const (
	DedupeWindow  Dedupe = "window"  // by the message's id, for as long as the stream's duplicate window is
	DedupeSubject Dedupe = "subject" // by the subject, of which each event has its own, for as long as the stream has the message
)
