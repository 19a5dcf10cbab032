package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// TestRefusedTokensAreNamed: whoever answers 401 or 403, people are told where the token came from that was not taken, and a step that changes
// it. The token itself is never shown.
func TestRefusedTokensAreNamed(t *testing.T) {
	t.Parallel()
	const saved = "tok-saved-for-this-test-77ab12"
	for _, platform := range []struct{ name, variable, login, forbidden string }{
		{"baanx", "WHCTL_TOKEN", "whctl login", "may not do that: "},
		{"github", "WHCTL_GITHUB_TOKEN", "whctl login --platform github", "needs write access to webhooks: "},
	} {
		for _, from := range []string{"variable", "login", "file"} {
			if platform.name == "baanx" && from == "file" {
				continue // only login takes one
			}
			t.Run(platform.name+" "+from, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				var status atomic.Int64
				status.Store(200)
				api := newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
					answer := map[string]string{"/user": `{"login":"me"}`, "/v1/webhooks": `[]`}[r.URL.Path]
					sendJSON(rw, int(status.Load()), answer)
				})
				w.setenv("WHCTL_PROFILE=baanx", "WHCTL_API_URL="+api.url, "WHCTL_GITHUB_URL="+api.url)
				w.write("token", saved+"\n")
				w.must(0, "login", "--token-file", "token", "--platform", platform.name)
				args := []string{"webhooks", "list"}
				if platform.name == "github" {
					args = []string{"api", "GET", "/repos/acme/app/hooks", "--platform", "github"}
				}
				named, change := "the token that whctl login saved ", platform.login
				switch from {
				case "variable":
					w.setenv(platform.variable + "=" + platformToken)
					named, change = "the token in "+platform.variable+" ", "unset it"
					r := w.must(0, "login", "--token-file", "token", "--platform", platform.name)
					if want := "warning: " + platform.variable + " is set, and its token is used and not the saved one: unset it"; !strings.Contains(r.err, want) {
						t.Errorf("login does not say %q: %s", want, r.err)
					}
				case "file":
					args = append(args, "--token-file", "token")
					named, change = "the token in the file of --token-file ", "write another into it"
				}
				for code, said := range map[int]string{401: named + "is wrong or expired", 403: named + platform.forbidden} {
					status.Store(int64(code))
					r := w.must(4, args...)
					if !strings.Contains(r.err, fmt.Sprintf("answered %d", code)) || !strings.Contains(r.err, "hint: "+said) {
						t.Errorf("%d: no %q in %s", code, said, r.err)
					}
					if code == 401 && !strings.Contains(r.err, change) {
						t.Errorf("%d: no %q in %s", code, change, r.err)
					}
					if strings.Contains(r.err+r.out, saved) || strings.Contains(r.err+r.out, platformToken) {
						t.Errorf("a token is shown: %s", r.err)
					}
				}
			})
		}
	}
}
