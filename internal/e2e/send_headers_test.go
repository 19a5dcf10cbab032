package e2e

import (
	"slices"
	"strings"
	"testing"
)

// TestOwnHeadersAreSentOrRefused: what -H says is sent as given, leaves out what it names, or is refused. It is never
// dropped in silence.
func TestOwnHeadersAreSentOrRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		own     []string
		name    string
		forward []string // the header's values when listen has it
		send    []string // and when send has it
	}{
		{nil, "X-Forwarded-Host", []string{"hooks.example.test"}, nil},
		{[]string{"X-Forwarded-Host:"}, "X-Forwarded-Host", nil, nil},
		{[]string{"x-forwarded-host: "}, "X-Forwarded-Host", nil, nil},
		{[]string{"X-Forwarded-Host;"}, "X-Forwarded-Host", []string{""}, []string{""}},
		{[]string{"X-Forwarded-Host: localhost"}, "X-Forwarded-Host", []string{"localhost"}, []string{"localhost"}},
		{[]string{"X-Forwarded-Proto:", "X-Forwarded-For:"}, "X-Forwarded-Proto", nil, nil},
		{[]string{"X-Forwarded-For:"}, "X-Forwarded-For", nil, nil},
		{[]string{"User-Agent:"}, "User-Agent", nil, nil},
		{[]string{"User-Agent;"}, "User-Agent", []string{""}, []string{""}},
		{[]string{"User-Agent: a", "User-Agent: b"}, "User-Agent", []string{"a", "b"}, []string{"a", "b"}},
		{[]string{"Content-Type:"}, "Content-Type", nil, nil},
		{[]string{"Content-Type;"}, "Content-Type", []string{""}, []string{""}},
		{[]string{"X-Signature:"}, "X-Signature", nil, nil},
		{[]string{"X-Twice: 1", "X-Twice: 2", "X-Twice: 1"}, "X-Twice", []string{"1", "2", "1"}, []string{"1", "2", "1"}},
		{[]string{"X-Both:", "X-Both: 1"}, "X-Both", []string{"1"}, []string{"1"}},
		{[]string{"X-Both: 1", "X-Both:"}, "X-Both", []string{"1"}, []string{"1"}},
		{[]string{"Host: other.test:1"}, "Host", []string{"other.test:1"}, []string{"other.test:1"}},
		{[]string{"Accept-Encoding: br"}, "Accept-Encoding", []string{"br"}, []string{"br"}},
		{[]string{"Cookie: a=b; c"}, "Cookie", []string{"a=b; c"}, []string{"a=b; c"}},
	} {
		name := strings.Join(c.own, "|")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tg := okTarget(t)
			var flags []string
			for _, h := range c.own {
				flags = append(flags, "-H", h)
			}
			l := w.listen(append([]string{"--forward", tg.addr}, flags...)...)
			raw := strings.Replace(string(delivery(event("1"))), "Content-Type:", "User-Agent: sender/1\r\nContent-Type:", 1)
			exchange(t, l.addr, []byte(raw))
			if got := tg.nth(t, 0).values(c.name); !slices.Equal(got, c.forward) {
				t.Errorf("the target got %s: %q, want %q", c.name, got, c.forward)
			}
			l.stop()
			w.must(0, append([]string{"send", "card.activated", "--secret-file", "key", "--to", tg.addr}, flags...)...)
			if got := tg.nth(t, 1).values(c.name); !slices.Equal(got, c.send) {
				t.Errorf("send: the target got %s: %q, want %q", c.name, got, c.send)
			}
		})
	}
	for _, own := range []string{
		"Content-Length: 3", "content-length: 3", "Transfer-Encoding: chunked", "Connection: close", "connection: X-Signature", "Expect: 100-continue",
		"Keep-Alive: 5", "Proxy-Connection: x", "Proxy-Authorization: x", "TE: trailers", "Trailer: X", "Upgrade: h2c", "Connection:", "Content-Length:", "Expect;",
		"Host:", "Host;", "Host: a/b", "Host: a b", "Nonsense", "X Y: 1", ": 1", ";", "X-A: \x01",
	} {
		for _, command := range [][]string{
			{"listen", "--addr", "127.0.0.1:0", "--forward", "localhost:1", "--secret-file", "key", "--for", "1ms"},
			{"send", "card.activated", "--to", "localhost:1", "--secret-file", "key"},
		} {
			if r := w.must(2, append(command, "-H", own)...); !strings.Contains(r.err, "--header") || !strings.Contains(r.err, "hint: ") {
				t.Errorf("%s %q: %s", command[0], own, r.err)
			}
		}
	}
	w.must(2, "send", "card.activated", "--to", "localhost:1", "--secret-file", "key", "-H", "Host: a", "-H", "Host: b")
}

// TestHeadersOfAFile reads --header @FILE: what is in it is sent, and no token of it is shown or recorded, also where its line is none.
func TestHeadersOfAFile(t *testing.T) {
	t.Parallel()
	w, tg := newWorld(t), okTarget(t)
	const token = "token-of-the-intake-0123456789abcdef"
	file := w.write("intake", "Authorization: Bearer "+token+"\r\n\nX-Tenant: shop\nX-Forwarded-For:\n")
	l := w.listen("--forward", tg.addr, "-H", "@"+file, "-H", "X-Own: 1", "--debug")
	exchange(t, l.addr, delivery(event("1")))
	l.stop()
	sent := w.must(0, "send", "card.activated", "--secret-file", "key", "--to", tg.addr, "-H", "@"+file, "--debug")
	for i, what := range []string{"listen", "send"} {
		got := tg.nth(t, i)
		if got.values("Authorization")[0] != "Bearer "+token || got.values("X-Tenant")[0] != "shop" || got.values("X-Forwarded-For") != nil {
			t.Errorf("%s: the target got %v", what, got)
		}
	}
	said := l.out.String() + l.errs.String() + sent.out + sent.err + w.must(0, "journal", "show", "last", "-o", "json").out
	w.write("intake", token+"\n")
	said += w.must(2, "send", "card.activated", "--secret-file", "key", "--to", tg.addr, "-H", "@"+file).err
	if strings.Contains(said, token) {
		t.Errorf("the token is shown:\n%s", said)
	}
	if r := w.must(2, "send", "card.activated", "--secret-file", "key", "--to", tg.addr, "-H", "@"+w.path("gone")); !strings.Contains(r.err, "no such file") {
		t.Errorf("%s", r.err)
	}
}

// TestAKeyThatEndsInALineBreak says so, of a variable that a tool filled from a file.
func TestAKeyThatEndsInALineBreak(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setenv("KEY=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "HEX=6b6579\n", "PLAIN=secret\n")
	body := w.write("body.json", "{}")
	for _, c := range []struct {
		scheme, variable string
		code             int
		words            string
	}{
		{"standard-webhooks", "KEY", 2, "ends in a line break"},
		{"baanx", "PLAIN", 0, "$PLAIN ends in a line break"},
	} {
		r := w.must(c.code, "sign", body, "--scheme", c.scheme, "--secret-env", c.variable)
		if !strings.Contains(r.err, c.words) || strings.Contains(r.err, "several lines") || strings.Contains(r.err, "MfKQ") {
			t.Errorf("%s: %s", c.variable, r.err)
		}
	}
}
