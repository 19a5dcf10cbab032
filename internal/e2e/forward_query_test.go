package e2e

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestTargetWithAQuery forwards to URLs that hold parameters: they come first, then the delivery's, each byte as written.
func TestTargetWithAQuery(t *testing.T) {
	t.Parallel()
	const secret = "t0pSecretOfTheTarget"
	for i, c := range []struct{ forward, path, want string }{
		{"ADDR/myapp/index.php?option=app1&task=stripe_webhook", "/", "/myapp/index.php?option=app1&task=stripe_webhook"},
		{"http://ADDR/index.php?a=1", "/hooks?b=2&a=3", "/index.php?a=1&b=2&a=3"},
		{"ADDR?a=1", "/hooks/x", "/hooks/x?a=1"},
		{"http://ADDR?a=1", "/hooks?b=2", "/hooks?a=1&b=2"},
		{"ADDR/?a=1", "/hooks?b=2", "/hooks?a=1&b=2"},
		{"mine=ADDR/in?a=1", "/hooks", "/in?a=1"},
		{"ADDR/in?", "/hooks?b=2", "/in?b=2"},
		{"ADDR/in?a=1", "/hooks?", "/in?a=1"},
		{"ADDR/in?a=1&", "/hooks?b=2", "/in?a=1&b=2"},
		{"ADDR/in?x=%zz;y=%2F&to=http://other.test/?q", "/?z=%C3%A9+%20;", "/in?x=%zz;y=%2F&to=http://other.test/?q&z=%C3%A9+%20;"},
		{"ADDR/in?key=" + secret, "//double?b", "/in?key=" + secret + "&b"},
		{"ADDR?a", "//double?b", "//double?a&b"},
	} {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tg := okTarget(t)
			l := w.listen("--forward", strings.ReplaceAll(c.forward, "ADDR", tg.addr))
			body := event("1")
			if m := exchange(t, l.addr, request("POST", c.path, signedHeader(testKey, time.Now(), body), body)); m.status != 200 {
				t.Fatalf("answered %s", m.start)
			}
			if got := tg.nth(t, 0).start; got != "POST "+c.want+" HTTP/1.1" {
				t.Errorf("the target got %q, want %q", got, c.want)
			}
			if d := l.await("delivery"); d.str("path") != c.path {
				t.Errorf("recorded path %q, want %q as received", d.str("path"), c.path)
			}
			a := l.await("attempt")
			if name, _, named := strings.Cut(c.forward, "=ADDR"); named && a.str("target") != name {
				t.Errorf("the attempt's target is %q, want its name", a.str("target"))
			}
			l.stop()
			shown := w.must(0, "journal", "show", "last", "-o", "json")
			if all := l.out.String() + l.errs.String() + shown.out; strings.Contains(all, secret) {
				t.Errorf("the target's own query is in the output: %s", all)
			}
		})
	}
}

// TestTargetsThatCannotBe refuses wrong targets and names with exit code 2, and shows no part that may be a secret.
func TestTargetsThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		forward []string
		words   string
	}{
		{[]string{"localhost:1/?a=b c"}, "blank"},
		{[]string{"localhost:1/?k=s3cr3tOfTheTarget#f"}, "fragment"},
		{[]string{"a.b=localhost:1"}, "a name before ="},
		{[]string{"=localhost:1"}, "a name before ="},
		{[]string{"name="}, "cannot forward to \"name=\""},
		{[]string{"one=localhost:1", "one=localhost:2"}, "two targets are called one"},
		{[]string{"localhost:1/x?a=1", "localhost:1/x?a=2"}, "two targets are called localhost:1/x"},
		{[]string{"1", "localhost:1/"}, "two targets are called localhost:1"},
	} {
		args := []string{"listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--for", "1ms"}
		for _, f := range c.forward {
			args = append(args, "--forward", f)
		}
		r := w.must(2, args...)
		if !strings.Contains(r.err, c.words) || !strings.Contains(r.err, "hint: ") || strings.Contains(r.err, "s3cr3t") {
			t.Errorf("%q: %s", c.forward, r.err)
		}
	}
}

// TestSendToATargetWithAQuery sends its parameters as they are written.
func TestSendToATargetWithAQuery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for to, want := range map[string]string{
		"ADDR/index.php?option=app1&task=x%2Fy;z": "/index.php?option=app1&task=x%2Fy;z",
		"ADDR?a=1":   "/?a=1",
		"ADDR/a%2F?": "/a%2F?",
	} {
		tg := okTarget(t)
		w.must(0, "send", "card.activated", "--secret-file", "key", "--to", strings.ReplaceAll(to, "ADDR", tg.addr))
		if got := tg.nth(t, 0).start; got != "POST "+want+" HTTP/1.1" {
			t.Errorf("%s: the receiver got %q", to, got)
		}
	}
	w.must(2, "send", "card.activated", "--secret-file", "key", "--to", "localhost:1/?a=b c")
}
