package client

// GitHub's API, as far as its webhooks need it. docs.github.com/en/rest/repos/webhooks and …/orgs/webhooks have the calls.

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
)

const (
	gitHubVersion = "2022-11-28" // of the API: docs.github.com/en/rest/about-the-rest-api/api-versions
	// limitWait is how long to wait when a limit names no time, doubled with each try, and mutativePause the time between two calls that
	// change something: docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
	limitWait     = time.Minute
	mutativePause = time.Second
)

// GitHub calls the API of GitHub, or of an Enterprise Server. It may be used by one goroutine at a time.
type GitHub struct{ c *Client }

// NewGitHub makes a client as New does. The base URL of an Enterprise Server ends in /api/v3.
func NewGitHub(o Options) (*GitHub, error) {
	c, err := newClient(o, func(o Options) manners { return gitHub{o.From} })
	return &GitHub{c: c}, err
}

// Close lets go of idle connections.
func (g *GitHub) Close() { g.c.Close() }

// User is the name of the user whose token it is.
func (g *GitHub) User(ctx context.Context) (string, error) {
	u, err := get[struct {
		Login string `json:"login"`
	}](ctx, g.c, call{method: http.MethodGet, path: "/user"})
	if err == nil && u.Login == "" {
		return "", g.c.misshapen("it names no user")
	}
	return u.Login, err
}

// GitHubWebhook is a webhook of a repository or an organisation.
type GitHubWebhook struct {
	Owner  string   `json:"-"`
	Repo   string   `json:"-"` // "": it is the organisation's
	ID     int64    `json:"id"`
	Active bool     `json:"active"`
	Events []string `json:"events"` // the types it takes; * is all
	Config struct {
		URL string `json:"url"`
	} `json:"config"`
}

// Name is how people write it: OWNER/REPO/ID or ORG/ID.
func (w GitHubWebhook) Name() string {
	return w.place() + "/" + strconv.FormatInt(w.ID, 10)
}

func (w GitHubWebhook) place() string {
	if w.Repo == "" {
		return w.Owner
	}
	return w.Owner + "/" + w.Repo
}

func (w GitHubWebhook) path() string {
	if w.Repo == "" {
		return "/orgs/" + w.Owner + "/hooks"
	}
	return "/repos/" + w.Owner + "/" + w.Repo + "/hooks"
}

// ParseGitHubWebhook reads OWNER/REPO/ID, ORG/ID, OWNER/REPO or ORG. Without an id, ID is 0. Errors are usage faults.
func ParseGitHubWebhook(text string) (GitHubWebhook, error) {
	parts := strings.Split(text, "/")
	w := GitHubWebhook{Owner: parts[0]}
	last := len(parts) - 1
	if id, err := strconv.ParseInt(parts[last], 10, 64); err == nil && id > 0 && last > 0 {
		w.ID, parts = id, parts[:last]
	}
	if len(parts) == 2 {
		w.Repo = parts[1]
	}
	if len(parts) > 2 || slices.ContainsFunc(parts, func(p string) bool { return !gitHubName(p) }) {
		return w, fault.Hint(fault.New(fault.Usage, "%q is no webhook of GitHub", text), "write it as OWNER/REPO/ID, or as ORG/ID for one of an organisation")
	}
	return w, nil
}

// gitHubName says whether a text can be the name of an owner or a repository, which keeps it from becoming another path.
func gitHubName(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	return s != "" && s != "." && s != ".." && strings.Trim(s, letters) == ""
}

// Webhook reads a webhook. Without an id it is the only one of its repository or organisation: several are a usage fault that names them.
func (g *GitHub) Webhook(ctx context.Context, w GitHubWebhook) (GitHubWebhook, error) {
	if w.ID != 0 {
		found, err := get[GitHubWebhook](ctx, g.c, call{method: http.MethodGet, path: w.path() + "/" + strconv.FormatInt(w.ID, 10)})
		if err == nil && found.ID != w.ID {
			return w, g.c.misshapen("it has no webhook id")
		}
		found.Owner, found.Repo = w.Owner, w.Repo
		return found, err
	}
	list, err := g.Webhooks(ctx, w)
	if err != nil {
		return w, err
	}
	var names []string
	for i := range list {
		names = append(names, fmt.Sprintf("%s (%s)", list[i].Name(), list[i].Config.URL))
	}
	switch len(list) {
	case 1:
		return list[0], nil
	case 0:
		return w, fault.Hint(fault.New(fault.Refused, "%s has no webhook", w.place()), "write one of an organisation as ORG/ID")
	default:
		return w, fault.Hint(fault.New(fault.Usage, "%s has %d webhooks: %s", w.place(), len(list), strings.Join(names, ", ")), "add the id: %s", fault.Word(list[0].Name()))
	}
}

// Webhooks lists those of the repository or organisation of w, at most 100.
func (g *GitHub) Webhooks(ctx context.Context, w GitHubWebhook) ([]GitHubWebhook, error) {
	list, err := get[[]GitHubWebhook](ctx, g.c, call{method: http.MethodGet, path: w.path(), query: "per_page=100"})
	for i := range list {
		list[i].Owner, list[i].Repo = w.Owner, w.Repo
	}
	return list, err
}

// gitHub is the manners of GitHub.
type gitHub struct{ from TokenFrom }

func (gitHub) header(h http.Header) {
	h.Set("Accept", "application/vnd.github+json")
	h.Set("X-GitHub-Api-Version", gitHubVersion)
}

