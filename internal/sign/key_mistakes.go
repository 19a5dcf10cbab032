package sign

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// reading is one way to make bytes of a key text that the scheme's own way makes none of.
type reading struct {
	what string // what the text is: goes on after "key …"; "" for what needs no mention
	fix  string
	raw  []byte
}

// keyMistake says what a refused key text is and what to do, or "" when nothing makes a key of it. It never quotes the text.
func (r *Rules) keyMistake(text string, signing bool) string {
	const most = 64 << 10
	if len(text) > most {
		return ""
	}
	for _, clean := range cleaned(text) {
		for _, how := range r.readings(clean.raw, signing) {
			if how.what == "" && clean.what == "" || !r.isKey(how.raw, signing) {
				continue
			}
			return joinWords(clean.what, how.what, " and ") + ": " + joinWords(clean.fix, how.fix, "; ")
		}
	}
	if !r.public() {
		return ""
	}
	for _, clean := range cleaned(text) {
		if what := foreignKey(string(clean.raw)); what != "" {
			return what
		}
		for _, how := range r.readings(clean.raw, signing) {
			if what := r.otherKind(how.raw, signing); what != "" {
				return what
			}
		}
	}
	return ""
}

func joinWords(a, b, sep string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + sep + b
}

// cleaned is a text, and what is left of it without what people wrap keys in.
func cleaned(text string) []reading {
	out := []reading{{raw: []byte(text)}}
	add := func(what, fix, clean string) {
		if clean = strings.TrimSpace(clean); clean != "" && clean != text {
			out = append(out, reading{what, fix, []byte(clean)})
		}
	}
	trimmed := strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	add("has blanks, a line break or a byte order mark around it", "store it without", trimmed)
	if q := unquote(trimmed); q != trimmed {
		add("has quotes around it", "store it without them", q)
	}
	if name, value, ok := strings.Cut(trimmed, "="); ok && isEnvName(name) && strings.Trim(value, "= ") != "" {
		add("is a whole line of an env file", "give what stands after the = only", unquote(strings.TrimSpace(value)))
	}
	return out
}

type readingList []reading

// add keeps a reading that can be made and makes a key.
func (l *readingList) add(apply bool, what, fix string, raw []byte, err error) {
	if apply && err == nil && len(raw) > 0 {
		*l = append(*l, reading{what, fix, raw})
	}
}

// readings are the ways to decode a text, the scheme's own first.
func (r *Rules) readings(clean []byte, signing bool) []reading {
	rest, _ := r.stripPrefix(string(clean))
	enc := r.scheme.Key.Encoding
	var out readingList
	if raw, problem := decodeKeyText(rest, enc); problem == "" {
		out = append(out, reading{raw: raw})
	}
	add := out.add
	line := strings.TrimRight(rest, "\r\n") // without the breaks at its end
	if enc == encHex {
		raw, err := hex.DecodeString(strings.NewReplacer("0x", "", "0X", "", ":", "", " ", "").Replace(rest))
		add(strings.TrimSpace(rest) == rest, "is hex with 0x, colons or blanks in it", "give the digits alone", raw, err)
	} else {
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(rest, "="))
		add(strings.ContainsAny(rest, "-_"), "is base64url, but this scheme's keys are base64", "write + for - and / for _", raw, err)
		raw, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(withoutBlanks(rest), "="))
		add(line != rest && withoutBlanks(rest) == line, "ends in a line break", "take it off: a key file may end in one, a variable's value may not", raw, err)
		add(withoutBlanks(rest) != rest, "is base64 on several lines or with blanks in it", "join it to one line (PEM text needs its BEGIN and END lines, or one line without them)", raw, err)
	}
	if !r.public() {
		return out // anything could be an HMAC key
	}
	if enc == encHex {
		raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(withoutBlanks(rest), "="))
		add(true, "is base64, but this scheme's keys are hex", "convert it: openssl base64 -d -A <FILE"+r.last()+" | "+toHex, raw, err)
	} else {
		raw, err := hex.DecodeString(rest)
		add(true, "is hex, but this scheme's keys are base64", "convert it: xxd -r -p FILE | openssl base64 -A", raw, err)
	}
	return append(out, r.pemReadings(string(clean), signing)...)
}

// pemReadings are PEM text where it does not belong, and what was encoded twice.
func (r *Rules) pemReadings(text string, signing bool) []reading {
	raw, label, ok := unpem(text)
	switch {
	case ok && r.scheme.Key.Encoding == encSPKI:
		return []reading{{"is PEM text whose lines are joined or indented", "give the file as it was made, line by line, or its base64 alone on one line", raw}}
	case ok:
		return []reading{{"is a PEM file with a " + label + ", but " + r.wanted() + " is wanted", r.fromPEM(label, signing), raw}}
	}
	inner, err := base64.StdEncoding.DecodeString(withoutBlanks(text))
	if err != nil {
		return nil
	}
	if raw, label, ok := unpem(string(inner)); ok {
		fix := "decode it: openssl base64 -d -A <FILE >key.pem"
		if r.scheme.Key.Encoding != encSPKI {
			fix += "; then " + r.fromPEM(label, signing)
		}
		return []reading{{"is the base64 of a PEM file", fix, raw}}
	}
	if raw, err := hex.DecodeString(strings.TrimSpace(string(inner))); err == nil {
		return []reading{{"is the base64 of hex digits", "give " + r.wanted(), raw}}
	}
	return nil
}

