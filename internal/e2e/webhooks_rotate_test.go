package e2e

import (
	"strings"
	"testing"
)

// TestPlatformRotateWait has rotate --wait watch what the receiver answers to the first delivery under the new key.
func TestPlatformRotateWait(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, answer string
		code         int
		says         string
	}{
		{"accepted", okAnswer, 0, "a delivery under the new key was answered 200"},
		{"refused", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", 5, "the receiver answered 401: it does not know the new key yet"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.platform()
			tg := newTarget(t, func(message) string { return c.answer })
			_, first := w.webhook("staging", "http://"+tg.addr)
			w.trigger("card.activated") // under the old key: it must not count
			tg.nth(t, 0)
			p := w.spawn("webhooks", "rotate", "staging", "--yes", "--wait", "--interval", "100ms", "--key-only")
			key := p.awaitLine()
			if !strings.HasPrefix(key, "whk_") || key == first {
				t.Fatalf("the new key is %q, the first was %q", key, first)
			}
			w.trigger("kyc.status.changed")
			m := tg.nth(t, 1)
			if want := hmacHex(key, []byte(m.value("X-Timestamp")+"."), m.body); m.value("X-Signature") != want {
				t.Errorf("signed with another key than the new one")
			}
			if code := p.wait(); code != c.code || !strings.Contains(p.errs.String(), c.says) {
				t.Errorf("exit code %d, want %d; stderr %s", code, c.code, p.errs)
			}
		})
	}
}

// TestPlatformRotateWaitEnds ends a watch to which nothing comes: by its timeout with 6, by ^C with 130. The key is safe
// in both.
func TestPlatformRotateWaitEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	w.webhook("staging", "http://"+closedPort(t))
	if r := w.must(6, "webhooks", "rotate", "staging", "--yes", "--wait", "--interval", "100ms", "--timeout", "250ms", "--key-only"); !strings.HasPrefix(r.out, "whk_") ||
		!strings.Contains(r.err, "no delivery was answered within 250ms") {
		t.Errorf("stdout %q, stderr %s", r.out, r.err)
	}
	if onWindows() {
		return
	}
	p := w.spawn("webhooks", "rotate", "staging", "--yes", "--wait", "--key-only")
	key := p.awaitLine()
	p.interrupt()
	if code := p.wait(); code != 130 {
		t.Errorf("exit code %d after ^C, want 130; stderr %s", code, p.errs)
	}
	signed := w.must(0, "sign", "key", "--webhook", "staging", "--format", "value", "--timestamp", "1750000000").out
	w.write("printed", key)
	if again := w.must(0, "sign", "key", "--secret-file", "printed", "--format", "value", "--timestamp", "1750000000").out; signed != again {
		t.Error("the key that was saved is not the one that was printed")
	}
}
