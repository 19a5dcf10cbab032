package sign_test

// Contents with parts that may be absent, and bodies with several signatures.

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// contentCase is one case of testdata/contents.json, made by tests/contents/make.py.
type contentCase struct {
	ID, Key, Content, Algorithm, Body, URL string
	Headers                                map[string]string
	Items, JSON, Form                      string // of the scheme
	Signature, Want                        string
}

func (c *contentCase) rules(t *testing.T) *sign.Rules {
	t.Helper()
	s := &scheme.Scheme{Name: "acme", Algorithm: scheme.Algorithm(c.Algorithm), Content: c.Content, Items: c.Items}
	if s.Signature.JSON, s.Signature.Form = c.JSON, c.Form; c.JSON+c.Form == "" {
		s.Signature.Header = scheme.Names{"X-Sig"}
	}
	r, err := sign.Compile(s)
	if err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	return r
}

func (c *contentCase) message() *sign.Message {
	m := &sign.Message{URL: c.URL, Header: map[string][]string{"X-Sig": {c.Signature}}, Body: []byte(c.Body)}
	for name, value := range c.Headers {
		m.Header[name] = []string{value}
	}
	return m
}

// TestContents: what Python signed gets the verdict that it was made for, and signed here it has the same signature.
func TestContents(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/contents.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []contentCase
	if err := json.Unmarshal(b, &all); err != nil || len(all) < 50 {
		t.Fatalf("%d cases, %v", len(all), err)
	}
	for _, c := range all {
		r, m := c.rules(t), c.message()
		keys := signtest.Keys(t, r, c.Key)
		got := r.Verify(m, keys, sign.VerifyOptions{})
		if string(got.Reason) != c.Want || got.OK != (c.Want == "valid") || got.Detail.String() == "" && !got.OK {
			t.Errorf("%s: %+v, want %s", c.ID, got, c.Want)
		}
		if c.Want != "valid" || c.Items != "" {
			continue
		}
		signed, err := r.Sign(sign.SignRequest{URL: c.URL, Header: m.Header, Body: bytes.NewReader(m.Body)}, keys)
		if err != nil || signed.Signature != c.Signature {
			t.Errorf("%s: signed as %q, %v", c.ID, signed.Signature, err)
		}
	}
}

// TestItemsSigned: each element of a list gets a signature of its own, whose place is named.
func TestItemsSigned(t *testing.T) {
	t.Parallel()
	c := contentCase{Content: "{json:i.p}:{json:i.q?}", Items: "items", JSON: "i.sig"}
	r := c.rules(t)
	keys := signtest.Keys(t, r, "k3y")
	signed, err := r.Sign(sign.SignRequest{Body: strings.NewReader(`{"items":[{"i":{"p":"p1"}},{"i":{"p":"p2","q":5}}]}`)}, keys)
	if err != nil || len(signed.Body) != 2 || signed.Body[0].Name != "items[0].i.sig" || signed.Body[1].Name != "items[1].i.sig" || signed.Body[0] == signed.Body[1] {
		t.Fatalf("%+v, %v", signed, err)
	}
	if _, err := r.Sign(sign.SignRequest{Body: strings.NewReader(`{"items":[]}`)}, keys); err == nil {
		t.Error("a body without elements is signed")
	}
}

// TestForgedBesideSigned: where members of a body are signed and the body is not, a request that holds the signed ones, and others that a
// receiver may read in their place, is refused. Go and .NET read members of any case, and PHP reads an object as a list.
func TestForgedBesideSigned(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rules contentCase
		good  string // with the signature at SIG
		bad   []string
	}{
		{contentCase{ID: "members", Content: "{json:a.p}:{json:q?}", JSON: "sig"}, `{"a":{"p":"1"},"q":2,"sig":"SIG"}`, []string{
			`{"a":{"p":"9"},"a":{"p":"1"},"q":2,"sig":"SIG"}`, `{"a":{"p":"1"},"q":2,"A":{"p":"9"},"sig":"SIG"}`, `{"a":{"p":"1","P":"9"},"q":2,"sig":"SIG"}`,
			`{"a":{"p":"9","p":"1"},"q":2,"sig":"SIG"}`, `{"a":{"p":"1"},"q":2,"\u0051":9,"sig":"SIG"}`, `{"a":{"p":"1"},"q":2,"sig":"SIG"}{"a":{"p":"9"}}`,
			`{"a":{"p":"1"},"q":2,"sig":"SIG"/*`, `{'a':{'p':'9'},"a":{"p":"1"},"q":2,"sig":"SIG"}`,
		}},
		{contentCase{ID: "items", Content: "{json:i.p}:{json:i.q?}", Items: "items", JSON: "i.sig"}, `{"items":[{"i":{"p":"1","q":2,"sig":"SIG"}}]}`, []string{
			`{"items":[{"i":{"p":"1","q":2,"sig":"SIG"}}],"items":{"0":{"i":{"p":"9"}}}}`, `{"items":[{"i":{"p":"1","q":2,"sig":"SIG"}}],"Items":[{"i":{"p":"9"}}]}`,
			`{"items":[{"i":{"p":"1","q":2,"sig":"SIG"}}],"items":null}`, `{"items":[{"i":{"p":"1","q":2,"sig":"SIG"},"I":{"p":"9"}}]}`,
			`{"items":[{"i":{"p":"1","q":2,"sig":"SIG"}} {"i":{"p":"9"}}]}`, `{"items":[{"i":{"p":"1","q":2,"sig":"SIG"}}/*,{"i":{"p":"9"}}*/]}`,
		}},
	} {
		r := c.rules.rules(t)
		keys := signtest.Keys(t, r, "k3y")
		signed, err := r.Sign(sign.SignRequest{Body: strings.NewReader(c.good)}, keys)
		if err != nil {
			t.Fatal(err)
		}
		verify := func(body string) sign.Verdict {
			return r.Verify(&sign.Message{Body: []byte(strings.Replace(body, "SIG", signed.Signature, 1))}, keys, sign.VerifyOptions{})
		}
		if v := verify(c.good); !v.OK {
			t.Errorf("%s: %+v", c.rules.ID, v)
		}
		if v := verify("\ufeff" + c.good + "\r\n"); !v.OK {
			t.Errorf("%s: with a mark before and a line break behind it: %+v", c.rules.ID, v)
		}
		for _, body := range c.bad {
			if v := verify(body); v.OK || v.Reason != sign.Mismatch && v.Reason != sign.MissingSignature || v.Detail.IsZero() {
				t.Errorf("%s: %s: %+v", c.rules.ID, body, v)
			}
		}
	}
}
