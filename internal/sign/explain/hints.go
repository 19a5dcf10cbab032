package explain

// What can be seen without any combination having matched, as a table. None of it is certain.

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/near"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// HeaderNear is the ID of the finding that a proxy may have renamed a header.
const HeaderNear = "header.near"

// hints are the findings of what can be seen. A row without evidence is left out.
func (s *search) hints(keys []sign.Key) []Finding {
	rotated, rotation := s.rotated()
	renamed, rename := s.renamed()
	other, relative := s.relative()
	rows := []Finding{
		{ID: "scheme.relative", Title: "it is another kind of request of the same provider", Evidence: relative, Fix: "use --scheme " + other},
		{ID: "key.rotated", Title: rotated, Evidence: rotation, Fix: "check that the sender has the new key, and that the key given here is the new one"},
		{
			ID: otherTokenID, Title: "the key is probably not the signing key", Evidence: s.otherToken(keys),
			Fix: cmp.Or(shown(s.r.Scheme()), "use the signing secret that belongs to this webhook"),
		},
		{ID: "signature.short", Title: "the signature is not whole", Evidence: s.notWhole(), Fix: wholeFix},
		{ID: HeaderNear, Title: "the header may have come by another name", Evidence: renamed, Fix: s.fix(&rename)},
		{
			ID: "text.url.missing", Title: "the scheme signs the URL, and none was given",
			Evidence: when(s.r.Needs().URL && s.m.URL == "", "nothing can match without it"),
			Fix:      "give it with --url (or --public-url when listening), as the provider knows it",
		},
	}
	rows = slices.DeleteFunc(append(rows, s.bodyHints()...), func(f Finding) bool { return f.Evidence == "" })
	if s.v.Reason == sign.MissingSignature {
		if f, ok := HeaderKey(s.m, textsOf(keys)); ok {
			rows = append([]Finding{f}, rows...)
		}
	}
	return rows
}

func textsOf(keys []sign.Key) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i], _ = k.Reveal()
	}
	return out
}

// emptied says how it is seen that a body was lost. A GET has none, and neither has a request whose length is said to be 0 or whose
// URL is signed, unless something else speaks of a body.
func (s *search) emptied() string {
	size, kind := scheme.HeaderValue(s.m.Header, "Content-Length"), scheme.HeaderValue(s.m.Header, "Content-Type")
	n, err := scheme.ParseDigits(size)
	switch {
	case s.v.Reason != sign.Mismatch || len(s.m.Body) > 0 || !s.r.NeedsBody() || bodiless(s.m.Method) || err == nil && n == 0:
		return ""
	case err == nil:
		return "it has 0 bytes, Content-Length says " + strconv.FormatInt(n, 10)
	case kind == "" && s.r.Needs().URL:
		return ""
	default:
		return "it has 0 bytes"
	}
}

// bodiless says whether requests of a method have no body.
func bodiless(method string) bool {
	switch strings.ToUpper(method) {
	case "GET", "HEAD", "DELETE", "OPTIONS":
		return true
	default:
		return false
	}
}

func (s *search) otherLength() string {
	text, size := scheme.HeaderValue(s.m.Header, "Content-Length"), len(s.m.Body)
	n, err := scheme.ParseDigits(text)
	if err != nil || n == int64(size) || size == 0 {
		return ""
	}
	return "it has " + fault.Plural(size, "byte") + ", Content-Length says " + strconv.FormatInt(n, 10)
}

// notWhole says how a signature is seen to be the short form that is made for display.
func (s *search) notWhole() string {
	for _, name := range s.r.SigHeaders {
		v := scheme.TrimBlanks(scheme.HeaderValue(s.m.Header, name))
		if strings.HasSuffix(v, "…") || strings.HasSuffix(v, "...") {
			return "header " + name + " ends in dots"
		}
	}
	size := s.r.SignatureSize()
	sizes := s.r.Read(s.m, &s.o.VerifyOptions).Sizes
	const sha1 = 20 // bytes: it is a whole one of another algorithm
	if len(sizes) == 0 || slices.ContainsFunc(sizes, func(n int) bool { return n >= size-2 || n == sha1 }) {
		return ""
	}
	return "it has " + fault.Plural(sizes[0], "byte") + ", and " + string(s.r.Scheme().Algorithm) + " makes " + strconv.Itoa(size)
}

const leastInBody = 16 // bytes of a key that stands in a body by no chance

// otherToken says what a key is that is no signing key.
func (s *search) otherToken(keys []sign.Key) string {
	for _, k := range keys {
		text, _ := k.Reveal()
		if what := taken(s.r.Scheme(), text); what != "" {
			return "it looks like " + what
		}
		if s.r.Scheme().Algorithm != scheme.Token && len(text) >= leastInBody && bytes.Contains(s.m.Body, []byte(text)) {
			return "it stands in the body itself, where whoever sees a request has it: it is no signing key"
		}
	}
	return ""
}

// renamed finds a header that stands where the missing one should: by its name, or because it holds what looks like a
// signature. The mistake says what to do.
func (s *search) renamed() (evidence string, rename mistake) {
	names, field := s.r.SigHeaders, "signature.header"
	fits := hasDigest
	switch s.v.Reason {
	case sign.MissingSignature:
	case sign.MissingTimestamp:
		names, field, fits = s.r.TimeHeaders, "timestamp.header", isTimeText
	case sign.MissingID:
		names, field, fits = s.r.IDHeaders, "id.header", func(string) bool { return false }
	default:
		return "", mistake{}
	}
	best, why := "", ""
	for _, h := range slices.Sorted(maps.Keys(s.m.Header)) {
		switch {
		case len(names) == 0 || !mayCarrySignature(h) || s.known(h) || !scheme.ValidHeaderName(h):
		case near.Word(h, names) != "":
			best, why = h, "its name is much like "+strings.Join(names, " or ")
		case best == "" && fits(scheme.HeaderValue(s.m.Header, h)):
			best, why = h, "its value looks like what is missing"
		}
	}
	if best == "" {
		return "", mistake{}
	}
	return "there is a header " + scheme.Quote(best) + ": " + why, mistake{fix: "find what renames " + strings.Join(names, " or ") + " on its way", set: field + ": " + best}
}

// known says whether the scheme itself reads a header.
func (s *search) known(h string) bool {
	list := s.r.ProofHeaders()
	for _, q := range s.r.Require {
		list = append(list, q.Header)
	}
	return slices.Contains(list, scheme.CanonicalHeader(h))
}

// hasDigest says whether a header's value holds something of the size of a digest, whatever stands around it.
func hasDigest(v string) bool {
	const longest = 1 << 10
	if len(v) > longest {
		return false
	}
	for _, piece := range strings.FieldsFunc(v, func(c rune) bool { return strings.ContainsRune(" ,;\t\"", c) }) {
		text := strings.TrimRight(piece, "=")
		text = piece[strings.LastIndexAny(text, "=:")+1:]
		for _, d := range decodings() {
			if raw, err := d.decode(text); err == nil && (len(raw) == 20 || len(raw) == 32 || len(raw) == 64) {
				return true
			}
		}
	}
	return false
}
