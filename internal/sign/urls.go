package sign

// The forms of a URL that is signed.

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// urlForms returns the forms of a URL that a verifier tries, the one a sender signs first.
func (r *Rules) urlForms(raw string) []string {
	forms := []string{raw}
	add := func(s string) {
		if s != "" && !slices.Contains(forms, s) {
			forms = append(forms, s)
		}
	}
	if slices.Contains(r.Scheme().URLMatch, scheme.URLDecoded) {
		if d := DecodeURLMarks(raw); d != raw {
			forms = []string{d, raw}
		}
	}
	if slices.Contains(r.Scheme().URLMatch, scheme.URLPort) {
		for _, f := range slices.Clone(forms) {
			without, with := PortForms(f)
			add(without)
			add(with)
		}
	}
	return forms
}

// PortForms returns the URL without a port, and with its scheme's default port when it had none.
func PortForms(raw string) (without, with string) {
	proto, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return "", ""
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, tail := rest[:end], rest[end:]
	if i := strings.LastIndexByte(host, ':'); i >= 0 && i > strings.LastIndexAny(host, "]@") {
		return proto + "://" + host[:i] + tail, ""
	}
	port := ":443"
	if strings.EqualFold(proto, "http") {
		port = ":80"
	}
	return "", proto + "://" + host + port + tail
}

// DecodeURLMarks turns the escapes of marks that are legal in a URL into the marks, as HubSpot does before it signs
// (https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests).
func DecodeURLMarks(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	return strings.NewReplacer(
		"%3A", ":", "%2F", "/", "%3F", "?", "%40", "@", "%21", "!", "%24", "$", "%27", "'", "%28", "(", "%29", ")", "%2A", "*", "%2C", ",", "%3B", ";",
		"%3a", ":", "%2f", "/", "%3f", "?", "%2a", "*", "%2c", ",", "%3b", ";",
	).Replace(s)
}

// bodyHash says why the URL's query parameter does not hold the body's hex SHA-256; nothing when it does.
func (r *Rules) bodyHash(m *Message) Detail {
	name := r.Scheme().BodyHash.Query
	_, query, _ := strings.Cut(m.URL, "?")
	query, _, _ = strings.Cut(query, "#")
	got := ""
	for part := range strings.SplitSeq(query, "&") {
		if k, v, _ := strings.Cut(part, "="); scheme.Unescape(k) == name {
			got = scheme.Unescape(v)
			break
		}
	}
	if got == "" {
		return Detail{Code: Missing, Place: Place{InQuery, name}}
	}
	sum := sha256.Sum256(m.Body)
	var want [2 * sha256.Size]byte
	hex.Encode(want[:], sum[:])
	if subtle.ConstantTimeCompare([]byte(strings.ToLower(got)), want[:]) != 1 {
		return Detail{Code: BodyHashDiffers, Place: Place{InQuery, name}}
	}
	return Detail{}
}

// BodyHashHolds says whether the URL holds the hash of a body, for schemes that have it there; false for others.
func (r *Rules) BodyHashHolds(m *Message) bool {
	return r.Scheme().BodyHash != nil && r.bodyHash(m).IsZero()
}

// withBodyHash returns the URL with the query parameter set to the body's hash, in its place if it is there.
func (r *Rules) withBodyHash(raw string, sum []byte) string {
	name := url.QueryEscape(r.Scheme().BodyHash.Query)
	pair := name + "=" + hex.EncodeToString(sum)
	base, fragment, hasFragment := strings.Cut(raw, "#")
	base, query, _ := strings.Cut(base, "?")
	var parts []string
	placed := false
	for part := range strings.SplitSeq(query, "&") {
		switch k, _, _ := strings.Cut(part, "="); {
		case part == "":
		case k == name && placed:
		case k == name:
			parts, placed = append(parts, pair), true
		default:
			parts = append(parts, part)
		}
	}
	if !placed {
		parts = append(parts, pair)
	}
	out := base + "?" + strings.Join(parts, "&")
	if hasFragment {
		out += "#" + fragment
	}
	return out
}
