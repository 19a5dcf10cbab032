package explain

// The rules of a provider that is in no catalogue, worked out.

import (
	"context"
	"encoding/hex"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

const (
	maxInferTries = 6000
	maxInferValue = 2 << 10 // bytes of a header's value
	inferredName  = "my-provider"
)

// Infer looks for rules under which one of the key texts made the message's signature, for providers that are in no
// catalogue: every header that holds something of a digest's length, the usual contents, forms of a time, and forms of a
// key. It gives the rules and the index of the key's text. Public-key signatures are not looked for. The context bounds
// its time.
func Infer(ctx context.Context, m *sign.Message, keys []string) (*scheme.Scheme, int, bool) {
	tries := 0
	for s := range inferSchemes(m) {
		for i, text := range keys {
			for _, key := range inferKeys(text) {
				if tries++; tries > maxInferTries || ctx.Err() != nil {
					return nil, 0, false
				}
				if s.Key = key; explains(s, m, text) {
					return s, i, true
				}
			}
		}
	}
	return nil, 0, false
}

// inferSchemes gives the rules to try, without the form of the key. The caller owns each.
func inferSchemes(m *sign.Message) iter.Seq[*scheme.Scheme] {
	moments, ids := inferTimes(m.Header), inferIDs(m.Header)
	untimed, timed := untimedForms(m).contents(ids), timedForms(m).contents(ids)
	return func(yield func(*scheme.Scheme) bool) {
		each := func(place *inferPlace, t *scheme.TimestampSpec, contents []inferContent) bool {
			for _, c := range contents {
				s := &scheme.Scheme{Name: inferredName, Algorithm: place.algorithm, Content: c.text, Signature: place.spec, Timestamp: t, ID: c.id}
				if !yield(s) {
					return false
				}
			}
			return true
		}
		for _, place := range inferPlaces(m.Header) {
			more := each(&place, nil, untimed)
			for _, t := range slices.Concat(place.times, moments) {
				more = more && each(&place, t, timed)
			}
			if !more {
				return
			}
		}
	}
}

func explains(s *scheme.Scheme, m *sign.Message, key string) bool {
	r, err := sign.Compile(s)
	if err != nil {
		return false
	}
	k, err := r.Key(key)
	return err == nil && r.Verify(m, []sign.Key{k}, sign.VerifyOptions{IgnoreTime: true, Now: time.Now()}).OK
}

// inferPlace is where a signature may stand.
type inferPlace struct {
	algorithm scheme.Algorithm
	spec      scheme.SignatureSpec
	times     []*scheme.TimestampSpec // of the same header
}

// shadows says whether a header's name is another one to programs that turn dashes into underscores, as CGI and WSGI do.
func shadows(name string) bool { return strings.Contains(name, "_") }

func inferPlaces(header map[string][]string) []inferPlace {
	var out []inferPlace
	for _, name := range slices.Sorted(maps.Keys(header)) {
		value := scheme.HeaderValue(header, name)
		if value == "" || len(value) > maxInferValue || !mayCarrySignature(name) || shadows(name) {
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

// inferItems reads a value as a list of items.
func inferItems(out []inferPlace, spec scheme.SignatureSpec, value string) []inferPlace {
	items := strings.Split(value, spec.Separator)
	if len(items) > maxItems {
		return out
	}
	var times []*scheme.TimestampSpec
	for _, item := range items {
		name, text, ok := strings.Cut(scheme.TrimBlanks(item), "=")
		if unit := TimeUnit(text); ok && unit != "" && plainName(name) {
			times = append(times, &scheme.TimestampSpec{Item: name + "={ts}", Unit: unit})
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

// appendPlace adds a text that has the length of a digest, bare and behind a label such as sha256= or v1,.
func appendPlace(out []inferPlace, spec scheme.SignatureSpec, text string, times []*scheme.TimestampSpec) []inferPlace {
	if p, ok := placeOf(spec, text, "", times); ok {
		return append(out, p)
	}
	for _, mark := range []string{"=", ":", ",", " "} {
		label, rest, ok := strings.Cut(text, mark)
		if !ok || !plainName(label) || mark == spec.Separator {
			continue
		}
		if p, ok := placeOf(spec, rest, label+mark, times); ok {
			return append(out, p)
		}
	}
	return out
}

func placeOf(spec scheme.SignatureSpec, text, label string, times []*scheme.TimestampSpec) (inferPlace, bool) {
	sizes := map[int]scheme.Algorithm{20: scheme.HMACSHA1, 32: scheme.HMACSHA256, 64: scheme.HMACSHA512}
	if label != "" {
		spec.Item = strings.NewReplacer("{", "{{", "}", "}}").Replace(label) + "{sig}"
	}
	for _, d := range decodings() {
		if raw, err := d.decode(text); err == nil && d.named {
			spec.Encoding = d.name
			algorithm, ok := sizes[len(raw)]
			return inferPlace{algorithm, spec, times}, ok
		}
	}
	return inferPlace{}, false
}

func plainName(s string) bool {
	return s != "" && len(s) <= 24 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// TimeUnit is the unit of a text that is a time of this century, or "".
func TimeUnit(text string) string {
	if n, err := scheme.ParseDigits(text); err == nil {
		switch {
		case n > 946684800 && n < 4102444800:
			return "s"
		case n > 946684800000 && n < 4102444800000:
			return "ms"
		}
		return ""
	}
	if _, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return "rfc3339"
	}
	return ""
}

// TimeHeader names a header that holds a time of this century; "" when there is none.
func TimeHeader(header map[string][]string) string {
	if found := inferTimes(header); len(found) > 0 {
		return found[0].Header[0]
	}
	return ""
}

func inferTimes(header map[string][]string) []*scheme.TimestampSpec {
	var out []*scheme.TimestampSpec
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if unit := TimeUnit(scheme.TrimBlanks(scheme.HeaderValue(header, name))); unit != "" && len(out) < 4 && !shadows(name) {
			out = append(out, &scheme.TimestampSpec{Header: scheme.Names{name}, Unit: unit})
		}
	}
	return out
}

func inferIDs(header map[string][]string) []*scheme.IDSpec {
	var out []*scheme.IDSpec
	for _, name := range slices.Sorted(maps.Keys(header)) {
		words := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == '-' || c == '_' })
		if slices.ContainsFunc(words, func(w string) bool { return w == "id" || w == "delivery" || w == "nonce" }) && len(out) < 3 && !shadows(name) {
			out = append(out, &scheme.IDSpec{Header: scheme.Names{name}})
		}
	}
	return out
}

// inferContent is a content to try, and the id it holds.
type inferContent struct {
	text string
	id   *scheme.IDSpec
}

// contentForms are the contents to try, without an id and with one.
type contentForms struct{ plain, withID []string }

// untimedForms are those without a time.
func untimedForms(m *sign.Message) contentForms {
	f := contentForms{[]string{"{body}"}, []string{"{id}.{body}", "{id}{body}", "{id}:{body}"}}
	if m.URL != "" {
		f.plain = append(f.plain, "{url}{body}", "{body}{url}", "{url}.{body}", "{method}{url}{body}")
	}
	return f
}

// timedForms are those with a time.
func timedForms(m *sign.Message) contentForms {
	f := contentForms{withID: []string{
		"{id}.{timestamp}.{body}", "{timestamp}.{id}.{body}", "{id}{timestamp}{body}", "{timestamp}{id}{body}", "{id}:{timestamp}:{body}", "{timestamp}:{id}:{body}",
	}}
	for _, sep := range []string{".", ":", "", ",", "|", "\n", "-", "_", " "} {
		f.plain = append(f.plain, "{timestamp}"+sep+"{body}", "{body}"+sep+"{timestamp}")
	}
	f.plain = append(f.plain, "v0:{timestamp}:{body}", "v1:{timestamp}:{body}", "v1.{timestamp}.{body}")
	if m.URL != "" {
		f.plain = append(f.plain, "{method}{url}{body}{timestamp}", "{timestamp}{method}{url}{body}", "{timestamp}.{url}.{body}", "{url}{timestamp}{body}")
	}
	return f
}

// contents are the forms, those with an id once for each id.
func (f contentForms) contents(ids []*scheme.IDSpec) []inferContent {
	var out []inferContent
	for _, text := range f.plain {
		out = append(out, inferContent{text: text})
	}
	for _, id := range ids {
		for _, text := range f.withID {
			out = append(out, inferContent{text, id})
		}
	}
	return out
}

func inferKeys(text string) []scheme.KeySpec {
	out := []scheme.KeySpec{{Encoding: "utf8"}}
	if rest, ok := strings.CutPrefix(text, "whsec_"); ok {
		out = append(out, scheme.KeySpec{Encoding: "base64", Prefix: "whsec_"}, scheme.KeySpec{Encoding: "utf8", Prefix: "whsec_"})
		text = rest
	} else if len(text) >= 16 {
		out = append(out, scheme.KeySpec{Encoding: "base64"})
	}
	if _, err := hex.DecodeString(text); err == nil && len(text) >= 16 {
		out = append(out, scheme.KeySpec{Encoding: "hex"})
	}
	return out
}

// InferredFinding tells of rules that Infer found, as lines for a config file.
func InferredFinding(s *scheme.Scheme) Finding {
	where := "header " + s.Signature.Header[0]
	return Finding{
		ID: "scheme.inferred", Certain: true,
		Title:    "the sender's scheme is not in the catalogue, and this is how it signs",
		Evidence: "the signature matches as " + string(s.Algorithm) + " of " + strings.ReplaceAll(s.Content, "\n", `\n`) + ", " + s.Signature.Encoding + " in " + where,
		Fix:      "put these lines into the config file, under a name you like, and use --scheme with it",
		Recipes:  []Recipe{{Framework: "whctl/config.yaml", Code: lines(s)}},
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
	block("key", "encoding", when(s.Key.Encoding != "utf8", s.Key.Encoding), "prefix", s.Key.Prefix)
	b.WriteString("    content: " + strconv.Quote(s.Content) + "\n")
	block("signature", "header", s.Signature.Header[0], "separator", s.Signature.Separator, "item", s.Signature.Item, "encoding", when(s.Signature.Encoding != "hex", s.Signature.Encoding))
	if t := s.Timestamp; t != nil {
		block("timestamp", "header", strings.Join(t.Header, ""), "item", t.Item, "unit", when(t.Unit != "s", t.Unit))
	}
	if s.ID != nil {
		block("id", "header", s.ID.Header[0])
	}
	return strings.TrimSuffix(b.String(), "\n")
}
