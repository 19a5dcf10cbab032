package config

// What the values of settings may be.

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/near"
	"github.com/whctl/whctl/internal/netname"
)

// CheckAPIURL returns the base URL of a management API without a trailing slash. What cannot be one is a usage fault, whose
// text begins with from: the flag, the variable or the key that the URL comes from.
func CheckAPIURL(from, s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "":
		return "", fault.Hint(fault.New(fault.Usage, "%s is not an absolute URL", from), "give one like "+BaanxURL)
	case !netname.PortOK(u):
		return "", fault.Hint(fault.New(fault.Usage, "%s has an impossible port: ports are 1 to 65535", from), "give one like "+BaanxURL)
	case u.User != nil:
		return "", fault.Hint(fault.New(fault.Usage, "%s holds user info, which would be printed and logged", from), "whctl login")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "", fault.Hint(fault.New(fault.Usage, "%s has a query or a fragment, but it is the base of other URLs", from), "give one like "+BaanxURL)
	case u.Scheme == "http" && !netname.Loopback(u.Hostname()):
		return "", fault.Hint(fault.New(fault.Usage, "%s is http, which is for loopback only: anybody on the way could read the token", from),
			"use %s", fault.Word("https://"+u.Host))
	case u.Scheme != "https" && u.Scheme != "http":
		return "", fault.Hint(fault.New(fault.Usage, "%s is neither https nor http", from), "give one like "+BaanxURL)
	default:
		return strings.TrimRight(s, "/"), nil
	}
}

// oneOf returns a check that accepts a closed set of values.
func oneOf(valid ...string) func(from, text string) (string, error) {
	return func(from, s string) (string, error) {
		if slices.Contains(valid, s) {
			return s, nil
		}
		return s, didYouMean(fault.New(fault.Usage, "unknown %s %s", from, quoted(s)), "", s, valid)
	}
}

// checkAddr makes an address of a bare port, as a target may be one.
func checkAddr(from, text string) (string, error) {
	addr, err := netname.ListenAddr(text)
	if err != nil {
		return "", fault.Hint(fault.New(fault.Usage, "%s must be HOST:PORT or a port, not %s", from, quoted(text)), "write it like 127.0.0.1:0, where port 0 takes a free one")
	}
	return addr, nil
}

// didYouMean adds a hint: the valid name nearest to word, or all of them. Names are shown behind prefix, as they are typed.
func didYouMean(err error, prefix, word string, valid []string) error {
	if name := near.Word(word, valid); name != "" {
		return fault.Hint(err, "did you mean %s?", fault.Word(prefix+name))
	}
	whole := make([]string, len(valid))
	for i, name := range valid {
		whole[i] = prefix + name
	}
	return fault.Hint(err, "use one of: %s", fault.List(whole))
}

// checkSchemeName accepts the names that a scheme can have.
func checkSchemeName(from, s string) (string, error) {
	const longest = 128
	if s == "" || len(s) > longest || strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
		return s, fault.Hint(fault.New(fault.Usage, "%s: %s cannot be the name of a scheme", from, quoted(s)), "whctl schemes list")
	}
	return s, nil
}

// checkProfileName accepts names that are easy to type and safe to print.
func checkProfileName(name string) error {
	const longest = 64
	bad := func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.", c)
	}
	if name == "" || len(name) > longest || strings.ContainsFunc(name, bad) || strings.HasPrefix(name, "-") {
		return fault.Hint(fault.New(fault.Usage, "%s cannot be the name of a profile", quoted(name)),
			"use up to %s letters, digits, and - _ . in it", fault.Number(longest))
	}
	return nil
}

// checkDir accepts absolute paths: a folder must not depend on where the command runs. "~/" is replaced later.
func checkDir(from, s string) error {
	if !filepath.IsAbs(s) && !strings.HasPrefix(s, "~/") {
		return fault.Hint(fault.New(fault.Usage, "%s is not an absolute path", from), "begin it with / or ~/")
	}
	return nil
}

// checkHeader refuses a header that carries a secret, that cannot be sent, or that HTTP itself sets.
func checkHeader(name, value string) error {
	switch {
	case secretHeader(name):
		return secretFault("header " + quoted(name) + " carries one")
	case name == "" || strings.ContainsFunc(name, notToken):
		return fault.Hint(fault.New(fault.Usage, "%s cannot be the name of a header", quoted(name)), "write it as NAME: VALUE")
	case strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }):
		return fault.Hint(fault.New(fault.Usage, "the value of header %s holds a control character", name), "write it on one line")
	case slices.Contains([]string{"host", "content-length", "transfer-encoding", "connection"}, strings.ToLower(name)):
		return fault.Hint(fault.New(fault.Usage, "header %s cannot be set: every request has its own", name), "leave it out")
	default:
		return nil
	}
}

// notToken is true for characters that a header's name cannot have (RFC 9110, 5.6.2).
func notToken(c rune) bool {
	return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", c)
}

// secretKey reports whether a name is one that secrets have.
func secretKey(name string) bool {
	name = strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
	return slices.Contains([]string{
		"secret", "secrets", "token", "tokens", "key", "apikey", "password", "passwd", "passphrase", "bearer", "bearertoken",
		"accesstoken", "apitoken", "authtoken", "clientsecret", "apisecret", "webhooksecret", "webhookkey", "signingkey",
		"signingsecret", "secretkey", "privatekey", "credential", "credentials",
	}, name)
}

// secretHeader reports whether a header carries a secret.
func secretHeader(name string) bool {
	name = strings.TrimPrefix(strings.ToLower(name), "x-")
	return secretKey(name) || slices.Contains([]string{"authorization", "proxy-authorization", "cookie", "set-cookie"}, name)
}

// quoted returns a value for an error. It hides what looks like a secret and what is too long to tell.
func quoted(s string) string {
	const most = 60
	if masking.Secret(s) || len(s) > most || strings.Count(s, " ") > 2 { // a pass phrase is words
		return "(not shown)"
	}
	return fault.Quoted(s)
}
