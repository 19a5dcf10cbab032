// Package secret stores signing keys and API tokens: in the OS keyring, else in a file of mode 0600. It also reads keys from
// files, variables, commands and standard input. No error or warning of it holds a key or a token.
package secret

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/files"
)

// PreviousFor is how long the key before a rotation still verifies.
const PreviousFor = 24 * time.Hour

// answerLimit is how long a keyring may take to answer. A slower one counts as hanging, for example behind a dialog that
// nobody sees.
const answerLimit = 3 * time.Second

// Options are what a Store works with. Dir is required.
type Options struct {
	Dir     string              // data folder, made with mode 0700 at the first save
	Getenv  func(string) string // WHCTL_KEYRING and the session bus; nil: nothing is set
	Keyring Keyring             // nil: the operating system's
	Now     func() time.Time    // nil: time.Now
	Rand    io.Reader           // nil: crypto/rand
	Waiting func(error)         // called once when another process holds the lock; nil: never
}

// Store holds keys and tokens. It is safe for concurrent use, also by several processes.
type Store struct {
	user    files.User
	waiting func(error)

	dir  string
	now  func() time.Time
	rand io.Reader
	ring *ring
}

// Open makes a store. It opens no file and asks no keyring until it is used.
func Open(o Options) *Store {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Rand = cmp.Or(o.Rand, rand.Reader)
	ours := o.Keyring == nil
	if ours {
		o.Keyring = system{}
	}
	return &Store{
		user: files.Me(), waiting: o.Waiting, dir: o.Dir, now: o.Now, rand: o.Rand,
		ring: &ring{kr: o.Keyring, getenv: o.Getenv, ours: ours},
	}
}

// Path is the file that lists what is saved. It holds the secrets that are not in the keyring.
func (s *Store) Path() string { return filepath.Join(s.dir, vaultName) }

// SavedKey is a webhook's signing key with its previous keys that still verify. It prints without the secret.
type SavedKey struct {
	WebhookID string
	Name      string
	Scheme    string
	Key       string
	Where     string // "keyring" or "file"; SaveKey ignores it
	SavedAt   time.Time
	RotatedAt time.Time     // of the last rotation; SaveKey takes zero for a key that the platform did not rotate
	Previous  []PreviousKey // newest first; SaveKey ignores it
	Follows   string        // for SaveKey: the id of a webhook that is gone, whose place this one has taken; "": none
}

// PreviousKey is a key that was replaced. It verifies for PreviousFor after RotatedAt and never signs.
type PreviousKey struct {
	Key       string
	RotatedAt time.Time
}

// KeyInfo is a saved key without its secret.
type KeyInfo struct {
	WebhookID string    `json:"webhookId"`
	Name      string    `json:"name"`
	Scheme    string    `json:"scheme"`
	Where     string    `json:"where"` // "keyring" or "file"
	SavedAt   api.Time  `json:"savedAt"`
	RotatedAt *api.Time `json:"rotatedAt"` // null: no other key stood under the name in the last 24 hours
	Previous  int       `json:"previous"`  // how many previous keys still verify
}

// errRedacted keeps keys out of JSON: encoding/json prints fields and does not ask Format.
var errRedacted = errors.New("a key is not written as JSON")

// Format prints nothing of the key, whatever the verb.
func (SavedKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(saved key)") }

// MarshalJSON fails: no output may hold a key.
func (SavedKey) MarshalJSON() ([]byte, error) { return nil, errRedacted }

// Format prints nothing of the key, whatever the verb.
func (PreviousKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(previous key)") }

// MarshalJSON fails: no output may hold a key.
func (PreviousKey) MarshalJSON() ([]byte, error) { return nil, errRedacted }
