package deliver_test

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/deliver"
)

// speaker hands every connection to do.
func speaker(t *testing.T, ln net.Listener, do func(net.Conn)) string {
	t.Helper()
	over := make(chan struct{})
	t.Cleanup(func() { _ = ln.Close(); close(over) })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				go func() { <-over; _ = conn.Close() }()
				do(conn)
			}()
		}
	}()
	return ln.Addr().String()
}

func tcp(t *testing.T) net.Listener {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// says reads a request and answers with bytes; then it hangs or ends.
func says(answer string, hangs bool) func(net.Conn) {
	return func(c net.Conn) {
		_ = readRequest(c)
		_, _ = io.WriteString(c, answer)
		if hangs {
			_, _ = io.Copy(io.Discard, c)
		}
	}
}

const settingsFrame = "\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64\x00\x04\x00\x00\xff\xff\x00\x06\x00\x00\xff\xff"

// What is said about a delivery without an answer is true, short and holds no escapes of remote bytes.
func TestWhatIsSaidOfNoAnswer(t *testing.T) {
	t.Parallel()
	greets := func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.6\r\n"); _, _ = io.Copy(io.Discard, c) }
	ends := func(net.Conn) {}
	waits := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	for name, c := range map[string]struct {
		do         func(net.Conn)
		scheme     string
		cause      deliver.Cause
		text, hint string
	}{
		"a shell that greets":       {greets, "http", deliver.NotHTTP, "not HTTP: it begins with SSH-2.0-OpenSSH_9.6", "check the port"},
		"mail":                      {says("220 mail.test ESMTP\r\n", true), "http", deliver.NotHTTP, "it begins with 220 mail.test", "check the port"},
		"redis":                     {says("-ERR unknown command\r\n", false), "http", deliver.NotHTTP, "-ERR unknown command", "check the port"},
		"HTTP/2 that ends":          {says(settingsFrame, false), "http", deliver.NotHTTP, "HTTP/2 only", "HTTP/1.1"},
		"HTTP/2 that waits":         {says(settingsFrame, true), "http", deliver.Timeout, "no HTTP answer in", "HTTP/1.1"},
		"garbage":                   {says(strings.Repeat("\x00\x1b[31m\xff", 100)+"\n", false), "http", deliver.NotHTTP, "the answer is not HTTP", "check the port"},
		"a TLS alert":               {says("\x15\x03\x01\x00\x02\x02\x16", false), "http", deliver.NotHTTP, "TLS", "https://"},
		"status 099":                {says("HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n", false), "http", deliver.NotHTTP, "status 099", ""},
		"status 000":                {says("HTTP/1.1 000\r\nContent-Length: 0\r\n\r\n", false), "http", deliver.NotHTTP, "status 000", ""},
		"status of letters":         {says("HTTP/1.1 abc OK\r\n\r\n", true), "http", deliver.NotHTTP, `malformed HTTP status code "abc"`, ""},
		"a long broken header":      {says("HTTP/1.1 200 OK\r\n"+strings.Repeat("x", 5000)+"\r\n\r\n", true), "http", deliver.NotHTTP, "the answer is broken", ""},
		"an escape in a header":     {says("HTTP/1.1 200 OK\r\nX-A: \x1b[31m\r\n\r\n", true), "http", deliver.NotHTTP, "malformed MIME header line", ""},
		"nothing":                   {says("", false), "http", deliver.Cut, "ended before the answer", "https://"},
		"nothing, ever":             {says("", true), "http", deliver.Timeout, "no answer in 200ms", ""},
		"https to what ends":        {ends, "https", deliver.TLS, "during the handshake", "http://"},
		"https to what waits":       {waits, "https", deliver.Timeout, "no TLS handshake in 200ms", "http://"},
		"https to what greets":      {greets, "https", deliver.TLS, "TLS", "http://"},
		"half a status, then waits": {says("HTTP/1", true), "http", deliver.Timeout, "no answer in 200ms", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := speaker(t, tcp(t), c.do)
			client := deliver.New(deliver.Options{})
			defer client.Close()
			res := client.Do(t.Context(), deliver.Request{Method: "POST", URL: c.scheme + "://" + addr, Body: []byte("x"), Timeout: 200 * time.Millisecond})
			if res.Status != 0 || res.Cause != c.cause || res.Err == nil {
				t.Fatalf("status %d, cause %q, err %v; want cause %q", res.Status, res.Cause, res.Err, c.cause)
			}
			text, hint := res.Err.Error(), res.Hint.String()
			if !strings.Contains(text, c.text) || !strings.Contains(hint, c.hint) || c.hint == "" && hint != "" {
				t.Errorf("says %q with hint %q; want %q with %q", text, hint, c.text, c.hint)
			}
			if len(text) > 150 || strings.Contains(text, `\x`) {
				t.Errorf("says %q", text)
			}
		})
	}
}

