// Package masking decides which text looks like a secret, and holds the one mask.
package masking

import (
	"slices"
	"strings"
)

const (
	// Mask replaces a secret in a text.
	Mask = "****"
	// Masked replaces a header value that is itself a secret. The real value is never stored.
	Masked = "(masked)"
)

// Name says whether a field, parameter, setting or header of this name carries a secret.
func Name(name string) bool {
	name = strings.Join(strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return strings.ContainsRune("-_ .", c) }), "")
	if slices.Contains([]string{
		"key", "keys", "secret", "secrets", "token", "tokens", "password", "passwd", "passphrase", "pwd", "bearer", "authorization",
		"proxyauthorization", "cookie", "setcookie", "credential", "credentials", "sig", "pat", "jwt",
	}, strings.TrimPrefix(name, "x")) {
		return true
	}
	return slices.ContainsFunc([]string{
		"apikey", "secret", "secretkey", "signingkey", "webhookkey", "privatekey", "accesskey", "authkey", "sharedkey", "hmackey", "masterkey",
		"encryptionkey", "accesstoken", "apitoken", "authtoken", "bearertoken", "refreshtoken", "sessiontoken", "idtoken", "verifytoken",
		"webhooktoken", "sandboxtoken", "gitlabtoken", "csrftoken", "password", "credential", "credentials",
	}, func(end string) bool { return strings.HasSuffix(name, end) })
}

// Value is what may be shown of a named value: of a header, a field or a query parameter. A secret's name hides the value, a
// signature's name shortens it, and a value that looks like a secret is hidden whatever its name.
func Value(name, value string) string {
	low := strings.ToLower(name)
	switch {
	case strings.Contains(low, "signature"), strings.Contains(low, "hmac"):
		return Signature(value)
	case Name(name), strings.Contains(low, "auth"), strings.Contains(low, "session"), strings.Contains(low, "cookie"), strings.Contains(low, "secret"),
		strings.Contains(low, "token"), strings.Contains(low, "password"), strings.HasSuffix(low, "key"):
		return Mask
	default:
		return Text(value)
	}
}

// Signature is the beginning of a signature, which is enough to tell two apart. What stands beside it, such as the scheme's own
// version or time, stays.
func Signature(value string) string {
	const shown, longest = 8, 16
	var b strings.Builder
	for len(value) > 0 {
		n := len(value) - len(strings.TrimLeftFunc(value, digestRune))
		switch word := value[:n]; {
		case n == 0:
			n = len(value) - len(strings.TrimLeftFunc(value, func(c rune) bool { return !digestRune(c) }))
			b.WriteString(value[:n])
		case len(word) > longest || len(word) > shown && n == len(value) && b.Len() == 0:
			b.WriteString(word[:shown] + "…")
			n += len(value[n:]) - len(strings.TrimLeft(value[n:], "=")) // base64's padding
		default:
			b.WriteString(value[:n])
		}
		value = value[n:]
	}
	return b.String()
}

func digestRune(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("+/-_", c)
}

// Key is a key as platforms show it after the first time: its prefix and its last four characters.
func Key(key string) string {
	prefix := ""
	for _, p := range keyPrefixes() {
		if strings.HasPrefix(key, p) && len(p) > len(prefix) {
			prefix = p
		}
	}
	rest := key[len(prefix):]
	if len(rest) < 16 {
		return prefix + "****...****"
	}
	return prefix + "****...****" + rest[len(rest)-4:]
}
