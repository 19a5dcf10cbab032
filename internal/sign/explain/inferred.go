package explain

// What is told of a provider that is in no catalogue: its rules as lines for a config file, or what was tried.

import (
	"cmp"
	"crypto/subtle"
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// ConfigFile is the framework of a recipe whose lines go into the config file.
const ConfigFile = "whctl/config.yaml"

const keepFix = "put these lines into the config file, under a name you like, and use --scheme with it"

// Finding tells of the rules that were found, as lines for a config file, and of what was done to the body.
func (f *Inference) Finding() Finding {
	s := f.Scheme
	out := Finding{
		ID: "scheme.inferred", Certain: true,
		Title:    "the sender's scheme is not in the catalogue, and this is how it signs",
		Evidence: "the signature matches as " + string(s.Algorithm) + " of " + strings.ReplaceAll(s.Content, "\n", `\n`) + ", " + s.Signature.Encoding + " in header " + s.Signature.Header[0],
		Fix:      keepFix, Recipes: []Recipe{{Framework: ConfigFile, Code: lines(s)}},
	}
	if b := f.body; b != nil {
		out.ID += "+" + b.id
		out.Title = "the sender's scheme is not in the catalogue and was worked out, and " + b.title
		out.Evidence += ", " + b.evidence
		out.Fix = b.fix + "; " + keepFix
	}
	return out
}

// PlainFinding tells of rules that are a plain hash.
func (f *Inference) PlainFinding() Finding {
	out := f.Finding()
	out.ID = "auto.plain"
	out.Title = "the sender makes a plain hash of key and body, and no HMAC"
	out.Evidence += ": a plain hash is of another kind, so it is not taken for valid unless it is named"
	return out
}

// TriedFinding tells what was tried in vain with so many keys, and what the headers look like.
func (f *Inference) TriedFinding(m *sign.Message, keys int) Finding {
	with := "with this key"
	if keys != 1 {
		with = "with these " + fault.Plural(keys, "key")
	}
	out := Finding{
		ID: "auto.tried", Title: "tried " + strconv.Itoa(f.Tried) + " usual ways of signing " + with + ", and none made the signature",
		Fix: "check that the key is this webhook's; then find on the provider's page what is signed, and write it down as a scheme: whctl schemes show stripe -o yaml is a start",
	}
	switch f.Tried {
	case 1:
		out.Title = "tried the one usual way of signing " + with + ", and it did not make the signature"
	case 0:
		out.Title = "no header holds what a shared secret could have made"
		out.Fix = "check that all headers are here, and find on the provider's page where the signature stands; whctl schemes list WORD finds a provider"
	}
	if _, there := m.Header[scheme.SignatureInput]; there {
		out.ID, out.Title = "auto.message_signature", "it is signed by HTTP Message Signatures (RFC 9421)"
		out.Evidence = "headers " + scheme.SignatureInput + " and " + scheme.SignatureField + " are theirs"
		out.Fix = "name the scheme: whctl schemes list rfc9421 lists one for each algorithm; with a key in base64 or PEM and with --url, which they cover"
		return out
	}
	var seen []string
	for _, name := range slices.SortedFunc(maps.Keys(m.Header), func(a, b string) int {
		return cmp.Or(cmp.Compare(unlikely(a), unlikely(b)), cmp.Compare(a, b))
	}) {
		const most = 2
		if what := looks(scheme.HeaderValue(m.Header, name)); what != "" && usualName(name) && len(seen) < most {
			seen = append(seen, "header "+name+" looks like "+what)
		}
	}
	out.Evidence = cmp.Or(strings.Join(seen, ", and "), "no header looks like a signature")
	if f.CutOff {
		out.Evidence += "; the time for more was up"
	}
	return out
}

// HeaderKey tells of a header whose value is one of the key texts themselves; ok is false when there is none. Such a header is
// a token, which proves nothing about the body.
func HeaderKey(m *sign.Message, keys []string) (f Finding, ok bool) {
	name, form := headerKey(m, slices.Sorted(maps.Keys(m.Header)), keys)
	if name == "" {
		return password(m, keys)
	}
	return tokenFinding(name, form), true
}

// password tells of a key that is the password of HTTP basic authentication (RFC 7617), which signs nothing either.
func password(m *sign.Message, keys []string) (f Finding, ok bool) {
	const header, word = "Authorization", "Basic "
	coded, basic := cutFold(scheme.TrimBlanks(scheme.HeaderValue(m.Header, header)), word)
	pair, err := base64.StdEncoding.DecodeString(strings.TrimSpace(coded))
	_, given, parted := strings.Cut(string(pair), ":")
	if !basic || err != nil || !parted || !slices.ContainsFunc(keys, func(text string) bool {
		text = strings.TrimSpace(text)
		return subtle.ConstantTimeCompare([]byte(given), []byte(text)) == 1 || subtle.ConstantTimeCompare(pair, []byte(text)) == 1
	}) {
		return Finding{}, false
	}
	f = tokenFinding(header, tokenForm{prefix: word})
	f.ID, f.Title = "auto.token.basic", "the key is the password in header "+header+" (Basic): nothing is signed"
	f.Fix = "put these lines into the config file, under a name you like, and use --scheme with it: its key is the base64 of user:password, as the header has it after Basic"
	return f, true
}

// HeaderOf names the one of some headers whose value is one of the key texts themselves; "" when none is.
func HeaderOf(m *sign.Message, headers, keys []string) string {
	name, _ := headerKey(m, headers, keys)
	return name
}

func headerKey(m *sign.Message, headers, keys []string) (string, tokenForm) {
	for _, name := range headers {
		for _, form := range tokenForms(scheme.HeaderValue(m.Header, name)) {
			for _, text := range keys {
				if usualName(name) && subtle.ConstantTimeCompare([]byte(form.value), []byte(strings.TrimSpace(text))) == 1 {
					return name, form
				}
			}
		}
	}
	return "", tokenForm{}
}

func tokenFinding(header string, form tokenForm) Finding {
	s := &scheme.Scheme{Name: inferredName, Algorithm: scheme.Token, Signature: scheme.SignatureSpec{Header: scheme.Names{header}, Prefix: form.prefix, Encoding: scheme.PlainText}}
	return Finding{
		ID: "auto.token.header", Certain: true, Title: "the key itself stands in header " + header + ": a token scheme, which signs nothing",
		Evidence: "whoever sees one request has the key, and the body is not protected, so a token is never guessed",
		Fix:      keepFix + ": then it counts", Recipes: []Recipe{{Framework: ConfigFile, Code: lines(s)}},
	}
}

// lines are the rules as YAML, without defaults.
func lines(s *scheme.Scheme) string {
	var b strings.Builder
	b.WriteString("schemes:\n  " + s.Name + ":\n")
	if s.Algorithm != scheme.HMACSHA256 {
		b.WriteString("    algorithm: " + string(s.Algorithm) + "\n")
	}
	block := func(name string, pairs ...string) {
		var set []string
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				set = append(set, pairs[i]+": "+strconv.Quote(pairs[i+1]))
			}
		}
		if len(set) > 0 {
			b.WriteString("    " + name + ": {" + strings.Join(set, ", ") + "}\n")
		}
	}
	block("key", "encoding", when(s.Key.Encoding != scheme.UTF8, s.Key.Encoding), "prefix", s.Key.Prefix)
	if s.Content != "" {
		b.WriteString("    content: " + strconv.Quote(s.Content) + "\n")
	}
	g := &s.Signature
	encoding := when(g.Encoding != scheme.Hex && g.Encoding != scheme.PlainText, g.Encoding)
	block("signature", "header", g.Header[0], "prefix", g.Prefix, "separator", g.Separator, "item", g.Item, "encoding", encoding)
	if t := s.Timestamp; t != nil {
		block("timestamp", "header", strings.Join(t.Header, ""), "item", t.Item, "unit", when(t.Unit != scheme.UnitSeconds, t.Unit))
	}
	if s.ID != nil {
		block("id", "header", s.ID.Header[0])
	}
	return strings.TrimSuffix(b.String(), "\n")
}
