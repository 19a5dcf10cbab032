package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// savedToken is a token that whctl login saved, or that stands in a file. No output may show it.
const savedToken = "tok-saved-for-this-test-77ab12"

// refusedToken is a call whose token comes from one place.
type refusedToken struct {
	platform, variable string
	set                bool // the variable is
	args               []string
	named              string // where the token came from, in the hint
	change             string // what the hint of a 401 offers
	forbidden          string // how the hint of a 403 goes on
}

// TestRefusedTokensAreNamed: whoever answers 401 or 403, people are told where the token came from that was not taken, and a step that changes
// it. The token itself is never shown.
func TestRefusedTokensAreNamed(t *testing.T) {
	t.Parallel()
	const mayNot, needs = "may not do that: ", "needs write access to webhooks: "
	list, hooks := []string{"webhooks", "list"}, []string{"api", "GET", "/repos/acme/app/hooks", "--platform", "github"}
	for name, c := range map[string]refusedToken{
		"baanx variable":  {"baanx", "WHCTL_TOKEN", true, list, "the token in WHCTL_TOKEN ", "unset it", mayNot},
		"baanx login":     {"baanx", "WHCTL_TOKEN", false, list, "the token that whctl login saved ", "whctl login", mayNot},
		"github variable": {"github", "WHCTL_GITHUB_TOKEN", true, hooks, "the token in WHCTL_GITHUB_TOKEN ", "unset it", needs},
		"github login":    {"github", "WHCTL_GITHUB_TOKEN", false, hooks, "the token that whctl login saved ", "whctl login --platform github", needs},
		"github file": {
			"github", "WHCTL_GITHUB_TOKEN", false, slices.Concat(hooks, []string{"--token-file", "token"}), "the token in the file of --token-file ",
			"write another into it", needs,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.check(t)
		})
	}
}

func (c *refusedToken) check(t *testing.T) {
	t.Helper()
	w := newWorld(t)
	var status atomic.Int64
	status.Store(200)
	api := newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
		sendJSON(rw, int(status.Load()), map[string]string{"/user": `{"login":"me"}`, "/v1/webhooks": `[]`}[r.URL.Path])
	})
	w.setenv("WHCTL_PROFILE=baanx", "WHCTL_API_URL="+api.url, "WHCTL_GITHUB_URL="+api.url)
	w.write("token", savedToken+"\n")
	if c.set {
		w.setenv(c.variable + "=" + platformToken)
	}
	warned := strings.Contains(w.must(0, "login", "--token-file", "token", "--platform", c.platform).err,
		"warning: "+c.variable+" is set, and its token is used and not the saved one: unset it")
	if warned != c.set {
		t.Errorf("login warns of the variable: %v", warned)
	}
	for code, said := range map[int][]string{401: {c.named + "is wrong or expired", c.change}, 403: {c.named + c.forbidden}} {
		status.Store(int64(code))
		r := w.must(4, c.args...)
		for _, text := range append(said, fmt.Sprintf("answered %d", code), "hint: "+c.named) {
			if !strings.Contains(r.err, text) {
				t.Errorf("%d: no %q in %s", code, text, r.err)
			}
		}
		if strings.Contains(r.err+r.out, savedToken) || strings.Contains(r.err+r.out, platformToken) {
			t.Errorf("a token is shown: %s", r.err)
		}
	}
}
