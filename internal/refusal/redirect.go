package refusal

// Redirects: where they lead, and what that says.

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// Place is where an answer redirects to, without what may be secret: a user and a query.
func Place(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return "an address that is none"
	}
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	text := shown.String()
	if u.RawQuery != "" {
		text += "?…"
	}
	return text
}

// redirect says what a redirect is about. Senders of webhooks follow none, and count it as failed.
func redirect(a Answer, location string) Cause {
	c := Cause{
		ID: "redirect", Certain: true,
		Title: fmt.Sprintf("it answers %d to %s, and senders do not follow it", a.Status, fault.Quote(Place(location))),
		Fix:   fault.NextStep("forward to where it leads, or give the sender that address"),
	}
	asked, err := url.Parse(a.URL)
	if err != nil {
		return c
	}
	to, err := asked.Parse(location)
	if err != nil {
		return c
	}
	from, path := asked.EscapedPath(), to.EscapedPath()
	switch {
	case from != path && strings.TrimRight(from, "/") == strings.TrimRight(path, "/"):
		c.ID = "redirect.slash"
		c.Fix = fault.NextStep("only the slash at the end differs: use the path with it as it is there, in --forward or at the sender")
	case from == path && to.Scheme == "https" && asked.Scheme == "http" && (loginPlace(asked) || !loginPlace(to)):
		c.ID = "redirect.https"
		c.Fix = fault.NextStep("it wants https: use https:// in --forward, or say that the sender did: --header 'X-Forwarded-Proto: https'")
	case loginPlace(to):
		c.ID = "redirect.login"
		c.Fix = fault.NextStep("it wants a login: leave the webhook's path out of the authentication middleware")
	case from == path && to.Host != asked.Host:
		c.ID = "redirect.host"
		c.Fix = fault.NextStep("only the host differs: forward to that one, or send its name: --header 'Host: ...'")
	}
	return c
}

// loginPlace says whether a URL is a page where people log in.
func loginPlace(u *url.URL) bool {
	for part := range strings.SplitSeq(strings.ToLower(u.Host+u.Path), "/") {
		for _, word := range strings.FieldsFunc(part, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') }) {
			switch word {
			case "login", "signin", "logon", "auth", "oauth", "oauth2", "sso", "saml", "cas", "session", "sessions", "cloudflareaccess":
				return true
			}
		}
		if strings.Contains(part, "sign-in") || strings.Contains(part, "sign_in") || strings.Contains(part, "log-in") || strings.Contains(part, "log_in") {
			return true
		}
	}
	return false
}
