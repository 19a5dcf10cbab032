package config

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

// CheckAPIURL refuses what may not be a management API's base URL, as a usage fault, and returns it without a trailing slash.
func CheckAPIURL(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "":
		return "", fault.Hint(fault.New(fault.Usage, "the API URL is not an absolute URL"), "give one like "+BaanxURL)
	case !netname.PortOK(u):
		return "", fault.Hint(fault.New(fault.Usage, "the API URL has a port that cannot be: they go from 1 to 65535"), "give one like "+BaanxURL)
	case u.User != nil:
		return "", fault.Hint(fault.New(fault.Usage, "the API URL holds user info, which would be printed and logged"), "whctl login")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "", fault.Hint(fault.New(fault.Usage, "the API URL has a query or a fragment, and is only the base of URLs"), "give one like "+BaanxURL)
	case u.Scheme == "http" && !netname.Loopback(u.Hostname()):
		return "", fault.Hint(fault.New(fault.Usage, "the API URL is http, which is for loopback only: a token would travel in the clear"),
			"use %s", fault.Word("https://"+u.Host))
	case u.Scheme != "https" && u.Scheme != "http":
		return "", fault.Hint(fault.New(fault.Usage, "the API URL is neither https nor http"), "give one like "+BaanxURL)
	default:
		return strings.TrimRight(s, "/"), nil
	}
}

// oneOf makes the check that refuses a value outside a closed set and names the nearest in it.
func oneOf(what string, valid ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		if slices.Contains(valid, s) {
			return s, nil
		}
		err := fault.New(fault.Usage, "%s is %s, and none of %s", what, quoted(s), strings.Join(valid, ", "))
		return s, didYouMean(err, "", s, valid)
	}
}

// didYouMean hints at the valid name that is nearest to a word, else at all of them; each as it is typed, with a prefix.
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

// named makes the check that refuses an empty name, and one that no scheme can have.
func named(what string) func(string) (string, error) {
	const longest = 128
	return func(s string) (string, error) {
		if s == "" || len(s) > longest || strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
			return s, fault.New(fault.Usage, "%s needs a name, and %s is none", what, quoted(s))
		}
		return s, nil
	}
}

// checkProfileName keeps names easy to type and safe to print.
func checkProfileName(name string) error {
	const longest = 64
	bad := func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.", c)
	}
	if name == "" || len(name) > longest || strings.ContainsFunc(name, bad) || strings.HasPrefix(name, "-") {
		return fault.Hint(fault.New(fault.Usage, "%s is no name for a profile", quoted(name)),
			"use up to %s letters, digits, and - _ . in it", fault.Number(longest))
	}
	return nil
}

// checkDir wants a folder that does not depend on where the command is typed. "~/" stays and is replaced when it is used.
func checkDir(s string) error {
	if !filepath.IsAbs(s) && !strings.HasPrefix(s, "~/") {
		return fault.Hint(fault.New(fault.Usage, "data_dir is not an absolute path"), "begin it with / or ~/")
	}
	return nil
}

// checkHeader refuses a header that cannot be sent, that every request has of its own, or that carries a secret.
func checkHeader(name, value string) error {
	switch {
	case secretHeader(name):
		return secretFault("header " + quoted(name) + " carries one")
	case name == "" || strings.ContainsFunc(name, notToken):
		return fault.Hint(fault.New(fault.Usage, "%s is no name of a header", quoted(name)), "write it as NAME: VALUE")
	case strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }):
		return fault.Hint(fault.New(fault.Usage, "the value of header %s holds a control character", name), "write it on one line")
	case slices.Contains([]string{"host", "content-length", "transfer-encoding", "connection"}, strings.ToLower(name)):
		return fault.Hint(fault.New(fault.Usage, "header %s is not for settings: every request has its own", name), "leave it out")
	default:
		return nil
	}
}

// notToken is true for what RFC 9110 does not allow in a header's name.
func notToken(c rune) bool {
	return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", c)
}

// secretKey says whether a key's name is that of a secret.
func secretKey(name string) bool {
	name = strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
	return slices.Contains([]string{
		"secret", "secrets", "token", "tokens", "key", "apikey", "password", "passwd", "passphrase", "bearer", "bearertoken",
		"accesstoken", "apitoken", "authtoken", "clientsecret", "apisecret", "webhooksecret", "webhookkey", "signingkey",
		"signingsecret", "secretkey", "privatekey", "credential", "credentials",
	}, name)
}

// secretHeader says whether a header is there to carry a secret.
func secretHeader(name string) bool {
	name = strings.TrimPrefix(strings.ToLower(name), "x-")
	return secretKey(name) || slices.Contains([]string{"authorization", "proxy-authorization", "cookie", "set-cookie"}, name)
}

// secretValue says whether a text holds what looks like a key or a token.
func secretValue(s string) bool { return masking.Known(s) }

// quoted is a short value as it may stand in an error. What looks like a secret, or is too long to tell, is not shown.
func quoted(s string) string {
	const most = 60
	if masking.Secret(s) || len(s) > most || strings.Count(s, " ") > 2 { // a pass phrase is words
		return "(not shown)"
	}
	return fault.Quoted(s)
}
