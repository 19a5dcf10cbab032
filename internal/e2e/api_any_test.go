package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestAnyCallPrintsTheAnswer: whctl api gives the bytes of an answer as they came, whatever they are, and sends a body as it is.
func TestAnyCallPrintsTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := "{ \"a\": 10.50,\n  \"a\": \"\\u00fc<\" }"
	w.write("body.json", body)
	for _, answer := range []string{"", "{ \"n\": 12345678901234567890.50,\n\t\"html\": \"<&>\" }", "not JSON\r\n", "\x00\xff\x1b[31m", "[]\n"} {
		api := newFakeAPI(t, typed(200, "application/octet-stream", answer))
		w.use(api)
		if r := w.must(0, "api", "POST", "/v1/any?x=%2F", "--input", "body.json"); r.out != answer || r.err != "" {
			t.Errorf("%q is printed as %q, %s", answer, r.out, r.err)
		}
		if asked := api.asked(); !slices.Equal(asked, []string{"POST /v1/any?x=%2F"}) || !strings.HasSuffix(api.text(), body) {
			t.Errorf("asked %q: %q", asked, api.text())
		}
	}
	w.use(newFakeAPI(t, typed(200, "text/plain", "not JSON")))
	for _, args := range [][]string{{"-o", "json"}, {"--jq", "."}, {"-o", "yaml"}} {
		r := w.must(5, append([]string{"api", "/v1/any"}, args...)...)
		if r.out != "" || r.err != "error: the answer is no JSON\nhint: leave out -o and --jq to see it as it is\n" {
			t.Errorf("%q: %q, %q", args, r.out, r.err)
		}
	}
}

// TestAnyCallIsRepeatedWhereThatIsSafe: a call that changes nothing twice is made again when a gateway fails, and no other is.
func TestAnyCallIsRepeatedWhereThatIsSafe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body.json", "{}")
	for method, times := range map[string]int{"GET": 3, "PUT": 3, "DELETE": 3, "POST": 1, "PATCH": 1} {
		api := newFakeAPI(t, func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Retry-After", "0")
			sendJSON(rw, 502, `{"message":"bad gateway"}`)
		})
		w.use(api)
		args := []string{"api", method, "/v1/webhooks"}
		if method != "GET" && method != "DELETE" {
			args = append(args, "--input", "body.json")
		}
		r := w.must(5, args...)
		if asked := api.asked(); len(asked) != times {
			t.Errorf("%s: asked %q", method, asked)
		}
		if says := strings.Contains(r.err, "it may have done what it was asked all the same\nhint: look: whctl webhooks list"); says != (method != "GET") {
			t.Errorf("%s: %s", method, r.err)
		}
	}
}

// TestAnyCallOfGitHub: with --platform github the token of GitHub goes to GitHub's API.
func TestAnyCallOfGitHub(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newGitHub(t, "/api/v3", "/repos/acme/app/hooks")
	g.use(w)
	w.setenv("WHCTL_TOKEN=" + platformToken)
	for _, path := range []string{"/repos/acme/app/hooks", "repos/acme/app/hooks", g.url + "/repos/acme/app/hooks"} {
		if r := w.must(0, "api", path, "--platform", "github", "--jq", ".[].id | tostring | length > 0"); r.out != "true\n" {
			t.Errorf("%s: %q", path, r.out)
		}
	}
	if r := w.must(5, "api", "/repos/acme/app/nothing", "--platform", "github"); r.out != "" || !strings.Contains(r.err, "the API answered 404") {
		t.Errorf("%q %q", r.out, r.err)
	}
	for _, beside := range []string{strings.TrimSuffix(g.url, "/api/v3") + "/repos/acme/app/hooks", g.url + "0/repos/acme/app/hooks"} {
		if r := w.must(2, "api", beside, "--platform", "github"); !strings.Contains(r.err, "error: this address is not below the API's, "+g.url+"\nhint: give the path alone") {
			t.Errorf("%s: %s", beside, r.err)
		}
	}
	w.setenv("WHCTL_GITHUB_TOKEN=")
	w.write("token", gitHubToken)
	w.must(0, "api", "/repos/acme/app/hooks", "--platform", "github", "--token-file", "token")
	w.must(4, "api", "/repos/acme/app/hooks", "--platform", "github")
}
