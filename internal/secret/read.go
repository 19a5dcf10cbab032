package secret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/sign"
)

// maxKey is more than any key, and little enough to refuse a wrong file at once.
const maxKey = 64 << 10

// ReadKey reads a key: at most 64 KiB, without one trailing LF or CRLF. Empty, masked and unreadable ones are usage faults.
func ReadKey(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxKey+1))
	if errors.Is(err, context.Canceled) { // interrupted while it waited for input
		return "", err
	}
	if err != nil {
		return "", fault.Wrap(fault.Usage, pathless(err), "cannot read the key")
	}
	if len(b) > maxKey {
		return "", fault.New(fault.Usage, "this is no key: it is longer than 64 KiB")
	}
	text := string(b)
	if cut, ok := strings.CutSuffix(text, "\n"); ok {
		text = strings.TrimSuffix(cut, "\r")
	}
	return text, CheckKey(text)
}

// CheckKey refuses an empty or masked key as a usage fault that does not hold its text.
func CheckKey(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fault.New(fault.Usage, "the key is empty")
	case strings.Trim(text, "\x00 \t\r\n") == "":
		return fault.New(fault.Usage, "the key is nothing but NUL bytes, which is as good as none")
	case sign.Masked(text):
		return fault.Hint(fault.New(fault.Usage, "the key is masked: it is what is shown in the place of the key"),
			"take the full key, or make a new one: whctl webhooks rotate WEBHOOK")
	default:
		return nil
	}
}

// readFile reads a key file and warns of what others may see or what an editor may have added.
func readFile(path string) (text string, warnings []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", nil, unreadable(path, err)
	}
	defer f.Close() //nolint:errcheck // opened to read
	fi, err := f.Stat()
	if err != nil {
		return "", nil, unreadable(path, err)
	}
	if fi.IsDir() {
		return "", nil, fault.New(fault.Usage, "%s is a folder, not a key file", shown(path))
	}
	text, err = ReadKey(f)
	if err != nil {
		return "", nil, fault.Wrap(fault.Usage, err, "key file %s", shown(path))
	}
	if runtime.GOOS != "windows" && fi.Mode().IsRegular() && fi.Mode().Perm()&0o004 != 0 {
		warnings = append(warnings, fmt.Sprintf("everyone on this machine can read the key file %s (mode %04o): chmod 600 %s",
			shown(path), fi.Mode().Perm(), shown(path)))
	}
	if strings.HasPrefix(text, "\ufeff") || strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		warnings = append(warnings, fmt.Sprintf("the key file %s begins with a byte order mark, which is taken as part of the key", shown(path)))
	}
	return text, warnings, nil
}

// unreadable tells why a key file cannot be opened.
func unreadable(path string, err error) error {
	if shown(path) != path {
		return fault.Hint(fault.New(fault.Usage, "the value of --secret-file is no file, and looks like a key"),
			"put the key into a file, or into a variable: --secret-env NAME")
	}
	return fault.Hint(fault.Wrap(fault.Usage, pathless(err), "cannot read key file %s", fault.Quote(path)),
		"write the key into a file and name that one: --secret-file FILE")
}

// pathless takes the path out of a file error, as the message names it already and it may be a key given by mistake.
func pathless(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

// shown is an argument as it may stand in a message: not when it looks like a key that was given in the wrong place.
func shown(arg string) string {
	if LooksSecret(arg) {
		return "(not shown: it looks like a key)"
	}
	return arg
}

// LooksSecret says whether a text is not to be repeated in a message.
func LooksSecret(arg string) bool { return masking.Secret(arg) || !utf8.ValidString(arg) }
