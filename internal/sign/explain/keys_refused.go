package explain

// What a text is that is not a key of the scheme.

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// reading is a way to decode a key's text where that of the scheme fails.
type reading struct {
	what string // what the text is: goes on after "key …"; "" for what needs no mention
	fix  string
	raw  []byte
}

// wanted is the key that is wanted: by which rules, and what it is for.
type wanted struct {
	r          *sign.Rules
	makes      func(raw []byte) (sign.Key, bool) // a key of decoded bytes
	ofPrivate  string                            // a command that takes what is wanted out of a private key
	notPrivate string                            // goes on after what a public key is, where the private one is wanted; ""
	ofPoint    string                            // what to do with the bare point of a public key; "": that is none either
}

// verifying wants a key that verifies.
func verifying(r *sign.Rules) *wanted {
	return &wanted{
		r: r, makes: r.KeyOf, ofPrivate: "openssl pkey -in key.pem -pubout",
		ofPoint: "put the bytes 3059301306072a8648ce3d020106082a8648ce3d03010703420004 before its 64",
	}
}

// signing wants a key that signs.
func signing(r *sign.Rules) *wanted {
	return &wanted{r: r, makes: r.SigningKeyOf, ofPrivate: "openssl pkey -in key.pem", notPrivate: ", but signing needs the private one"}
}

// Key is r.Key with an error that says what the text is, where people often take it for the key.
func Key(r *sign.Rules, text string) (sign.Key, error) {
	k, err := r.Key(text)
	return k, verifying(r).explain(err, text)
}

// SigningKey is r.SigningKey in the same way.
func SigningKey(r *sign.Rules, text string) (sign.Key, error) {
	k, err := r.SigningKey(text)
	return k, signing(r).explain(err, text)
}

func (w *wanted) explain(err error, text string) error {
	if refused, ok := errors.AsType[*sign.KeyError](err); ok && refused.Unread {
		refused.Problem = cmp.Or(w.taken(text), w.damaged(text), w.mistake(text), joinWords(refused.Problem, shown(w.r.Scheme()), "; "))
	}
	return err
}

// damaged says what nothing can make a key of: a prefix that stands there twice, or base64 that lacks a piece, whose length is one more
// than a multiple of 4. It is "" when the text is neither.
func (w *wanted) damaged(text string) string {
	spec := &w.r.Scheme().Key
	rest, _ := spec.Strip(sign.Unquote(strings.TrimSpace(text)))
	digits := strings.TrimRight(rest, "=")
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	switch {
	case spec.Prefix != "" && strings.HasPrefix(rest, spec.Prefix):
		return "begins with " + spec.Prefix + " twice: leave one out"
	case spec.Encoding == scheme.Base64 && len(digits)%4 == 1 && strings.Trim(digits, letters) == "":
		return "is not whole: base64 never has " + fault.Plural(len(digits), "character") + "; copy all of it"
	default:
		return ""
	}
}

// taken says what another key was taken for the scheme's, and where the scheme's is shown.
func (w *wanted) taken(text string) string {
	s := w.r.Scheme()
	what := taken(s, text)
	if what == "" {
		return ""
	}
	return "looks like " + what + "; " + cmp.Or(shown(s), "give the key that signs this webhook")
}

