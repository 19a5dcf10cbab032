package netname_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/netname"
)

// hosts are spellings of hosts, and whether they are this machine as they are written.
func hosts() map[string]bool {
	return map[string]bool{
		"localhost": true, "LocalHost": true, "localhost.": true, "127.0.0.1": true, "127.255.0.9": true, "::1": true, "0:0::1": true,
		"::ffff:127.0.0.1": true, "::ffff:7f00:1": true,

		"": false, ".": false, "localhost..": false, "localhost ": false, "localho\u017ft": false, "\uff4cocalhost": false,
		"evil.localhost": false, "localhost.evil.example": false, "localhost.localdomain": false, "xlocalhost": false,
		"127.0.0.1.": false, "127.0.0.1.nip.io": false, "127.1": false, "127.0.1": false, "2130706433": false, "0x7f000001": false, "0x7f.1": false,
		"017700000001": false, "0177.0.0.1": false, "127.0.0.01": false, "127.0.0.1.evil.example": false, "134744072": false,
		"0.0.0.0": false, "::": false, "0": false, "::127.0.0.1": false, "64:ff9b::7f00:1": false, "::ffff:8.8.8.8": false,
		"10.0.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "fd00::1": false, "fe80::1%lo": false,
		"evil": false, "evil.local": false, "evil.test": false, "metadata.google.internal": false, "[::1]": false, "127.0.0.1:80": false,
	}
}

func TestLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range hosts() {
		if netname.Loopback(host) != want {
			t.Errorf("%q: want %v", host, want)
		}
	}
}

func TestLoopbackAddr(t *testing.T) {
	t.Parallel()
	for host, want := range hosts() {
		if netname.LoopbackAddr(net.JoinHostPort(host, "4140")) != want && host != "[::1]" {
			t.Errorf("%q with a port: want %v", host, want)
		}
	}
	for _, addr := range []string{"", ":4140", "4140", "127.0.0.1", "nonsense", "[::1]", "127.0.0.1:1:2"} {
		if netname.LoopbackAddr(addr) {
			t.Errorf("%q passed", addr)
		}
	}
}

// A browser sends the host as it stands in the URL, with a port and with brackets or without.
func TestLoopbackHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "localhost:4141": true, "127.0.0.1:4141": true, "[::1]": true, "[::1]:4141": true, "::1": true,
		"": false, ":4141": false, "evil.localhost:4141": false, "evil.example": false, "2130706433:4141": false, "[::1": false, "[fd00::1]:1": false,
	} {
		if netname.LoopbackHost(host) != want {
			t.Errorf("%q: want %v", host, want)
		}
	}
}

// What is served at loopback answers to loopback names, and elsewhere to addresses in numbers and its own name: a web page has no
// other way than a name of its own.
func TestServedHost(t *testing.T) {
	t.Parallel()
	for addr, hosts := range map[string]map[string]bool{
		"127.0.0.1:1": {"127.0.0.1:1": true, "localhost": true, "[::1]:1": true, "10.0.0.1": false, "evil.example": false, "": false},
		"localhost:1": {"localhost:1": true, "127.9.9.9": true, "evil.example": false},
		"0.0.0.0:1":   {"10.0.0.1:1": true, "127.0.0.1": true, "[fd00::1]:1": true, "[fd00::1]": true, "localhost:1": true, "evil.example:1": false, "": false, "10.1": false, "127.0.0.1.nip.io": false},
		":1":          {"10.0.0.1": true, "": false, ":1": false, "evil.example": false},
		"Box.lan:1":   {"box.lan:1": true, "BOX.LAN": true, "10.0.0.1": true, "evil.example": false, "box.lan.evil.example": false},
		"nonsense":    {"nonsense": false, "": false},
	} {
		for host, want := range hosts {
			if netname.ServedHost(host, addr) != want {
				t.Errorf("%q at %q: want %v", host, addr, want)
			}
		}
	}
}

// OnlyLoopback stands where connections are made: what is dialled counts, and not the name it came from.
func TestOnlyLoopback(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // binds at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	d := net.Dialer{Control: netname.OnlyLoopback}
	for _, host := range []string{"127.0.0.1", "::ffff:127.0.0.1"} {
		conn, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		_ = conn.Close()
	}
	for _, host := range []string{"0.0.0.0", "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"} {
		_, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if _, is := errors.AsType[*netname.ElsewhereError](err); !is {
			t.Errorf("%s: %v", host, err)
		}
	}
	lc := net.ListenConfig{Control: netname.OnlyLoopback}
	if ln, err := lc.Listen(context.Background(), "tcp", "0.0.0.0:0"); err == nil {
		_ = ln.Close()
		t.Error("bound every address")
	}
	for _, text := range []string{"", "nonsense", "localhost:1", "127.0.0.1"} {
		if err := netname.OnlyLoopback("tcp", text, nil); err == nil {
			t.Errorf("%q passed", text)
		}
	}
	if netname.LoopbackIP(netip.Addr{}) {
		t.Error("no address passed")
	}
}

