package netname

// Targets, as people type them.

import (
	"errors"
	"net"
	"net/url"
	"slices"
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

// ParseTarget reads a target as people type it: what Complete takes, or a broker's nats://HOST/SUBJECT or kafka://HOST/TOPIC, without user
// name, password and fragment. The hosts of a broker stand in the URL's Host, with commas between: Hosts has each.
func ParseTarget(text string) (*url.URL, error) {
	text = Complete(text)
	scheme, broker := Broker(text)
	if !broker {
		u, err := ParseURL(text)
		if err != nil {
			return nil, err
		}
		return withoutExtras(u, text)
	}
	authority, rest := authorityOf(text)
	if strings.Contains(authority, "@") {
		return nil, ErrUserInfo
	}
	var all []string
	var u *url.URL
	for host := range strings.SplitSeq(authority, ",") {
		var err error
		if u, err = url.Parse(scheme + "://" + host + rest); err != nil {
			return nil, &BadURLError{"it is no URL"}
		}
		if why := badPlace(u); why != "" {
			return nil, &BadURLError{why}
		}
		all = append(all, u.Host)
	}
	u.Host = strings.Join(all, ",")
	return withoutExtras(u, text)
}

// withoutExtras refuses a URL that has what no target has.
func withoutExtras(u *url.URL, text string) (*url.URL, error) {
	switch {
	case u.User != nil:
		return nil, ErrUserInfo
	case u.Fragment != "" || strings.HasSuffix(text, "#"):
		return nil, &BadURLError{"it has a fragment"}
	}
	return u, nil
}

// The schemes of the URLs of brokers, and the ports that these listen on unless told otherwise.
const (
	NATS      = "nats"
	NATSPort  = "4222"
	Kafka     = "kafka"
	KafkaPort = "9092"
)

// Broker gives the scheme of a broker's URL, in small letters, whatever else is wrong about it.
func Broker(text string) (scheme string, ok bool) {
	scheme, _, ok = strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	return scheme, ok && (scheme == NATS || scheme == Kafka)
}

// authorityOf gives what stands between SCHEME:// and the path of a URL, and all that follows.
func authorityOf(text string) (authority, rest string) {
	_, text, _ = strings.Cut(text, "://")
	if i := strings.IndexAny(text, "/?#"); i >= 0 {
		return text[:i], text[i:]
	}
	return text, ""
}

// Hosts are the hosts of a target as people type it, each with a port: its own, else the usual one of its scheme. A broker may have several.
// A text that is no URL has none.
func Hosts(text string) []string {
	text = Complete(text)
	scheme, broker := Broker(text)
	authority, _ := authorityOf(text)
	if !broker {
		scheme, _, _ = strings.Cut(text, "://")
		return appendHost(nil, strings.ToLower(scheme), authority)
	}
	var all []string
	for host := range strings.SplitSeq(authority, ",") {
		if all = appendHost(all, scheme, host); all == nil {
			return nil
		}
	}
	return all
}

// appendHost adds a host, or gives nil where it is none.
func appendHost(all []string, scheme, host string) []string {
	u, err := url.Parse(scheme + "://" + host)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	port := u.Port()
	if port == "" {
		port = usualPort(scheme)
	}
	return append(all, net.JoinHostPort(u.Hostname(), port))
}

func usualPort(scheme string) string {
	switch scheme {
	case "https":
		return "443"
	case NATS:
		return NATSPort
	case Kafka:
		return KafkaPort
	default:
		return "80"
	}
}

// AllLoopback says whether a target as people type it names hosts of this machine alone.
func AllLoopback(text string) bool {
	all := Hosts(text)
	return len(all) > 0 && !slices.ContainsFunc(all, func(host string) bool { return !LoopbackHost(host) })
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
