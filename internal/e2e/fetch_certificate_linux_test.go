package e2e

// Certificates that requests name: which are fetched, and which never.

import (
	"bufio"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// issuer makes certificates. Its own one is the only root that the program under test trusts.
type issuer struct {
	t    *testing.T
	key  *rsa.PrivateKey
	cert *x509.Certificate
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{t: t}
	i.key = newRSA(t)
	der := i.der("whctl test root", nil, i.key, time.Hour)
	var err error
	if i.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return i
}

func newRSA(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// der is a certificate of a name, which counts from an hour ago. The first one is the root.
func (i *issuer) der(name string, hosts []string, key *rsa.PrivateKey, lasts time.Duration) []byte {
	i.t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: hosts,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(lasts), BasicConstraintsValid: true,
		IsCA: i.cert == nil, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	parent := i.cert
	if parent == nil {
		parent = template
	}
	out, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, i.key)
	if err != nil {
		i.t.Fatal(err)
	}
	return out
}

func certPEM(der ...[]byte) string {
	var out strings.Builder
	for _, d := range der {
		out.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d}))
	}
	return out.String()
}

// internet answers for every host that the program under test asks its proxy for, and notes which it asked for.
type internet struct {
	mu    sync.Mutex
	asked []string
	pages map[string]func(http.ResponseWriter)
}

const snsHost = "sns.eu-west-1.amazonaws.com"

// newInternet has the world's program reach nothing but its proxy, and trust nothing but the issuer.
func newInternet(t *testing.T, w *world, by *issuer) *internet {
	t.Helper()
	n := &internet{pages: map[string]func(http.ResponseWriter){}}
	key := newRSA(t)
	hosts := []string{snsHost, "evil.example", "*.s3.amazonaws.com", "api.paypal.com"}
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if page := n.pages[r.URL.Path]; page != nil {
			page(rw)
			return
		}
		http.NotFound(rw, r)
	})}
	inner, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	leaf := tls.Certificate{Certificate: [][]byte{by.der("hosts", hosts, key, time.Hour)}, PrivateKey: key}
	go func() {
		_ = server.Serve(tls.NewListener(inner, &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12}))
	}()
	proxy, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go n.serve(t.Context(), proxy, inner.Addr().String())
	t.Cleanup(func() { _, _ = server.Close(), proxy.Close() })
	w.setenv("HTTPS_PROXY=http://"+proxy.Addr().String(), "HTTP_PROXY=http://"+proxy.Addr().String(), "NO_PROXY=",
		"SSL_CERT_FILE="+w.write("roots.pem", certPEM(by.cert.Raw)), "SSL_CERT_DIR="+w.path("none"))
	return n
}

// serve takes connections of a proxy, and leads all of them to one address.
func (n *internet) serve(ctx context.Context, l net.Listener, to string) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = conn.Close() }()
			in := bufio.NewReader(conn)
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			n.mu.Lock()
			n.asked = append(n.asked, r.Method+" "+r.Host)
			n.mu.Unlock()
			out, err := (&net.Dialer{}).DialContext(ctx, "tcp", to)
			if r.Method != http.MethodConnect || err != nil {
				return
			}
			defer func() { _ = out.Close() }()
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
			go func() { _, _ = io.Copy(out, in) }()
			_, _ = io.Copy(conn, out)
		}()
	}
}

// since are the hosts that were asked for since the last call.
func (n *internet) since() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.asked
	n.asked = nil
	return out
}

func (n *internet) page(path, text string) {
	n.pages[path] = func(rw http.ResponseWriter) { _, _ = io.WriteString(rw, text) }
}

