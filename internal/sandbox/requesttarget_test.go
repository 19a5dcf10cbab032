package sandbox_test

import (
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sandbox"
)

// TestRequestTargets has request targets that are no path of the API. A malformed one is 400 for everybody (RFC 9112, 3.2). OPTIONS *
// is a ping of the server (RFC 9110, 9.3.7), for those who have a token.
func TestRequestTargets(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	full, readOnly := "Authorization: Bearer "+w.box.Token()+"\r\n", "Authorization: Bearer whctl-sandbox-read-only-token\r\n"
	for _, c := range []struct {
		line, header string
		status       int
		body         string
	}{
		{"OPTIONS *", "", 401, "Not authenticated"},
		{"OPTIONS *", full, 200, ""},
		{"OPTIONS *", readOnly, 200, ""},
		{"GET *", full, 400, "request target"},
		{"GET /%", "", 400, "request target"},
		{"GET /%zz", full, 400, "request target"},
		{"GET /v1/webhooks/100%", full, 400, "request target"},
		{"GET /v1/webhooks?status=100%", full, 200, "[]"},
		{"GET /v1/webhooks/%41", full, 404, "Webhook not found"},
		{"GET /v1/%77ebhooks", full, 200, "[]"},
	} {
		status, body := raw(t, w, c.line+" HTTP/1.1\r\nHost: 127.0.0.1\r\n"+c.header+"Connection: close\r\n\r\n")
		if status != c.status || !strings.Contains(body, c.body) || c.body == "" && body != "" {
			t.Errorf("%s with %q: %d %s, want %d %s", c.line, c.header, status, body, c.status, c.body)
		}
	}
}
