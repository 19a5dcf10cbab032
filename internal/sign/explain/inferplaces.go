package explain

// Where an unknown provider may have put its signature, and what a header looks like.

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// inferPlace is where a signature may stand.
type inferPlace struct {
	algorithm scheme.Algorithm
	spec      scheme.SignatureSpec
	raw       []byte
	times     []inferTime // of the same header
	timed     bool        // there is a time beside it, which rules without one would leave unchecked
}

// inferPlaces are the texts of a digest's length in all headers, those first whose names speak of a signature.
func inferPlaces(header map[string][]string) []inferPlace {
	var out []inferPlace
	names := slices.SortedFunc(maps.Keys(header), func(a, b string) int {
		return cmp.Or(cmp.Compare(unlikely(a), unlikely(b)), cmp.Compare(a, b))
	})
	for _, name := range names {
		value := scheme.HeaderValue(header, name)
		if value == "" || len(value) > maxInferValue || !usualName(name) || shadows(name) {
			continue
		}
		base := scheme.SignatureSpec{Header: scheme.Names{name}}
		out = appendPlace(out, base, value, nil)
		for _, sep := range []string{", ", "; ", ",", ";", " "} {
			spec := base
			spec.Separator = sep
			out = inferItems(out, spec, value)
		}
	}
	return out
}

// unlikely orders headers by their names.
func unlikely(name string) int {
	name = strings.ToLower(name)
	for i, words := range [][]string{{"signature", "hmac"}, {"sig", "sign", "digest", "hash"}, {"auth", "verif", "token"}} {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) }) {
			return i
		}
	}
	return 3
}

// inferItems reads a value as a list of items.
func inferItems(out []inferPlace, spec scheme.SignatureSpec, value string) []inferPlace {
	items := strings.Split(value, spec.Separator)
	if len(items) > maxItems {
		return out
	}
	var times []inferTime
	for _, item := range items {
		for _, mark := range []string{"=", ":"} {
			name, text, ok := strings.Cut(scheme.TrimBlanks(item), mark)
			if unit := TimeUnit(text); ok && unit != "" && plainName(name) {
				times = append(times, inferTime{spec: scheme.TimestampSpec{Item: name + mark + "{ts}", Unit: unit}, text: text})
			}
		}
	}
	if len(items) == 1 {
		return out
	}
	for _, item := range items {
		out = appendPlace(out, spec, scheme.TrimBlanks(item), times)
	}
	return out
}

// appendPlace adds a text that has the length of a digest: bare, in quotes, or behind labels such as sha256=, v1, or a time and a dot.
func appendPlace(out []inferPlace, spec scheme.SignatureSpec, text string, times []inferTime) []inferPlace {
	const labels = 4
	if p, ok := placeOf(spec, text); ok {
		p.times, p.timed = times, len(times) > 0
		return append(out, p)
	}
	for i, n := 0, 0; i < len(text) && n < labels; i++ {
		if strings.IndexByte("=:,. ;/-_", text[i]) < 0 || string(text[i]) == spec.Separator {
			continue
		}
		n++
		head, rest, tail := text[:i+1], text[i+1:], ""
		if inner, ok := strings.CutPrefix(rest, `"`); ok && strings.HasSuffix(inner, `"`) && len(inner) > 1 {
			head, rest, tail = head+`"`, inner[:len(inner)-1], `"`
		}
		p, ok := placeOf(spec, rest)
		if !ok {
			continue
		}
		l, ok := labelOf(head)
		if !ok {
			continue
		}
		p.timed = len(times) > 0 || l.time != nil
		if p.times = times; l.time != nil && spec.Separator == "" {
			l.time.sigItem = l.sig + "{sig}" + tail
			p.times = []inferTime{*l.time}
		}
		p.spec.Item = l.sig + "{sig}" + tail
		return append(out, p)
	}
	return out
}

// label is what stands before a signature, as the beginning of a pattern.
type label struct {
	sig  string
	time *inferTime // that is part of it; nil: none
}