// mistake says what a refused key text is and what to do, or "" when nothing makes a key of it. It never quotes the text.
func (w *wanted) mistake(text string) string {
	const most = 64 << 10
	if len(text) > most {
		return ""
	}
	for _, clean := range cleaned(text, w.r.Scheme().Key.Prefix) {
		for _, how := range w.readings(clean.raw) {
			if how.what == "" && clean.what == "" || !w.isKey(how.raw) {
				continue
			}
			return joinWords(clean.what, how.what, " and ") + ": " + joinWords(clean.fix, how.fix, "; ")
		}
	}
	if !w.r.Public() {
		return ""
	}
	for _, clean := range cleaned(text, w.r.Scheme().Key.Prefix) {
		if what := w.foreignKey(string(clean.raw)); what != "" {
			return what
		}
		for _, how := range w.readings(clean.raw) {
			if what := w.otherKind(how.raw); what != "" {
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

// cleaned is a text as it is, without one thing that copying added, and without two.
func cleaned(text, prefix string) []reading {
	out := cleanedOnce(text, prefix)
	for _, once := range out[1:] {
		for _, twice := range cleanedOnce(string(once.raw), prefix)[1:] {
			out = append(out, reading{joinWords(once.what, twice.what, " and "), joinWords(once.fix, twice.fix, "; "), twice.raw})
		}
	}
	return out
}

// cleanedOnce is a text, and the text without blanks, quotes, a variable's name and the like around it.
func cleanedOnce(text, prefix string) []reading {
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
	if value, ok := cutFold(trimmed, "bearer "); ok {
		add("has the word Bearer in front", "give what stands behind it", value)
	}
	if strings.HasPrefix(trimmed, "v1,whsec_") {
		add("has v1, before whsec_, as Supabase shows it", "leave v1, out", strings.TrimPrefix(trimmed, "v1,"))
	}
	if bare, ok := strings.CutSuffix(trimmed, `\n`); ok {
		add("ends in a backslash and an n", "take them off: they were to be a line break, which is no part of a key", strings.TrimSuffix(bare, `\r`))
	}
	if plain := html.UnescapeString(trimmed); plain != trimmed {
		add("holds HTML entities, such as &amp; for &", "give the characters that they stand for", plain)
	}
	if plain, err := url.PathUnescape(trimmed); err == nil && plain != trimmed {
		add("is URL-encoded", "give the characters that %XX stand for", plain)
	}
	for _, a := range surroundings(trimmed, prefix) {
		if a.id != "several" || prefix != "" { // without a prefix nothing tells keys from other words
			add(a.what, a.fix, a.key)
		}
	}
	return append(out, unseen(trimmed)...)
}

// unseen is a text without characters that nobody sees, which come along when a key is copied from a page.
func unseen(text string) []reading {
	clean := withoutUnseen(text)
	if clean == text {
		return nil
	}
	return []reading{{"holds characters that cannot be seen, such as U+200B", "type it, or copy it as plain text", []byte(clean)}}
}

func withoutUnseen(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Cf, c) || c == '\u00a0' || c > 0x7f && unicode.IsSpace(c) {
			return -1
		}
		return c
	}, text)
}

// readings are the ways to decode a text, the scheme's own first.
func (w *wanted) readings(clean []byte) []reading {
	spec := &w.r.Scheme().Key
	rest, _ := spec.Strip(string(clean))
	raw, problem := spec.Bytes(rest)
	out := []reading{{raw: when(problem == "", raw)}}
	if spec.Encoding == scheme.Hex {
		out = append(out, hexReadings(rest)...)
	} else {
		out = append(out, base64Readings(rest)...)
	}
	if w.r.Public() { // anything could be an HMAC key
		out = append(append(out, w.otherEncoding(rest)), w.pemReadings(string(clean))...)
	}
	return slices.DeleteFunc(out, func(how reading) bool { return len(how.raw) == 0 })
}

// hexReadings are those of a text that should be hex. Here and below a reading that does not apply has no bytes.
func hexReadings(text string) []reading {
	digits := strings.NewReplacer("0x", "", "0X", "", ":", "", " ", "").Replace(text)
	return []reading{{
		"is hex with 0x, colons or blanks in it", "give the digits alone",
		when(strings.TrimSpace(text) == text, whole(hex.DecodeString(digits))),
	}}
}

// base64Readings are those of a text that should be base64.
func base64Readings(text string) []reading {
	line, joined := strings.TrimRight(text, "\r\n"), withoutBlanks(text)
	digits := strings.TrimRight(text, "=")
	lost := len(digits)%4 != 0 && len(text) < (len(digits)+3)/4*4
	raw := whole(base64.RawStdEncoding.DecodeString(strings.TrimRight(joined, "=")))
	return []reading{
		{
			"is base64url, but this scheme's keys are base64", "write + for - and / for _",
			when(strings.ContainsAny(text, "-_"), whole(base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "=")))),
		},
		{"ends in a line break", "take it off: a key file may end in one, a variable's value may not", when(line != text && joined == line, raw)},
		{
			"is base64 on several lines or with blanks in it", "join it to one line (PEM text needs its BEGIN and END lines, or one line without them)",
			when(joined != text, raw),
		},
		{"has lost a = at its end", "copy all of it: base64 ends in = or ==, or in none where its length is a multiple of 4", when(lost && digits != text, raw)},
		{"has a = too many at its end", "copy it again from where it was given out", when(!lost && digits != text, raw)},
	}
}

