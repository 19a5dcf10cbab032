package refusal

// The causes that an answer can tell of, as tables.

import (
	"net/http"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// row is a cause and how an answer tells of it. All that is set must hold; of phrases and headers one is enough.
type row struct {
	id       string
	statuses []int             // none: every refusal, see Is
	phrases  []string          // in the answer's text, in small letters
	whole    string            // the answer's text, all of it
	headers  map[string]string // and what their value begins with, in small letters
	title    string
	fix      fault.Step
	likely   bool                              // it may be something else
	make     func(Answer, string, Cause) Cause // fills in what the answer says
}

func (r row) matches(a Answer, text string) bool {
	switch {
	case len(r.statuses) > 0 && !slices.Contains(r.statuses, a.Status), len(r.statuses) == 0 && !Is(a.Status):
		return false
	case r.whole != "":
		return text == r.whole
	case len(r.phrases) == 0 && len(r.headers) == 0:
		return true
	}
	for name, start := range r.headers {
		for _, value := range a.Header[name] {
			if strings.HasPrefix(strings.ToLower(value), start) {
				return true
			}
		}
	}
	return says(text, r.phrases...)
}

// says is whether a text has one of some phrases.
func says(text string, phrases ...string) bool {
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(text, p) })
}

// deniedHost is what old webpack-dev-servers say with success.
const deniedHost = "invalid host header"

// mostWords is how long a success may be that is none, in bytes. It says so in few words.
const mostWords = 64

// denied says whether an answer may be a success that is none. Nearly each answer is a success, so it looks no further.
func denied(a Answer) bool {
	if a.Status != http.StatusOK || len(a.Body) > mostWords {
		return false
	}
	return a.Header.Get("Content-Encoding") != "" || strings.EqualFold(strings.TrimSpace(string(a.Body)), deniedHost)
}

// rows are tried in this order. A row that names a cause comes before one that only asks for a login. The signature comes after the
// checks that run before a handler.
func rows() []row {
	return slices.Concat(portRows(), hostRows(), csrfRows(), clockRows(), signatureRows(), loginRows(), placeRows(), failureRows())
}

// portRows are about what listens there.
func portRows() []row {
	return []row{
		{
			id: "tls", title: "the target speaks TLS, and was asked without", fix: fault.NextStep("use https:// instead of http://"),
			phrases: []string{
				"client sent an http request to an https server", "plain http request was sent to https port",
				"speaking plain http to an ssl-enabled server", "combination of host and port requires tls",
			},
		},
		{
			id: "http2", title: "the target takes HTTP/2 only", fix: fault.NextStep("have it take HTTP/1.1 too (Node: allowHTTP1: true)"),
			phrases: []string{"missing alpn protocol", "expected `h2`"},
		},
		{
			id: "airplay", title: "what answers on this port is the AirPlay receiver of macOS, not your program",
			fix:     fault.NextStep("give your program another port than 5000 and 7000, or switch off AirPlay Receiver in the settings"),
			headers: map[string]string{"Server": "airtunes/"},
		},
		{
			id: "bots", title: "a check for bots stands before the target", fix: fault.NextStep("let the webhook's path pass it"),
			headers: map[string]string{"Cf-Mitigated": "challenge", "X-Amzn-Waf-Action": "c"},
			phrases: []string{"attention required! | cloudflare"},
		},
	}
}

// hostRows are about the host's name. Servers for development refuse names that they do not know, so that no web page reaches them
// by DNS rebinding.
func hostRows() []row {
	const title = "the target does not take the host's name"
	fix := fault.NextStep("allow it there (Rails: config.hosts, Django: ALLOWED_HOSTS, Vite: server.allowedHosts, webpack: allowedHosts)")
	return []row{
		{
			id: "host", title: title, fix: fix, make: namedHost,
			phrases: []string{
				"blocked host", "blocked request. this host", "invalid host header", "invalid http_host", "disallowedhost", "allowed_hosts",
				"allowedhosts", "untrusted host", "invalid hostname", "request hostname is invalid", "host not allowed", "host is not allowed",
				"is not an allowed host", "' is not trusted", "hostauthorization",
			},
		},
		{id: "host", statuses: []int{http.StatusOK}, whole: deniedHost, title: title, fix: fix, make: namedHost},
		// Django without DEBUG, word for word. It answers so to other things as well.
		{
			id: "host", statuses: []int{http.StatusBadRequest}, title: title, fix: fix, make: namedHost, likely: true,
			phrases: []string{"<h1>bad request (400)</h1>"},
		},
	}
}

// namedHost says that the name is the one of X-Forwarded-Host, which frameworks read before Host, where the answer has it.
func namedHost(a Answer, text string, c Cause) Cause {
	if a.Host == "" {
		return c
	}
	name, _, _ := strings.Cut(strings.ToLower(a.Host), ":")
	if strings.Contains(text, name) {
		c.Title += " " + fault.Quote(a.Host) + ", which stands in X-Forwarded-Host"
	}
	c.Fix = fault.NextStep("leave X-Forwarded-Host out with --header 'X-Forwarded-Host:', or allow the name there " +
		"(Rails: config.hosts, Django: ALLOWED_HOSTS, Vite: server.allowedHosts, webpack: allowedHosts)")
	return c
}

