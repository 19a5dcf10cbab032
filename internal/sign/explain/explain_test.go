package explain_test

// Mistakes that were made with other languages, and requests that have none.

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// mistake is one line of testdata/diagnose.jsonl, made by tests/diagnose/generate with Node.js, Python or openssl.
type mistake struct {
	ID, By, Expect, Scheme, Key string
	OtherKeys                   []string `json:"other_keys"`
	Now                         int64
	Method, URL                 string
	Headers                     map[string]string
	BodyBase64                  string `json:"body_base64"`
}

func loadMistakes(tb testing.TB, file string) []mistake {
	tb.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	var out []mistake
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m mistake
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			tb.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func (c *mistake) load(tb testing.TB) (*sign.Rules, *sign.Message, []sign.Key, explain.Options) {
	tb.Helper()
	r := signtest.Rules(tb, c.Scheme)
	body, err := base64.StdEncoding.DecodeString(c.BodyBase64)
	if err != nil {
		tb.Fatal(err)
	}
	m := &sign.Message{Method: c.Method, URL: c.URL, Body: body, Header: map[string][]string{}}
	for k, v := range c.Headers {
		m.Header[scheme.CanonicalHeader(k)] = []string{v}
	}
	o := explain.Options{VerifyOptions: sign.VerifyOptions{Now: time.Unix(c.Now, 0)}, Source: explain.Saved(explain.AllRecipes())}
	for i, text := range c.OtherKeys {
		o.OtherKeys = append(o.OtherKeys, explain.KnownKey{Label: fmt.Sprintf(`webhook "other-%d"`, i), Key: signtest.Keys(tb, r, text)[0]})
	}
	return r, m, signtest.Keys(tb, r, c.Key), o
}

// TestDiagnosis holds each mistake to being the first finding, certain, and to telling nothing that could be misused. It is found although
// the time is over from the beginning, as it may be on a busy machine.
func TestDiagnosis(t *testing.T) {
	t.Parallel()
	cases := loadMistakes(t, "testdata/diagnose.jsonl")
	if len(cases) < 140 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			r, m, keys, o := c.load(t)
			v := r.Verify(m, keys, o.VerifyOptions)
			if v.OK {
				t.Fatal("the mistake verifies")
			}
			late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
			defer cancel()
			d := explain.Diagnose(late, r, m, keys, v, o)
			if len(d.Findings) == 0 || !d.Findings[0].Certain || d.CutOff || len(d.Next) > 0 {
				t.Fatalf("%s: nothing certain: %+v", v.Reason, d)
			}
			f := d.Findings[0]
			if f.ID != c.Expect && (!strings.HasSuffix(c.Expect, ".") || !strings.HasPrefix(f.ID, c.Expect)) {
				t.Errorf("first finding is %s (%s), want %s", f.ID, f.Evidence, c.Expect)
			}
			for _, f := range d.Findings {
				checkWords(t, f)
			}
			b, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			signtest.NoSecret(t, c.ID, string(b)+fmt.Sprintf("%+v", d), rightSignatures(t, &c, r, m, keys))
		})
	}
}

func checkWords(t *testing.T, f explain.Finding) {
	t.Helper()
	if alone := f.ID == "body.wrapped" || f.ID == "body.line_breaks.lost"; alone && len(f.Recipes) > 0 {
		t.Errorf("%s: recipes for the raw body, which does not match: %+v", f.ID, f.Recipes)
	}
	for _, text := range []string{f.ID, f.Title, f.Evidence, f.Fix} {
		if text == "" || strings.HasSuffix(text, ".") || strings.ContainsAny(text, "\n\x1b") || strings.Contains(text, "  ") {
			t.Errorf("%s: %q is not one plain line without a full stop", f.ID, text)
		}
	}
	for _, r := range f.Recipes {
		if r.Framework == "" || r.Code == "" {
			t.Errorf("%s: empty recipe %+v", f.ID, r)
		}
	}
}

