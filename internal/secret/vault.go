package secret

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
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/whctl/whctl/internal/fault"
)

const (
	vaultName    = "credentials.json"
	vaultVersion = 1
	maxVault     = 16 << 20
	// lockLimit is longer than two answers of a keyring, which is what another process may wait for inside the lock.
	lockLimit = 10 * time.Second
)

// vault is the file: the list of everything that is saved, and the secrets that the keyring did not take. One file, so
// that one rename changes list and secrets together.
type vault struct {
	Version int     `json:"version"`
	Keys    []entry `json:"keys,omitempty"`
	Tokens  []token `json:"tokens,omitempty"`
}

// entry is one webhook's key of one profile.
type entry struct {
	Profile   string    `json:"profile"`
	WebhookID string    `json:"webhookId,omitempty"`
	Name      string    `json:"name,omitempty"`
	Scheme    string    `json:"scheme,omitempty"`
	SavedAt   time.Time `json:"savedAt"`
	Key       cell      `json:"key"`
	Previous  []former  `json:"previous,omitempty"` // newest first
}

// former is a key before a rotation.
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

// cell is where one secret is: in the keyring under Ref, else here. A cell is never changed, only replaced, so that a
// reader or a crash between two steps never finds a list that points to another key.
type cell struct {
	Ref  string `json:"ref,omitempty"`
	Text string `json:"text,omitempty"`
}

// read loads the vault; none is an empty one. It takes no lock, because files are only ever replaced whole.
func (s *Store) read() (*vault, error) {
	if s.dir == "" {
		return &vault{Version: vaultVersion}, nil
	}
	path := s.Path()
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &vault{Version: vaultVersion}, nil
	case err != nil:
		return nil, fault.Wrap(fault.Storage, err, "cannot read the key store")
	}
	defer f.Close() //nolint:errcheck // opened to read
	b, err := io.ReadAll(io.LimitReader(f, maxVault+1))
	if err != nil {
		return nil, fault.Wrap(fault.Storage, err, "cannot read the key store")
	}
	return decode(path, b)
}

// decode reads a vault's bytes. Its errors hold nothing of them.
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

// update changes the vault under a lock that holds between processes. change may keep the vault as it is by
// returning errUnchanged, which update passes on as nil.
func (s *Store) update(ctx context.Context, change func(*vault) error) error {
	if s.dir == "" {
		return fault.Hint(fault.New(fault.Storage, "there is no home folder to keep keys in"), "export WHCTL_DATA_DIR=DIR")
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
	return fault.Wrap(fault.Storage, replace(s.Path(), append(b, '\n')), "cannot write the key store")
}

var errUnchanged = errors.New("unchanged")

// lock waits for the store's lock, which the operating system frees when its holder dies.
func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	type result struct {
		unlock func()
		err    error
	}
	path := filepath.Join(s.dir, vaultName+".lock")
	done := make(chan result, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(path).Lock()
		done <- result{unlock, err}
	}()
	timer := time.NewTimer(lockLimit)
	defer timer.Stop()
	abandon := func() {
		go func() {
			if r := <-done; r.err == nil {
				r.unlock()
			}
		}()
	}
	select {
	case r := <-done:
		return r.unlock, fault.Wrap(fault.Storage, r.err, "cannot lock the key store")
	case <-timer.C:
		abandon()
		return nil, fault.New(fault.Storage, "cannot lock the key store: another whctl has held %s for %s", path, lockLimit)
	case <-ctx.Done():
		abandon()
		return nil, context.Cause(ctx)
	}
}

// replace writes a file whole or not at all: 0600, on disk before it takes its name, through a symlink to its target.
func replace(path string, b []byte) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if fi, err := os.Stat(path); err == nil && !fi.Mode().IsRegular() {
		return fmt.Errorf("%s is no plain file", path) // a link to /dev/null must not cost the machine its /dev/null
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+vaultName+"-*") // made 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err == nil {
		syncDir(dir)
	}
	return err
}

// syncDir puts the new name on disk. Systems that cannot do that for a folder say so; the name is then as safe as they keep it.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// put stores a secret in the keyring, else in the cell itself, and says why it went there. prefix makes the item
// recognisable among the keyring's.
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

// take reads a cell's secret.
func (s *Store) take(ctx context.Context, c cell) (string, error) {
	if c.Ref == "" {
		return c.Text, nil
	}
	return s.ring.get(ctx, c.Ref)
}

// where says for people where a secret went; why is what kept it out of the keyring, if anything did.
func (s *Store) where(c cell, why error) string {
	switch {
	case c.Ref != "":
		return "the OS keyring"
	case errors.Is(why, errOff):
		return fmt.Sprintf("the file %s (0600)", s.Path())
	case errors.Is(why, errHangs):
		return fmt.Sprintf("the file %s (0600), as the OS keyring did not answer within %s", s.Path(), s.ring.limit)
	case errors.Is(why, errNoBus):
		return fmt.Sprintf("the file %s (0600), as there is no OS keyring here", s.Path())
	default:
		return fmt.Sprintf("the file %s (0600), as the OS keyring did not take it", s.Path())
	}
}

// place is the word for a cell in lists.
func (c cell) place() string {
	if c.Ref != "" {
		return "keyring"
	}
	return "file"
}
