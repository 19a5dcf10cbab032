package e2e

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"
	"testing"
)

// ownSchemes are schemes of somebody's own. The last one hands out its keys in base64.
const ownSchemes = `schemes:
  acme:
    content: "{timestamp}:{body}"
    signature: {header: Acme-Signature, separator: ";", item: "h={sig}"}
    timestamp: {item: "t={ts}", tolerance: 5}
  bare:
    content: "{body}"
    signature: {header: Acme-Signature}
  coded:
    key: {encoding: base64, prefix: acme_}
    content: "{body}"
    signature: {header: Acme-Signature}
  tok:
    algorithm: token
    signature: {header: Authorization}
`

// fixCase is a request with a mistake, and what must be said of it.
type fixCase struct {
	scheme, key string
	header      []string
	flags       []string
	id          string // of the first finding
	fix         []string
	not         string // stands in no fix
}

const fixKey = "abcdefghijklmnop0123456789"

// macOf is an HMAC with fixKey.
func macOf(alg func() hash.Hash, text string) []byte {
	h := hmac.New(alg, []byte(fixKey))
	h.Write([]byte(text))
	return h.Sum(nil)
}

func (c *fixCase) check(t *testing.T) {
	t.Helper()
	w := newWorld(t)
	w.settings(ownSchemes)
	if c.key == "" {
		c.key = fixKey
	}
	args := []string{"verify", w.write("body", fixBody), "--scheme", c.scheme, "--secret-file", w.write("secret", c.key), "-o", "json", "--at", "1750000000"}
	for _, h := range c.header {
		args = append(args, "-H", h)
	}
	found := findingsOf(t, jsonOf[object](t, w.must(3, append(args, c.flags...)...)))
	if len(found) == 0 || found[0].ID != c.id {
		t.Fatalf("want %s, found %+v", c.id, found)
	}
	for _, want := range c.fix {
		if !strings.Contains(found[0].Fix, want) {
			t.Errorf("%s: fix %q lacks %q", c.id, found[0].Fix, want)
		}
	}
	if c.not != "" && strings.Contains(found[0].Fix, c.not) {
		t.Errorf("%s: fix %q holds %q", c.id, found[0].Fix, c.not)
	}
}

const (
	fixBody = `{"a":1,"b":"x"}`
	fixTime = "1750000000"
)

func runFixes(t *testing.T, cases []fixCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.scheme+" "+c.id, func(t *testing.T) {
			t.Parallel()
			c.check(t)
		})
	}
}

// TestDiagnoseFixOwnScheme: where the scheme is the user's own, the fix names the field that may be wrong, and its value.
func TestDiagnoseFixOwnScheme(t *testing.T) {
	t.Parallel()
	sig := func(text string) string { return hmacHex(fixKey, []byte(text), nil) }
	b64 := func(text string) string {
		return base64.StdEncoding.EncodeToString(macOf(sha256.New, text))
	}
	acme := func(text string) []string { return []string{"Acme-Signature: t=" + fixTime + ";h=" + sig(text)} }
	bare := func(value string, more ...string) []string {
		return append([]string{"Acme-Signature: " + value}, more...)
	}
	runFixes(t, []fixCase{
		{scheme: "acme", header: acme(fixTime + "." + fixBody), id: "text.separator", fix: []string{`set content: "{timestamp}.{body}" in scheme acme; if the scheme is right, the code that signs must sign {timestamp}:{body}`}},
		{scheme: "acme", header: acme(fixBody), id: "text.without_timestamp", fix: []string{`set content: "{body}" in scheme acme`}, not: "schemes list"},
		{scheme: "acme", header: acme(fixTime + "\n" + fixBody), id: "text.separator", fix: []string{`set content: "{timestamp}\n{body}" in scheme acme`}},
		{scheme: "bare", header: bare(sig(fixTime+"."+fixBody), "X-Time: "+fixTime), id: "text.with_timestamp", fix: []string{`set content: "{timestamp}.{body}" and timestamp.header: X-Time in scheme bare`}},
		{scheme: "bare", header: bare(b64(fixBody)), id: "digest.encoding.base64", fix: []string{"set signature.encoding: base64 in scheme bare"}},
		{scheme: "bare", header: bare("sha256=" + sig(fixBody)), id: "digest.prefix", fix: []string{`set signature.item: "sha256={sig}" in scheme bare`}},
		{scheme: "bare", header: bare("t=" + fixTime + ",v1=" + sig(fixBody)), id: "digest.prefix", fix: []string{`set signature.item: "v1={sig}" and signature.separator: "," in scheme bare`}},
		{scheme: "bare", header: bare(hex.EncodeToString(macOf(sha512.New, fixBody))), id: "digest.algorithm.hmac-sha512", fix: []string{"set algorithm: hmac-sha512 in scheme bare"}},
		{scheme: "bare", header: []string{"Acme-Sig: " + sig(fixBody)}, id: "signature.other_header", fix: []string{"set signature.header: Acme-Sig in scheme bare"}},
		{scheme: "bare", header: bare(sig(fixBody)), key: base64.StdEncoding.EncodeToString([]byte(fixKey)), id: "key.base64", fix: []string{"set key.encoding: base64 in scheme bare; if the scheme is right, the key at hand is the base64 of the real one: decode it (base64 -d)"}},
		{scheme: "coded", header: bare(hmacHex("YWJjZGVmZ2hpamtsbW5vcA==", []byte(fixBody), nil)), key: "acme_YWJjZGVmZ2hpamtsbW5vcA==", id: "key.text.stripped", fix: []string{"set key.encoding: utf8 in scheme coded", "decode it as base64"}},
		{scheme: "tok", header: []string{"Authorization: Bearer " + fixKey}, id: "token.wrapped", fix: []string{`set signature.prefix: "Bearer " in scheme tok`}},
	})
}

