package sign_test

// HTTP message signatures: the examples of RFC 9421, and what a message must not choose.

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// The public keys of RFC 9421, appendix B.1.
const (
	rfcShared  = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
	rfcEd25519 = "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="
	rfcP256    = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lfw0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ=="
)

// covering are rules of message signatures that cover these components.
func covering(tb testing.TB, a scheme.Algorithm, encoding string, components ...string) *sign.Rules {
	tb.Helper()
	r, err := sign.Compile(&scheme.Scheme{
		Name: "rfc", Algorithm: a, Key: scheme.KeySpec{Encoding: encoding}, MessageSignature: &scheme.MessageSignatureSpec{Components: components},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// rfcRequest is the request of appendix B.2, with a signature.
func rfcRequest(input, signature string) *sign.Message {
	return &sign.Message{
		Method: "POST", URL: "https://example.com/foo?param=Value&Pet=dog", Body: []byte(`{"hello": "world"}`),
		Header: map[string][]string{
			"Host": {"example.com"}, "Date": {"Tue, 20 Apr 2021 02:07:55 GMT"}, "Content-Type": {"application/json"}, "Content-Length": {"18"},
			"Content-Digest":  {"sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"},
			"Signature-Input": {input}, "Signature": {signature},
		},
	}
}

// TestRFC9421 verifies the examples of appendix B whose algorithm is supported.
func TestRFC9421(t *testing.T) {
	t.Parallel()
	const clientCert = ":MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEludGVybWVkaWF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5XarmPk0wmuydBVoU4hBVZ1yhk=:"
	proxied := rfcRequest(`ttrp=("@path" "@query" "@method" "@authority" "client-cert");created=1618884473;keyid="test-key-ecc-p256"`,
		"ttrp=:xVMHVpawaAC/0SbHrKRs9i8I3eOs5RtTMGCWXm/9nvZzoHsIg6Mce9315T6xoklyy0yzhD9ah4JHRwMLOgmizw==:")
	proxied.URL = "https://service.internal.example/foo?param=Value&Pet=dog"
	proxied.Header["Client-Cert"] = []string{clientCert}
	for _, tc := range []struct {
		name  string
		rules *sign.Rules
		key   string
		m     *sign.Message
	}{
		{
			"B.2.5", covering(t, scheme.HMACSHA256, scheme.Base64, "date", "@authority", "content-type"), rfcShared,
			rfcRequest(`sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"`, "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:"),
		},
		{
			"B.2.6", covering(t, scheme.Ed25519, scheme.SPKI, "@method", "@path"), rfcEd25519,
			rfcRequest(`sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`,
				"sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:"),
		},
		{"B.3", covering(t, scheme.ECDSAP256, scheme.SPKI, "client-cert"), rfcP256, proxied},
	} {
		keys := signtest.Keys(t, tc.rules, tc.key)
		now := time.Unix(1618884500, 0)
		got := tc.rules.Verify(tc.m, keys, sign.VerifyOptions{Now: now})
		if !got.OK || got.SignedAt.Unix() != 1618884473 || got.Warning == "" { // none of these covers the body
			t.Errorf("%s: %+v", tc.name, got)
		}
		if got := tc.rules.Verify(tc.m, keys, sign.VerifyOptions{Now: now.Add(time.Hour)}); got.Reason != sign.TooOld {
			t.Errorf("%s an hour later: %+v", tc.name, got)
		}
		tc.m.Method = "PUT"
		tc.m.URL += "x"
		tc.m.Header["Date"] = []string{"Tue, 20 Apr 2021 02:07:56 GMT"}
		if got := tc.rules.Verify(tc.m, keys, sign.VerifyOptions{Now: now}); got.Reason != sign.Mismatch {
			t.Errorf("%s, changed: %+v", tc.name, got)
		}
	}
}

// TestRFC9421Transformations are the changes of appendix B.4 that must and must not keep a signature.
func TestRFC9421Transformations(t *testing.T) {
	t.Parallel()
	r := covering(t, scheme.Ed25519, scheme.SPKI, "@method", "@path", "@authority", "accept")
	keys := signtest.Keys(t, r, rfcEd25519)
	for name, tc := range map[string]struct {
		method, url string
		accept      []string
		want        sign.Reason
	}{
		"as signed":             {"GET", "https://example.org/demo?name1=Value1&Name2=value2", []string{"application/json", "*/*"}, sign.Valid},
		"a parameter was added": {"GET", "https://example.org/demo?name1=Value1&Name2=value2&param=added", []string{"application/json", "*/*"}, sign.Valid},
		"two lines became one":  {"GET", "https://example.org/demo?name1=Value1&Name2=value2", []string{"application/json, */*"}, sign.Valid},
		"another method":        {"POST", "https://example.com/demo?name1=Value1&Name2=value2", []string{"application/json", "*/*"}, sign.Mismatch},
		"values were reordered": {"GET", "https://example.org/demo?name1=Value1&Name2=value2", []string{"*/*", "application/json"}, sign.Mismatch},
	} {
		m := &sign.Message{Method: tc.method, URL: tc.url, Header: map[string][]string{
			"Accept":          tc.accept,
			"Signature-Input": {`transform=("@method" "@path" "@authority" "accept");created=1618884473;keyid="test-key-ed25519"`},
			"Signature":       {"transform=:ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==:"},
		}}
		if got := r.Verify(m, keys, sign.VerifyOptions{Now: time.Unix(1618884473, 0)}); got.Reason != tc.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestMessageSignatureRefused: what a message leaves out or says otherwise than the scheme.
func TestMessageSignatureRefused(t *testing.T) {
	t.Parallel()
	c := signtest.NewCase(t, "rfc9421.hmac-sha256", 1)
	input, sig := c.Message.Header["Signature-Input"][0], c.Message.Header["Signature"][0]
	digest := c.Message.Header["Content-Digest"][0]
	for name, tc := range map[string]struct {
		change func(h map[string][]string)
		reason sign.Reason
		code   sign.DetailCode
	}{
		"without content-digest": {func(h map[string][]string) {
			put(h, "Signature-Input", strings.Replace(input, ` "content-digest"`, "", 1))
		}, sign.MalformedSignature, sign.NotCovered},
		"without the URL": {func(h map[string][]string) {
			put(h, "Signature-Input", strings.Replace(input, ` "@target-uri"`, "", 1))
		}, sign.MalformedSignature, sign.NotCovered},
		"another algorithm": {func(h map[string][]string) {
			put(h, "Signature-Input", strings.Replace(input, "hmac-sha256", "ed25519", 1))
		}, sign.MalformedSignature, sign.OtherAlgorithm},
		"without created": {func(h map[string][]string) {
			put(h, "Signature-Input", input[:strings.Index(input, ";created")]+input[strings.Index(input, ";alg"):])
		}, sign.MissingTimestamp, sign.Missing},
		"created is a text": {func(h map[string][]string) {
			put(h, "Signature-Input", strings.Replace(input, "created=1", `created="1`, 1))
		}, sign.MalformedSignature, sign.NotDictionary},
		"another label":       {func(h map[string][]string) { put(h, "Signature", strings.Replace(sig, "sig1", "sig2", 1)) }, sign.MalformedSignature, sign.NoLabel},
		"no signature":        {func(h map[string][]string) { delete(h, "Signature") }, sign.MissingSignature, sign.Missing},
		"no input":            {func(h map[string][]string) { delete(h, "Signature-Input") }, sign.MissingSignature, sign.Missing},
		"no digest":           {func(h map[string][]string) { delete(h, "Content-Digest") }, sign.MalformedSignature, sign.MissingSigned},
		"a digest of MD5":     {func(h map[string][]string) { put(h, "Content-Digest", "md5=:AAAAAAAAAAAAAAAAAAAAAA==:") }, sign.MalformedSignature, sign.DigestUnknown},
		"a digest cut short":  {func(h map[string][]string) { put(h, "Content-Digest", "sha-256=:AAAA:") }, sign.MalformedSignature, sign.NotHash},
		"no structured field": {func(h map[string][]string) { put(h, "Content-Digest", strings.Trim(digest, ":")) }, sign.MalformedSignature, sign.NotDictionary},
		"an unknown component": {func(h map[string][]string) {
			put(h, "Signature-Input", strings.Replace(input, `("@method"`, `("@method" "@status"`, 1))
		}, sign.MalformedSignature, sign.ComponentUnknown},
		"a parameter of a component": {func(h map[string][]string) {
			put(h, "Signature-Input", strings.Replace(input, `"@method"`, `"@method";req`, 1))
		}, sign.MalformedSignature, sign.NotCovered},
		"a component twice": {func(h map[string][]string) {
			put(h, "Signature-Input", strings.Replace(input, `("@method"`, `("@method" "@method"`, 1))
		}, sign.MalformedSignature, sign.NotComponents},
	} {
		m := c.With(func(m *sign.Message) { tc.change(m.Header) })
		if got := c.Verify(m); got.Reason != tc.reason || got.Detail.Code != tc.code {
			t.Errorf("%s: %s, %v (%s)", name, got.Reason, got.Detail.Code, got.Detail)
		}
	}
	other := c.With(func(m *sign.Message) { m.Body = []byte("{}") })
	if got := c.Verify(other); got.Reason != sign.Mismatch || got.Detail.Code != sign.BodyHashDiffers || !strings.Contains(got.Detail.String(), "Content-Digest") {
		t.Errorf("another body: %+v", got)
	}
}

func put(h map[string][]string, name, value string) { h[name] = []string{value} }

// TestSeveralMessageSignatures: a proxy may add a signature of its own to the list.
func TestSeveralMessageSignatures(t *testing.T) {
	t.Parallel()
	c := signtest.NewCase(t, "rfc9421.ed25519", 1)
	input, sig := c.Message.Header["Signature-Input"][0], c.Message.Header["Signature"][0]
	proxy := base64.StdEncoding.EncodeToString(make([]byte, 64))
	for _, m := range []*sign.Message{
		c.With(func(m *sign.Message) {
			put(m.Header, "Signature-Input", `proxy=("@method");created=1, `+input)
			put(m.Header, "Signature", "proxy=:"+proxy+":, "+sig)
		}),
		c.With(func(m *sign.Message) {
			put(m.Header, "Signature-Input", input+`, proxy=("@method");created=1`)
			put(m.Header, "Signature", sig+", proxy=:"+proxy+":")
		}),
	} {
		if got := c.Verify(m); !got.OK {
			t.Errorf("%+v", got)
		}
	}
}

// TestComponents are what the components of a request stand for (RFC 9421, sections 2.1 and 2.2, and their examples).
func TestComponents(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		url        string
		components []string
		same       []string // URLs with the same value
		other      []string
	}{
		{"https://Example.com:443/p?q=1", []string{"@authority"}, []string{"https://example.com/other"}, []string{"https://example.com:444/p"}},
		{"http://example.com:80/", []string{"@authority"}, []string{"http://EXAMPLE.com"}, []string{"https://example.com:80/"}},
		{"https://example.com/p%20a?q=1", []string{"@path"}, []string{"http://other.test/p%20a"}, []string{"https://example.com/p+a", "https://example.com/p%20A"}},
		{"https://example.com", []string{"@path"}, []string{"https://example.com/?x"}, []string{"https://example.com/x"}},
		{"https://example.com/p?", []string{"@query"}, []string{"https://example.com/p"}, []string{"https://example.com/p?x"}},
		{"https://example.com/p?a=%20", []string{"@request-target"}, []string{"http://x.test/p?a=%20"}, []string{"https://example.com/p?a=+", "https://example.com/p"}},
		{"https://example.com/p", []string{"@scheme"}, []string{"HTTPS://x.test"}, []string{"http://example.com/p"}},
	} {
		r := covering(t, scheme.HMACSHA256, scheme.UTF8, tc.components...)
		keys := signtest.Keys(t, r, "a-key-of-some-length")
		m, _ := signtest.Sign(t, r, sign.SignRequest{Time: signtest.Clock(), Method: "POST", URL: tc.url, Body: strings.NewReader("")}, keys...)
		for _, u := range slices.Concat([]string{tc.url}, tc.same, tc.other) {
			o := *m
			o.URL, o.Header = u, maps.Clone(m.Header)
			if got := r.Verify(&o, keys, sign.VerifyOptions{Now: signtest.Clock()}); got.OK == slices.Contains(tc.other, u) {
				t.Errorf("%v of %s, at %s: %+v", tc.components, tc.url, u, got)
			}
		}
	}
}
