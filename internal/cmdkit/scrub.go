package cmdkit

// What --scrub replaces, and the key that replacements are made with.

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/scrub"
)

const (
	scrubKeyFile = "scrub.key" // in the data folder, beside the journal
	scrubKeySize = 32
	scrubWait    = 2 * time.Second
)

// Scrubber makes the scrubber of some rules. Its key stays in the data folder, so that a value has the same replacement in every run
// and in every export. A copy of the journal without the key tells nobody what was replaced.
func (e *Env) Scrubber(ctx context.Context, rules []string) (*scrub.Scrubber, error) {
	if _, err := scrub.New("--scrub", rules, nil); err != nil {
		return nil, err // before a file is made
	}
	key, err := e.scrubKey(ctx)
	if err != nil {
		return nil, err
	}
	return scrub.New("--scrub", rules, key)
}

// scrubKey reads the key, and makes it when there is none.
func (e *Env) scrubKey(ctx context.Context) ([]byte, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	if s.DataDir == "" {
		return nil, fault.Hint(fault.New(fault.Storage, "there is no home folder to keep the key of --scrub in"), "export WHCTL_DATA_DIR=DIR")
	}
	path := filepath.Join(s.DataDir, scrubKeyFile)
	key, err := readScrubKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = e.makeScrubKey(ctx, path)
	}
	if err != nil {
		return nil, fault.Hint(fault.New(fault.Storage, "cannot use the key of --scrub in the data folder: %s", PathWords(err)),
			"move %s away, and a new one is made; the same values then have other replacements", fault.Word(path))
	}
	return key, nil
}

func readScrubKey(path string) ([]byte, error) {
	f, err := files.Me().Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	key, err := io.ReadAll(io.LimitReader(f, scrubKeySize+1))
	if err == nil && len(key) != scrubKeySize {
		err = errNoScrubKey
	}
	return key, err
}

var errNoScrubKey = errors.New("its file holds no key")

// makeScrubKey makes the key. Of two processes that do so at once, one takes the key of the other.
func (e *Env) makeScrubKey(ctx context.Context, path string) ([]byte, error) {
	if err := privateFolder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	unlock, err := files.Me().Lock(ctx, lockOf(path), files.Wait{Limit: scrubWait})
	if err != nil {
		return nil, err
	}
	defer unlock()
	if key, err := readScrubKey(path); !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key := make([]byte, scrubKeySize)
	if _, err := io.ReadFull(e.Rand, key); err != nil {
		return nil, err
	}
	return key, files.Me().Replace(path, key)
}