// rightSignatures are what would have verified, and the keys.
func rightSignatures(t *testing.T, c *mistake, r *sign.Rules, m *sign.Message, keys []sign.Key) []string {
	t.Helper()
	out := []string{c.Key}
	switch {
	case c.Expect == "key.private":
		return out
	case r.Public():
		return out[:0] // keys and signatures are public there
	}
	ts := ""
	if spec := r.Scheme().Timestamp; spec != nil && len(spec.Header) > 0 {
		ts = scheme.HeaderValue(m.Header, scheme.CanonicalHeader(spec.Header[0]))
	}
	s, err := r.Sign(sign.SignRequest{Time: time.Unix(1750000000, 0), Timestamp: ts, ID: "msg_1", Method: m.Method, URL: m.URL + "x", Header: m.Header, Body: bytes.NewReader(m.Body)}, keys)
	if err != nil {
		t.Fatal(err)
	}
	out = append(out, (&signtest.Case{Rules: r, Text: c.Key, Signed: s}).Secrets()...)
	for _, values := range m.Header {
		if len(values[0]) >= 40 {
			out = append(out, values[0])
		}
	}
	return out
}

// TestNonMistakes takes requests whose signatures are of nothing related, in every form the schemes have.
func TestNonMistakes(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	rules := builtinRules(t)
	var signers, others signtest.Ring
	for i := range nonMistakes {
		c := signers.Case(t, rules[i%len(rules)])
		s := c.Rules.Scheme()
		var seed [8]byte
		binary.LittleEndian.PutUint64(seed[:], rng.Uint64())
		m := c.With(func(m *sign.Message) {
			junk := sha256.Sum256(seed[:])
			m.Body = append(sampleJSON(t, 200+rng.IntN(600)), fmt.Sprintf("%x", junk[:rng.IntN(8)])...)
		})
		o := explain.Options{VerifyOptions: sign.VerifyOptions{Now: signtest.Clock()}}
		body := signtest.CoversBody(s)
		keys := c.Keys
		if !body || c.Rules.HashesBody() { // a hash that the message carries tells of another body
			keys = others.Case(t, c.Rules).Keys // the body does not matter, so let the key be another
		}
		v := c.Rules.Verify(m, keys, o.VerifyOptions)
		if v.OK {
			t.Fatalf("%s verifies", s.Name)
		}
		if d := explain.Diagnose(t.Context(), c.Rules, m, keys, v, o); len(d.Findings) > 0 || len(d.Next) == 0 {
			t.Errorf("%d %s: false finding %+v", i, s.Name, d.Findings)
		}
	}
}

// builtinRules are those of all built-in schemes, twins too.
func builtinRules(t *testing.T) (out []*sign.Rules) {
	t.Helper()
	for _, name := range scheme.BuiltinNames() {
		out = append(out, signtest.Rules(t, name))
	}
	return out
}

