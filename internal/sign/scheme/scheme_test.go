package scheme_test

// Schemes as files have them: broken ones, and those of the catalogue.

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// valid is a scheme of a provider that is not in the catalogue, as a decoder of YAML or JSON gives it.
func valid() map[string]any {
	return map[string]any{
		"content":   "{id}:{timestamp}:{body}",
		"signature": map[string]any{"header": "X-Acme-Signature", "item": "v1={sig}", "separator": ","},
		"timestamp": map[string]any{"item": "t={ts}", "tolerance": 60},
		"id":        map[string]any{"header": []any{"X-Acme-Id", "X-Id"}},
	}
}

func set(fields map[string]any, path string, value any) {
	head, rest, more := strings.Cut(path, ".")
	if !more {
		fields[head] = value
		return
	}
	sub, ok := fields[head].(map[string]any)
	if !ok {
		sub = map[string]any{}
		fields[head] = sub
	}
	set(sub, rest, value)
}

func TestBrokenSchemes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path           string
		value          any
		field, nearest string
	}{
		{"contents", "{body}", "contents", "content"},
		{"signature.headr", "X", "signature.headr", "header"},
		{"algorithm", "hmac-sha265", "algorithm", "hmac-sha256"},
		{"algorithm", "HMAC-SHA256", "algorithm", "hmac-sha256"},
		{"algorithm", 256, "algorithm", ""},
		{"content", "{timestmp}.{body}", "content", "{timestamp}"},
		{"content", "{header}.{body}", "content", ""},
		{"content", "{body:x}", "content", "{body}"},
		{"content", "{timestamp.{body}", "content", ""},
		{"content", "timestamp}.{body}", "content", ""},
		{"content", "{body}{body}", "content", ""},
		{"content", "static", "content", "{body}"},
		{"content", "", "content", ""},
		{"content", nil, "content", ""},
		{"content", "{ts}.{body}", "content", "{timestamp}"},
		{"content", "{timestamp}.{payload}", "content", "{body}"},
		{"content", "{message_id}.{body}", "content", "{id}"},
		{"algorithm", "sha256-hmac", "algorithm", "hmac-sha256"},
		{"algorithm", "HMAC_SHA256", "algorithm", "hmac-sha256"},
		{"algorithm", "hmac_sha_256", "algorithm", "hmac-sha256"},
		{"algorithm", "HmacSHA512", "algorithm", "hmac-sha512"},
		{"algorithm", "HS256", "algorithm", "hmac-sha256"},
		{"algorithm", "hmac", "algorithm", "hmac-sha256"},
		{"content", "{body}{[x]}", "content", ""},
		{"content", "{body}{[{json:a}", "content", ""},
		{"content", "{body}{[{json:a}{[{json:b}]}]}", "content", ""},
		{"content", "{json:a?}", "content", "{body}"},
		{"content", "{[{json:a}]}", "content", "{body}"},
		{"content", "{crc32:url}", "content", "{crc32:body}"},
		{"content", "{form:}", "content", ""},
		{"content", "{query}", "content", ""},
		{"content", "{json:a|nothing:b}", "content", ""},
		{"content", "{body}{sha256:body}", "content", ""},
		{"items", "a..b", "items", ""},
		{"certificate", map[string]any{"names": "x"}, "certificate", ""},
		{"certificate.bucket", "x", "certificate.bucket", ""},
		{"items", "list", "items", ""},
		{"signature.form", "sig", "signature.form", ""},
		{"timestamp.form", "time", "timestamp", ""},
		{"algorithm", "RS256", "algorithm", "rsa-sha256"},
		{"algorithm", "SHA1withRSA", "algorithm", "rsa-sha1"},
		{"algorithm", "rsa-sha512", "key.encoding", "pem"},
		{"algorithm", "sha1", "content", "hmac-sha1"},
		{"algorithm", "SHA-256", "algorithm", "hmac-sha256"},
		{"algorithm", "Ed25519", "algorithm", "ed25519"},
		{"algorithm", "ES256", "algorithm", "ecdsa-p256-sha256"},
		{"algorithm", "md5", "content", "hmac-md5"},
		{"content", "{header:a b}", "content", ""},
		{"content", "{json:a..b}", "content", ""},
		{"key.encoding", "base46", "key.encoding", "base64"},
		{"key.encoding", "spki-base64", "key.encoding", "base64"},
		{"key", "base64", "key", ""},
		{"signature.header", "X Acme", "signature.header", ""},
		{"signature.header", []any{"X-A", 1}, "signature.header", ""},
		{"signature.header", nil, "signature.header", ""},
		{"signature.json", "a.b", "signature.json", ""},
		{"signature.item", "v1={signature}", "signature.item", "{sig}"},
		{"signature.item", "v1={digest}", "signature.item", "{sig}"},
		{"signature.item", "v1=", "signature.item", ""},
		{"signature.item", "{*}{sig}", "signature.item", ""},
		{"signature.separator", "|", "signature.separator", ""},
		{"signature.separator", "", "timestamp.item", ""},
		{"signature.sets", ",", "signature.sets", ""},
		{"signature.encoding", "base-64", "signature.encoding", "base64"},
		{"signature.encoding", "hexadecimal", "signature.encoding", "hex"},
		{"signature.encoding", "Base64Url", "signature.encoding", "base64url"},
		{"signature.encoding", "url-safe-base64", "signature.encoding", "base64url"},
		{"key.encoding", "base-64", "key.encoding", "base64"},
		{"key.encoding", "hexadecimal", "key.encoding", "hex"},
		{"key.encoding", "UTF-8", "key.encoding", "utf8"},
		{"key.encoding", "plain", "key.encoding", "utf8"},
		{"signature.encoding", "text", "signature.encoding", ""},
		{"signature.header_match", "all", "signature.header_match", ""},
		{"timestamp.header", "X-Time", "timestamp", ""},
		{"timestamp.item", "t={time}", "timestamp.item", "{ts}"},
		{"timestamp.unit", "sec", "timestamp.unit", "s"},
		{"timestamp.unit", "seconds", "timestamp.unit", "s"},
		{"timestamp.unit", "Milliseconds", "timestamp.unit", "ms"},
		{"timestamp.unit", "millis", "timestamp.unit", "ms"},
		{"timestamp.unit", "ISO-8601", "timestamp.unit", "rfc3339"},
		{"timestamp.unit", "minutes", "timestamp.unit", ""},
		{"timestamp.unit", "rfc-3339", "timestamp.unit", "rfc3339"},
		{"timestamp.unit", "layout:%Q", "timestamp.unit", ""},
		{"timestamp.unit", "layout:", "timestamp.unit", ""},
		{"timestamp.tolerance", -1, "timestamp.tolerance", ""},
		{"timestamp.tolerance", "of", "timestamp.tolerance", "off"},
		{"timestamp.tolerance", "5m", "timestamp.tolerance", ""},
		{"timestamp.window", "past-only", "timestamp.window", "past"},
		{"timestamp.window", "pastt", "timestamp.window", "past"},
		{"id.header", []any{}, "id.header", ""},
		{"id", nil, "content", ""},
		{"timestamp", nil, "content", ""},
		{"require", map[string]any{"X-Key": "{parm:key}"}, "require.X-Key", "{param:…}"},
		{"require", map[string]any{"X-Key": 1}, "require.X-Key", ""},
		{"require", map[string]any{"X Key": "1"}, "require.X Key", ""},
		{"body_hash", map[string]any{"query": "sha"}, "body_hash.query", ""},
		{"url_match", "port", "url_match", ""},
		{"event.type", "a..b", "event.type", ""},
		{"event.type", "header:", "event.type", ""},
		{"event.typ", "a", "event.typ", "type"},
		{"retry", []any{1, -2}, "retry", ""},
		{"retry", 5, "retry", ""},
		{"answer_timeout", "30s", "answer_timeout", ""},
		{"no_retry_4xx", "yes", "no_retry_4xx", ""},
		{"algorithm", "ed25519", "key.encoding", "base64"},
		{"algorithm", "sha256", "content", "hmac-sha256"},
		{"algorithm", "token", "content", ""},
		{"name", "other", "name", ""},
		{"key.signing_prefix", "x_", "key.signing_prefix", "prefix"},
		{"key.where", 1, "key.where", ""},
		{"key.not", "sk_", "key.not", ""},
		{"key.not", map[string]any{"sk_{*}": 1}, "key.not.sk_{*}", ""},
		{"key.not", map[string]any{"sk_{*}": " "}, "key.not", ""},
		{"key.not", map[string]any{"{*}": "a key"}, "key.not", ""},
		{"key.not", map[string]any{"sk_{*}{hex}": "a key"}, "key.not", ""},
		{"key.not", map[string]any{"sk_{digit}": "a key"}, "key.not", "{digits}"},
		{"key.not", map[string]any{"a{*}b{*}c{*}d{*}e{*}": "a key"}, "key.not", ""},
	} {
		fields := valid()
		set(fields, tc.path, tc.value)
		_, err := scheme.Decode("acme", fields)
		var se *scheme.Error
		if !errors.As(err, &se) {
			t.Errorf("%s = %v: %v", tc.path, tc.value, err)
			continue
		}
		if se.Field != tc.field || se.Nearest != tc.nearest || se.Scheme != "acme" || se.Problem == "" || !strings.Contains(err.Error(), se.Problem) {
			t.Errorf("%s = %v: field %q, nearest %q (%v)", tc.path, tc.value, se.Field, se.Nearest, err)
		}
	}
}

