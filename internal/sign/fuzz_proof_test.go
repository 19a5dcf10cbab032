package sign

// Tokens and structured fields that strangers wrote.

import (
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// FuzzDictionary reads field values. What was read is written in one form, which reads the same again.
func FuzzDictionary(f *testing.F) {
	for _, s := range []string{
		`sig1=("@method" "@query-param";name="a" "content-digest");created=1;keyid="k";alg="ed25519"`, "sig1=:AAAA:, b=?0;x, c=1.50, d=tok/en:*",
		`a="q\"\\", b=-12`, "a=();x=?1", "a", "a=1,", "a=:A:", "a=(1 2", "a=1.2345", "=1", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		dict, ok := readDictionary(s)
		if !ok {
			return
		}
		again := written(dict)
		back, ok := readDictionary(again)
		if !ok || written(back) != again {
			t.Fatalf("%q is written as %q, which reads as %q", s, again, written(back))
		}
	})
}

func written(dict []fieldMember) string {
	out := make([]string, len(dict))
	for i := range dict {
		out[i] = dict[i].key + "=" + dict[i].value()
	}
	return strings.Join(out, ", ")
}

// FuzzProofs feeds header texts to rules of tokens and message signatures: no panic, and nothing verifies that was not signed.
func FuzzProofs(f *testing.F) {
	none := "eyJhbGciOiJub25lIn0.eyJpYXQiOjE3NTAwMDAwMDB9."
	f.Add(none, `sig1=("@method");created=1750000000`, "sig1=:AAAA:", []byte("{}"))
	f.Add("Bearer "+none, `sig1=("content-digest" "date";bs "date";key="a");created=1;expires=2;tag="x"`, "sig1=:AAAA:, b=:AA==:", []byte(""))
	f.Add("eyJhbGciOiJIUzI1NiIsImNyaXQiOlsiYjY0Il19.eyJpYXQiOiIxIiwiZXhwIjotMSwibmJmIjoxZTk5OX0.AAAA", "", "", []byte("x"))
	var all []*Rules
	for _, s := range []*scheme.Scheme{
		{Algorithm: scheme.JWT, JWT: &scheme.JWTSpec{Alg: scheme.HS256, Header: scheme.Names{"Authorization"}, BodyClaim: "hash"}, Timestamp: &scheme.TimestampSpec{}},
		{Algorithm: scheme.JWT, JWT: &scheme.JWTSpec{Alg: scheme.HS256, Header: scheme.Names{"Authorization"}, Prefix: "Bearer ", Aud: "a", URLClaim: "u", Jti: true}},
		{Algorithm: scheme.HMACSHA256, MessageSignature: &scheme.MessageSignatureSpec{Components: scheme.Names{"@method"}}},
	} {
		r, err := Compile(s)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, r)
	}
	f.Fuzz(func(t *testing.T, token, input, sig string, body []byte) {
		for _, r := range all {
			key, err := r.Key("a key that nobody can guess, of the fuzzer")
			if err != nil {
				t.Fatal(err)
			}
			m := &Message{Method: "POST", URL: "https://example.test/" + token, Body: body, Header: map[string][]string{
				"Authorization": {token}, "Signature-Input": {input}, "Signature": {sig}, "Content-Digest": {sig}, "Date": {token, sig},
			}}
			v := r.Verify(m, []Key{key}, VerifyOptions{Now: time.Unix(1750000000, 0), IgnoreTime: len(body)%2 == 0})
			if v.OK || v.Reason == "" || v.Detail.IsZero() || v.Detail.String() == "" {
				t.Fatalf("%+v", v)
			}
			r.Fit(m.Header)
			_ = r.BodySums(m)
		}
	})
}