func TestDiagnosisBounds(t *testing.T) {
	t.Parallel()
	r, m, keys, v, o := hopeless(t, 2<<20)
	d := explain.Diagnose(t.Context(), r, m, keys, v, o)
	if !d.CutOff || d.Tried == 0 || len(d.Findings) > 0 || !strings.Contains(d.Next.String(), "ended early") || d.Elapsed <= 0 {
		t.Errorf("a large body: %+v", d)
	}
	r, m, keys, v, o = hopeless(t, 7<<10)
	if d := explain.Diagnose(t.Context(), r, m, keys, v, o); d.CutOff || d.Tried < 1000 || len(d.Next) == 0 {
		t.Errorf("10 KiB: %+v", d)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if d := explain.Diagnose(ctx, r, m, keys, v, o); !d.CutOff || d.Tried > 128 {
		t.Errorf("with an ended context: %+v", d)
	}
	for _, v := range []sign.Verdict{{OK: true, Reason: sign.Valid}, {Reason: sign.Unverified}} {
		if d := explain.Diagnose(t.Context(), r, m, keys, v, o); d.Tried != 0 || d.Findings != nil {
			t.Errorf("%s: %+v", v.Reason, d)
		}
	}
}

// TestLargeBodyCommonMistakes: what is likely is found in a large body too, before the work runs out.
func TestLargeBodyCommonMistakes(t *testing.T) {
	t.Parallel()
	body := sampleJSON(t, 600<<10)
	var compact bytes.Buffer
	if err := json.Compact(&compact, body); err != nil {
		t.Fatal(err)
	}
	r := signtest.Rules(t, "baanx")
	keys := signtest.Keys(t, r, signtest.ExampleKey)
	for what, signed := range map[string][]byte{"body.reserialised.compact": compact.Bytes(), "body.newline.lost": append(bytes.Clone(body), '\n'), "body.lost.object_object": []byte("[object Object]")} {
		s, err := r.Sign(sign.SignRequest{Time: signtest.Clock(), Body: bytes.NewReader(signed)}, keys)
		if err != nil {
			t.Fatal(err)
		}
		m := &sign.Message{Header: map[string][]string{"X-Timestamp": {s.Timestamp}, "X-Signature": {s.Signature}}, Body: body}
		o := explain.Options{VerifyOptions: sign.VerifyOptions{Now: signtest.Clock()}}
		if d := explain.Diagnose(t.Context(), r, m, keys, r.Verify(m, keys, o.VerifyOptions), o); len(d.Findings) == 0 || d.Findings[0].ID != what {
			t.Errorf("%s: %+v", what, d)
		}
	}
}

// TestHints: what is uncertain is said as such.
func TestHints(t *testing.T) {
	t.Parallel()
	r := signtest.Rules(t, "baanx")
	sig := strings.Repeat("0f3a", 16)
	base := map[string][]string{"X-Timestamp": {"1750000000"}, "X-Signature": {sig}}
	with := func(k, v string) map[string][]string {
		h := map[string][]string{k: {v}}
		maps.Copy(h, base)
		return h
	}
	for want, tc := range map[string]struct {
		key    string
		header map[string][]string
		body   string
	}{
		"key.api_token":          {"sk_live_abcdefgh", base, "{}"},
		"body.length":            {"whk_1", with("Content-Length", "77"), "{}"},
		"body.coding.undone":     {"whk_1", with("Content-Encoding", "gzip"), "{}"},
		"body.charset.lost":      {"whk_1", base, "Zo\uFFFD"},
		"body.charset.lost\n":    {"whk_1", base, `{"a":"Zo\uFFFD"}`},
		"body.charset.ascii":     {"whk_1", base, `{"name":"Zo??","q":1}`},
		"body.charset.ascii\n":   {"whk_1", base, `{"name":"M?ller"}`},
		"body.charset.ascii\n\n": {"whk_1", base, `{"t":"?????? ok"}`},
		"body.shortened":         {"whk_1", base, `{"name":"Jo","text":"this goes o...`},
		"body.shortened\n":       {"whk_1", base, `{"name":"Jo","text":"this goes on and on and on..."}`},
		"body.shortened\n\n":     {"whk_1", base, `{"name":"Jo","items":[{"id":1},{"id`},
		"body.shortened\n\n\n":   {"whk_1", base, `{ id: 1, items: [Object] }`},
		"signature.short":        {"whk_1", map[string][]string{"X-Timestamp": {"1750000000"}, "X-Signature": {"0f3a0f3a"}}, "{}"},
		"signature.short\n":      {"whk_1", map[string][]string{"X-Timestamp": {"1750000000"}, "X-Signature": {"0f3a0f3a0f3a0f3a0f3a0f3a0f3a…"}}, "{}"},
	} {
		want := strings.TrimSpace(want)
		m := &sign.Message{Header: tc.header, Body: []byte(tc.body)}
		keys, o := signtest.Keys(t, r, tc.key), explain.Options{VerifyOptions: sign.VerifyOptions{Now: time.Unix(1750000000, 0)}}
		d := explain.Diagnose(t.Context(), r, m, keys, r.Verify(m, keys, o.VerifyOptions), o)
		if len(d.Findings) != 1 || d.Findings[0].ID != want || d.Findings[0].Certain || len(d.Next) == 0 {
			t.Errorf("%s: %+v", want, d)
		}
		for _, f := range d.Findings {
			checkWords(t, f)
		}
	}
}

// TestReferences: what leads to a key, and what was never replaced by one, is named as what it is.
func TestReferences(t *testing.T) {
	t.Parallel()
	r := signtest.Rules(t, "baanx")
	m := &sign.Message{Header: map[string][]string{"X-Timestamp": {"1750000000"}, "X-Signature": {strings.Repeat("0f3a", 16)}}, Body: []byte("{}")}
	o := explain.Options{VerifyOptions: sign.VerifyOptions{Now: time.Unix(1750000000, 0)}}
	for text, want := range map[string]string{
		"arn:aws:ssm:us-east-1:1:parameter/hook": "the address of a secret", "op://Private/Hook/password": "the address of a secret", "akv+vault://team/hook": "the address of a secret",
		"projects/4/secrets/hook/versions/7": "the address of a secret", "@Microsoft.KeyVault(VaultName=a;SecretName=b)": "the address of a secret",
		"ENC[AES256_GCM,data:Zm9v,iv:YQ==,type:str]": "an encrypted value", "vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok": "an encrypted value",
		"/run/secrets/hook_key": "the path of a file", "./keys/hook": "the path of a file", `D:\keys\hook.txt`: "the path of a file",
		`ENV["HOOK"]`: "the name of a variable", "getenv('HOOK')": "the name of a variable", "import.meta.env.VITE_HOOK": "the name of a variable",
		"/9j4AAQSkZJRgABAQ": "", "vaulted-key-0001": "", "a:b//c-0123456789": "", "projects-secrets-1": "", "environment-key": "",
	} {
		keys := signtest.Keys(t, r, text)
		d := explain.Diagnose(t.Context(), r, m, keys, r.Verify(m, keys, o.VerifyOptions), o)
		if want == "" {
			if len(d.Findings) > 0 {
				t.Errorf("%s: %+v", text, d.Findings)
			}
			continue
		}
		if len(d.Findings) != 1 || d.Findings[0].ID != "key.api_token" || d.Findings[0].Certain || !strings.Contains(d.Findings[0].Evidence, want) {
			t.Errorf("%s: %+v, want %s", text, d.Findings, want)
		}
	}
}

// TestNoHints: what is usual in a body is no trace of anything.
func TestNoHints(t *testing.T) {
	t.Parallel()
	r := signtest.Rules(t, "baanx")
	for _, body := range []string{
		`{"url":"https://a.example/in?x=1&y=2","q":"really?"}`, `{"t":"Zoë??"}`, `{"t":"wait..."}`, `{"t":"why? because"}`, `{"a":"b?c=d"}`, `{"a":[]}`, `a=1&b=2`, "",
	} {
		m := &sign.Message{Header: map[string][]string{"X-Timestamp": {"1750000000"}, "X-Signature": {strings.Repeat("0f3a", 16)}, "Content-Length": {fmt.Sprint(len(body))}}, Body: []byte(body)}
		keys, o := signtest.Keys(t, r, "whk_1"), explain.Options{VerifyOptions: sign.VerifyOptions{Now: time.Unix(1750000000, 0)}}
		if d := explain.Diagnose(t.Context(), r, m, keys, r.Verify(m, keys, o.VerifyOptions), o); len(d.Findings) > 0 {
			t.Errorf("%s: %+v", body, d.Findings)
		}
	}
}

// TestContentDigest: a plain hash of the body in a header that is made for it is no mistake.
func TestContentDigest(t *testing.T) {
	t.Parallel()
	r := signtest.Rules(t, "github")
	body := []byte(`{"a":1}`)
	sum := sha256.Sum256(body)
	for _, h := range []string{"Content-Digest", "Digest", "Etag", "X-Checksum", "X-Amz-Content-Sha256"} {
		for _, v := range []string{fmt.Sprintf("%x", sum), "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"} {
			m := &sign.Message{Header: map[string][]string{h: {v}, "X-Hub-Signature-256": {"sha256=" + strings.Repeat("0a", 32)}}, Body: body}
			keys, o := signtest.Keys(t, r, "k"), explain.Options{VerifyOptions: sign.VerifyOptions{}}
			if d := explain.Diagnose(t.Context(), r, m, keys, r.Verify(m, keys, o.VerifyOptions), o); len(d.Findings) > 0 {
				t.Errorf("%s: %+v", h, d.Findings)
			}
		}
	}
}

// FuzzDiagnose feeds requests to a diagnosis: it ends, and finds nothing certain where nothing was signed.
func FuzzDiagnose(f *testing.F) {
	for _, c := range loadMistakes(f, "testdata/diagnose.jsonl") {
		body, err := base64.StdEncoding.DecodeString(c.BodyBase64)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(c.Scheme, "X-Signature", c.Headers["X-Signature"], c.Headers["X-Timestamp"], body, c.Key)
	}
	f.Fuzz(func(t *testing.T, named, name, value, ts string, body []byte, key string) {
		s, err := scheme.Builtin(named)
		if err != nil {
			s, _ = scheme.Builtin("baanx")
		}
		r, err := sign.Compile(s)
		if err != nil {
			t.Fatal(err)
		}
		k, err := r.Key(key)
		if err != nil || s.Algorithm == scheme.Token {
			return
		}
		m := &sign.Message{Method: "POST", URL: value, Header: map[string][]string{"X-Timestamp": {ts}, scheme.CanonicalHeader(name): {value}, "X-Signature": {value}}, Body: body}
		o := explain.Options{VerifyOptions: sign.VerifyOptions{Now: time.Unix(1750000000, 0)}}
		v := r.Verify(m, []sign.Key{k}, o.VerifyOptions)
		d := explain.Diagnose(t.Context(), r, m, []sign.Key{k}, v, o)
		if d.CutOff && len(body) < 8<<10 {
			t.Errorf("a body of %d bytes is cut off", len(body))
		}
		for _, found := range d.Findings {
			checkWords(t, found)
		}
	})
}

// TestLargestScheme: the largest schemes that pass cost no more than others when a request is refused and explained.
func TestLargestScheme(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		strings.Repeat("{header:X-A}", 31) + "{body}", strings.Repeat("{url}", 31) + "{body}", strings.Repeat("{json:a.b}", 8) + "{body}", strings.Repeat("{timestamp}.", 15) + "{body}", "{form}" + strings.Repeat("{url}", 31),
	} {
		s, err := scheme.Decode("large", map[string]any{"content": content, "signature": map[string]any{"header": "X-Sig"}, "timestamp": map[string]any{"header": "X-Time"}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := sign.Compile(s)
		if err != nil {
			t.Fatal(err)
		}
		m := &sign.Message{
			Method: "POST", URL: "https://a.example/" + strings.Repeat("p", 2000), Body: []byte(`{"a":{"b":"` + strings.Repeat("y", 20_000) + `"}}`),
			Header: map[string][]string{"X-Sig": {strings.Repeat("0f", 32)}, "X-Time": {fmt.Sprint(signtest.Clock().Unix())}, "X-A": {strings.Repeat("v", 4000)}},
		}
		keys := signtest.Keys(t, r, "a key", "another key", "a third")
		o := explain.Options{VerifyOptions: sign.VerifyOptions{Now: signtest.Clock()}, Thorough: true}
		d := explain.Diagnose(t.Context(), r, m, keys, r.Verify(m, keys, o.VerifyOptions), o)
		if d.Tried == 0 || d.Tried > 40_000 || d.Elapsed > 20*time.Second {
			t.Errorf("%.40s: %d tried in %s", content, d.Tried, d.Elapsed)
		}
	}
}

// TestMemberTwice: where the signature holds and a member that is signed stands twice, no header is to blame, and its whole path is named.
func TestMemberTwice(t *testing.T) {
	t.Parallel()
	c := signtest.NewCase(t, "adyen.payments", 1)
	const member = "the body's notificationItems[0].NotificationRequestItem."
	for forged, want := range map[string]string{
		`"eventCode":"REFUND","eventCode":`:         member + "eventCode stands twice",
		`"originalreference":"forged","eventCode":`: member + "originalReference is written in another case",
	} {
		m := c.With(func(m *sign.Message) {
			m.Body = bytes.Replace(m.Body, []byte(`"eventCode":`), []byte(forged), 1)
		})
		v := c.Verify(m)
		if v.OK || !strings.HasPrefix(v.Detail.String(), want) {
			t.Errorf("%s: %s, want %s", forged, v.Detail, want)
		}
		d := explain.Diagnose(t.Context(), c.Rules, m, c.Keys, v, explain.Options{})
		if len(d.Findings) != 1 || d.Findings[0].ID != "header.other" || strings.Contains(d.Findings[0].Evidence+d.Findings[0].Fix, "header") || strings.Contains(d.Findings[0].Fix, "  ") {
			t.Errorf("%s: %+v", forged, d.Findings)
		}
	}
}
