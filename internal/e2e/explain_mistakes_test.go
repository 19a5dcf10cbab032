package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// mistake is a request with a mistake in it that Node.js, Python or openssl made.
type mistake struct {
	ID, Expect, Scheme, Key string
	OtherKeys               []string `json:"other_keys"`
	Now                     int64
	Method, URL             string
	Headers                 map[string]string
	BodyBase64              []byte `json:"body_base64"`
}

// madeByOthers reads a file of cases that other people's code made, one a line; tests/diagnose makes them.
func madeByOthers[T any](t *testing.T, name string) (all []T) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "sign", "explain", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(b) {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

func mistakes(t *testing.T) []mistake {
	t.Helper()
	all := slices.DeleteFunc(madeByOthers[mistake](t, "diagnose.jsonl"), func(m mistake) bool {
		return m.ID == "python/token-blank" // a key file's last line end is not part of the key, so here it is no mistake
	})
	if len(all) < 140 {
		t.Fatalf("only %d mistakes", len(all))
	}
	return all
}

// expected says whether a finding is the one that the mistake was made for.
func (c *mistake) expected(id string) bool {
	return id == c.Expect || strings.HasSuffix(c.Expect, ".") && strings.HasPrefix(id, c.Expect)
}

// right lists what no output may show: the key, and each form of the signature that would have been right. A form that the
// request itself holds is not secret.
func (c *mistake) right(t *testing.T) []string {
	t.Helper()
	r := signtest.Rules(t, c.Scheme)
	if r.Public() {
		return nil // keys and signatures are public there
	}
	key, err := r.Key(c.Key)
	if err != nil {
		t.Fatal(err)
	}
	header := map[string][]string{}
	for k, v := range c.Headers {
		header[textproto.CanonicalMIMEHeaderKey(k)] = []string{v}
	}
	q := sign.SignRequest{Time: time.Unix(c.Now, 0), ID: "msg_1", Method: c.Method, URL: c.URL + "x", Header: header, Body: bytes.NewReader(c.BodyBase64)}
	if spec := r.Scheme().Timestamp; spec != nil && len(spec.Header) > 0 {
		q.Timestamp = strings.Join(header[textproto.CanonicalMIMEHeaderKey(spec.Header[0])], "")
	}
	signed, err := r.Sign(q, []sign.Key{key})
	if err != nil {
		t.Fatal(err)
	}
	forms := []string{c.Key}
	for part := range strings.FieldsFuncSeq(signed.Signature, func(r rune) bool { return strings.ContainsRune(" ,;", r) }) {
		digest := part[strings.LastIndexByte(strings.TrimRight(part, "="), '=')+1:]
		if raw, err := hex.DecodeString(digest); err == nil && len(raw) >= 20 {
			forms = append(forms, digest, strings.ToUpper(digest), base64.StdEncoding.EncodeToString(raw))
		} else if raw, err := base64.StdEncoding.DecodeString(digest); err == nil && len(raw) >= 20 {
			forms = append(forms, digest, hex.EncodeToString(raw))
		}
	}
	request := fmt.Sprint(c.Headers, c.URL, string(c.BodyBase64))
	kept := forms[:0]
	for _, form := range forms {
		if !strings.Contains(request, form) && len(form) >= 16 {
			kept = append(kept, form)
		}
	}
	return kept
}

func nothingRight(t *testing.T, where, said string, right []string) {
	t.Helper()
	for _, form := range right {
		if strings.Contains(said, form) {
			t.Errorf("%s tells %.6s…", where, form)
		}
	}
}

// saveKeys saves the keys of other webhooks.
func saveKeys(w *world, keys []string) {
	w.t.Helper()
	for i, key := range keys {
		w.must(0, "keys", "add", fmt.Sprintf("other-%d", i), "--secret-file", w.write("other", key))
	}
}

// TestDiagnoseVerify has whctl verify explain every mistake, as JSON and for people.
func TestDiagnoseVerify(t *testing.T) {
	t.Parallel()
	for _, c := range mistakes(t) {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			saveKeys(w, c.OtherKeys)
			args := []string{
				"verify", w.write("body", string(c.BodyBase64)), "--scheme", c.Scheme, "--secret-file", w.write("secret", c.Key), "--at", fmt.Sprint(c.Now),
			}
			for k, v := range c.Headers {
				args = append(args, "-H", k+": "+v)
			}
			if c.URL != "" {
				args = append(args, "--url", c.URL)
			}
			if c.Method != "" {
				args = append(args, "--method", c.Method)
			}
			r := w.must(3, append(args, "-o", "json")...)
			findings := findingsOf(t, jsonOf[object](t, r))
			if len(findings) == 0 || !c.expected(findings[0].ID) || !findings[0].Certain {
				t.Errorf("want %s, found %+v", c.Expect, findings)
			}
			nothingRight(t, "verify", r.out+r.err, c.right(t))
		})
	}
}

