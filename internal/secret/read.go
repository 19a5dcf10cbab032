package secret

// Keys in files and on standard input.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/sign"
)

// maxKey is larger than any key, and small enough to refuse a wrong file at once. In bytes.
const maxKey = 64 << 10

// ReadKey reads a key of at most 64 KiB and leaves out one LF or CRLF at its end. An empty, masked or unreadable key is a Usage
// fault.
func ReadKey(r io.Reader) (string, error) {
	text, err := readText(r, "key")
	if err != nil {
		return "", err
	}
	return text, CheckKey(text)
}

// ReadToken reads a token as ReadKey reads a key. One that cannot be sent is a Usage fault.
func ReadToken(r io.Reader) (string, error) {
	text, err := readText(r, "token")
	if err != nil {
		return "", err
	}
	return text, CheckToken(text)
}

func readText(r io.Reader, what string) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxKey+1))
	if errors.Is(err, context.Canceled) { // an interrupt while it waited for input
		return "", err
	}
	if err != nil {
		return "", fault.Wrap(fault.Usage, pathless(err), "cannot read the %s", what)
	}
	if len(b) > maxKey {
		return "", fault.New(fault.Usage, "this is not a %s: it is longer than 64 KiB", what)
	}
	text := string(b)
	if cut, ok := strings.CutSuffix(text, "\n"); ok {
		text = strings.TrimSuffix(cut, "\r")
	}
	return text, nil
}

// CheckKey refuses an empty or masked key. The Usage fault does not hold its text.
func CheckKey(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fault.New(fault.Usage, "the key is empty")
	case strings.Trim(text, "\x00 \t\r\n") == "":
		return fault.New(fault.Usage, "the key is all NUL bytes, which protects nothing")
	case sign.Masked(text):
		return fault.Hint(fault.New(fault.Usage, "the key is masked: it is what is shown in the place of the key"),
			"take the full key, or make a new one: whctl webhooks rotate WEBHOOK")
	default:
		return nil
	}
}

// readFile reads a key file, which may be a pipe. The end of ctx ends a wait for it. It warns when everyone can read the file, and of a byte order mark that an editor added.
func readFile(ctx context.Context, path string) (text string, warnings []Warning, err error) {
	f, err := files.OpenUntil(ctx.Done(), path)
	if errors.Is(err, context.Canceled) {
		return "", nil, err
	}
	if err != nil {
		return "", nil, unreadable(path, err)
	}
	defer f.Close() //nolint:errcheck // opened to read
	defer context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) })()
	fi, err := f.Stat()
	if err != nil {
		return "", nil, unreadable(path, err)
	}
	if fi.IsDir() {
		return "", nil, fault.New(fault.Usage, "%s is a folder, not a key file", shown(path))
	}
	text, err = ReadKey(f)
	if ctx.Err() != nil {
		return "", nil, ctx.Err()
	}
	if err != nil {
		return "", nil, fault.Wrap(fault.Usage, err, "key file %s", shown(path))
	}
	if runtime.GOOS != "windows" && fi.Mode().IsRegular() && fi.Mode().Perm()&0o004 != 0 {
		warnings = append(warnings, Warning{fmt.Sprintf("everyone on this machine can read the key file %s (mode %04o): chmod 600 %s",
			shown(path), fi.Mode().Perm(), shown(path)), path})
	}
	if strings.HasPrefix(text, "\ufeff") || strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		warnings = append(warnings, Warning{Text: fmt.Sprintf("the key file %s begins with a byte order mark, which is taken as part of the key", shown(path))})
	}
	return text, warnings, nil
}

// unreadable explains why a key file cannot be opened.
func unreadable(path string, err error) error {
	if shown(path) != path {
		return fault.Hint(fault.New(fault.Usage, "the value of --secret-file is not a file and looks like a key"),
			"put the key into a file, or into a variable: --secret-env NAME")
	}
	return fault.Hint(fault.Wrap(fault.Usage, pathless(err), "cannot read key file %s", fault.Quote(path)),
		"write the key into a file and name that one: --secret-file FILE")
}

// pathless removes the path from a file error: the message has it already, and it may be a key in the wrong place.
func pathless(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

// shown is an argument for a message. It hides a key that was given in the wrong place.
func shown(arg string) string {
	if LooksSecret(arg) {
		return "(not shown: it looks like a key)"
	}
	return arg
}

// LooksSecret says whether a text must not be repeated in a message.
func LooksSecret(arg string) bool { return masking.Secret(arg) || !utf8.ValidString(arg) }