// limited reads a limit of calls as GitHub tells it: 403 or 429, with Retry-After, or with none left and the time at which there are
// more, or with a link to what its documentation says about them. Any other 403 is about what the token may do.
// docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#rate-limit-errors
func (gitHub) limited(a answer, now time.Time, try int) (time.Duration, bool) {
	if a.status != http.StatusForbidden && a.status != http.StatusTooManyRequests {
		return 0, false
	}
	if d, named := deliver.RetryAfter(a.header, now); named {
		return max(d, 0), true
	}
	if a.header.Get("X-Ratelimit-Remaining") == "0" {
		if at, err := strconv.ParseInt(a.header.Get("X-Ratelimit-Reset"), 10, 64); err == nil {
			if there, err := http.ParseTime(a.header.Get("Date")); err == nil {
				now = there // the reset is by the same clock
			}
			return max(time.Unix(at, 0).Sub(now), 0) + time.Second, true
		}
	}
	return limitWait << (try - 1), a.status == http.StatusTooManyRequests || secondary(a.body)
}

// secondary says whether a refusal links to the page about secondary limits, which have no headers of their own.
func secondary(body []byte) bool {
	var fields struct {
		Link string `json:"documentation_url"`
	}
	if json.Unmarshal(body, &fields) != nil {
		return false
	}
	u, err := url.Parse(fields.Link)
	return err == nil && slices.Contains([]string{"secondary-rate-limits", "about-secondary-rate-limits", "abuse-rate-limits"}, u.Fragment)
}

// unknownToken is the next step when GitHub does not take the token.
func (g gitHub) unknownToken() fault.Step {
	switch g.from {
	case FromGitHubVariable:
		return fault.NextStep("the token in WHCTL_GITHUB_TOKEN is wrong or expired, and no other is used while the variable is set: set it to another, or unset it")
	case FromFile:
		return fault.NextStep("the token in the file of --token-file is wrong or expired: write another into it")
	case FromLogin:
		return fault.NextStep("the token that whctl login saved is wrong or expired: whctl login --platform github saves another")
	default:
		return fault.NextStep("the token is wrong or expired: set WHCTL_GITHUB_TOKEN, or run: whctl login --platform github")
	}
}

// weakToken is the next step when GitHub knows the token and refuses.
func (g gitHub) weakToken() fault.Step {
	switch g.from {
	case FromGitHubVariable:
		return fault.NextStep("the token in WHCTL_GITHUB_TOKEN needs write access to webhooks: admin:repo_hook, for an organisation admin:org_hook")
	case FromFile:
		return fault.NextStep("the token in the file of --token-file needs write access to webhooks: admin:repo_hook, for an organisation admin:org_hook")
	case FromLogin:
		return fault.NextStep("the token that whctl login saved needs write access to webhooks: admin:repo_hook, for an organisation admin:org_hook")
	default:
		return fault.NextStep("the token needs write access to webhooks: admin:repo_hook, for an organisation admin:org_hook")
	}
}

func (g gitHub) hint(q call, a answer) fault.Step {
	switch a.status {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return fault.NextStep("GitHub answers so for a repository that was renamed or moved: name it as it is called now, else check the address (WHCTL_GITHUB_URL)")
	case http.StatusUnauthorized:
		return g.unknownToken()
	case http.StatusForbidden:
		return g.weakToken()
	case http.StatusNotFound:
		if q.method == http.MethodPost {
			return fault.NextStep("GitHub has deliveries for 3 days only, an Enterprise Server for 7")
		}
		return fault.NextStep("GitHub also answers 404 to a token that may not see it: it needs admin rights there; the address of an Enterprise Server (WHCTL_GITHUB_URL) ends in /api/v3")
	case http.StatusUnprocessableEntity:
		return fault.NextStep("GitHub has deliveries for 3 days only, an Enterprise Server for 7")
	default:
		return fault.Step{}
	}
}

func (gitHub) step(call) fault.Step {
	return fault.NextStep("look: run it again without --fix")
}

func (gitHub) absent(*url.URL) fault.Step {
	return fault.NextStep("check the address (WHCTL_GITHUB_URL)")
}

func (gitHub) setting() string { return "WHCTL_GITHUB_URL" }

func (gitHub) noToken() fault.Step {
	return fault.NextStep("set WHCTL_GITHUB_TOKEN, or run: whctl login --platform github")
}

// nextCursor is where the next page begins, as the Link header says (RFC 8288); "" after the last one. Only the cursor is taken from it:
// the address, to which the token goes, stays.
func nextCursor(h http.Header) string {
	for part := range strings.SplitSeq(strings.Join(h.Values("Link"), ","), ",") {
		target, params, _ := strings.Cut(strings.TrimSpace(part), ">")
		if !strings.HasPrefix(target, "<") || !slices.ContainsFunc(strings.Split(params, ";"), relNext) {
			continue
		}
		if u, err := url.Parse(target[1:]); err == nil {
			return u.Query().Get("cursor")
		}
	}
	return ""
}

func relNext(param string) bool {
	name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
	return strings.EqualFold(name, "rel") && slices.Contains(strings.Fields(strings.Trim(value, `"`)), "next")
}

// spare is how long to wait before a call that changes something, after one that did.
func spare(last, now time.Time) time.Duration {
	if last.IsZero() {
		return 0
	}
	return max(mutativePause-now.Sub(last), 0)
}