// otherEncoding reads base64 where the scheme has hex, and hex where it has base64.
func (w *wanted) otherEncoding(text string) reading {
	if w.r.Scheme().Key.Encoding == scheme.Hex {
		return reading{
			"is base64, but this scheme's keys are hex", "convert it: openssl base64 -d -A <FILE" + last(w.r) + " | " + toHex,
			whole(base64.RawStdEncoding.DecodeString(strings.TrimRight(withoutBlanks(text), "="))),
		}
	}
	return reading{"is hex, but this scheme's keys are base64", "convert it: xxd -r -p FILE | openssl base64 -A", whole(hex.DecodeString(text))}
}

// pemReadings are PEM text where it does not belong, and what was encoded twice.
func (w *wanted) pemReadings(text string) []reading {
	enc := w.r.Scheme().Key.Encoding
	spki := enc == scheme.SPKI || enc == scheme.PEM
	key, ok := unpem(text)
	switch {
	case ok && key.cert && enc != scheme.PEM:
		return nil
	case ok && spki:
		fix := "give the file as it was made, line by line" + when(enc == scheme.SPKI, ", or its base64 alone on one line")
		return []reading{{"is PEM text whose lines are joined or indented", fix, key.der}}
	case ok:
		return []reading{{"is a PEM file with a " + key.kind() + ", but " + w.form() + " is wanted", w.fromPEM(key), key.der}}
	}
	inner, err := base64.StdEncoding.DecodeString(withoutBlanks(text))
	if err != nil || len(inner) == 0 {
		return nil
	}
	if key, ok := unpem(string(inner)); ok {
		fix := "decode it: openssl base64 -d -A <FILE >key.pem" + when(!spki, "; then "+w.fromPEM(key))
		return []reading{{"is the base64 of a PEM file", fix, key.der}}
	}
	if enc == scheme.PEM && inner[0] == 0x30 {
		return []reading{{"is the base64 of a key without its PEM lines", "put a line -----BEGIN PUBLIC KEY----- before it, and -----END PUBLIC KEY----- after it", inner}}
	}
	return []reading{{"is the base64 of hex digits", "give " + w.form(), whole(hex.DecodeString(strings.TrimSpace(string(inner))))}}
}

const toHex = `od -An -vtx1 | tr -d ' \n'`

// last is a command that cuts the key itself out of its DER form, where a scheme wants only that.
func last(r *sign.Rules) string {
	if r.Scheme().Algorithm == scheme.Ed25519 {
		return " | tail -c 32"
	}
	return ""
}

// form is how the scheme writes its keys.
func (w *wanted) form() string {
	switch w.r.Scheme().Key.Encoding {
	case scheme.Hex:
		return "the key in hex"
	case scheme.PEM:
		return "the key in PEM"
	default:
		return "the key in base64"
	}
}

// pemKey is a key out of PEM text.
type pemKey struct {
	der     []byte
	private bool
	cert    bool
}