// csrfRows are about the tokens that forms carry, which no sender of webhooks can have.
func csrfRows() []row {
	const title = "the target's CSRF check refuses it, before any signature is looked at"
	fix := fault.NextStep("exempt the webhook's path from it (Django: @csrf_exempt, Rails: skip_before_action :verify_authenticity_token, " +
		"Laravel: validateCsrfTokens(except: [...]), others: leave the path out of the CSRF middleware)")
	return []row{
		{
			id: "csrf", title: title, fix: fix, make: doubted,
			phrases: []string{
				"csrf", "xsrf", "cross-site request forgery", "authenticity token", "authenticity_token", "invalidauthenticitytoken",
				"antiforgery", "anti-forgery", "forgery protection", "cross-site post form submissions are forbidden",
				"cross-origin request detected", "unable to verify your data submission", "no valid crumb", "rest_cookie_invalid_nonce",
				"origin checking failed", "referer not supplied", "invalidcrossoriginrequest",
			},
		},
		{id: "csrf", statuses: []int{419}, title: title, fix: fix, phrases: []string{"page expired", "page has expired"}},
		{
			id: "csrf", statuses: []int{http.StatusUnprocessableEntity}, title: title, fix: fix, likely: true,
			phrases: []string{"the change you wanted was rejected"}, // the page of Rails in production
		},
		{id: "csrf", statuses: []int{419}, title: title, fix: fix, likely: true}, // nobody but Laravel answers so
	}
}

// doubted makes a cause uncertain where the answer speaks of a signature too.
func doubted(_ Answer, text string, c Cause) Cause {
	c.Certain = c.Certain && !strings.Contains(text, "signature")
	return c
}

// clockRows are answers that speak of the time: the signature is not what they refuse.
func clockRows() []row {
	return []row{{
		id: "clock", title: "the target finds the time that is signed too far from its own", make: doubted,
		fix: fault.NextStep("compare both clocks (date -u), and have it read the time in the unit that the scheme has, seconds or milliseconds"),
		phrases: []string{
			"timestamp outside", "outside of the tolerance", "outside the tolerance", "timestamp too", "timestamp is too", "timestamp expired",
			"timestamp has expired", "stale timestamp", "request is too old", "request too old", "timestamp is outside", "timestamp not within", "within tolerance", "within the tolerance",
		},
	}}
}

// signatureRows are answers in which the target names its own check.
func signatureRows() []row {
	return []row{{
		id: Signature, title: "the target's own check of the signature fails",
		fix:     fault.NextStep("it must verify the raw bytes, before anything parses them, with the very key that whctl has"),
		headers: map[string]string{"Www-Authenticate": "signature"}, // of HTTP signatures
		phrases: []string{"signature", "hmac"},
	}}
}

// loginRows are about who may come in at all.
func loginRows() []row {
	const (
		middleware = "an authentication middleware refuses it, before your handler sees it"
		exempt     = "leave the webhook's path out of it: its signature is what vouches for it"
	)
	return []row{
		{
			id: "auth.basic", title: "the target asks for Basic authentication",
			fix:     fault.NextStep("leave the webhook's path out of it, or send what it asks for: --header 'Authorization: Basic ...'"),
			headers: map[string]string{"Www-Authenticate": "basic"},
		},
		{
			id: "auth.bearer", title: "the target asks for a bearer token",
			fix:     fault.NextStep("leave the webhook's path out of it, or send what it asks for: --header 'Authorization: Bearer ...'"),
			headers: map[string]string{"Www-Authenticate": "bearer"},
		},
		{
			id: "auth", title: middleware, fix: fault.NextStep(exempt),
			headers: map[string]string{"Www-Authenticate": "", "X-Clerk-Auth-Status": "", "X-Clerk-Auth-Reason": ""},
			phrases: []string{
				"unauthenticated", "not authenticated", "authentication credentials were not provided", "authentication required",
				"authentication is required", "not logged in", "login required", "log in to", "need to sign in", "please sign in", "please log in",
				"api key required", "api key is required", "missing api key", "api key is missing", "invalid api key", "no api key", "valid api key",
				"api_key is required", "x-api-key",
				"authorization header", "authorization token", "bearer token", "jwt", "session expired", "session has expired",
			},
		},
		{
			id: "address", title: "the target does not take what comes from this address",
			fix: fault.NextStep("allow 127.0.0.1 there, or leave the webhook's path out of that check"),
			phrases: []string{
				"ip is not allowed", "ip not allowed", "ip address is not allowed", "ip address not allowed", "ip address is not whitelisted",
				"ip is not whitelisted", "ip not whitelisted", "ip address is not authorized", "address is not in the allowlist", "ip restricted",
				"forbidden: ip", "your ip",
			},
		},
		{
			id: "server", title: "the web server in front of your program refuses it", likely: true,
			fix:     fault.NextStep("look at its log and its rules for the webhook's path"),
			phrases: []string{"<center>nginx", "you don't have permission to access this resource", "<address>apache"},
		},
	}
}
