package explain

// What a text is that is not a key of the scheme.

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// reading is a way to decode a key's text where that of the scheme fails.
type reading struct {
	what string // what the text is: goes on after "key …"; "" for what needs no mention
	fix  string
	raw  []byte
}

// Key is r.Key with an error that says what the text is, where people often take it for the key.
func Key(r *sign.Rules, text string) (sign.Key, error) {
	k, err := r.Key(text)
	return k, explainKey(r, err, text, false)
}

// SigningKey is r.SigningKey in the same way.
func SigningKey(r *sign.Rules, text string) (sign.Key, error) {
	k, err := r.SigningKey(text)
	return k, explainKey(r, err, text, true)
}

func explainKey(r *sign.Rules, err error, text string, signing bool) error {
	if refused, ok := errors.AsType[*sign.KeyError](err); ok && refused.Unread {
		refused.Problem = cmp.Or(keyMistake(r, text, signing), refused.Problem)
	}
	return err
}

// keyMistake says what a refused key text is and what to do, or "" when nothing makes a key of it. It never quotes the text.
func keyMistake(r *sign.Rules, text string, signing bool) string {
	const most = 64 << 10
	if len(text) > most {
		return ""
	}
	for _, clean := range cleaned(text) {
		for _, how := range readings(r, clean.raw, signing) {
			if how.what == "" && clean.what == "" || !isKey(r, how.raw, signing) {
				continue
			}
			return joinWords(clean.what, how.what, " and ") + ": " + joinWords(clean.fix, how.fix, "; ")
		}
	}
	if !r.Public() {
		return ""
	}
	for _, clean := range cleaned(text) {
		if what := foreignKey(string(clean.raw)); what != "" {
			return what
		}
		for _, how := range readings(r, clean.raw, signing) {
			if what := otherKind(r, how.raw, signing); what != "" {
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

// cleaned is a text, and the text without blanks, quotes or a variable's name around it.
func cleaned(text string) []reading {
	out := []reading{{raw: []byte(text)}}
	add := func(what, fix, clean string) {
		if clean = strings.TrimSpace(clean); clean != "" && clean != text {
			out = append(out, reading{what, fix, []byte(clean)})
		}
	}
	trimmed := strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	add("has blanks, a line break or a byte order mark around it", "store it without", trimmed)
	if q := sign.Unquote(trimmed); q != trimmed {
		add("has quotes around it", "store it without them", q)
	}
	if value, ok := sign.EnvValue(trimmed); ok {
		add("is a whole line of an env file", "give what stands after the = only", sign.Unquote(strings.TrimSpace(value)))
	}
	return out
}

// readings are the ways to decode a text, the scheme's own first.
func readings(r *sign.Rules, clean []byte, signing bool) []reading {
	spec := &r.Scheme().Key
	rest, _ := spec.Strip(string(clean))
	enc := spec.Encoding
	var out []reading
	if raw, problem := spec.Bytes(rest); problem == "" {
		out = append(out, reading{raw: raw})
	}
	add := func(apply bool, what, fix string, raw []byte, err error) {
		if apply && err == nil && len(raw) > 0 {
			out = append(out, reading{what, fix, raw})
		}
	}
	line := strings.TrimRight(rest, "\r\n") // without the breaks at its end
	if enc == scheme.Hex {
		raw, err := hex.DecodeString(strings.NewReplacer("0x", "", "0X", "", ":", "", " ", "").Replace(rest))
		add(strings.TrimSpace(rest) == rest, "is hex with 0x, colons or blanks in it", "give the digits alone", raw, err)
	} else {
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(rest, "="))
		add(strings.ContainsAny(rest, "-_"), "is base64url, but this scheme's keys are base64", "write + for - and / for _", raw, err)
		raw, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(withoutBlanks(rest), "="))
		add(line != rest && withoutBlanks(rest) == line, "ends in a line break", "take it off: a key file may end in one, a variable's value may not", raw, err)
		add(withoutBlanks(rest) != rest, "is base64 on several lines or with blanks in it", "join it to one line (PEM text needs its BEGIN and END lines, or one line without them)", raw, err)
	}
	if !r.Public() {
		return out // anything could be an HMAC key
	}
	if enc == scheme.Hex {
		raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(withoutBlanks(rest), "="))
		add(true, "is base64, but this scheme's keys are hex", "convert it: openssl base64 -d -A <FILE"+last(r)+" | "+toHex, raw, err)
	} else {
		raw, err := hex.DecodeString(rest)
		add(true, "is hex, but this scheme's keys are base64", "convert it: xxd -r -p FILE | openssl base64 -A", raw, err)
	}
	return append(out, pemReadings(r, string(clean), signing)...)
}

// pemReadings are PEM text where it does not belong, and what was encoded twice.
func pemReadings(r *sign.Rules, text string, signing bool) []reading {
	raw, private, ok := unpem(text)
	label := "public key"
	if private {
		label = "private key"
	}
	switch {
	case ok && r.Scheme().Key.Encoding == scheme.SPKI:
		return []reading{{"is PEM text whose lines are joined or indented", "give the file as it was made, line by line, or its base64 alone on one line", raw}}
	case ok:
		return []reading{{"is a PEM file with a " + label + ", but " + wanted(r) + " is wanted", fromPEM(r, private, signing), raw}}
	}
	inner, err := base64.StdEncoding.DecodeString(withoutBlanks(text))
	if err != nil {
		return nil
	}
	if raw, private, ok := unpem(string(inner)); ok {
		fix := "decode it: openssl base64 -d -A <FILE >key.pem"
		if r.Scheme().Key.Encoding != scheme.SPKI {
			fix += "; then " + fromPEM(r, private, signing)
		}
		return []reading{{"is the base64 of a PEM file", fix, raw}}
	}
	if raw, err := hex.DecodeString(strings.TrimSpace(string(inner))); err == nil {
		return []reading{{"is the base64 of hex digits", "give " + wanted(r), raw}}
	}
	return nil
}

const toHex = `od -An -vtx1 | tr -d ' \n'`

// last is a command that cuts the key itself out of its DER form, where a scheme wants only that.
func last(r *sign.Rules) string {
	if r.Scheme().Algorithm == scheme.Ed25519 {
		return " | tail -c 32"
	}
	return ""
}

// wanted is the form of the scheme's keys.
func wanted(r *sign.Rules) string {
	if r.Scheme().Key.Encoding == scheme.Hex {
		return "the key in hex"
	}
	return "the key in base64"
}

// fromPEM is a command that makes what the scheme wants of key.pem.
func fromPEM(r *sign.Rules, private, signing bool) string {
	from := "openssl pkey -in key.pem -pubout"
	switch {
	case !private:
		from = "openssl pkey -pubin -in key.pem"
	case signing:
		from = "openssl pkey -in key.pem"
	}
	to := "openssl base64 -A"
	if r.Scheme().Key.Encoding == scheme.Hex {
		to = toHex
	}
	return from + " -outform DER" + last(r) + " | " + to
}

func withoutBlanks(s string) string { return strings.Join(strings.Fields(s), "") }

// unpem reads the first key of PEM text, however its lines were joined or indented.
func unpem(text string) (der []byte, private, ok bool) {
	for range 4 {
		_, rest, found := strings.Cut(text, "-----BEGIN ")
		name, rest, closed := strings.Cut(rest, "-----")
		body, after, ended := strings.Cut(rest, "-----END ")
		if !found || !closed || !ended {
			return nil, false, false
		}
		if text = after; name == "EC PARAMETERS" {
			continue // openssl writes it before the key
		}
		body = withoutBlanks(strings.NewReplacer(`\r`, "", `\n`, "", `\`, "").Replace(body))
		der, err := base64.StdEncoding.DecodeString(body)
		return der, strings.Contains(name, "PRIVATE"), err == nil
	}
	return nil, false, false
}

// isKey says whether decoded bytes are a key of the scheme's algorithm.
func isKey(r *sign.Rules, raw []byte, signing bool) bool {
	const fewest = 8 // bytes of an HMAC key
	if r.Public() {
		_, ok := r.KeyOf(raw, signing)
		return ok
	}
	return len(raw) >= fewest
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
func otherKind(r *sign.Rules, der []byte, signing bool) string {
	wants := ", but " + string(r.Scheme().Algorithm) + " wants "
	if r.Scheme().Algorithm == scheme.Ed25519 {
		wants += "an ed25519 key"
	} else {
		wants += "a P-256 key"
	}
	if r.Scheme().Algorithm == scheme.ECDSAP256 && sign.IsPoint(der) && !signing {
		return "is a bare P-256 point, but SPKI form is wanted: put the bytes 3059301306072a8648ce3d020106082a8648ce3d03010703420004 before its 64"
	}
	kind, public := sign.DERKind(der)
	switch {
	case kind == "":
		return ""
	case signing && public:
		return "is " + kind + ", but signing needs the private one"
	default:
		return "is " + kind + wants
	}
}
