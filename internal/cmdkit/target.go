package cmdkit

// URLs and methods of requests, checked before they are sent.

import (
	"net/url"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

// CheckURL refuses a URL that no HTTP request can go to, as a Usage fault.
func CheckURL(flag, raw string) error {
	_, why := netname.ParseURL(raw)
	if why == nil {
		return nil
	}
	if strings.Contains(raw, "@") {
		raw = "URL" // it may hold a password
	}
	return fault.Hint(fault.New(fault.Usage, "%s %q: %s", flag, raw, why), "write it as %s http://localhost:3000/hooks", fault.Word(flag))
}

// CheckReceiver is CheckURL for the receiver of a request. It refuses a user and password too: outputs would show them, and no
// request carries them.
func CheckReceiver(flag, raw string) error {
	if err := CheckURL(flag, raw); err != nil {
		return err
	}
	if u, err := url.Parse(raw); err == nil && u.User != nil {
		return fault.Hint(fault.New(fault.Usage, "%s holds a user name or password", flag), "leave it out and add --header 'Authorization: …'")
	}
	return nil
}

// CheckMethod refuses what cannot be an HTTP method, as a Usage fault (RFC 9110, 5.6.2: a token).
func CheckMethod(method string) error {
	const other = "!#$%&'*+-.^_`|~"
	for _, c := range method {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && !strings.ContainsRune(other, c) {
			return fault.New(fault.Usage, "%q is not an HTTP method", method)
		}
	}
	if method == "" {
		return fault.New(fault.Usage, "the HTTP method is empty")
	}
	return nil
}