func findingsOf(t *testing.T, o object) []explain.Finding {
	t.Helper()
	b, err := json.Marshal(o["findings"])
	if err != nil {
		t.Fatal(err)
	}
	var f []explain.Finding
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// receiving is what a listener is started with.
type receiving struct {
	scheme, key, origin, others string
}

// TestDiagnoseListen sends the mistakes through a socket: the line of the stream, why and verify --delivery name each.
func TestDiagnoseListen(t *testing.T) {
	t.Parallel()
	groups := map[receiving][]mistake{}
	for _, c := range mistakes(t) {
		u, err := url.Parse(c.URL)
		if err != nil {
			t.Fatal(err)
		}
		origin := ""
		if u.Host != "" {
			origin = u.Scheme + "://" + u.Host
		}
		if strings.HasPrefix(c.Expect, "clock.") || c.Headers["Content-Length"] != "" {
			continue // the listener has a clock of its own
		}
		g := receiving{c.Scheme, c.Key, origin, strings.Join(c.OtherKeys, "\n")}
		groups[g] = append(groups[g], c)
	}
	for g, cases := range groups {
		t.Run(cases[0].ID, func(t *testing.T) {
			t.Parallel()
			g.run(t, cases)
		})
	}
}

func (g receiving) run(t *testing.T, cases []mistake) {
	t.Helper()
	w := newWorld(t)
	saveKeys(w, cases[0].OtherKeys)
	w.write("secret", g.key)
	args := []string{"--scheme", g.scheme, "--secret-file", "secret"}
	if g.origin != "" {
		args = append(args, "--public-url", g.origin)
	}
	l := w.listen(args...)
	var right []string
	requests, said := "", ""
	for i, c := range cases {
		d := g.send(t, l, &c)
		if t.Failed() {
			return
		}
		right = append(right, c.right(t)...)
		requests += fmt.Sprint(c.Headers, c.URL)
		findings := findingsOf(t, l.await("diagnosis"))
		if len(findings) == 0 || !c.expected(findings[0].ID) {
			t.Errorf("%s: listen found %+v in %v, want %s", c.ID, findings, d, c.Expect)
		}
		if i >= 6 || g.scheme == "gitlab" {
			continue // what explains one recorded delivery explains the others; a token is not recorded
		}
		again := []string{"--secret-file", "secret", "-o", "json"}
		if g.origin != "" {
			again = append(again, "--url", c.URL)
		}
		for _, r := range []result{
			w.must(0, append([]string{"why", d.str("id")}, again...)...),
			w.must(3, append([]string{"verify", "--delivery", d.str("id")}, again...)...),
		} {
			said += r.out + r.err
			if f := findingsOf(t, jsonOf[object](t, r)); len(f) == 0 || !c.expected(f[0].ID) {
				t.Errorf("%s: looked at again, found %+v, want %s", c.ID, f, c.Expect)
			}
		}
	}
	l.stop()
	if g.scheme != "gitlab" {
		text := w.must(0, "why", "--secret-file", "secret")
		said += text.out + text.err
	}
	said += l.out.String() + l.errs.String() + recordOf(t, w)
	right = slices.DeleteFunc(right, func(form string) bool { return strings.Contains(requests, form) }) // one's mistake is another's right
	nothingRight(t, "something", said, right)
}

// send puts a case on the wire and gives the delivery that the listener made of it.
func (g receiving) send(t *testing.T, l *process, c *mistake) object {
	t.Helper()
	var header strings.Builder
	for k, v := range c.Headers {
		header.WriteString(k + ": " + v + "\r\n")
	}
	target, method := "/", c.Method
	if g.origin != "" {
		target = "/" + strings.TrimPrefix(strings.TrimPrefix(c.URL, g.origin), "/")
	}
	if method == "" {
		method = "POST"
	}
	if m := exchange(t, l.addr, request(method, target, header.String(), c.BodyBase64)); m.status != 401 || string(m.body) != "invalid signature" {
		t.Errorf("%s: answered %s %q", c.ID, m.start, m.body)
	}
	return l.await("delivery")
}

// recordOf is every byte of the files that whctl has written.
func recordOf(t *testing.T, w *world) string {
	t.Helper()
	var all strings.Builder
	files, err := filepath.Glob(w.path("data/journal.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no journal: %v", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}