// TestCatalogueAsFiles holds each built-in scheme to its file: encoding it again gives the same tree, so nothing is lost
// or unknown.
func TestCatalogueAsFiles(t *testing.T) {
	t.Parallel()
	signed, err := filepath.Glob("catalogue/*.json")
	if err != nil || len(signed) < 82 || len(scheme.BuiltinNames()) != len(signed) {
		t.Fatalf("%d files, %d names, %v", len(signed), len(scheme.BuiltinNames()), err)
	}
	unsigned, err := filepath.Glob("catalogue/unsigned/*.json")
	if err != nil || len(unsigned) == 0 || len(scheme.UnsignedNames()) != len(unsigned) {
		t.Fatalf("%d files of providers that sign nothing, %d names, %v", len(unsigned), len(scheme.UnsignedNames()), err)
	}
	for _, file := range slices.Concat(signed, unsigned) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		s, err := scheme.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := scheme.Parse(s); err != nil {
			t.Error(err)
		}
		if s.Like == "" {
			sameTree(t, s, b)
		}
		if slices.Contains(unsigned, file) != (s.Algorithm == scheme.None) || s.Algorithm == scheme.None && s.Quirks == "" {
			t.Errorf("%s: a scheme that signs nothing says why, and stands in a folder with its like", name)
		}
		if s.Title == "" || !strings.HasPrefix(s.URL, "https://") || strings.HasSuffix(s.Quirks, ".") || strings.ContainsAny(s.Quirks+s.Note, "\n\t") {
			t.Errorf("%s: title, url or quirks: %+v", name, s)
		}
	}
}