const toHex = `od -An -vtx1 | tr -d ' \n'`

// last is a command that leaves of a DER form what is the key itself, where a scheme wants only that.
func (r *Rules) last() string {
	if r.scheme.Algorithm == Ed25519 {
		return " | tail -c 32"
	}
	return ""
}

// wanted is the form of the scheme's keys.
func (r *Rules) wanted() string {
	if r.scheme.Key.Encoding == encHex {
		return "the key in hex"
	}
	return "the key in base64"
}

// fromPEM is a command that makes what the scheme wants of key.pem.
func (r *Rules) fromPEM(label string, signing bool) string {
	from := "openssl pkey -in key.pem -pubout"
	switch {
	case label == publicLabel:
		from = "openssl pkey -pubin -in key.pem"
	case signing:
		from = "openssl pkey -in key.pem"
	}
	to := "openssl base64 -A"
	if r.scheme.Key.Encoding == encHex {
		to = toHex
	}
	return from + " -outform DER" + r.last() + " | " + to
}

const (
	publicLabel  = "public key"
	privateLabel = "private key"
)

func withoutBlanks(s string) string { return strings.Join(strings.Fields(s), "") }

// unpem reads the first key of PEM text, however its lines were joined or indented.
func unpem(text string) (der []byte, label string, ok bool) {
	for range 4 {
		_, rest, found := strings.Cut(text, "-----BEGIN ")
		name, rest, closed := strings.Cut(rest, "-----")
		body, after, ended := strings.Cut(rest, "-----END ")
		if !found || !closed || !ended {
			return nil, "", false
		}
		if text = after; name == "EC PARAMETERS" {
			continue // openssl writes it before the key
		}
		body = withoutBlanks(strings.NewReplacer(`\r`, "", `\n`, "", `\`, "").Replace(body))
		der, err := base64.StdEncoding.DecodeString(body)
		label = publicLabel
		if strings.Contains(name, "PRIVATE") {
			label = privateLabel
		}
		return der, label, err == nil
	}
	return nil, "", false
}

// isKey says whether decoded bytes are a key of the scheme's algorithm.
func (r *Rules) isKey(raw []byte, signing bool) bool {
	const fewest = 8 // bytes of an HMAC key that is taken for one
	d := &keyData{algorithm: r.scheme.Algorithm, secret: raw}
	switch d.algorithm {
	case Ed25519:
		return d.setEd25519(signing, signing) == ""
	case ECDSAP256:
		return d.setECDSA(signing) == ""
	case HMACSHA1, HMACSHA256, HMACSHA512, SHA256, Token:
		return len(raw) >= fewest
	default:
		return false
	}
}

// foreignKey names a key that is written in a form of another tool; "" when it is none.
func foreignKey(text string) string {
	for _, k := range []struct{ mark, what string }{
		{"-----BEGIN CERTIFICATE", "is a certificate: take the public key out of it: openssl x509 -in FILE -noout -pubkey"},
		{"-----BEGIN ENCRYPTED", "is an encrypted private key: give the public one, as openssl pkey -in FILE -pubout writes it"},
		{"-----BEGIN OPENSSH", "is a private key of ssh: webhooks are not signed with those"},
		{"-----BEGIN PGP", "is a PGP key: webhooks are not signed with those"},
		{"ssh-", "is a public key of ssh: give the one that the provider shows for its webhooks"},
		{"ecdsa-sha2-", "is a public key of ssh: give the one that the provider shows for its webhooks"},
	} {
		if strings.HasPrefix(text, k.mark) {
			return k.what
		}
	}
	return ""
}

// otherKind names a key of another algorithm, or a bare point; "" when the bytes are none.
func (r *Rules) otherKind(der []byte, signing bool) string {
	wants := ", but " + string(r.scheme.Algorithm) + " wants "
	if r.scheme.Algorithm == Ed25519 {
		wants += "an ed25519 key"
	} else {
		wants += "a P-256 key"
	}
	if r.scheme.Algorithm == ECDSAP256 && isPoint(der) && !signing {
		return "is a bare P-256 point, but SPKI form is wanted: put the bytes 3059301306072a8648ce3d020106082a8648ce3d03010703420004 before its 64"
	}
	kind := kindOfKey(der)
	switch {
	case kind == "":
		return ""
	case signing && strings.HasSuffix(kind, publicLabel):
		return "is " + kind + ", but signing needs the private one"
	default:
		return "is " + kind + wants
	}
}

func isPoint(b []byte) bool {
	const coordinates = 64
	if len(b) == coordinates {
		b = append([]byte{4}, b...)
	}
	_, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), b)
	return err == nil
}

func kindOfKey(der []byte) string {
	if k, err := x509.ParsePKIXPublicKey(der); err == nil {
		return kindOf(k) + " " + publicLabel
	}
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return kindOf(k) + " " + privateLabel
	}
	if k, err := x509.ParseECPrivateKey(der); err == nil {
		return kindOf(k) + " " + privateLabel
	}
	if _, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return "an RSA " + publicLabel
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return "an RSA " + privateLabel
	}
	return ""
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
