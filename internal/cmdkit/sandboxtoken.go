package cmdkit

import (
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/secret"
)

// The token of a sandbox in the listener's process: made by listen --sandbox, found by every command with the profile sandbox.

const (
	sandboxHost     = "127.0.0.1" // where listen --sandbox serves, and the only place its token goes
	tokenFolder     = "sandbox"   // in the data folder: one file a running sandbox, named after its port
	tokenEnd        = ".token"
	maxSandboxToken = 4 << 10
)

// NewSandboxToken makes a token that nobody can guess.
func (e *Env) NewSandboxToken() (string, error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(e.Rand, b); err != nil {
		return "", fault.Wrap(fault.Internal, err, "cannot make a token")
	}
	return "whsb_" + base64.RawURLEncoding.EncodeToString(b), nil
}

// KeepSandboxToken writes the token of the sandbox on a port of 127.0.0.1 into the data folder, where this user's commands
// find it. The file is locked for as long as the process lives, which is how they tell it from one that a killed process
// left behind. release takes it away.
func (e *Env) KeepSandboxToken(port, token string) (release func(), err error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	failed := func(err error) error {
		return fault.Hint(fault.New(fault.Storage, "cannot keep the sandbox's token in the data folder: %s", PathWords(err)),
			"use another data folder: WHCTL_DATA_DIR=DIR")
	}
	if s.DataDir == "" {
		return nil, fault.Hint(fault.New(fault.Storage, "there is no home folder to keep the sandbox's token in"), "export WHCTL_DATA_DIR=DIR")
	}
	dir := filepath.Join(s.DataDir, tokenFolder)
	if err := privateFolder(dir, e.UID); err != nil {
		return nil, failed(err)
	}
	sweepTokens(dir)
	f, err := lockedFile(filepath.Join(dir, port+tokenEnd))
	if err != nil {
		return nil, failed(err)
	}
	release = func() {
		if same(f) {
			_ = os.Remove(f.Name())
		}
		_ = f.Close()
	}
	if _, err := f.WriteString(token + "\n"); err != nil {
		release()
		return nil, failed(err)
	}
	return release, nil
}

// privateFolder makes a folder that only this user can look into, or makes sure that it is one.
func privateFolder(dir string, uid int) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	fi, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner, known := files.Owner(fi)
	switch {
	case !fi.IsDir():
		return &fs.PathError{Op: "open", Path: dir, Err: errors.New(dir + " is no folder")}
	case known && owner != uid:
		return &fs.PathError{Op: "open", Path: dir, Err: errors.New(dir + " belongs to another user")}
	case known && fi.Mode().Perm()&0o077 != 0:
		return os.Chmod(dir, 0o700) // #nosec G302 -- a folder needs its x to be used
	}
	return nil
}

// sweepTokens removes what killed processes left: a file that can be locked belongs to nobody.
func sweepTokens(dir string) {
	found, err := filepath.Glob(filepath.Join(dir, "*"+tokenEnd))
	if err != nil {
		return
	}
	for _, name := range found {
		f, err := files.OpenPlain(name)
		if err != nil {
			continue
		}
		if files.TryLock(f) == nil && same(f) {
			_ = os.Remove(name)
		}
		_ = f.Close()
	}
}

// lockedFile makes a new file, 0600, and locks it. The port in its name is this process's own by now, so whatever has the name
// already is of no use any more.
func lockedFile(name string) (*os.File, error) {
	const tries = 20 // another process may be looking whether the file is left over, at just this moment
	err := error(files.ErrLocked)
	for range tries {
		if rerr := os.Remove(name); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
			return nil, rerr
		}
		var f *os.File
		if f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil { // #nosec G304 -- in our own folder
			continue
		}
		if err = files.TryLock(f); errors.Is(err, files.ErrNoLocks) {
			err = nil
		}
		if err == nil && same(f) {
			return f, nil
		}
		_ = f.Close()
	}
	return nil, err
}

// same says whether an open file is still what its name means.
func same(f *os.File) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(a, b)
}

// sandboxToken is the token of the listener whose sandbox runs where the settings point to, and the address to use it at; ""
// when no listener of this user has one there. A token is bound to the address that its process serves on: localhost may
// be another one.
func (e *Env) sandboxToken(s *config.Settings) (token, base string) {
	u, err := url.Parse(s.APIURL)
	if err != nil || u.Scheme != "http" || u.Port() == "" || s.DataDir == "" ||
		u.Hostname() != sandboxHost && !strings.EqualFold(u.Hostname(), "localhost") {
		return "", ""
	}
	f, err := files.OpenPlain(filepath.Join(s.DataDir, tokenFolder, u.Port()+tokenEnd))
	if err != nil {
		return "", ""
	}
	defer func() { _ = f.Close() }()
	fi, err := f.Stat()
	if err != nil {
		return "", ""
	}
	if owner, known := files.Owner(fi); known && owner != e.UID {
		return "", ""
	}
	if files.TryLock(f) == nil { // nobody holds it: its process has ended
		return "", ""
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSandboxToken))
	if err != nil {
		return "", ""
	}
	token = strings.TrimSuffix(string(b), "\n")
	if secret.CheckToken(token) != nil {
		return "", ""
	}
	u.Host = sandboxHost + ":" + u.Port()
	return token, u.String()
}

// SandboxTokenFile is the token in a file that the user named, which is made with a new token when it is not there; "-" is
// standard input. One trailing LF or CRLF does not count.
func (e *Env) SandboxTokenFile(name string) (string, error) {
	const flag = "--sandbox-token"
	if name != Stdin {
		token, made, err := e.makeTokenFile(name)
		if made || err != nil {
			return token, err
		}
		if fi, err := os.Stat(name); err == nil && fi.Mode().IsRegular() {
			if owner, known := files.Owner(fi); known && owner != e.UID && owner != 0 {
				return "", fault.Hint(fault.New(fault.Usage, "%s: the file belongs to another user, who knows the token", flag), "name a file that is not there yet")
			}
			if _, known := files.Owner(fi); known && fi.Mode().Perm()&0o077 != 0 {
				e.Warn("others on this machine can read the token file %s (mode %04o): chmod 600 %s", name, fi.Mode().Perm(), name)
			}
		}
	}
	in, err := e.OpenInput(name, flag)
	if err != nil {
		return "", err
	}
	defer func() { _ = in.Close() }()
	b, err := io.ReadAll(io.LimitReader(in, maxSandboxToken+1))
	if err != nil {
		return "", ReadFailed(flag, err)
	}
	token := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if len(b) > maxSandboxToken {
		return "", fault.New(fault.Usage, "%s: this is no token: it is longer than %d KiB", flag, maxSandboxToken>>10)
	}
	if err := secret.CheckToken(token); err != nil {
		return "", fault.Hint(fault.Wrap(fault.Usage, err, flag), "name a file that is not there yet: a token is made and written into it")
	}
	return token, nil
}

// makeTokenFile makes the file with a new token unless something has that name already.
func (e *Env) makeTokenFile(name string) (token string, made bool, err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the user names the file
	if errors.Is(err, fs.ErrExist) {
		return "", false, nil
	}
	failed := func(err error) error {
		return fault.New(fault.Usage, "cannot write the token file %s: %s", name, PathWords(err))
	}
	if err != nil {
		return "", false, failed(err)
	}
	token, err = e.NewSandboxToken()
	if err == nil {
		_, err = f.WriteString(token + "\n")
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = os.Remove(name)
		return "", false, failed(err)
	}
	return token, true, nil
}