// sameTree encodes a scheme and compares with the file it came from.
func sameTree(t *testing.T, s *scheme.Scheme, file []byte) {
	t.Helper()
	again, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var want, got map[string]any
	if err := errors.Join(json.Unmarshal(file, &want), json.Unmarshal(again, &got)); err != nil {
		t.Fatal(err)
	}
	want["name"] = s.Name
	if content, ok := got["content"]; ok && content == "" {
		delete(got, "content")
	}
	if s.Algorithm == scheme.None {
		delete(got, "signature")
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: encoded again it is\n%v, not\n%v", s.Name, got, want)
	}
	var back, full scheme.Scheme
	if err := json.Unmarshal(again, &back); err != nil || !reflect.DeepEqual(&back, s) {
		t.Errorf("%s: decoded again: %v", s.Name, err)
	}
	parsed, err := scheme.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	filled, err := json.Marshal(parsed.Scheme())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(filled, &full); err != nil {
		t.Errorf("%s: with its defaults filled in it does not decode: %v", s.Name, err)
	}
}

func TestBuiltinNames(t *testing.T) {
	t.Parallel()
	for alias, want := range map[string]string{"kyc": "kyc.ts-body", "legaltalent": "kyc.ts-body", "stripe": "stripe"} {
		if s, err := scheme.Builtin(alias); err != nil || s.Name != want {
			t.Errorf("%s: %v, %v", alias, s, err)
		}
	}
	for name, near := range map[string]string{"strpe": "stripe", "Stripe": "stripe", "baxan": "baanx", "../sign": "", "": "", "nothing-like-it": "", "kyk": "kyc", strings.Repeat("x", 5000): ""} {
		_, err := scheme.Builtin(name)
		var ue *scheme.UnknownError
		if !errors.As(err, &ue) || ue.Name != name || ue.Nearest != near {
			t.Errorf("%q: %#v", name, err)
		}
	}
}

