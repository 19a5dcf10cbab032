package explain

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain/restyle"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// hints are what can be seen without any combination having matched. They are not certain.
func (s *search) hints(keys []sign.Key) []Finding {
	out := hintList{}
	if f := s.rotationHint(); f != nil {
		out = append(out, *f)
	}
	add := func(id, title, evidence, fix string, kind recipeKind) {
		out.add(id, title, evidence, fix, s.recipes(kind))
	}
	for _, k := range keys {
		if k.IsZero() {
			continue
		}
		text, _ := k.Reveal()
		if what := s.looksLike(text); what != "" {
			add("key.api_token", "the key is probably not the signing key", "it looks like "+what, "use the signing secret that belongs to this webhook", recipeNone)
			break
		}
	}
	if evidence := s.notWhole(); evidence != "" {
		add("signature.short", "the signature is not whole", evidence, "copy all of it: logs and dashboards often show its beginning only", recipeNone)
	}
	if f := s.near(); f != nil {
		out = append(out, *f)
	}
	if s.v.Reason == sign.Mismatch && len(s.m.Body) == 0 && s.r.NeedsBody() {
		add("body.empty", "the body is empty", "it has 0 bytes", "something read it before it came here: take the raw bytes first, and hand them on", recipeBody)
	}
	if s.r.Needs().URL && s.m.URL == "" {
		add("text.url.missing", "the scheme signs the URL, and none was given", "nothing can match without it", "give it with --url (or --public-url when listening), as the provider knows it", recipeNone)
	}
	if text := scheme.HeaderValue(s.m.Header, "Content-Length"); text != "" {
		if n, err := scheme.ParseDigits(text); err == nil && n != int64(len(s.m.Body)) && len(s.m.Body) > 0 {
			add("body.length", "the body is not the one that was sent", "it has "+strconv.Itoa(len(s.m.Body))+" bytes, Content-Length says "+strconv.FormatInt(n, 10), bytesFix, recipeBody)
		}
	}
	coding := strings.ToLower(scheme.HeaderValue(s.m.Header, "Content-Encoding"))
	if coding == "gzip" && len(s.m.Body) > 0 && !bytes.HasPrefix(s.m.Body, []byte("\x1f\x8b")) {
		add("body.coding.undone", "the body was decompressed on its way", "Content-Encoding says gzip, and the body is not gzip", "verify before anything decompresses the body", recipeBody)
	}
	if bytes.Contains(s.m.Body, []byte("\uFFFD")) {
		add("body.charset.lost", "bytes of the body were lost", "it holds replacement characters (U+FFFD), which stand where text was decoded wrongly", bytesFix, recipeBody)
	}
	if text := restyle.Rounded(s.m.Body); text != "" {
		add("body.numbers.rounded", "numbers of the body were probably rounded", "it holds "+text+", which has the zeros that JavaScript leaves of an integer above 2^53", rawFix, recipeBody)
	}
	return out
}

// hintList is a list of findings that is added to in many places.
type hintList []Finding

func (l *hintList) add(id, title, evidence, fix string, recipes []Recipe) {
	*l = append(*l, Finding{ID: id, Title: title, Evidence: evidence, Fix: fix, Recipes: recipes})
}

// notWhole says how a signature is seen to be the short form that is made for display, or is "".
func (s *search) notWhole() string {
	for _, name := range s.r.SigHeaders {
		v := scheme.TrimBlanks(scheme.HeaderValue(s.m.Header, name))
		if strings.HasSuffix(v, "…") || strings.HasSuffix(v, "...") {
			return "header " + name + " ends in dots"
		}
	}
	size := s.r.SignatureSize()
	sizes := s.r.Read(s.m, &s.o.VerifyOptions).Sizes
	for _, n := range sizes {
		if n >= size-2 || n == 20 { // or it is a whole one of another algorithm
			return ""
		}
	}
	if len(sizes) == 0 {
		return ""
	}
	return "it has " + strconv.Itoa(sizes[0]) + " bytes, and " + string(s.r.Scheme().Algorithm) + " makes " + strconv.Itoa(size)
}

// looksLike names what a key text is, judging by its beginning; "" when it may well be a signing key.
func (s *search) looksLike(text string) string {
	text = strings.TrimSpace(text)
	for _, k := range []struct{ prefix, what string }{
		{"sk_live_", "an API key (sk_live_)"},
		{"sk_test_", "an API key (sk_test_)"},
		{"rk_live_", "a restricted API key (rk_live_)"},
		{"pk_live_", "a publishable API key (pk_live_)"},
		{"pk_test_", "a publishable API key (pk_test_)"},
		{"ghp_", "a GitHub access token"},
		{"github_pat_", "a GitHub access token"},
		{"gho_", "a GitHub access token"},
		{"glpat-", "a GitLab access token"},
		{"xoxb-", "a Slack bot token"},
		{"xoxp-", "a Slack user token"},
		{"shpat_", "a Shopify access token"},
		{"sk-", "an API key (sk-)"},
		{"SG.", "a SendGrid API key"},
		{"AKIA", "an AWS access key id"},
		{"eyJ", "a JSON web token"},
		{"Bearer ", "an Authorization header"},
		{"https://", "a URL"},
		{"http://", "a URL"},
		{"-----BEGIN", "a PEM file"},
	} {
		if strings.HasPrefix(text, k.prefix) && !strings.HasPrefix(s.r.Scheme().Key.Prefix, k.prefix) && s.r.Scheme().Name != "paystack" {
			return k.what
		}
	}
	return ""
}
