package scheme

// The valid word that another one stands for.

import (
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/near"
)

// likeliest returns the valid word that means the same as a word, or else the nearest one; "" when there is none.
func likeliest(word string, valid []string) string {
	const longest = 64
	if len(word) > longest {
		return ""
	}
	bare := bareWord(word)
	if i := slices.IndexFunc(valid, func(v string) bool { return bare != "" && bareWord(v) == bare }); i >= 0 {
		return valid[i]
	}
	for _, other := range append(synonyms(bare), hmacName(bare)) {
		if slices.Contains(valid, other) {
			return other
		}
	}
	return near.Word(word, valid)
}

// bareWord is a word in lower case without dashes, underscores and the like.
func bareWord(s string) string {
	return strings.Map(func(c rune) rune {
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(s))
}

// synonyms are the valid words of all fields that mean the same as a word.
func synonyms(bare string) []string {
	var out []string
	for _, s := range []struct{ name, others string }{
		{UnitSeconds, "sec secs second seconds unix epoch unixtime unixseconds epochseconds"},
		{UnitMillis, "msec msecs milli millis millisecond milliseconds unixms unixmillis epochms epochmillis"},
		{UnitRFC3339, "iso iso8601 datetime date rfc3339nano"},
		{Hex, "hexadecimal hexdigest lowerhex hexlower base16"},
		{UpperHex, "upperhex hexupper uppercasehex"},
		{Base64, "b64 base64std stdbase64"},
		{Base64URL, "b64url urlsafebase64 base64urlsafe base64safe"},
		{UTF8, "text plain raw string ascii none"},
		{SPKI, "spki der"},
		{PEM, "x509 certificate crt publickey"},
		{string(Ed25519), "eddsa"},
		{string(ECDSAP256), "ecdsa es256 p256 ecdsap256 ecdsasha256 secp256r1 prime256v1"},
		{string(RSASHA256), "rsa rs256 sha256withrsa rsa256 rsasha256 sha256rsa rsassapkcs1v15sha256"},
		{string(RSASHA1), "rs1 sha1withrsa rsasha1 sha1rsa"},
		{string(RSASHA512), "rs512 sha512withrsa rsasha512 sha512rsa"},
		{string(Token), "bearer sharedsecret statictoken"},
		{PieceBody, "payload rawbody data requestbody content message"},
		{PieceTime, "ts time t unixtime date"},
		{PieceID, "msgid messageid webhookid eventid deliveryid"},
		{PieceSig, "signature digest hmac hash"},
		{PieceTS, "timestamp time t"},
		{PieceSecret, "key signingkey signingsecret"},
	} {
		if slices.Contains(strings.Fields(s.others), bare) {
			out = append(out, s.name)
		}
	}
	return out
}

// hmacName is the algorithm for a name that has HMAC, SHA and a size in any order, as in sha256-hmac or HS256.
func hmacName(bare string) string {
	rest, hmac := strings.CutPrefix(bare, "hs")
	for _, part := range []string{"hmac", "with", "sha"} {
		if strings.Contains(rest, part) {
			rest, hmac = strings.Replace(rest, part, "", 1), true
		}
	}
	switch rest {
	case "1":
		return string(HMACSHA1)
	case "256", "2":
		return string(HMACSHA256)
	case "512":
		return string(HMACSHA512)
	case "":
		if hmac {
			return string(HMACSHA256)
		}
	}
	return ""
}
