package e2e

import (
	"strings"
	"testing"
	"time"
)

// TestBrowsersAreKeptOut sends what browsers send. Opening the address gives a page and is not a delivery, and neither is
// asking for its icon. What a web page sends is
// refused with and without a key, whatever the method, unless it verifies or verifying is off.
func TestBrowsersAreKeptOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want map[string]int // 0: the page

		recorded int // all but those who look, and the icons where they are turned away
	}{
		"with a key":       {nil, map[string]int{"look": 0, "fetch": 403, "post": 403, "signed": 200, "preflight": 403, "null": 403, "empty": 403, "site": 403, "proof": 403, "handshake": 403, "plain": 401, "head": 403, "old browser": 0, "asks": 401, "validator": 401, "favicon": 403, "old favicon": 404}, 13},
		"without a key":    {[]string{"--secret-file="}, map[string]int{"look": 0, "fetch": 403, "post": 403, "signed": 403, "preflight": 403, "null": 403, "empty": 403, "site": 403, "proof": 403, "handshake": 403, "plain": 200, "head": 403, "old browser": 0, "asks": 200, "validator": 200, "favicon": 403, "old favicon": 404}, 13},
		"refused ones too": {[]string{"--on-invalid", "forward"}, map[string]int{"look": 0, "fetch": 403, "post": 403, "signed": 200, "preflight": 403, "null": 403, "empty": 403, "site": 403, "proof": 403, "handshake": 403, "plain": 200, "head": 403, "old browser": 0, "asks": 200, "validator": 200, "favicon": 403, "old favicon": 404}, 13},
		"guessing":         {[]string{"--scheme", "auto"}, map[string]int{"look": 0, "fetch": 403, "post": 403, "signed": 200, "preflight": 403, "null": 403, "empty": 403, "site": 403, "proof": 403, "handshake": 403, "plain": 401, "head": 403, "old browser": 0, "asks": 401, "validator": 401, "favicon": 403, "old favicon": 404}, 13},
		"verifying is off": {[]string{"--no-verify"}, map[string]int{"look": 0, "fetch": 200, "post": 200, "signed": 200, "preflight": 200, "null": 200, "empty": 200, "site": 200, "proof": 200, "handshake": 200, "plain": 200, "head": 200, "old browser": 0, "asks": 200, "validator": 200, "favicon": 200, "old favicon": 200}, 15},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tg := okTarget(t)
			args := append([]string{"--forward", tg.addr}, c.args...)
			var l *process
			if name == "without a key" {
				l = w.start("listen", "--addr", "127.0.0.1:0", "--forward", tg.addr)
			} else {
				l = w.listen(args...)
			}
			handedOn := 0
			for what, raw := range browserRequests() {
				if c.want[what] == 200 {
					handedOn++
				}
				checkKeptOut(t, what, exchange(t, l.addr, raw), c.want[what])
			}
			if tg.count() != handedOn {
				t.Errorf("%d reached the target, want %d", tg.count(), handedOn)
			}
			l.stop()
			if n := len(jsonOf[[]object](t, w.must(0, "journal", "list", "--limit", "0", "-o", "json"))); n != c.recorded {
				t.Errorf("%d deliveries are recorded, want %d", n, c.recorded)
			}
		})
	}
}

// browserHeaders are those of a browser that opens a page.
const browserHeaders = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:80.0) Gecko/20100101 Firefox/80.0\r\n" +
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nUpgrade-Insecure-Requests: 1\r\n"

// browserRequests are what browsers send, and a few GETs that others send.
func browserRequests() map[string][]byte {
	body := event("page")
	return map[string][]byte{
		"look":        request("GET", "/any?x=1", "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Site: none\r\nSec-Fetch-Dest: document\r\n", nil),
		"fetch":       request("GET", "/admin", "Origin: http://evil.example:4140\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\n", nil),
		"post":        request("POST", "/", "Origin: https://evil.example\r\nContent-Type: text/plain\r\n", body),
		"signed":      request("POST", "/", "Origin: https://app.example\r\n"+signedHeader(testKey, time.Now(), body), body),
		"preflight":   request("OPTIONS", "/", "Origin: https://evil.example\r\nAccess-Control-Request-Method: PUT\r\n", nil),
		"null":        request("POST", "/", "origin: null\r\n", body),
		"empty":       request("POST", "/", "Origin:\r\n", body),
		"site":        request("POST", "/", "Sec-Fetch-Site: cross-site\r\n", body),
		"proof":       request("GET", "/", "Sec-Fetch-Mode: navigate\r\nX-Signature: 00\r\n", nil),
		"handshake":   request("GET", "/?hub.mode=subscribe&hub.challenge=1", "Sec-Fetch-Mode: navigate\r\n", nil),
		"head":        request("HEAD", "/", "Sec-Fetch-Mode: navigate\r\n", nil),
		"plain":       request("GET", "/", "", nil),
		"old browser": request("GET", "/hooks", browserHeaders, nil), // not marked: an old one, or an address that is not this machine
		"asks":        request("GET", "/?challenge_me=1", browserHeaders, nil),
		"validator":   request("GET", "/", "User-Agent: Mozilla/5.0 (compatible; Validator/1.0)\r\nAccept: text/html,*/*\r\n", nil),
		"favicon":     request("GET", "/favicon.ico", "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Dest: image\r\n", nil),
		"old favicon": request("GET", "/favicon.ico", "", nil),
	}
}

// checkKeptOut compares an answer with the status that is wanted; 0 is the page.
func checkKeptOut(t *testing.T, what string, m message, want int) {
	t.Helper()
	page := strings.Contains(string(m.body), "<title>whctl listen</title>")
	switch {
	case want == 0 && (m.status != 200 || !page || m.value("X-Content-Type-Options") != "nosniff"):
		t.Errorf("%s: got %s %q, want the page", what, m.start, m.body)
	case want != 0 && (m.status != want || page):
		t.Errorf("%s: got %s %q, want %d", what, m.start, m.body, want)
	}
	if m.value("Access-Control-Allow-Origin") != "" {
		t.Errorf("%s: a page may read the answer", what)
	}
}
