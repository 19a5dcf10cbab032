package sandbox_test

import (
	"bufio"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sandbox"
)

// TestStrangersHoldNoPlace has callers without the token. Each is answered and its connection closed, so that no number of them
// keeps the owner out.
func TestStrangersHoldNoPlace(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{Token: "a-token-of-its-own"})
	addr := strings.TrimPrefix(w.url, "http://")
	for _, token := range []string{"", "whctl-sandbox-token", "whctl-sandbox-read-only-token"} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		if _, err := conn.Write([]byte("GET /v1/webhooks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(conn)
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized || !resp.Close {
			t.Errorf("token %q: %s, close %v", token, resp.Status, resp.Close)
		}
		_ = conn.Close()
	}
	if _, err := w.client.ListWebhooks(t.Context()); err != nil {
		t.Errorf("its own token: %v", err)
	}
}
