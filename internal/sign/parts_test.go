package sign

import (
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLookupJSON(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000)
	for _, tc := range []struct{ body, path, want string }{
		{`{"a":{"b":"c"}}`, "a.b", "c"},
		{"\xef\xbb\xbf { \"a\" : [ 1, {\"b\":-1.50e3 } ] } ", "a[1].b", "-1.50e3"},
		{`[{"event":"x"}]`, "[0].event", "x"},
		{`[{"event":"x"}]`, "0.event", "x"},
		{`{"a.b":"c"}`, `a\.b`, "c"},
		{`{"a":1,"a":2}`, "a", "2"},
		{`{"\u0061":"\u00e9\n"}`, "a", "é\n"},
		{`{"x":` + deep + `,"a":"y"}`, "a", "y"},
		{`{"x":"}]{\"","a":true}`, "a", "true"},
		{`{"a":null}`, "a", ""},
		{`{"a":{}}`, "a", ""},
		{`{"a":"open`, "a", ""},
		{`{"a" 1}`, "a", ""},
		{`{"a":1`, "a", "1"},
		{`["x"]`, "[1]", ""},
		{`"x"`, "a", ""},
		{``, "a", ""},
	} {
		path, problem := parsePath(tc.path)
		if problem != "" {
			t.Fatal(problem)
		}
		got, ok := lookupJSON([]byte(tc.body), path)
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("%s in %.40q: %q, %v", tc.path, tc.body, got, ok)
		}
	}
	for _, bad := range []string{"", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[1]b", "a[1000000000]", strings.Repeat("a.", 20) + "a"} {
		if path, problem := parsePath(bad); problem == "" {
			t.Errorf("path %q is taken as %q", bad, path)
		}
	}
}

func TestClockFormats(t *testing.T) {
	t.Parallel()
	const scalr = "layout:%a %d %b %Y %H:%M:%S %Z"
	for _, tc := range []struct {
		unit, text string
		want       int64 // unix milliseconds, -1: not readable
	}{
		{"s", "1767225600", 1767225600000},
		{"s", "0", 0},
		{"s", "1767225600000", -1},
		{"s", "+1", -1},
		{"s", "", -1},
		{"s", "１", -1},
		{"ms", "1767225600123", 1767225600123},
		{"auto", "1767225600", 1767225600000},
		{"auto", "1767225600123", 1767225600123},
		{"auto", "100000000000", 100000000000000},
		{"rfc3339", "2026-01-01T00:00:00Z", 1767225600000},
		{"rfc3339", "2020-01-01T00:00:00.5-07:00", 1577862000500},
		{"rfc3339", "2020-01-01", -1},
		{scalr, "Thu 07 Sep 2017 06:30:04 UTC", 1504765804000},
		{scalr, "Thu 07 Sep 2017 06:30:04 PST", -1},
		{scalr, "Thu, 07 Sep 2017 06:30:04 UTC", -1},
		{scalr, "Thu 07 Sep 2017 06:30:04 UTC.", -1},
		{"layout:%F %T.%L %z", "2026-01-01 01:00:00.250 +0100", 1767225600250},
		{"layout:%s", "1767225600", 1767225600000},
		{"layout:%Y%j %I:%M %p", "2026001 12:00 AM", 1767225600000},
		{"layout:%A, %e %B %y %R:%S.%f 100%%", "Thursday,  1 January 26 00:00:00.000001 100%", 1767225600000},
	} {
		r, err := Compile(&Scheme{Content: "{timestamp}", Signature: SignatureSpec{Header: Names{"X"}}, Timestamp: &TimestampSpec{Header: Names{"T"}, Unit: tc.unit}})
		if err != nil {
			t.Fatal(err)
		}
		at, problem := r.clock.parse(tc.text)
		switch {
		case tc.want < 0 && problem == "":
			t.Errorf("%s: %q is read as %v", tc.unit, tc.text, at)
		case tc.want >= 0 && (problem != "" || at.UnixMilli() != tc.want):
			t.Errorf("%s: %q is read as %v (%s)", tc.unit, tc.text, at, problem)
		}
		if now := time.Unix(1767225600, 0); problem == "" {
			if back, problem := r.clock.parse(r.clock.format(now)); problem != "" || !back.Equal(now) {
				t.Errorf("%s: %v comes back as %v (%s)", tc.unit, now, back, problem)
			}
		}
	}
}

func TestURLForms(t *testing.T) {
	t.Parallel()
	port := &Rules{scheme: Scheme{URLMatch: Names{"port"}}, uses: map[string]bool{"url": true}}
	decoded := &Rules{scheme: Scheme{URLMatch: Names{"decoded"}}, uses: map[string]bool{"url": true}}
	for _, tc := range []struct {
		r    *Rules
		url  string
		want []string
	}{
		{port, "https://a.test/x?y=1:2", []string{"https://a.test/x?y=1:2", "https://a.test:443/x?y=1:2"}},
		{port, "http://a.test", []string{"http://a.test", "http://a.test:80"}},
		{port, "https://a.test:8443/x", []string{"https://a.test:8443/x", "https://a.test/x"}},
		{port, "https://[::1]/x", []string{"https://[::1]/x", "https://[::1]:443/x"}},
		{port, "https://[::1]:1/x", []string{"https://[::1]:1/x", "https://[::1]/x"}},
		{port, "no url", []string{"no url"}},
		{decoded, "https://a.test/?r=%2Fx%20y", []string{"https://a.test/?r=/x%20y", "https://a.test/?r=%2Fx%20y"}},
		{decoded, "https://a.test/", []string{"https://a.test/"}},
	} {
		if got := tc.r.urlForms(tc.url); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q", tc.url, got)
		}
	}
}

