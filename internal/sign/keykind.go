package sign

// What kind of key a text is.

import (
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// A key's kind is read from its text, before any message. A public key must never serve as a shared secret: everybody could
// sign with it.

// maxKeyText bounds the texts whose kind is looked for, in bytes.
const maxKeyText = 64 << 10

// MayBePublic says whether a text could be the public key of a public-key scheme: 32 bytes in hex or base64, as Discord and
// others show one. It could be a shared secret as well; only its owner knows.
func MayBePublic(text string) bool { return mayBePublic(text, maxLayers) }

// maxLayers is how many encodings, one around another, are taken off a text.
const maxLayers = 3

func mayBePublic(text string, layers int) bool {
	if len(text) > maxKeyText || layers == 0 {
		return false
	}
	if len(text) == ed25519.PublicKeySize && !isText([]byte(text)) {
		return true // the bytes themselves
	}
	return slices.ContainsFunc(keyBytes(bareKey(text)), func(raw []byte) bool {
		return len(raw) == ed25519.PublicKeySize || isCompressedPoint(raw) || isText(raw) && mayBePublic(string(raw), layers-1)
	})
}

// isText says whether bytes are characters that stand in a file of text.
func isText(b []byte) bool {
	return utf8.Valid(b) && !bytes.ContainsFunc(b, func(c rune) bool { return c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f })
}

// isNUL says whether bytes are all NUL. HMAC pads a short key with NUL bytes (RFC 2104), so such a key is the same as none.
func isNUL(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

// isCompressedPoint says whether bytes have the form of a compressed point of a curve of 256 bits.
func isCompressedPoint(b []byte) bool {
	return len(b) == 33 && (b[0] == 2 || b[0] == 3)
}

// PublicKind names the form of public-key cryptography that a key text has; "" when it has none. A text with such a form is
// never a shared secret, whatever a scheme says.
func PublicKind(text string) string { return layeredKind(text, maxLayers) }

func layeredKind(text string, layers int) string {
	if len(text) > maxKeyText || layers == 0 {
		return ""
	}
	if what := derKind([]byte(text)); what != "" {
		return what
	}
	text = strings.TrimPrefix(bareKey(text), "whsec_")
	if what := writtenKind(text); what != "" {
		return what
	}
	for _, raw := range keyBytes(text) {
		if what := cmp.Or(derKind(raw), pointKind(raw)); what != "" {
			return what
		}
		if !isText(raw) {
			continue
		}
		if what := layeredKind(string(raw), layers-1); what != "" {
			return what
		}
	}
	return ""
}

// bareKey is a text without quotes, labels and the like around the key.
func bareKey(text string) string {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if value, ok := EnvValue(text); ok && !isWhole64(text) {
		text = strings.TrimSpace(value)
	}
	text = strings.TrimSpace(Unquote(text))
	for _, label := range []string{"ed25519:", "ed25519=", "0x", "0X"} {
		text = strings.TrimPrefix(text, label)
	}
	return text
}

// isWhole64 says whether a text is base64 to its end, padding included. Its = is then not that of a line of an env file.
func isWhole64(text string) bool {
	_, err := base64.StdEncoding.DecodeString(text)
	return err == nil
}

// keyBytes are the bytes that a text stands for, in each encoding of keys.
func keyBytes(text string) [][]byte {
	var out [][]byte
	joined := strings.Join(strings.Fields(text), "")
	if raw, err := hex.DecodeString(strings.ReplaceAll(joined, ":", "")); err == nil && len(raw) > 0 {
		out = append(out, raw)
	}
	bare := strings.TrimRight(strings.NewReplacer(`\n`, "", `\r`, "", "-", "+", "_", "/").Replace(joined), "=")
	if raw, err := base64.RawStdEncoding.DecodeString(bare); err == nil && len(raw) > 0 {
		out = append(out, raw)
	}
	return out
}

// writtenKind knows the forms that are text: PEM, ssh, PGP, minisign, JWK, and the labelled keys of Standard Webhooks.
func writtenKind(text string) string {
	if what := markedKind(text); what != "" {
		return what
	}
	if isJWK(text) {
		return "a JWK"
	}
	for field := range strings.FieldsSeq(text) {
		raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(field, "="))
		switch {
		case err != nil:
		case isSSH(raw):
			return "an ssh key"
		case len(raw) == 42 && (raw[0] == 'E' && (raw[1] == 'd' || raw[1] == 'D')):
			return "a minisign key"
		}
	}
	for _, label := range []string{"whpk_", "whsk_"} {
		if rest, ok := strings.CutPrefix(text, label); ok {
			raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(rest, "="))
			if err == nil && (len(raw) == ed25519.PublicKeySize || len(raw) == ed25519.PrivateKeySize) {
				return "an ed25519 key (" + label + ")"
			}
		}
	}
	return ""
}

// markedKind knows the forms that say what they are.
func markedKind(text string) string {
	upper := strings.ToUpper(strings.ReplaceAll(text, "\x00", "")) // UTF-16 has them between the characters
	for _, k := range []struct{ mark, what string }{
		{"-----BEGIN CERTIFICATE", "a certificate"},
		{"-----BEGIN X509 CERTIFICATE", "a certificate"},
		{"-----BEGIN TRUSTED CERTIFICATE", "a certificate"},
		{"-----BEGIN OPENSSH", "an ssh key"},
		{"---- BEGIN SSH2", "an ssh key"},
		{"-----BEGIN PGP", "a PGP key"},
		{"-----BEGIN ", "a PEM file"},
		{"UNTRUSTED COMMENT:", "a minisign key"},
	} {
		if strings.Contains(upper, k.mark) {
			return k.what
		}
	}
	names := []string{"ssh-ed25519 ", "ssh-rsa ", "ssh-dss ", "ecdsa-sha2-nistp", "sk-ssh-ed25519", "sk-ecdsa-sha2", "ssh-ed25519-cert", "ssh-rsa-cert"}
	if slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(text, name) }) {
		return "an ssh key"
	}
	return ""
}

