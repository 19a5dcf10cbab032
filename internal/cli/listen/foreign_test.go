package listen

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/deliver"
)

// TestForeignTargetsStayHere: what is dialled for a target of a project file is on this machine, whatever the name said;
// a user's own targets are dialled wherever they are.
func TestForeignTargetsStayHere(t *testing.T) {
	t.Parallel()
	here := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	defer here.Close()
	d := deliver.New(deliver.Options{DialCheck: foreign{targets: true}.dialCheck()})
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
	for _, own := range []foreign{{}, {addr: true, headers: true}, {targets: true, trusted: true}} {
		if check := own.dialCheck(); check != nil {
			t.Errorf("%+v is held to this machine: %v", own, check(netip.MustParseAddr("192.0.2.1")))
		}
	}
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
		{"0.0.0.0:0", foreign{targets: true}, true},
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
