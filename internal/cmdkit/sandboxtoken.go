package cmdkit

// The token of a sandbox in a listener's process. listen --sandbox makes it, and every command with the profile sandbox finds it.

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/secret"
)

const (
	sandboxHost     = "127.0.0.1" // where listen --sandbox serves; its token goes nowhere else
	tokenFolder     = "sandbox"   // in the data folder, with one file for each running sandbox, named after its port
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

// KeepSandboxToken writes the token of the sandbox on a port of 127.0.0.1 into the data folder, where this user's commands find
// it. The process holds a lock beside it as long as it lives. So commands tell the token from one that a killed process left.
// release removes it.
func (e *Env) KeepSandboxToken(ctx context.Context, port, token string) (release func(), err error) {
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
	if err := privateFolder(dir); err != nil {
		return nil, failed(err)
	}
	// The lock files stay, because another process may be about to take one.
	sweepKept(ctx, dir, tokenEnd, func(path string) { _ = os.Remove(path) })
	// This process has the port by now, so whoever holds the lock only looks whether it is free.
	k, err := keep(ctx, filepath.Join(dir, port+tokenEnd))
	if err == nil {
		err = k.write([]byte(token + "\n"))
	}
	if err != nil {
		k.release()
		return nil, failed(err)
	}
	return k.release, nil
}

// sandboxToken is the token of this user's sandbox at the address of the settings, with the address to use it at; "" when there
// is none. The address is the one that the process serves on: localhost may be another one.
func (e *Env) sandboxToken(s *config.Settings) (token, base string) {
	u, err := url.Parse(s.APIURL)
	if err != nil || u.Scheme != "http" || u.Port() == "" || s.DataDir == "" ||
		u.Hostname() != sandboxHost && !netname.Localhost(u.Hostname()) {
		return "", ""
	}
	path := filepath.Join(s.DataDir, tokenFolder, u.Port()+tokenEnd)
	f, err := files.Me().Open(path)
	if err != nil {
		return "", ""
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxSandboxToken))
	if err != nil || !inUse(path) {
		return "", ""
	}
	token = strings.TrimSuffix(string(b), "\n")
	if secret.CheckToken(token) != nil {
		return "", ""
	}
	u.Host = sandboxHost + ":" + u.Port()
	return token, u.String()
}

// SandboxTokenFile reads the token in a file that the user named, and makes the file with a new token when there is none. "-" is
// standard input. One LF or CRLF at the end is left out.
func (e *Env) SandboxTokenFile(name string) (string, error) {
	const flag = "--sandbox-token"
	if name != Stdin {
		token, made, err := e.makeTokenFile(name)
		if made || err != nil {
			return token, err
		}
		if err := e.checkTokenFile(name); err != nil {
			return "", err
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
		return "", fault.New(fault.Usage, "%s: this is not a token: it is longer than %d KiB", flag, maxSandboxToken>>10)
	}
	if err := secret.CheckToken(token); err != nil {
		return "", fault.Hint(fault.Wrap(fault.Usage, err, flag), "name a file that is not there yet: a token is made and written into it")
	}
	return token, nil
}

// makeTokenFile makes the file with a new token. made is false when there is a file already.
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

// checkTokenFile refuses a file that another user may have written, and warns of one that others can read. A pipe passes, like
// standard input.
func (e *Env) checkTokenFile(name string) error {
	fi, err := os.Stat(name)
	if err != nil || !fi.Mode().IsRegular() {
		return nil //nolint:nilerr // reading it says what is wrong
	}
	_, err = files.Me().Plain(name)
	if refused, ok := errors.AsType[*files.NotUsedError](err); ok {
		return fault.Hint(fault.New(fault.Usage, "--sandbox-token: %s", refused), "name a file that is not there yet: a token is made and written into it")
	}
	if fi.Mode().Perm()&0o044 != 0 && runtime.GOOS != "windows" {
		e.Warn("others on this machine can read the token file %s (mode %04o): %s", name, fi.Mode().Perm(), fault.Command("chmod 600", name))
	}
	return nil
}
