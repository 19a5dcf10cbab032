package cmdkit

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// NewID makes a message id in the form Standard Webhooks uses.
func NewID(rand io.Reader) (string, error) {
	var b [15]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fault.Wrap(fault.Internal, err, "no randomness")
	}
	return "msg_" + base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// ShellQuote makes s one word of a POSIX shell.
func ShellQuote(s string) string { return fault.Quote(s) }

// Plural is "1 key" or "3 keys".
func Plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// OriginWords is an origin as people write it: without the port that goes without saying.
func OriginWords(origin string) string {
	for scheme, port := range map[string]string{"https://": ":443", "http://": ":80"} {
		if strings.HasPrefix(origin, scheme) {
			return strings.TrimSuffix(origin, port)
		}
	}
	return origin
}
