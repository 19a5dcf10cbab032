package scheme_test

// Which URLs of certificates count.

import (
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign/scheme"
)

func certificateOf(hosts ...string) (*scheme.Parsed, error) {
	return scheme.Parse(&scheme.Scheme{
		Algorithm: scheme.RSASHA256, Key: scheme.KeySpec{Encoding: scheme.PEM}, Content: "{body}", Signature: scheme.SignatureSpec{Header: scheme.Names{"X-Sig"}},
		Certificate: &scheme.CertificateSpec{URL: scheme.Names{"header:X-Cert", "cert.url"}, Hosts: hosts},
	})
}

// TestCertificateHosts: a pattern names a host whole, and nothing in it stands for any character.
func TestCertificateHosts(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		`sns\.amazonaws\.com`, `^sns\.amazonaws\.com`, `sns\.amazonaws\.com$`, `^sns.amazonaws\.com$`, `^.*\.amazonaws\.com$`, `^[^/]+\.amazonaws\.com$`, `^[.a-z]+\.com$`,
		`^[\s\S]+$`, `^(a$`, `^\W$`, `^a\.b|.$`,
	} {
		if _, err := certificateOf(bad); err == nil || !strings.Contains(err.Error(), "certificate.hosts") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := certificateOf(); err == nil {
		t.Error("a URL without hosts is taken")
	}
	p, err := certificateOf(`^a\.test|b\.test$`, `^c(-[0-9]{1,2})?\.test$`)
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{
		"a.test": true, "b.test": true, "c.test": true, "c-12.test": true, "a.test.evil": false, "evil.b.test": false, "xb.test": false, "c-123.test": false, "A.test": false, "a.test.": false,
	} {
		header := map[string][]string{"X-Cert": {"https://" + host + "/x.pem"}}
		if _, _, _, ok := p.Certificate.URL(header, nil); ok != want {
			t.Errorf("%s: %v", host, ok)
		}
		if _, _, member, ok := p.Certificate.URL(nil, []byte(`{"cert":{"url":"https://`+host+`/x.pem"}}`)); ok != want || member != "cert.url" {
			t.Errorf("%s in the body: %v at %q", host, ok, member)
		}
		header["X-Cert"] = append(header["X-Cert"], "https://a.test/x.pem")
		if _, _, _, ok := p.Certificate.URL(header, nil); ok {
			t.Errorf("%s: a header that came twice counts", host)
		}
	}
}

// TestRegionsOfSNS: certificates come from every region of AWS, and from no bucket that is called sns.
func TestRegionsOfSNS(t *testing.T) {
	t.Parallel()
	s, err := scheme.Builtin("sns")
	if err != nil {
		t.Fatal(err)
	}
	p, err := scheme.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"us-east-1", "eu-central-2", "ap-southeast-5", "us-gov-west-1", "il-central-1", "mx-central-1", "s3", "s3-us-west-2", "s3-accelerate", "s3-external-1", "s3-fips-us-gov-west-1"} {
		for _, domain := range []string{"amazonaws.com", "amazonaws.com.cn"} {
			body := `{"SigningCertURL":"https://sns.` + host + "." + domain + `/x.pem"}`
			if _, _, _, ok := p.Certificate.URL(nil, []byte(body)); ok == strings.HasPrefix(host, "s3") {
				t.Errorf("%s: %v", body, ok)
			}
		}
	}
}

// FuzzCertificateURL: what counts is https to a host of the pattern and a plain path, as every parser of URLs reads it.
func FuzzCertificateURL(f *testing.F) {
	for _, seed := range []string{"https://a.test/x.pem", "https://a.test@evil/x", "https://a.test:443/x", "https://a.test/..", "http://a.test/x", "https://a.test/%2e", "https://a.test\\@b/x"} {
		f.Add(seed)
	}
	p, err := certificateOf(`^a\.test$`)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, url string) {
		if _, _, _, ok := p.Certificate.URL(map[string][]string{"X-Cert": {url}}, nil); ok && (!strings.HasPrefix(url, "https://a.test/") || strings.ContainsAny(url[8:], "@:?#%\\ \t\r\n\x00") || strings.Contains(url, "..")) {
			t.Errorf("%q counts", url)
		}
	})
}
