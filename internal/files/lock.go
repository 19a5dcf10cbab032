package files

// Locks on files.

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// Wait bounds a wait for a lock.
type Wait struct {
	Limit time.Duration
	// Say is called once with who holds the lock, when the wait is long enough for a person to wonder; may be nil.
	Say func(held *HeldError)
}

const (
	sayAfter  = 500 * time.Millisecond
	lookAgain = 10 * time.Millisecond
)

// A lock has one owner, or is shared by those who only ask for its owner.
const (
	exclusive = false
	shared    = true
)

// HeldError says that somebody else has a lock.
type HeldError struct {
	Path    string
	Waited  time.Duration
	Holders []Process // who has it, as far as the system tells
}

// Error names the lock, and who has it.
func (e *HeldError) Error() string {
	if e.Waited == 0 {
		return e.Path + " is locked by " + Names(e.Holders)
	}
	return fmt.Sprintf("%s has been locked by %s for %s", e.Path, Names(e.Holders), e.Waited)
}

// Process is a process that uses a file.
type Process struct {
	PID  int
	Name string // as the system shows it, chosen by the process itself; "" when unknown
}

// Names lists processes for people.
func Names(ps []Process) string {
	if len(ps) == 0 {
		return "another process"
	}
	const most = 3
	var words []string
	for _, p := range ps[:min(len(ps), most)] {
		if p.Name == "" {
			words = append(words, fmt.Sprintf("process %d", p.PID))
		} else {
			words = append(words, fmt.Sprintf("%s (process %d)", p.Name, p.PID))
		}
	}
	if len(ps) > most {
		words = append(words, "others")
	}
	return strings.Join(words, ", ")
}

// Lock takes the lock of a file. A missing file is made, for the user alone. The system frees the lock when the process ends. ctx
// ends the wait.
func (u User) Lock(ctx context.Context, path string, w Wait) (release func(), err error) {
	f, err := u.openLock(path)
	if err != nil {
		return nil, err
	}
	return locked(ctx, f, path, w)
}

// LockOwner says whether somebody has the lock of a file, and who, as far as the system tells. It makes no file. Whoever asks has the lock
// for a moment too, but shares it: those who ask at once do not take each other for its owner.
func (u User) LockOwner(path string) (owner []Process, owned bool, err error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	f, err := u.openLock(path)
	if err != nil {
		return nil, false, err
	}
	free, err := tryLock(f, shared)
	if err == nil && free {
		unlock(f)
		return nil, false, nil
	}
	_ = f.Close()
	if err != nil {
		return nil, false, err
	}
	return Holders(path), true, nil
}

// LockFolder takes the lock of a folder, which stands for its files. Where folders have no locks it does nothing.
func LockFolder(ctx context.Context, path string, w Wait) (release func(), err error) {
	if !foldersLock {
		return func() {}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return locked(ctx, f, path, w)
}

// openLock opens a lock file without waiting for the other end of a pipe that stands in its place. The file holds nothing,
// so one that others can write is closed to them and used.
func (u User) openLock(path string) (*os.File, error) {
	target, fi, err := u.follow(path)
	if err == nil {
		err = atLink(path, target, u.owned(target, fi))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, err := os.OpenFile(target, os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil && fi != nil && fi.Mode().Perm()&0o077 != 0 {
		_ = f.Chmod(0o600)
	}
	return f, err
}

// locked tries until it has the lock, and closes f when it gives up.
func locked(ctx context.Context, f *os.File, path string, w Wait) (release func(), err error) {
	start, said := time.Now(), false
	for {
		free, err := tryLock(f, exclusive)
		if err != nil {
			_ = f.Close()
			return nil, err
		}
		if free {
			return func() { unlock(f) }, nil
		}
		waited := time.Since(start)
		if !said && waited >= sayAfter && w.Say != nil { // before it gives up: on a busy machine there may be no look between the two
			said = true
			w.Say(&HeldError{path, 0, Holders(path)})
		}
		if waited >= w.Limit {
			_ = f.Close()
			return nil, &HeldError{path, waited.Round(lookAgain), Holders(path)}
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			_ = f.Close()
			return nil, context.Cause(ctx)
		}
	}
}
