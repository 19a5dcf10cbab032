package listen

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/target"
)

// TestForeignTargetsStayHere: what is dialled for a target of a project file is on this machine, whatever the name said;
// a user's own targets are dialled wherever they are.
func TestForeignTargetsStayHere(t *testing.T) {
	t.Parallel()
	here := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	defer here.Close()
	d := deliver.New(deliver.Options{DialCheck: onlyHere})
	defer d.Close()
	ask := func(url string) deliver.Result {
		return d.Do(t.Context(), deliver.Request{Method: http.MethodPost, URL: url})
	}
	for _, url := range []string{here.URL, strings.Replace(here.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1)} {
		if r := ask(url); r.Status != http.StatusNoContent {
			t.Errorf("%s: %v", url, r.Err)
		}
	}
	for _, host := range []string{"192.0.2.1", "[2001:db8::1]", "[::ffff:192.0.2.1]", "0.0.0.0", "[::]"} {
		r := ask("http://" + host + ":9/")
		if r.Status != 0 || r.Cause != deliver.Denied || !strings.Contains(r.Err.Error(), "is not a loopback address") || !strings.Contains(r.Hint.String(), "--forward TARGET") {
			t.Errorf("%s: %+v", host, r)
		}
	}
	toOne := (&session{options: &options{env: &cmdkit.Env{Now: time.Now}}}).senders(judge.New(baanx(t), nil, judge.Options{}), nil)
	if o := toOne(target.Target{URL: "http://192.0.2.1:9", Here: true}).Send(t.Context(), target.Message{Method: http.MethodPost, Request: "/"}); o.Err == nil || !strings.Contains(o.Err.Error(), "is not a loopback address") {
		t.Errorf("a target that stays here was dialled: %+v", o)
	}
	if o := toOne(target.Target{URL: here.URL, Here: true}).Send(t.Context(), target.Message{Method: http.MethodPost, Request: "/"}); o.Status != http.StatusNoContent {
		t.Errorf("a target that is here: %+v", o)
	}
	for _, own := range []foreign{{}, {addr: true, headers: true}, {forward: true, trusted: true}, {targets: true, trusted: true}, {routes: true, trusted: true}} {
		o := &options{
			set:     config.ListenSettings{Forward: []string{"h.example"}, Targets: config.Pairs{"app=h.example:1"}, Routes: config.Pairs{"a=app", "b=h.example:2"}},
			foreign: own,
		}
		d, err := o.directions()
		if err != nil || len(d.used()) != 3 {
			t.Fatalf("%+v: %v", own, err)
		}
		for _, to := range d.used() {
			if to.Here {
				t.Errorf("%+v: %s is held to this machine", own, to.Name)
			}
		}
	}
}

func baanx(t *testing.T) *sign.Rules {
	t.Helper()
	spec, err := scheme.Builtin("baanx")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := sign.Compile(spec)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// TestForeignAddrStaysHere: so is what is bound.
func TestForeignAddrStaysHere(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		addr string
		from foreign
		ok   bool
	}{
		{"127.0.0.1:0", foreign{addr: true}, true},
		{"localhost:0", foreign{addr: true}, true},
		{"0.0.0.0:0", foreign{addr: true}, false},
		{":0", foreign{addr: true}, false},
		{"0.0.0.0:0", foreign{addr: true, trusted: true}, true},
		{"0.0.0.0:0", foreign{targets: true, forward: true, routes: true}, true},
	} {
		o := &options{set: config.ListenSettings{Addr: tc.addr}, foreign: tc.from}
		ln, err := o.open(t.Context())
		if (err == nil) != tc.ok {
			t.Errorf("%s, %+v: %v", tc.addr, tc.from, err)
		}
		if err == nil {
			_ = ln.Close()
		}
	}
}
