package secret

// The system's keyring.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/zalando/go-keyring"
)

// service is whctl's name in the keyring.
const service = "whctl"

// Keyring is what is used of an operating system's key store. A missing item is ErrNotFound.
type Keyring interface {
	Set(service, user, password string) error
	Get(service, user string) (string, error)
	Delete(service, user string) error
}

// ErrNotFound is a keyring's error for an item that it does not have.
var ErrNotFound = keyring.ErrNotFound

var (
	errHangs    = errors.New("the OS keyring does not answer")
	errOff      = errors.New("WHCTL_KEYRING is file")
	errNoBus    = errors.New("there is no session bus to reach an OS keyring")
	errReadBack = errors.New("the OS keyring did not keep what it was given")
)

// system is the operating system's keyring.
type system struct{}

func (system) Set(service, user, password string) error { return keyring.Set(service, user, password) }
func (system) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (system) Delete(service, user string) error        { return keyring.Delete(service, user) }

// ring asks a keyring and limits the time of an answer. After a timeout it is not asked again, so that a command with
// several keys waits once.
type ring struct {
	kr     Keyring
	getenv func(string) string
	ours   bool // kr is the operating system's
	hangs  atomic.Bool
}

// usable says why the keyring must not be asked, or is nil.
func (r *ring) usable() error {
	switch {
	case r.getenv("WHCTL_KEYRING") == "file":
		return errOff
	case r.hangs.Load():
		return errHangs
	case r.ours && !r.hasBus():
		return errNoBus
	default:
		return nil
	}
}

// hasBus looks for a session bus. Without one the D-Bus library would start a daemon (dbus-launch) and leave it running.
func (r *ring) hasBus() bool {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" || r.getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	_, err := os.Stat("/run/user/" + strconv.Itoa(os.Getuid()) + "/bus")
	return err == nil
}

// set stores a text under ref and reads it back: some keyrings accept a text and lose it.
func (r *ring) set(ctx context.Context, ref, text string) error {
	err := r.ask(ctx, func() error { return r.kr.Set(service, ref, text) }, func() { _ = r.kr.Delete(service, ref) })
	if err != nil {
		return err
	}
	got, err := r.get(ctx, ref)
	if err == nil && got != text {
		return errReadBack
	}
	return err
}

func (r *ring) get(ctx context.Context, ref string) (string, error) {
	answer := make(chan string, 1)
	err := r.ask(ctx, func() error {
		text, err := r.kr.Get(service, ref)
		answer <- text
		return err
	}, nil)
	if err != nil {
		return "", err
	}
	return <-answer, nil
}

// drop deletes items that nothing points to. One that cannot be deleted stays in the keyring.
func (r *ring) drop(ctx context.Context, refs ...string) {
	for _, ref := range refs {
		if ref != "" {
			_ = r.ask(ctx, func() error { return r.kr.Delete(service, ref) }, nil)
		}
	}
}

// ask waits for one call, at most for the limit. When the call succeeds later, undo reverts it.
func (r *ring) ask(ctx context.Context, call func() error, undo func()) error {
	if err := r.usable(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- guarded(call) }()
	timer := time.NewTimer(answerLimit)
	defer timer.Stop()
	abandon := func() {
		go func() {
			if <-done == nil && undo != nil {
				undo()
			}
		}()
	}
	select {
	case err := <-done:
		return err
	case <-timer.C:
		r.hangs.Store(true)
		abandon()
		return errHangs
	case <-ctx.Done():
		abandon()
		return context.Cause(ctx)
	}
}

// guarded turns a panic of a keyring library into an error: it reads what another process answers.
func guarded(call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the OS keyring failed: %T", p)
		}
	}()
	return call()
}
