// Package secret keeps signing keys and API tokens: in the OS keyring, else in a 0600 file; and reads keys from
// files, environment and standard input. No error or warning it makes holds one.
package secret

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/whctl/whctl/internal/files"
)

// PreviousFor is how long the key before a rotation still verifies.
const PreviousFor = 24 * time.Hour

// defaultLimit is how long a keyring may take to answer before it counts as hanging, e.g. behind a dialog that nobody sees.
const defaultLimit = 3 * time.Second

// Options are what a Store works with. Dir is required.
type Options struct {
	Dir     string              // data folder, made (0700) at the first save
	Getenv  func(string) string // WHCTL_KEYRING and the session bus; nil: nothing is set
	Keyring Keyring             // nil: the operating system's
	Now     func() time.Time    // nil: time.Now
	Rand    io.Reader           // nil: crypto/rand
	Limit   time.Duration       // how long the keyring may take for one answer; 0: 3 s
	User    *files.User         // whose the files have to be; nil: the user of this process
	Waiting func(error)         // told once of a wait for another process; nil: nobody is
}

// Store keeps keys and tokens. It is safe for concurrent use, by several processes too.
type Store struct {
	user    files.User
	waiting func(error)

	dir  string
	now  func() time.Time
	rand io.Reader
	ring *ring
}

// Open makes a store. It touches nothing until it is used.
func Open(o Options) *Store {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Limit <= 0 {
		o.Limit = defaultLimit
	}
	user := files.Me()
	if o.User != nil {
		user = *o.User
	}
	return &Store{user: user, waiting: o.Waiting, dir: o.Dir, now: o.Now, rand: o.Rand, ring: newRing(o)}
}

// Path is the file that lists what is saved, and holds what the keyring does not.
func (s *Store) Path() string { return filepath.Join(s.dir, vaultName) }

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
	Where     string     `json:"where"` // "keyring" or "file"
	SavedAt   time.Time  `json:"savedAt"`
	RotatedAt *time.Time `json:"rotatedAt,omitempty"`
	Previous  int        `json:"previous"` // how many earlier keys still verify
}

// errRedacted keeps keys out of JSON, which prints fields whatever String says.
var errRedacted = errors.New("a key is not written as JSON")

// Format prints nothing of the key, whatever the verb.
func (SavedKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(saved key)") }

// MarshalJSON refuses: a key must not slip into an output.
func (SavedKey) MarshalJSON() ([]byte, error) { return nil, errRedacted }

// Format prints nothing of the key, whatever the verb.
func (PreviousKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(previous key)") }

// MarshalJSON refuses: a key must not slip into an output.
func (PreviousKey) MarshalJSON() ([]byte, error) { return nil, errRedacted }