// TestTakenForKey: the longest pattern of key.not that fits a whole text says what it is.
func TestTakenForKey(t *testing.T) {
	t.Parallel()
	k := scheme.KeySpec{Not: map[string]string{
		"sk_{*}": "an API key", "sk_test_{*}": "an API key of test mode", "{digits}": "an id", "{*}.{*}.{*}": "a token", "AC{hex}": "an account's id", "fixed{{}}": "the fixed key",
	}}
	for text, want := range map[string]string{
		"sk_live_abc": "an API key", "sk_test_abc": "an API key of test mode", "sk_": "", "xsk_live": "", "1234567890": "an id", strings.Repeat("1", 24): "an id", strings.Repeat("1", 25): "", "12345a": "", "": "", "MDAw.XX.aa-_": "a token", "a..b": "", "a.b": "",
		"AC00aF": "an account's id", "AC": "", "AC0g": "", "fixed{}": "the fixed key", strings.Repeat(".", 4096): "a token", strings.Repeat(".", 10_000): "",
	} {
		if got := k.Taken(text); got != want {
			t.Errorf("%.40q is taken for %q, not for %q", text, got, want)
		}
	}
}

// TestNamesAreUnique: a name leads to one scheme, whichever of its names it is.
func TestNamesAreUnique(t *testing.T) {
	t.Parallel()
	owner := map[string]string{}
	for _, name := range slices.Concat(scheme.BuiltinNames(), scheme.UnsignedNames()) {
		s, err := scheme.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, known := range append(scheme.Names{name}, s.Names...) {
			if owner[known] != "" {
				t.Errorf("%s leads to %s and to %s", known, owner[known], name)
			}
			owner[known] = name
			if known != strings.ToLower(known) || known == "auto" {
				t.Errorf("%s: name %s", name, known)
			}
			if found, err := scheme.Builtin(known); err != nil || found.Name != name {
				t.Errorf("%s is not found by %s: %v", name, known, err)
			}
		}
	}
}

