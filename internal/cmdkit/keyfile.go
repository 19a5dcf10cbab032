package cmdkit

// A new file for a key that is shown once.

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/whctl/whctl/internal/fault"
)

// KeyFile is the file for a key, opened before the key comes: a key that is shown once must have somewhere to go.
type KeyFile struct {
	f      *os.File
	filled bool
}

// NewKeyFile creates the file, which only its owner may read. Without a path there is none, and nothing is written.
func NewKeyFile(path string) (*KeyFile, error) {
	if path == "" {
		return &KeyFile{}, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil, fault.Hint(fault.New(fault.Usage, "the key file %s exists already", path), "name a new file")
		}
		failed := fault.New(fault.Storage, "cannot create the key file %s: %s", path, PathWords(err))
		if errors.Is(err, fs.ErrNotExist) {
			failed = fault.Hint(failed, "make its folder first: %s", fault.Command("mkdir -p", filepath.Dir(path)))
		}
		return nil, failed
	}
	return &KeyFile{f: f}, nil
}

// Write writes the key. The error is a Storage fault.
func (k *KeyFile) Write(key string) error {
	if k.f == nil {
		return nil
	}
	_, err := k.f.WriteString(key + "\n")
	if err == nil {
		err = k.f.Sync()
	}
	if err != nil {
		return fault.New(fault.Storage, "cannot write the key file %s: %s", k.f.Name(), PathWords(err))
	}
	k.filled = true
	return nil
}

// Filled says whether the key was written.
func (k *KeyFile) Filled() bool { return k.filled }

// Close removes the file when no key was written.
func (k *KeyFile) Close() {
	if k.f == nil {
		return
	}
	_ = k.f.Close()
	if !k.filled {
		_ = os.Remove(k.f.Name())
	}
}
