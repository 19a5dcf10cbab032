// Package secret keeps signing keys and API tokens: in the OS keyring, else in a 0600 file; and reads keys from
// files, environment and standard input. No error or warning it makes holds one.
package secret

import (
	"context"
	"io"
	"time"
)

// PreviousFor is how long the key before a rotation still verifies.
const PreviousFor = 24 * time.Hour

// Keyring is the part of an operating system's key store that is used. ErrNotFound must be told by errors.Is.
type Keyring interface {
	Set(service, user, password string) error
	Get(service, user string) (string, error)
	Delete(service, user string) error
}

// Options are what a Store works with. Dir is required.
type Options struct {
	Dir     string              // data folder, made (0700) at the first save
	Getenv  func(string) string // WHCTL_KEYRING; nil: nothing is set
	Keyring Keyring             // nil: the operating system's
	Now     func() time.Time    // nil: time.Now
	Rand    io.Reader           // nil: crypto/rand
	Limit   time.Duration       // how long the keyring may take for one answer; 0: 3 s
}

// Store keeps keys and tokens. It is safe for concurrent use, by several processes too.
type Store struct{}

// SavedKey is a webhook's signing key with the earlier ones that still verify. Its text forms are redacted.
type SavedKey struct {
	WebhookID string
	Name      string
	Scheme    string
	Key       string
	SavedAt   time.Time
	RotatedAt time.Time     // for SaveKey: not zero when the platform rotated the key
	Previous  []PreviousKey // newest first; SaveKey ignores it and keeps what it replaces
}

// PreviousKey is a key before a rotation. It verifies for PreviousFor after RotatedAt and never signs.
type PreviousKey struct {
	Key       string
	RotatedAt time.Time
}

// KeyInfo is a saved key without its secret.
type KeyInfo struct {
	WebhookID string     `json:"webhookId"`
	Name      string     `json:"name"`
	Scheme    string     `json:"scheme"`
	Where     string     `json:"where"` // keyring or file
	SavedAt   time.Time  `json:"savedAt"`
	RotatedAt *time.Time `json:"rotatedAt,omitempty"`
	Previous  int        `json:"previous"` // how many earlier keys still verify
}

// Open makes a store. It touches nothing until it is used.
func Open(o Options) *Store { return &Store{} }

// SaveKey saves or replaces a webhook's key and says where it went, in words for people. A key that is replaced by
// another is kept as a previous one.
func (s *Store) SaveKey(ctx context.Context, profile string, k SavedKey) (where string, err error) {
	return "", nil
}

// Keys gives the profile's keys with their secrets, sorted by name.
func (s *Store) Keys(ctx context.Context, profile string) ([]SavedKey, error) { return nil, nil }

// Key gives one key by webhook id, unique id prefix or unique name.
func (s *Store) Key(ctx context.Context, profile, ref string) (SavedKey, error) {
	return SavedKey{}, nil
}

// ListKeys gives the profile's keys without secrets, sorted by name. It does not ask the keyring.
func (s *Store) ListKeys(ctx context.Context, profile string) ([]KeyInfo, error) { return nil, nil }

// RemoveKey forgets a key and its previous ones.
func (s *Store) RemoveKey(ctx context.Context, profile, ref string) (KeyInfo, error) {
	return KeyInfo{}, nil
}

// Token is the API token saved for an origin, "" when there is none.
func (s *Store) Token(ctx context.Context, origin string) (string, error) { return "", nil }

// SaveToken saves the API token for an origin and says where it went.
func (s *Store) SaveToken(ctx context.Context, origin, token string) (where string, err error) {
	return "", nil
}

// RemoveToken forgets an origin's token and tells whether there was one.
func (s *Store) RemoveToken(ctx context.Context, origin string) (bool, error) { return false, nil }

// Origin is scheme://host:port of a URL, in lower case and with the port always there: what tokens are bound to.
func Origin(rawURL string) (string, error) { return "", nil }

// ReadKey reads a key: at most 64 KiB, without one trailing LF or CRLF. Empty and masked ones are usage faults.
func ReadKey(r io.Reader) (string, error) { return "", nil }

// CheckKey refuses an empty or masked key as a usage fault that does not hold its text.
func CheckKey(text string) error { return nil }

// Kind says which secret flag a source came from.
type Kind string

// The secret flags.
const (
	File    Kind = "file"    // --secret-file
	Env     Kind = "env"     // --secret-env
	Webhook Kind = "webhook" // --webhook
	Value   Kind = "value"   // --secret
)

// Source is one secret flag as it stood on the command line.
type Source struct {
	Kind Kind
	Arg  string
}

// Resolved is one key to sign or verify with. Its text forms are redacted.
type Resolved struct {
	Text      string // the secret
	Label     string // names it without telling it: "file key.txt", "$NAME", "webhook staging (previous key)"
	WebhookID string
	Scheme    string // the scheme it was saved with, "" when not known
	Previous  bool   // verifies, never signs
}

// Resolver turns secret flags into keys.
type Resolver struct {
	Store      *Store
	Profile    string
	Getenv     func(string) string
	Stdin      io.Reader
	StdinTaken bool // the body is read from standard input, so no key may be
}

// Resolve gives the keys in command-line order, the first of which signs. Without sources: WHCTL_SECRET, else all keys saved
// for the profile; nothing at all is no error.
func (r *Resolver) Resolve(ctx context.Context, sources []Source) ([]Resolved, []string, error) {
	return nil, nil, nil
}
