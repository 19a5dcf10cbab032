package sign_test

// Headers, templates and schemes that strangers wrote.

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// FuzzHeaders feeds header texts to every built-in scheme: no panic, and nothing verifies that was not signed.
func FuzzHeaders(f *testing.F) {
	for _, v := range loadVectors(f) {
		for name, value := range v.Headers {
			f.Add(name, value, "1767225600", v.body())
		}
	}
	f.Add("X", "t=1,v1=,,v1= ,;t=", "", []byte(`{"signature":{"signature":"00"}}`))
	type ready struct {
		r   *sign.Rules
		key []sign.Key
	}
	var all []ready
	for _, name := range scheme.BuiltinNames() {
		r := signtest.Rules(f, name)
		_, public := signtest.KeyPair(f, r.Scheme())
		all = append(all, ready{r, signtest.Keys(f, r, public)})
	}
	f.Fuzz(func(t *testing.T, name, value, ts string, body []byte) {
		for _, s := range all {
			h := map[string][]string{scheme.CanonicalHeader(name): {value}}
			for _, n := range s.r.SignatureHeaders() {
				h[n] = []string{value, ts}
			}
			if spec := s.r.Scheme().Timestamp; spec != nil && len(spec.Header) > 0 {
				h[scheme.CanonicalHeader(spec.Header[0])] = []string{ts}
			}
			v := s.r.Verify(&sign.Message{Method: "POST", URL: value, Header: h, Body: body}, s.key, sign.VerifyOptions{Now: time.Unix(1767225600, 0), IgnoreTime: len(ts)%2 == 0})
			if v.OK {
				t.Fatalf("%s verifies a header that was never signed", s.r.Scheme().Name)
			}
			if _, err := json.Marshal(v.SignedAt); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzTemplate compiles templates and patterns; what compiles must sign and verify what it signed.
func FuzzTemplate(f *testing.F) {
	for _, name := range scheme.BuiltinNames() {
		s, err := scheme.Builtin(name)
		if err != nil {
			f.Fatal(err)
		}
		unit := ""
		if s.Timestamp != nil {
			unit = s.Timestamp.Unit
		}
		f.Add(s.Content, s.Signature.Item, s.Signature.Separator, unit, s.Signature.Prefix)
	}
	f.Add("{{}}{header:X}{param:p}{json:a[0].b}", "{*}:{sig}", ";", "layout:%d/%b/%Y %T", "x")
	f.Fuzz(func(t *testing.T, content, item, separator, unit, prefix string) {
		s := &scheme.Scheme{
			Name: "f", Content: content, Signature: scheme.SignatureSpec{Header: scheme.Names{"X-Sig"}, Item: item, Separator: separator, Prefix: prefix},
			Timestamp: &scheme.TimestampSpec{Header: scheme.Names{"X-Time"}, Unit: unit}, ID: &scheme.IDSpec{Header: scheme.Names{"X-Id"}},
		}
		r, err := sign.Compile(s)
		if err != nil {
			if _, ok := errors.AsType[*scheme.Error](err); !ok {
				t.Fatal(err)
			}
			return
		}
		signed, v, ok := roundTrip(t, r)
		// What a header cannot carry as it is cannot come back: blanks at the ends, a separator within, ambiguous wildcards.
		clean := !strings.ContainsAny(prefix+item, " \t,;*") && signed.Timestamp != "" && strings.Trim(signed.Timestamp, " \t") == signed.Timestamp
		if ok && clean && !v.OK {
			t.Fatalf("%+v of %+v", v, signed)
		}
	})
}

// roundTrip signs a message by rules that may be odd, and verifies it. It is false when there is nothing to sign: the rules want
// a header or a member that is not there.
func roundTrip(t *testing.T, r *sign.Rules) (sign.Signed, sign.Verdict, bool) {
	t.Helper()
	params := map[string]string{}
	for _, p := range r.Needs().Params {
		params[p] = "v"
	}
	keys := signtest.Keys(t, r, "key")
	signed, err := r.Sign(sign.SignRequest{Time: signtest.Clock(), ID: "id", Method: "POST", URL: "https://a.test", Params: params}, keys)
	if err != nil {
		return signed, sign.Verdict{}, false
	}
	m := &sign.Message{Method: "POST", URL: "https://a.test", Header: map[string][]string{}, Params: params}
	for _, f := range signed.Fields {
		m.Header[scheme.CanonicalHeader(f.Name)] = []string{f.Value}
	}
	return signed, r.Verify(m, keys, sign.VerifyOptions{Now: signtest.Clock(), IgnoreTime: true}), true
}

// FuzzDecodeScheme decodes JSON trees; what decodes must encode and decode to the same.
func FuzzDecodeScheme(f *testing.F) {
	for _, name := range scheme.BuiltinNames() {
		s, err := scheme.Builtin(name)
		if err != nil {
			f.Fatal(err)
		}
		b, err := json.Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"content":1,"signature":[],"timestamp":{"tolerance":"off"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s scheme.Scheme
		if json.Unmarshal(b, &s) != nil {
			return
		}
		if s.Content == "" && s.Signature.Header == nil && s.Signature.JSON == "" {
			return // JSON null leaves a value as it was
		}
		out, err := json.Marshal(&s)
		if err != nil {
			t.Fatal(err)
		}
		var back scheme.Scheme
		if err := json.Unmarshal(out, &back); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		if r, err := sign.Compile(&s); err != nil {
			t.Fatal(err)
		} else {
			r.Needs()
		}
	})
}
