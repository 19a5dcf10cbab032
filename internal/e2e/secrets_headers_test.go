package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestOwnKeysInHeaders: a sender or a target that has the key may put it into any header. No output and no record
// holds it.
func TestOwnKeysInHeaders(t *testing.T) {
	t.Parallel()
	target := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("X-Debug", "checked with "+testKey)
		rw.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(target.Close)
	w := newWorld(t)
	p := w.listen("--forward", target.URL, "--debug", "--body", "none")
	w.must(0, "send", "card.activated", "--to", p.addr, "--secret-file", "key", "--header", "X-Trace: id-"+testKey, "--header", "X-Plain: visible")
	delivery, attempt := p.await("delivery"), p.await("attempt")
	if v, _ := delivery.sub("headers")["X-Trace"].([]any); len(v) != 1 || v[0] != "(masked)" {
		t.Errorf("a sender's header with the key in it: %v", v)
	}
	if v, _ := delivery.sub("headers")["X-Plain"].([]any); len(v) != 1 || v[0] != "visible" {
		t.Errorf("another header: %v", v)
	}
	if v, _ := attempt.sub("headers")["X-Debug"].([]any); len(v) != 1 || v[0] != "(masked)" {
		t.Errorf("a target's header with the key in it: %v", v)
	}
	p.interrupt()
	p.wait()
	shown := w.must(0, "journal", "show", "last")
	stored := w.must(0, "journal", "show", "last", "-o", "json")
	sent := w.must(0, "send", "card.activated", "--to", target.URL, "--secret-file", "key", "-o", "json", "--debug")
	for what, text := range map[string]string{"the stream": p.out.String(), "--debug": p.errs.String(), "journal show": shown.out + stored.out, "send": sent.out + sent.err} {
		if strings.Contains(text, testKey) {
			t.Errorf("%s has the key: %s", what, text)
		}
	}
}

// TestSignaturesAreShortened finds them by the scheme: a header of any name may hold one.
func TestSignaturesAreShortened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("own.yaml", "schemes:\n  own:\n    content: '{body}'\n    signature: {header: X-Odd-Name, prefix: 'sha256='}\n")
	w.setenv("WHCTL_CONFIG=" + w.path("own.yaml"))
	w.write("body.json", "{}")
	signature := strings.TrimSpace(w.must(0, "sign", "body.json", "--scheme", "own", "--secret-file", "key", "--format", "value").out)
	if len(signature) < 64 {
		t.Fatalf("no signature: %q", signature)
	}
	p := w.listen("--scheme", "own", "--debug", "--body", "none")
	sent := w.must(0, "send", "./body.json", "--to", p.addr, "--scheme", "own", "--secret-file", "key", "--debug")
	p.await("delivery")
	if !eventually(func() bool { return strings.Contains(p.errs.String(), "X-Odd-Name: ") }) {
		t.Fatalf("no header in %s after %s", p.errs, time.Second)
	}
	p.interrupt()
	p.wait()
	shown := w.must(0, "journal", "show", "last").out
	for what, text := range map[string]string{"listen --debug": p.errs.String(), "send --debug": sent.err, "journal show": shown} {
		if strings.Contains(text, signature[10:40]) || !strings.Contains(text, "X-Odd-Name: "+signature[:15]+"…") {
			t.Errorf("%s: %s", what, text)
		}
	}
	if stored := w.must(0, "journal", "show", "last", "-o", "json").out; !strings.Contains(stored, signature) {
		t.Errorf("JSON is data and has it whole: %s", stored)
	}
}
