package e2e

import (
	"strings"
	"testing"
	"time"
)

// TestRefusalsAreRead has targets that refuse for other reasons than the signature. The listener's line, why and journal show say
// the reason that the answer tells. They blame changed bytes only when the answer tells nothing, and then as a guess.
func TestRefusalsAreRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]refusalCase{
		"csrf":      {answerOf("403 Forbidden", "", "<p>CSRF verification failed. Request aborted.</p>"), "@csrf_exempt", "csrf", false},
		"expired":   {answerOf("419 Page Expired", "", ""), "validateCsrfTokens", "csrf", false},
		"rails":     {answerOf("422 Unprocessable Content", "", "Can't verify CSRF token authenticity."), "verify_authenticity_token", "csrf", false},
		"basic":     {answerOf("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n", ""), "Basic authentication", "auth.basic", false},
		"sanctum":   {answerOf("401 Unauthorized", "", `{"message":"Unauthenticated."}`), "authentication middleware", "auth", false},
		"host":      {answerOf("403 Forbidden", "", "<h1>Blocked hosts: hooks.example.test</h1>"), "--header 'X-Forwarded-Host:'", "host", false},
		"slash":     {answerOf("308 Permanent Redirect", "Location: /hooks/\r\n", ""), "308 to /hooks/, and senders do not follow it", "redirect.slash", false},
		"login":     {answerOf("302 Found", "Location: /login?next=s3cr3t\r\n", ""), "wants a login", "redirect.login", false},
		"http2":     {answerOf("403 Forbidden", "", "Missing ALPN Protocol, expected `h2`"), "HTTP/2 only", "http2", false},
		"signature": {answerOf("401 Unauthorized", "", `{"error":"bad signature"}`), "", "signature", true},
		"silent":    {answerOf("403 Forbidden", "", "no"), "probably", "", true},
		"invalid":   {answerOf("422 Unprocessable Content", "", "amount is missing"), "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tg := newTarget(t, func(message) string { return c.answer })
			l := w.listen("--forward", tg.addr)
			checkCause(t, w, l, c)
		})
	}
}

// refusalCase is an answer of a target, and what is made of it.
type refusalCase struct {
	answer string
	hint   string // in all three places
	cause  string
	blames bool
}

func checkCause(t *testing.T, w *world, l *process, c refusalCase) {
	t.Helper()
	const blame = "raw bytes"
	body := []byte(`{"b":1.0,"a":"é\/","event_id":"1","event_type":"card.activated"}`)
	exchange(t, l.addr, request("POST", "/hooks", signedHeader(testKey, time.Now(), body), body))
	hint := l.await("attempt").str("hint")
	l.stop()
	why := w.must(0, "why").out
	line := jsonOf[struct{ RefusedBy struct{ Cause string } }](t, w.must(0, "why", "-o", "json"))
	show := w.must(0, "journal", "show", "last").out
	if line.RefusedBy.Cause != c.cause {
		t.Errorf("why -o json says cause %q, want %q", line.RefusedBy.Cause, c.cause)
	}
	for what, text := range map[string]string{"the line": hint, "why": why, "journal show": show} {
		flat := strings.Join(strings.Fields(text), " ")
		if c.hint != "" && !strings.Contains(flat, c.hint) {
			t.Errorf("%s does not say %q: %s", what, c.hint, text)
		}
		if blames := strings.Contains(flat, blame); blames != c.blames && (blames || what == "the line") {
			t.Errorf("%s speaks of raw bytes (%v): %s", what, blames, text)
		}
		if strings.Contains(text, "s3cr3t") && what != "journal show" {
			t.Errorf("%s shows the query of a redirect: %s", what, text)
		}
	}
	if c.hint == "" && !c.blames && hint != "" {
		t.Errorf("the line says %q", hint)
	}
}

// TestRedirectsAreShown has the line say where a redirect leads.
func TestRedirectsAreShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := newTarget(t, func(message) string { return answerOf("307 Temporary Redirect", "Location: /in/\u202e/\r\n", "") })
	l := w.spawn("listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--forward", tg.addr, "--exit-after", "1", "--ready-file", w.path("ready"))
	exchange(t, strings.TrimSpace(waitFile(t, w.path("ready"))), delivery(event("1")))
	if code := l.wait(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	if text := l.out.String(); !strings.Contains(text, "→  307 to /in/%E2%80%AE/ in ") || strings.Contains(text, "\u202e") {
		t.Errorf("the line is %q", text)
	}
}