// TestDiagnoseFixCatalogue: a provider signs as it says, so the fix is about the receiver's key, or about who really signed.
func TestDiagnoseFixCatalogue(t *testing.T) {
	t.Parallel()
	stripe := func(key, text string) []string {
		return []string{"Stripe-Signature: t=" + fixTime + ",v1=" + hmacHex(key, []byte(text), nil)}
	}
	const signed = fixTime + "." + fixBody
	const github = "X-Hub-Signature-256: sha256="
	const other = "or the sender is not github: whctl schemes list"
	runFixes(t, []fixCase{
		{scheme: "github", header: []string{github + hmacHex(fixKey, []byte(fixBody), nil)}, key: base64.StdEncoding.EncodeToString([]byte(fixKey)), id: "key.base64", fix: []string{"decode it (base64 -d) and give what comes out"}, not: "decodes nothing"},
		{scheme: "github", header: []string{github + hmacHex(fixKey, []byte(fixBody), nil)}, key: hex.EncodeToString([]byte(fixKey)), id: "key.hex", fix: []string{"decode it (xxd -r -p) and give what comes out"}},
		{scheme: "github", header: []string{github + hmacHex("\x01\x02\x03\xff\xfe0123456", []byte(fixBody), nil)}, key: base64.StdEncoding.EncodeToString([]byte("\x01\x02\x03\xff\xfe0123456")), id: "key.base64", fix: []string{"use the key's text and decode nothing", other}},
		{scheme: "github", header: []string{github + base64.StdEncoding.EncodeToString(macOf(sha256.New, fixBody))}, id: "digest.encoding.base64", fix: []string{"write the digest in hex", other}},
		{scheme: "github", header: []string{github + hex.EncodeToString(macOf(sha1.New, fixBody))}, id: "digest.algorithm.hmac-sha1", fix: []string{"make it as HMAC-SHA-256", other}},
		{scheme: "github", header: []string{github + hmacHex(fixKey, []byte(fixTime+fixBody), nil), "X-Time: " + fixTime}, id: "text.with_timestamp", fix: []string{"sign {body}; " + other}, not: "set content"},
		{scheme: "stripe", header: stripe("whsec_"+fixKey, signed), id: "key.prefix.missing", fix: []string{"give the whole key, as it was given out: whsec_ is part of it"}, not: "sender"},
		{scheme: "stripe", header: stripe(fixKey, signed), key: "whsec_" + fixKey, id: "key.prefix", fix: []string{"keep the prefix", "or the sender is not stripe: whctl schemes list"}},
	})
}