// labelOf turns a text such as sha256= into a pattern's beginning. A time and other words that may differ from request to request
// become placeholders.
func labelOf(head string) (label, bool) {
	const marks = "=:,. ;/-_\""
	if strings.ContainsAny(head[:len(head)-1], ",;") {
		return label{}, false // a list, which is read as one
	}
	var l label
	before := ""
	for head != "" {
		i := strings.IndexAny(head, marks)
		if i < 0 {
			return label{}, false
		}
		word, mark := head[:i], head[i:i+1]
		head = head[i+1:]
		switch {
		case TimeUnit(word) != "" && l.time == nil:
			l.time = &inferTime{spec: scheme.TimestampSpec{Item: before + "{ts}" + mark + "{*}", Unit: TimeUnit(word)}, text: word}
			l.sig, before = l.sig+"{*}"+mark, before+"{*}"+mark
		case word == "" || fixedWord(word):
			l.sig, before = l.sig+word+mark, before+word+mark
		case plainName(word):
			l.sig, before = l.sig+"{*}"+mark, before+"{*}"+mark
		default:
			return label{}, false
		}
	}
	return l, true
}

// fixedWord says whether a word could be the same in every request, as sha256, v1 and HMAC are.
func fixedWord(s string) bool {
	const longest = 14
	return len(s) <= longest && plainName(s) && strings.Trim(s[:1], "0123456789") != ""
}

func placeOf(spec scheme.SignatureSpec, text string) (inferPlace, bool) {
	for _, d := range decodings() {
		if !d.named {
			continue
		}
		if raw, err := d.decode(text); err == nil {
			spec.Encoding = d.name
			algorithm, ok := hmacOf(len(raw))
			if algorithm == scheme.HMACMD5 && unlikely(spec.Header[0]) > 1 {
				return inferPlace{}, false // ids are as long
			}
			return inferPlace{algorithm: algorithm, spec: spec, raw: raw}, ok
		}
	}
	return inferPlace{}, false
}

// hmacOf is the keyed hash whose digests have so many bytes.
func hmacOf(size int) (scheme.Algorithm, bool) {
	switch size {
	case 16:
		return scheme.HMACMD5, true
	case 20:
		return scheme.HMACSHA1, true
	case 32:
		return scheme.HMACSHA256, true
	case 64:
		return scheme.HMACSHA512, true
	default:
		return "", false
	}
}

func plainName(s string) bool {
	return s != "" && len(s) <= 24 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// looks says what a header that may carry a signature looks like, as a noun; "" when it looks like none.
func looks(value string) string {
	if strings.Count(value, ".") == 2 && strings.HasPrefix(strings.TrimPrefix(value, "Bearer "), "eyJ") {
		return "a JSON web token, which is signed by rules of its own"
	}
	for _, text := range append([]string{value}, strings.FieldsFunc(value, func(c rune) bool { return strings.ContainsRune(" ,;\"", c) })...) {
		for _, piece := range []string{text, text[1+strings.IndexAny(text, "=:."):]} {
			for _, d := range decodings() {
				if raw, err := d.decode(piece); err == nil && d.named {
					if what := looksOf(raw); what != "" {
						return d.name + " of " + what
					}
				}
			}
		}
	}
	return ""
}

// looksOf names what makes so many bytes.
func looksOf(raw []byte) string {
	switch n := len(raw); {
	case n == 16:
		return "MD5"
	case n == 20:
		return "SHA-1"
	case n == 32:
		return "SHA-256"
	case n == 48:
		return "SHA-384"
	case n == 64:
		return "SHA-512, or of an Ed25519 signature, which a public key verifies"
	case n >= 68 && n <= 72 && raw[0] == 0x30:
		return "an ECDSA signature, which a public key verifies"
	case n == 128 || n == 256 || n == 384 || n == 512:
		return "an RSA signature, which a public key or a certificate verifies"
	default:
		return ""
	}
}