// notification is a message of SNS, signed with a key, that names a certificate.
func notification(t *testing.T, key *rsa.PrivateKey, url string) string {
	t.Helper()
	m := map[string]string{
		"Type": "Notification", "MessageId": "m-1", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": "hello", "Timestamp": "2026-03-01T12:00:00.000Z",
		"SignatureVersion": "2", "SigningCertURL": url,
	}
	signed := ""
	for _, name := range []string{"Message", "MessageId", "Timestamp", "TopicArn", "Type"} {
		signed += name + "\n" + m[name] + "\n"
	}
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	m["Signature"] = base64.StdEncoding.EncodeToString(sig)
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// foreignURLs are URLs of certificates that an attacker may name. Each of them must not be fetched.
func foreignURLs() []string {
	return []string{
		"", "x", "/x.pem", "//" + snsHost + "/x.pem", "file:///etc/ssl/cert.pem", "ftp://" + snsHost + "/x.pem",
		"http://" + snsHost + "/x.pem", "HTTPS://" + snsHost + "/x.pem", " https://" + snsHost + "/x.pem", "https:/" + snsHost + "/x.pem", "https:" + snsHost + "/x.pem",
		"https://" + snsHost, "https://" + snsHost + ":443/x.pem", "https://" + snsHost + ":8443/x.pem", "https://" + snsHost + ":/x.pem", "https://" + snsHost + "./x.pem",
		"https://user@" + snsHost + "/x.pem", "https://user:pass@" + snsHost + "/x.pem", "https://" + snsHost + "@evil.example/x.pem", "https://evil.example\\@" + snsHost + "/x.pem",
		"https://evil.example/x.pem", "https://evil.example/" + snsHost + "/x.pem", "https://" + snsHost + ".evil.example/x.pem", "https://evil.example?" + snsHost + "/x.pem",
		"https://evil.example#." + snsHost + "/x.pem", "https://xsns.eu-west-1.amazonaws.com.evil.example/x.pem",
		"https://mybucket.s3.amazonaws.com/x.pem", "https://sns.s3.amazonaws.com.evil.example/x.pem", "https://s3.amazonaws.com/sns/x.pem", "https://sns.mybucket.s3.amazonaws.com/x.pem",
		// a bucket may be called sns, and S3 answers at these hosts too (docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html)
		"https://sns.s3-us-west-2.amazonaws.com/x.pem", "https://sns.s3-accelerate.amazonaws.com/x.pem", "https://sns.s3-external-1.amazonaws.com/x.pem",
		"https://sns.s3.eu-west-1.amazonaws.com/x.pem", "https://sns-eu-west-1.amazonaws.com/x.pem", "https://sns.eu-west-1-amazonaws.com/x.pem", "https://snsxeu-west-1.amazonaws.com/x.pem",
		"https://sns.eu-west-1.amazonawsxcom/x.pem", "https://sns.eu-west-1.amazonaws.com.cn.evil.example/x.pem", "https://sns..amazonaws.com/x.pem", "https://sns.amazonaws.com/x.pem",
		"https://sn\u0455.eu-west-1.amazonaws.com/x.pem", "https://xn--sn-jmc.eu-west-1.amazonaws.com/x.pem", "https://sns\u3002eu-west-1.amazonaws.com/x.pem", "https://sns.eu-west-1.amazonaws.com\u2215x.pem",
		"https://" + snsHost + "/x.pem?y=z", "https://" + snsHost + "/x.pem#y", "https://" + snsHost + "/../x.pem", "https://" + snsHost + "/%2e%2e/x.pem", "https://" + snsHost + "/x.pem\nHost: evil.example",
		"https://" + snsHost + "/x.pem\x00", "https://127.0.0.1/x.pem", "https://[::1]/x.pem", "https://2130706433/x.pem", "https://" + snsHost + "/" + strings.Repeat("x", 600) + ".pem",
	}
}

// TestForeignCertificatesAreNotFetched: a request that is signed with an attacker's key, and names the attacker's certificate, has nothing
// fetched for it and is refused, by verify and by listen.
func TestForeignCertificatesAreNotFetched(t *testing.T) {
	t.Parallel()
	w, by := newWorld(t), newIssuer(t)
	n := newInternet(t, w, by)
	key := newRSA(t)
	n.page("/x.pem", certPEM(by.der("sns.amazonaws.com", nil, key, time.Hour)))
	own := w.write("own.json", notification(t, key, "https://"+snsHost+"/x.pem"))
	w.must(0, "verify", own, "--scheme", "sns.v2", "--fetch-certificate") // the trap works
	if asked := n.since(); !slices.Equal(asked, []string{"CONNECT " + snsHost + ":443"}) {
		t.Fatalf("asked for %q", asked)
	}
	l := w.start("listen", "--addr", "127.0.0.1:0", "--scheme", "sns.v2", "--fetch-certificate")
	for _, url := range foreignURLs() {
		body := notification(t, key, url)
		r := w.must(3, "verify", w.write("foreign.json", body), "--scheme", "sns.v2", "--fetch-certificate")
		if !strings.Contains(r.out, "is not the URL of a certificate on a host of the provider, so it was not fetched") {
			t.Errorf("%q: %s", url, r.out)
		}
		if status := postTo(t, l.addr, body); status != http.StatusUnauthorized {
			t.Errorf("%q: the listener answers %d", url, status)
		}
		if asked := n.since(); len(asked) > 0 {
			t.Errorf("%q: asked for %q", url, asked)
		}
	}
	l.stop()
}

func postTo(t *testing.T, addr, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode
}

// TestFetchedCertificates: what comes from the right host still has to be a certificate of the provider that counts now, and a redirect is
// not followed. One certificate is fetched once.
func TestFetchedCertificates(t *testing.T) {
	t.Parallel()
	w, by := newWorld(t), newIssuer(t)
	n := newInternet(t, w, by)
	key, stranger := newRSA(t), newIssuer(t)
	good := by.der("sns.amazonaws.com", nil, key, time.Hour)
	n.page("/good.pem", certPEM(good))
	n.page("/chain.pem", certPEM(good, by.cert.Raw))
	n.page("/stranger.pem", certPEM(stranger.der("sns.amazonaws.com", nil, key, time.Hour), stranger.cert.Raw))
	n.page("/name.pem", certPEM(by.der("evil.amazonaws.com", nil, key, time.Hour)))
	n.page("/old.pem", certPEM(by.der("sns.amazonaws.com", nil, key, -time.Minute)))
	n.page("/other.pem", certPEM(by.der("sns.amazonaws.com", nil, newRSA(t), time.Hour)))
	n.page("/text.pem", "no certificate")
	n.page("/large.pem", certPEM(good)+strings.Repeat("\n", 65<<10))
	n.pages["/redirect.pem"] = func(rw http.ResponseWriter) {
		rw.Header().Set("Location", "https://"+snsHost+"/good.pem")
		rw.WriteHeader(http.StatusFound)
	}
	for page, want := range map[string]struct {
		code int
		says string
	}{
		"good": {0, "the certificate that the request names"}, "chain": {0, "valid"}, "stranger": {3, "nobody that this machine trusts has issued it"},
		"name": {3, "is a certificate of another name"}, "old": {3, "the certificate was valid until"}, "other": {3, "mismatch"}, "text": {3, "is no certificate"},
		"large": {3, "is larger than"}, "redirect": {3, "answered 302"}, "missing": {3, "answered 404"},
	} {
		body := w.write(page+".json", notification(t, key, "https://"+snsHost+"/"+page+".pem"))
		r := w.must(want.code, "verify", body, "--scheme", "sns.v2", "--fetch-certificate")
		if !strings.Contains(r.out, want.says) {
			t.Errorf("%s: %s, want %s", page, r.out, want.says)
		}
		if asked := n.since(); !slices.Equal(asked, []string{"CONNECT " + snsHost + ":443"}) {
			t.Errorf("%s: asked for %q", page, asked)
		}
	}
	l := w.start("listen", "--addr", "127.0.0.1:0", "--scheme", "sns.v2", "--fetch-certificate")
	for range 3 {
		if status := postTo(t, l.addr, notification(t, key, "https://"+snsHost+"/good.pem")); status != http.StatusOK {
			t.Errorf("the listener answers %d", status)
		}
	}
	if asked := n.since(); len(asked) != 1 {
		t.Errorf("three deliveries: asked for %q", asked)
	}
	unsigned := strings.Replace(notification(t, key, "https://"+snsHost+"/never.pem"), `"Signature":"`, `"Signature":"!`, 1)
	if status := postTo(t, l.addr, unsigned); status != http.StatusUnauthorized || len(n.since()) > 0 {
		t.Errorf("a signature that cannot be read has something fetched, or is answered %d", status)
	}
	l.stop()
}

// TestFetchNeedsAScheme: nothing is fetched without the flag, and the flag wants a scheme whose hosts are known.
func TestFetchNeedsAScheme(t *testing.T) {
	t.Parallel()
	w, by := newWorld(t), newIssuer(t)
	n := newInternet(t, w, by)
	key := newRSA(t)
	n.page("/x.pem", certPEM(by.der("sns.amazonaws.com", nil, key, time.Hour)))
	body := w.write("body.json", notification(t, key, "https://"+snsHost+"/x.pem"))
	w.must(2, "verify", body, "--scheme", "sns.v2")
	for _, scheme := range []string{"auto", "github", "wise"} {
		r := w.must(2, "verify", body, "--scheme", scheme, "--fetch-certificate", "--secret", "0123456789abcdef")
		if !strings.Contains(r.err, "hint: ") {
			t.Errorf("%s: %s", scheme, r.err)
		}
	}
	w.must(3, "verify", body, "--scheme", "sns.v2", "--secret-file", w.write("other.pem", certPEM(by.der("sns.amazonaws.com", nil, newRSA(t), time.Hour))))
	if asked := n.since(); len(asked) > 0 {
		t.Errorf("asked for %q", asked)
	}
}
