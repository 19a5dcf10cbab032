package secret

// The file of secrets.

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

const (
	vaultName    = "credentials.json"
	vaultVersion = 1
	maxVault     = 16 << 20
	// lockLimit is longer than a keyring's limit: another process may wait for its keyring and hold the lock.
	lockLimit = 5 * time.Second
)

// vault is the file: a list of everything that is saved, with the secrets that are not in the keyring. It is one file, so that
// one rename changes list and secrets together.
type vault struct {
	Version int     `json:"version"`
	Keys    []entry `json:"keys,omitempty"`
	Tokens  []token `json:"tokens,omitempty"`
}

// entry is the key of one webhook in one profile.
type entry struct {
	Profile   string    `json:"profile"`
	WebhookID string    `json:"webhookId,omitempty"`
	Name      string    `json:"name,omitempty"`
	Scheme    string    `json:"scheme,omitempty"`
	SavedAt   time.Time `json:"savedAt"`
	Key       cell      `json:"key"`
	Previous  []former  `json:"previous,omitempty"` // newest first
}

// former is a key that was replaced.
type former struct {
	Key       cell      `json:"key"`
	RotatedAt time.Time `json:"rotatedAt"`
}

// token is the API token of one origin.
type token struct {
	Origin  string    `json:"origin"`
	SavedAt time.Time `json:"savedAt"`
	Token   cell      `json:"token"`
}

// cell holds one secret: in the keyring under Ref, else in Text. A cell is replaced and never changed. So no reader, and no
// crash between two steps, finds a list that points to another key.
type cell struct {
	Ref  string `json:"ref,omitempty"`
	Text string `json:"text,omitempty"`
}

// read loads the vault, an empty one when there is no file. It takes no lock: the file is always replaced whole.
func (s *Store) read() (*vault, error) {
	if s.dir == "" {
		return &vault{Version: vaultVersion}, nil
	}
	path := s.Path()
	f, err := s.open()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &vault{Version: vaultVersion}, nil
	case err != nil:
		return nil, unusable(err, "cannot read the key store")
	}
	defer f.Close() //nolint:errcheck // opened to read
	b, err := io.ReadAll(io.LimitReader(f, maxVault+1))
	if err != nil {
		return nil, fault.Wrap(fault.Storage, err, "cannot read the key store")
	}
	return decode(path, b)
}

// decode parses a vault. Its errors hold none of the bytes.
func decode(path string, b []byte) (*vault, error) {
	damaged := func(what string) error {
		return fault.Hint(fault.New(fault.Storage, "the key store %s is damaged: %s", path, what),
			"put back a copy of it, or move it away and save the keys again: %s", fault.Command("mv", path, path+".damaged"))
	}
	if len(b) > maxVault {
		return nil, damaged("it is too large")
	}
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, damaged("it is not whole JSON")
	}
	if head.Version > vaultVersion {
		return nil, fault.Hint(fault.New(fault.Storage, "the key store %s was made by a newer whctl", path),
			"update whctl, or use another data folder: WHCTL_DATA_DIR=DIR")
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	v := &vault{}
	if err := dec.Decode(v); err != nil || v.Version < 1 {
		return nil, damaged("it holds something else than keys and tokens")
	}
	for i := range v.Keys {
		if v.Keys[i].Key == (cell{}) {
			return nil, damaged("an entry has no key")
		}
	}
	return v, nil
}

// update changes the vault under a lock that all processes share. When change returns errUnchanged, the vault stays as it is and
// update returns nil.
func (s *Store) update(ctx context.Context, change func(*vault) error) error {
	if s.dir == "" {
		return fault.Hint(fault.New(fault.Storage, "there is no home folder to keep keys in"), "export WHCTL_DATA_DIR=DIR")
	}
	if _, err := s.user.Folder(s.dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unusable(err, "cannot use the data folder")
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fault.Wrap(fault.Storage, err, "cannot make the data folder")
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	v, err := s.read()
	if err != nil {
		return err
	}
	if err := change(v); err != nil {
		if errors.Is(err, errUnchanged) {
			return nil
		}
		return err
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fault.Wrap(fault.Internal, err, "cannot encode the key store")
	}
	return unusable(s.user.Replace(s.Path(), append(b, '\n')), "cannot write the key store")
}

var errUnchanged = errors.New("unchanged")

// put stores a secret in the keyring, else in the cell. The error says why it is not in the keyring. The prefix begins the name
// of the keyring's item.
func (s *Store) put(ctx context.Context, prefix, text string) (cell, error) {
	id := make([]byte, 12)
	if _, err := io.ReadFull(s.rand, id); err != nil {
		return cell{Text: text}, fmt.Errorf("no random name for it: %w", err)
	}
	ref := prefix + "-" + hex.EncodeToString(id)
	if err := s.ring.set(ctx, ref, text); err != nil {
		return cell{Text: text}, err
	}
	return cell{Ref: ref}, nil
}

// take reads the secret of a cell.
func (s *Store) take(ctx context.Context, c cell) (string, error) {
	if c.Ref == "" {
		return c.Text, nil
	}
	return s.ring.get(ctx, c.Ref)
}

// where says in one word where the secret is: keyring or file.
func (c cell) where() string {
	if c.Ref != "" {
		return "keyring"
	}
	return "file"
}

// where tells people where a secret is. why is what kept it out of the keyring.
func (s *Store) where(c cell, why error) string {
	switch {
	case c.Ref != "":
		return "the OS keyring"
	case errors.Is(why, errOff):
		return fmt.Sprintf("the file %s (0600)", s.Path())
	case errors.Is(why, errHangs):
		return fmt.Sprintf("the file %s (0600), as the OS keyring did not answer within %s", s.Path(), answerLimit)
	case errors.Is(why, errNoBus):
		return fmt.Sprintf("the file %s (0600), as there is no OS keyring here", s.Path())
	default:
		return fmt.Sprintf("the file %s (0600), as the OS keyring did not take it", s.Path())
	}
}