// isJWK says whether a text is a JSON Web Key or a set of them.
func isJWK(text string) bool {
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return false
	}
	type jwk struct {
		Kty  any   `json:"kty"`
		Keys []any `json:"keys"`
	}
	var one jwk
	var list []jwk
	return json.Unmarshal([]byte(text), &one) == nil && (one.Kty != nil || len(one.Keys) > 0) ||
		json.Unmarshal([]byte(text), &list) == nil && len(list) > 0 && list[0].Kty != nil
}

// isSSH says whether bytes are a public key as ssh writes one: the length of the algorithm's name, and the name.
func isSSH(b []byte) bool {
	if len(b) < 16 {
		return false
	}
	n := binary.BigEndian.Uint32(b)
	if n < 7 || int(n) > min(64, len(b)-4) {
		return false
	}
	name := string(b[4 : 4+n])
	return strings.HasPrefix(name, "ssh-") || strings.HasPrefix(name, "ecdsa-sha2-") || strings.HasPrefix(name, "sk-")
}

// derKind names DER: a public or private key, a certificate, or another whole sequence, such as a key of a curve that is not
// known here.
func derKind(b []byte) string {
	const least = 40 // bytes: the shortest public key, of ed25519, has 44
	if len(b) < least || b[0] != 0x30 {
		return ""
	}
	if kind, _ := DERKind(b); kind != "" {
		return kind
	}
	var whole asn1.RawValue
	if rest, err := asn1.Unmarshal(b, &whole); err != nil || len(rest) > 0 || !whole.IsCompound {
		return ""
	}
	for inner := whole.Bytes; len(inner) > 0; {
		var one asn1.RawValue
		rest, err := asn1.Unmarshal(inner, &one)
		if err != nil {
			return ""
		}
		inner = rest
	}
	return "a key or certificate in DER form"
}

// smallestPoint is the size of the two coordinates of P-256, in bytes.
const smallestPoint = 64

// pointKind names a bare point of a curve, and the private key of ed25519 with its public part. Random bytes do not have their form.
func pointKind(b []byte) string {
	if len(b) < smallestPoint { // most keys; the curves take time to set up
		return ""
	}
	if len(b) == ed25519.PrivateKeySize && ed25519.NewKeyFromSeed(b[:ed25519.SeedSize]).Equal(ed25519.PrivateKey(b)) {
		return "an ed25519 private key"
	}
	if IsPoint(b) {
		return "a bare P-256 point"
	}
	for _, curve := range []elliptic.Curve{elliptic.P384(), elliptic.P521()} {
		if _, err := ecdsa.ParseUncompressedPublicKey(curve, b); err == nil {
			return "a bare " + curve.Params().Name + " point"
		}
	}
	return ""
}

// isWeakPoint says whether an ed25519 public key has a small order. Anybody can write a signature that holds for one. The list is that of RFC 7748's curve in both forms of each coordinate (https://eprint.iacr.org/2020/1244, table 1).
func isWeakPoint(pub []byte) bool {
	clean := slices.Clone(pub)
	clean[len(clean)-1] &= 0x7f // the sign of x
	return slices.Contains([]string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	}, hex.EncodeToString(clean))
}

// Unquote takes off the quotes around a text.
func Unquote(s string) string {
	for _, q := range []string{`"`, "'", "`"} {
		if len(s) > 2 && strings.HasPrefix(s, q) && strings.HasSuffix(s, q) {
			return s[1 : len(s)-1]
		}
	}
	return s
}

// EnvValue is the value of a key's text that is a whole line of an env file; false when it is none.
func EnvValue(text string) (string, bool) {
	name, value, ok := strings.Cut(text, "=")
	return value, ok && isEnvName(name) && strings.Trim(value, "= ") != ""
}

func isEnvName(s string) bool {
	s = strings.TrimPrefix(s, "export ")
	for i := range len(s) {
		if !scheme.IsWordByte(s[i]) && s[i] != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// IsPoint says whether bytes are a bare point of P-256.
func IsPoint(b []byte) bool {
	if len(b) == smallestPoint {
		b = append([]byte{4}, b...)
	}
	_, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), b)
	return err == nil
}

// DERKind names the key that is written in DER, such as "an RSA public key"; "" when it is none.
func DERKind(der []byte) (kind string, public bool) {
	const publicKey, privateKey = " public key", " private key"
	if k, err := x509.ParsePKIXPublicKey(der); err == nil {
		return kindOf(k) + publicKey, true
	}
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return kindOf(k) + privateKey, false
	}
	if k, err := x509.ParseECPrivateKey(der); err == nil {
		return kindOf(k) + privateKey, false
	}
	if _, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return "an RSA" + publicKey, true
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return "an RSA" + privateKey, false
	}
	return "", false
}

func kindOf(k any) string {
	switch k := k.(type) {
	case *rsa.PublicKey, *rsa.PrivateKey:
		return "an RSA"
	case ed25519.PublicKey, ed25519.PrivateKey:
		return "an ed25519"
	case *ecdsa.PublicKey:
		return "a " + k.Curve.Params().Name
	case *ecdsa.PrivateKey:
		return "a " + k.Curve.Params().Name
	default:
		return "another kind of"
	}
}
