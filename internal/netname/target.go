package netname

// Targets, as people type them.

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// Complete makes a URL of a target as people type it: PORT, PORT/PATH and HOST:PORT are http, and a bare port is on localhost.
// It checks nothing.
func Complete(text string) string {
	switch {
	case text == "", hasScheme(text):
		return text
	case barePort(text):
		return "http://localhost:" + text
	default:
		return "http://" + text
	}
}

// hasScheme says whether a text begins with SCHEME://. Further behind, :// may be part of a query.
func hasScheme(text string) bool {
	before, _, found := strings.Cut(text, "://")
	return found && !strings.ContainsAny(before, "/?#")
}

// barePort says whether a text begins with a port and names no host: 3000, 3000/path, 3000?query.
func barePort(text string) bool {
	if i := strings.IndexAny(text, "/?#"); i >= 0 {
		text = text[:i]
	}
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// BadURLError says why a text is no URL that an HTTP request can go to. Why holds nothing of the text.
type BadURLError struct {
	Why string
}

// Error says why.
func (e *BadURLError) Error() string { return e.Why }

// ParseURL reads a URL that an HTTP request can go to. Its errors are BadURLErrors.
func ParseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, &BadURLError{"it is no URL"}
	}
	if why := problem(u); why != "" {
		return nil, &BadURLError{why}
	}
	return u, nil
}

// ErrUserInfo says that a target holds a user name or password, so its text must not be shown.
var ErrUserInfo = errors.New("a user name or password does not belong in it")

// ParseTarget reads a target as people type it: what Complete takes, or a broker's nats://HOST/SUBJECT, without user name, password and
// fragment.
func ParseTarget(text string) (*url.URL, error) {
	u, err := parseTarget(Complete(text))
	switch {
	case err != nil:
		return nil, err
	case u.User != nil:
		return nil, ErrUserInfo
	case u.Fragment != "" || strings.HasSuffix(text, "#"):
		return nil, &BadURLError{"it has a fragment"}
	}
	return u, nil
}

// NATS is the scheme of the URL of a NATS server, and NATSPort the port it listens on unless told otherwise.
const (
	NATS     = "nats"
	NATSPort = "4222"
)

// ErrNotYet says that a target is one of a kind that whctl does not hand over to.
var ErrNotYet = &BadURLError{"whctl hands over to NATS, nats://HOST/SUBJECT, and not to Kafka"}

// parseTarget reads the URL of a program or of a broker.
func parseTarget(text string) (*url.URL, error) {
	scheme, _, _ := strings.Cut(text, "://")
	switch strings.ToLower(scheme) {
	case "kafka":
		return nil, ErrNotYet
	case NATS:
	default:
		return ParseURL(text)
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, &BadURLError{"it is no URL"}
	}
	if why := badPlace(u); why != "" {
		return nil, &BadURLError{why}
	}
	return u, nil
}

func problem(u *url.URL) string {
	if u.Scheme != "http" && u.Scheme != "https" {
		return "it begins with neither http:// nor https://"
	}
	return badPlace(u)
}

// badPlace says what is wrong about the host, the port or the query of a URL, or "".
func badPlace(u *url.URL) string {
	switch {
	case u.Hostname() == "" || strings.ContainsAny(u.Hostname()[:1], "-+"), strings.Contains(u.Host, "*"): // somebody typed -1 as a port, or a pattern
		return "it names no host"
	case strings.Contains(u.Host, "="):
		return "a name before = is made of letters, digits, _ and -"
	case strings.Contains(u.RawQuery, " "):
		return "its query holds a blank; write it as %20"
	case u.Port() == "" && strings.HasSuffix(u.Host, ":"):
		return "the port is missing"
	case !PortOK(u):
		return "ports go from 1 to 65535"
	default:
		return ""
	}
}

// PortOK says whether the port of a URL is possible, or absent.
func PortOK(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.Atoi(u.Port())
	return err == nil && n >= 1 && n <= 65535
}