func TestParseTarget(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"3000": "http://localhost:3000", "3000/in": "http://localhost:3000/in", "3000?a=b": "http://localhost:3000?a=b", "localhost:3000": "http://localhost:3000",
		"app": "http://app", "10.0.0.1:80/x%2Fy": "http://10.0.0.1:80/x%2Fy", "https://[::1]:8443": "https://[::1]:8443", "[::1]:80": "http://[::1]:80",
		"3000/?to=http://x.test/": "http://localhost:3000/?to=http://x.test/", "h:1?a=b://c": "http://h:1?a=b://c",
		"nats://h/a": "nats://h/a", "KAFKA://h:1,[::1]:2,b/t": "kafka://h:1,[::1]:2,b/t",
	} {
		if u, err := netname.ParseTarget(in); err != nil || u.String() != want {
			t.Errorf("%q: %v (%v)", in, u, err)
		}
	}
	for _, in := range []string{
		"", "0", "-1", "+80", "-1/x", "65536", "99999999999999999999", "/x", "?x", "http://", "http:///x", "localhost:", "localhost:x", "ftp://x", "x#f", "x#",
		"http://a b", "http://[::1", "\x00", "http://evil.example\\.local", "mailto:x",
		"a.b=localhost:1", "=3000", "card.*", "*:80", "x?a=b c", "://x", "nats://", "nats:///a", "nats://h,/a", "kafka://,h/a", "kafka://h:0,b/a", "kafka://h,b:/a", "kafka://h,a b/t",
	} {
		if u, err := netname.ParseTarget(in); err == nil {
			t.Errorf("%q passed as %v", in, u)
		}
	}
	for _, in := range []string{"http://u:p@x", "u@x:80", "http://localhost:1@evil.example", "http://@x", "nats://u:p@h/a", "kafka://h,u:p@b/t", "kafka://u:p w,x@h/t"} {
		if _, err := netname.ParseTarget(in); !errors.Is(err, netname.ErrUserInfo) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// Where a target is dialled, and whether that is this machine, is the same for whoever asks.
func TestHosts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"3000": {"localhost:3000"}, "app/x": {"app:80"}, "https://h": {"h:443"}, "http://[::1]/x": {"[::1]:80"}, "HTTPS://h:1?a=b": {"h:1"},
		"nats://h/a": {"h:4222"}, "kafka://a,b:1,[::1]/t": {"a:9092", "b:1", "[::1]:9092"}, "http://a,b": {"a,b:80"},
		"": nil, "kafka://a,/t": nil, "nats:///x": nil, "http://a b": nil, "kafka://a,b c/t": nil,
	} {
		if got := netname.Hosts(in); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]bool{
		"3000": true, "localhost": true, "http://127.0.0.1:1/x": true, "[::1]:2": true, "kafka://localhost,127.0.0.1:1/t": true, "nats://localhost/a": true,
		"": false, "evil.example": false, "kafka://localhost,evil.example/t": false, "kafka://evil.example,localhost/t": false, "nats://localhost,/a": false,
		"http://localhost@evil.example": false, "http://localhost,evil.example": false, "127.1": false,
	} {
		if got := netname.AllLoopback(in); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"3000", "localhost:3000/x", "https://[::1]:1", "http://a?b", "http://u:p@x", "3000#", "http://%31", "kafka://a,b:1/t", "nats://[::1],h/x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := netname.ParseTarget(s)
		if _, broker := netname.Broker(s); broker {
			if err == nil && (len(netname.Hosts(s)) != 1+strings.Count(u.Host, ",") || u.User != nil) {
				t.Errorf("%q became %v, %q", s, u, netname.Hosts(s))
			}
			return
		}
		if err == nil && (u.Hostname() == "" || u.User != nil || !netname.PortOK(u) || u.Scheme != "http" && u.Scheme != "https" || len(netname.Hosts(s)) != 1) {
			t.Errorf("%q became %v", s, u)
		}
	})
}
