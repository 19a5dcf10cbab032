package judge

// What of the headers is recorded.

import (
	"net/http"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// maskedBy says whether a judge for one scheme masks the signature that the scheme itself makes.
func maskedBy(t *testing.T, header, prefix, item string) bool {
	t.Helper()
	rules, err := sign.Compile(&scheme.Scheme{Name: "own", Content: "{body}", Signature: scheme.SignatureSpec{Header: scheme.Names{header}, Prefix: prefix, Item: item}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := rules.Key(signtest.ExampleKey)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := rules.Sign(sign.SignRequest{Body: strings.NewReader(`{"a":1}`)}, []sign.Key{key})
	if err != nil {
		t.Fatal(err)
	}
	got := New(rules, []Key{{Key: key}}, Options{}).Mask(http.Header{header: {signed.Signature}})
	if whole := got.Get(header); whole != masking.Masked && whole != signed.Signature {
		t.Errorf("%s: %q", header, whole)
	}
	return got.Get(header) == masking.Masked
}

// TestMaskedSignatures: a header of passwords and tokens is recorded as it is only where a word of the scheme tells its signature from
// those. 64 digits could be a token as well.
func TestMaskedSignatures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header, prefix, item string
		masked               bool
	}{
		{"Authorization", "", "HMAC {sig}", false},
		{"Authorization", "Acme-Hmac ", "", false},
		{"Authorization", "", "Signature v1={sig}", false},
		{"Authorization", "", "", true},
		{"Authorization", "", "{sig};v1", true},
		{"Authorization", "", "{*}.{sig}", true},
		{"Authorization", "", "Bearer {sig}", true},
		{"Authorization", "bearer ", "", true},
		{"Authorization", "Basic ", "", true},
		{"Proxy-Authorization", "", "HMAC {sig}", true},
		{"Cookie", "", "sig={sig}", true},
		{"X-Gitlab-Token", "", "HMAC {sig}", true},
		{"X-Signature", "", "", false},
	} {
		if got := maskedBy(t, c.header, c.prefix, c.item); got != c.masked {
			t.Errorf("%s: %q %q is masked: %t", c.header, c.prefix, c.item, got)
		}
	}
}