// TestLike: a scheme takes from another one how that signs, and nothing of what it is.
func TestLike(t *testing.T) {
	t.Parallel()
	decode := func(fields map[string]any) *scheme.Scheme {
		t.Helper()
		s, err := scheme.Decode("acme", fields)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	base, err := scheme.Builtin("stripe")
	if err != nil {
		t.Fatal(err)
	}
	twin := decode(map[string]any{"like": "stripe", "title": "Acme"})
	if twin.Title != "Acme" || twin.URL != "" || twin.Quirks != "" || twin.Content != base.Content || !reflect.DeepEqual(twin.Signature, base.Signature) || !twin.Twin() {
		t.Errorf("a twin is %+v", twin)
	}
	marked := decode(map[string]any{"like": "stripe", "event": map[string]any{"type": "header:X-Acme-Event"}})
	if !marked.Twin() || marked.Event.ID != nil {
		t.Errorf("a twin with an event of its own is %+v", marked)
	}
	other := decode(map[string]any{"like": "stripe", "signature": map[string]any{"header": "Acme-Signature"}, "timestamp": map[string]any{"tolerance": 60.0}})
	if other.Twin() || other.Signature.Item != "v1={sig}" || other.Timestamp.Item != "t={ts}" || other.Timestamp.Tolerance.Seconds != 60 {
		t.Errorf("one with a header of its own is %+v, %+v", other, other.Timestamp)
	}
	whole, err := json.Marshal(twin)
	if err != nil {
		t.Fatal(err)
	}
	var back scheme.Scheme
	if err := json.Unmarshal(whole, &back); err != nil || !reflect.DeepEqual(&back, twin) {
		t.Errorf("%s is read as %+v, %v", whole, back, err)
	}
	for name, nearest := range map[string]string{"strpe": "stripe", "gitlab.signing": "gitlab.signing", "chargebee": "", "../stripe": "stripe"} {
		_, err := scheme.Decode("acme", map[string]any{"like": name})
		var se *scheme.Error
		if !errors.As(err, &se) || se.Field != "like" || se.Nearest != nearest && nearest != "gitlab.signing" {
			t.Errorf("like %s: %v", name, err)
		}
	}
}

// TestFitting: what is left out cannot have signed the message, and a twin counts where a header sets it apart.
func TestFitting(t *testing.T) {
	t.Parallel()
	header := map[string][]string{"Webhook-Signature": {"v1,x"}, "Webhook-Id": {"1"}, "Webhook-Timestamp": {"1"}}
	got := scheme.Fitting(header)
	for name, want := range map[string]bool{"standard-webhooks": true, "svix": true, "mailgun": true, "stripe": false, "gitlab.signing": false} {
		if slices.Contains(got, name) != want {
			t.Errorf("%s fits: %v, wanted %v", name, !want, want)
		}
	}
	header["X-Gitlab-Event"] = []string{"Push Hook"}
	if got = scheme.Fitting(header); !slices.Contains(got, "gitlab.signing") {
		t.Errorf("with a header of GitLab: %v", got)
	}
	for _, name := range scheme.BuiltinNames() {
		s, err := scheme.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := scheme.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		if s.Twin() {
			continue
		}
		for _, header := range p.SigHeaders {
			if !slices.Contains(scheme.Fitting(map[string][]string{header: {"x"}}), name) {
				t.Errorf("%s does not fit a message with its header %s", name, header)
			}
		}
		if fits := slices.Contains(scheme.Fitting(map[string][]string{"X-Other": {"x"}}), name); fits != p.SignsInBody() && s.Like == "" {
			t.Errorf("%s fits a message without its headers: %v", name, fits)
		}
	}
}

// TestKeyWords: what the catalogue says of keys goes on after "is shown", and names what was taken for one with an article.
func TestKeyWords(t *testing.T) {
	t.Parallel()
	told := 0
	for _, name := range scheme.BuiltinNames() {
		s, err := scheme.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		if where := s.Key.Where; where != "" {
			told++
			if strings.HasSuffix(where, ".") || strings.ContainsAny(where[:1], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") || strings.TrimSpace(where) != where {
				t.Errorf("%s: key.where %q", name, where)
			}
		}
		for pattern, what := range s.Key.Not {
			if first, _, ok := strings.Cut(what, " "); !ok || first != "a" && first != "an" && first != "the" {
				t.Errorf("%s: %s is %q", name, pattern, what)
			}
		}
	}
	if told < 50 {
		t.Errorf("only %d schemes say where their key is shown", told)
	}
}

// TestKeysAreShownSomewhere: every provider's scheme that has a key says where it is shown, save those whose pages do not say it.
func TestKeysAreShownSomewhere(t *testing.T) {
	t.Parallel()
	unsaid := []string{"accessowl", "finch", "folk", "lightspark", "lob", "starling"}
	nobodys := []string{"rfc9421.", "standard-webhooks", "xhub."}
	for _, name := range scheme.BuiltinNames() {
		s, err := scheme.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		if s.Algorithm == scheme.None || slices.ContainsFunc(nobodys, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			continue
		}
		if silent := s.Key.Where == ""; silent != slices.Contains(unsaid, name) {
			t.Errorf("%s: key.where %q", name, s.Key.Where)
		}
	}
}