func (k pemKey) kind() string {
	switch {
	case k.private:
		return "private key"
	case k.cert:
		return "certificate"
	default:
		return "public key"
	}
}

// fromPEM is a command that makes what is wanted of key.pem.
func (w *wanted) fromPEM(key pemKey) string {
	from := "openssl pkey -pubin -in key.pem"
	if key.private {
		from = w.ofPrivate
	}
	to := "openssl base64 -A"
	if w.r.Scheme().Key.Encoding == scheme.Hex {
		to = toHex
	}
	return from + " -outform DER" + last(w.r) + " | " + to
}

func withoutBlanks(s string) string { return strings.Join(strings.Fields(s), "") }

// unpem reads the first key of PEM text, however its lines were joined or indented.
func unpem(text string) (key pemKey, ok bool) {
	for range 4 {
		_, rest, found := strings.Cut(text, "-----BEGIN ")
		name, rest, closed := strings.Cut(rest, "-----")
		body, after, ended := strings.Cut(rest, "-----END ")
		if !found || !closed || !ended {
			return pemKey{}, false
		}
		if text = after; name == "EC PARAMETERS" {
			continue // openssl writes it before the key
		}
		body = withoutBlanks(strings.NewReplacer(`\r`, "", `\n`, "", `\`, "").Replace(body))
		der, err := base64.StdEncoding.DecodeString(body)
		return pemKey{der, strings.Contains(name, "PRIVATE"), strings.Contains(name, "CERTIFICATE")}, err == nil
	}
	return pemKey{}, false
}

// isKey says whether decoded bytes are a key of the scheme's algorithm.
func (w *wanted) isKey(raw []byte) bool {
	const fewest = 8 // bytes of an HMAC key
	if w.r.Public() {
		_, ok := w.makes(raw)
		return ok
	}
	return len(raw) >= fewest
}

// foreignKey names a key that is written in a form of another tool; "" when it is none.
func (w *wanted) foreignKey(text string) string {
	takesCertificates := w.r.Scheme().Key.Encoding == scheme.PEM
	for _, k := range []struct{ mark, what string }{
		{"-----BEGIN CERTIFICATE REQUEST", "is a request for a certificate: give the certificate, or the public key"},
		{"-----BEGIN CERTIFICATE-", "is a certificate: take the public key out of it: openssl x509 -in FILE -noout -pubkey"},
		{"-----BEGIN ENCRYPTED", "is an encrypted private key: give the public one, as openssl pkey -in FILE -pubout writes it"},
		{"-----BEGIN OPENSSH", "is a private key of ssh: webhooks are not signed with those"},
		{"-----BEGIN PGP", "is a PGP key: webhooks are not signed with those"},
		{"ssh-", "is a public key of ssh: give the one that the provider shows for its webhooks"},
		{"ecdsa-sha2-", "is a public key of ssh: give the one that the provider shows for its webhooks"},
	} {
		if strings.HasPrefix(text, k.mark) && (!takesCertificates || k.mark != "-----BEGIN CERTIFICATE-") {
			return k.what
		}
	}
	return ""
}

// otherKind names a key of another algorithm, or a bare point; "" when the bytes are none.
func (w *wanted) otherKind(der []byte) string {
	algorithm, key := w.r.Scheme().Algorithm, "a P-256 key"
	switch {
	case algorithm == scheme.Ed25519:
		key = "an ed25519 key"
	case algorithm.RSA():
		key = "an RSA key"
	}
	if algorithm == scheme.ECDSAP256 && w.ofPoint != "" && sign.IsPoint(der) {
		return "is a bare P-256 point, but SPKI form is wanted: " + w.ofPoint
	}
	kind, public := sign.DERKind(der)
	switch {
	case kind == "":
		return ""
	case public && w.notPrivate != "":
		return "is " + kind + w.notPrivate
	default:
		return "is " + kind + ", but " + string(algorithm) + " wants " + key
	}
}