func TestPattern(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, item, want string
		ok                  bool
	}{
		{"{sig}", "abc", "abc", true},
		{"v1={sig}", "v1=abc=", "abc=", true},
		{"v1={sig}", "v2=abc", "", false},
		{"v1={*}:{sig}", "v1=kid:abc", "abc", true},
		{"{*}/SHA256/{sig}", "key/1/SHA256/a/b", "a/b", true},
		{"{sig};{*}", "abc;x;y", "abc", true},
		{"<{sig}>", "<abc>", "abc", true},
		{"<{sig}>", "<abc", "", false},
		{"{{{sig}}}", "{abc}", "abc", true},
	} {
		p, bad := parsePattern(tc.pattern, "sig")
		if bad != nil {
			t.Fatal(tc.pattern, bad.problem)
		}
		if got, ok := p.match(tc.item); got != tc.want || ok != tc.ok {
			t.Errorf("%s on %s: %q, %v", tc.pattern, tc.item, got, ok)
		}
	}
}

func TestParseHeaderLine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{"X-A: b": "X-A|b", "x-a:b:c \r\n": "x-a|b:c", "X-A:": "X-A|", "X-A:\t b\t": "X-A|b"} {
		if name, value, err := ParseHeaderLine(line); err != nil || name+"|"+value != want {
			t.Errorf("%q: %q %q %v", line, name, value, err)
		}
	}
	for _, bad := range []string{"", "secret", ": secret", "X A: secret", "X-A: sec\nret", "X-A: secret\x00"} {
		if _, _, err := ParseHeaderLine(bad); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// endless gives n bytes of body.
type endless struct{ left int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	e.left -= n
	return n, nil
}

var errBroken = errors.New("broken pipe")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

// TestStreaming signs 16 MiB for two keys at once without holding more than a buffer of it. It is not parallel: it counts
// what is allocated.
func TestStreaming(t *testing.T) { //nolint:paralleltest // see above
	for _, name := range []string{"stripe", "twilio.json"} {
		r := compiled(t, name)
		keys := []Key{textKey(t, r, "k1"), textKey(t, r, "k2")}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := r.Sign(SignRequest{Time: time.Unix(1, 0), URL: "https://a.test/", Body: &endless{left: 16 << 20}}, keys); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 256<<10 {
			t.Errorf("%s: signing 16 MiB allocates %d bytes", name, got)
		}
		_, err := r.Sign(SignRequest{Time: time.Unix(1, 0), URL: "https://a.test/", Body: broken{}}, keys)
		var se *SignError
		if !errors.As(err, &se) || se.Field != "body" || !errors.Is(err, errBroken) {
			t.Errorf("%s: a body that cannot be read gives %v", name, err)
		}
	}
}

// TestWholeBodies checks that schemes which need the body whole refuse what is too large.
func TestWholeBodies(t *testing.T) {
	t.Parallel()
	r := compiled(t, "discord")
	k, err := r.SigningKey(strings.Repeat("ab", 32))
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Sign(SignRequest{Time: time.Unix(1, 0), Body: &endless{left: maxWhole + 1}}, []Key{k})
	if !errors.Is(err, errTooLarge) {
		t.Errorf("%v", err)
	}
}

func compiled(tb testing.TB, name string) *Rules {
	tb.Helper()
	s, err := Builtin(name)
	if err != nil {
		tb.Fatal(err)
	}
	r, err := Compile(s)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func textKey(tb testing.TB, r *Rules, text string) Key {
	tb.Helper()
	k, err := r.Key(text)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func TestMissingForSigning(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		scheme, field string
		q             SignRequest
	}{
		{"baanx", "time", SignRequest{}},
		{"kyc.id-ts-body", "id", SignRequest{Time: time.Unix(1, 0)}},
		{"kyc.id-ts-body", "id", SignRequest{Time: time.Unix(1, 0), ID: "a\r\nX: y"}},
		{"square", "url", SignRequest{}},
		{"baanx", "time", SignRequest{Timestamp: "1\r\nX: y"}},
		{"pusher", "param:key", SignRequest{Params: map[string]string{"key": "a\nX: y"}}},
		{"hubspot.v3", "method", SignRequest{Time: time.Unix(1, 0), URL: "u"}},
		{"pusher", "param:key", SignRequest{}},
		{"mailgun", "time", SignRequest{Body: strings.NewReader("{}")}},
		{"mailgun", "json:signature.token", SignRequest{Time: time.Unix(1, 0), Body: strings.NewReader("{}")}},
	} {
		r := compiled(t, tc.scheme)
		_, err := r.Sign(tc.q, []Key{textKey(t, r, "secret-key-text")})
		var se *SignError
		if !errors.As(err, &se) || se.Field != tc.field || strings.Contains(err.Error(), "secret-key") {
			t.Errorf("%s: %v", tc.scheme, err)
		}
	}
}

func TestForm(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"b=2&a=1": "a1b2", "a=2&a=1&a=2": "a1a2", "a=%2B+x": "a+ x", "a=%zz": "a%zz", "a": "a", "": "", "&&a=1&": "a1",
	} {
		if got, ok := canonicalForm([]byte(body)); !ok || got != want {
			t.Errorf("%q: %q", body, got)
		}
	}
	if _, ok := canonicalForm([]byte(strings.Repeat("&", maxFormPairs))); ok {
		t.Error("a form of too many pairs is read")
	}
}