// How long was waited is said of what was waited for.
func TestWaitsAreNamed(t *testing.T) {
	t.Parallel()
	client := deliver.New(deliver.Options{DialTimeout: time.Nanosecond})
	defer client.Close()
	res := client.Do(t.Context(), deliver.Request{Method: "POST", URL: "http://127.0.0.1:9", Timeout: 29 * time.Second})
	if res.Cause != deliver.Timeout || res.Err.Error() != "no connection to 127.0.0.1:9 in 1ms" {
		t.Errorf("cause %q, %v", res.Cause, res.Err)
	}
	res = client.Do(t.Context(), deliver.Request{Method: "POST", URL: "http://name.invalid:9", Timeout: 29 * time.Second})
	if text := res.Err.Error(); res.Cause != deliver.Timeout || strings.Contains(text, "29s") {
		t.Errorf("cause %q, %v", res.Cause, res.Err)
	}
}

// A certificate that is asked for and not there is no matter of --insecure.
func TestWhatTLSRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*tls.Config){
		"a client certificate":        func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert },
		"a client certificate of old": func(c *tls.Config) { c.ClientAuth, c.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12 },
		"nothing":                     func(*tls.Config) {},
	} {
		srv := httptest.NewUnstartedServer(http.NotFoundHandler())
		srv.Config.ErrorLog = log.New(io.Discard, "", 0)
		srv.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		change(srv.TLS)
		srv.StartTLS()
		t.Cleanup(srv.Close)
		for _, insecure := range []bool{true, false} {
			client := deliver.New(deliver.Options{Insecure: insecure})
			t.Cleanup(client.Close)
			res := client.Do(t.Context(), deliver.Request{Method: "POST", URL: srv.URL, Body: []byte("x")})
			if insecure && name == "nothing" {
				if res.Status != 404 {
					t.Errorf("%+v", res)
				}
				continue
			}
			if res.Cause != deliver.TLS || strings.Contains(res.Hint.String(), "--insecure") == insecure || !insecure && !strings.Contains(res.Err.Error(), "certificate") {
				t.Errorf("%s, insecure %v: cause %q, %v, hint %q", name, insecure, res.Cause, res.Err, res.Hint)
			}
		}
	}
}

// A port that ends a connection without a byte is looked at for TLS, on this machine alone.
func TestProbeFindsTLS(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	ln := tls.NewListener(tcp(t), &tls.Config{Certificates: secure.TLS.Certificates, MinVersion: tls.VersionTLS12})
	addr := speaker(t, ln, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	plain := speaker(t, tcp(t), says("", false))
	client := deliver.New(deliver.Options{})
	t.Cleanup(client.Close)
	for at, want := range map[string]string{addr: "https://" + addr + "/in", plain: ""} {
		res := client.Do(t.Context(), deliver.Request{Method: "POST", URL: "http://" + at + "/in", Body: []byte("x")})
		if res.Cause != deliver.Cut || !res.Silent {
			t.Fatalf("%s: cause %q, silent %v, %v", at, res.Cause, res.Silent, res.Err)
		}
		if hint := deliver.Probe(t.Context(), "http://"+at+"/in?key=secret", res).String(); want == "" && hint != "" || !strings.Contains(hint, want) || strings.Contains(hint, "secret") {
			t.Errorf("%s: hint %q, want %q", at, hint, want)
		}
	}
	if hint := deliver.Probe(t.Context(), "http://192.0.2.1:9", deliver.Result{Cause: deliver.Cut, Silent: true}).String(); hint != "" {
		t.Errorf("another machine was looked at: %q", hint)
	}
}

// A program on ::1 alone is found for whoever asks localhost or 127.0.0.1, and the other way round. The URL said is one
// that works, whatever localhost stands for.
func TestProbeNamesTheAddressThatWorks(t *testing.T) {
	t.Parallel()
	for listens, asked := range map[string][]string{"[::1]:0": {"localhost", "127.0.0.1", "LOCALHOST"}, "127.0.0.1:0": {"[::1]"}} {
		ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", listens)
		if err != nil {
			t.Logf("this machine has no %s: %v", listens, err)
			continue
		}
		addr := speaker(t, ln, says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false))
		_, port, _ := net.SplitHostPort(addr)
		client := deliver.New(deliver.Options{})
		t.Cleanup(client.Close)
		for _, host := range asked {
			hint := deliver.Probe(t.Context(), "http://"+host+":"+port+"/a%2Fb", deliver.Result{Cause: deliver.Refused}).String()
			_, use, _ := strings.Cut(hint, "use ")
			use = strings.Trim(use, "'")
			if use != "http://"+addr+"/a%2Fb" {
				t.Errorf("%s: hint %q", host, hint)
				continue
			}
			if res := client.Do(t.Context(), deliver.Request{Method: "POST", URL: use, Body: []byte("x")}); res.Status != 200 {
				t.Errorf("%s does not work: %v", use, res.Err)
			}
		}
	}
}
