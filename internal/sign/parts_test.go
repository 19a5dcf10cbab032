package sign

// Parts of signing: forms of URLs and forms, streams, what is missing.

import (
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign/scheme"
)

func TestURLForms(t *testing.T) {
	t.Parallel()
	matching := func(form string) *Rules {
		r, err := Compile(&scheme.Scheme{Content: "{url}", Signature: scheme.SignatureSpec{Header: scheme.Names{"X"}}, URLMatch: scheme.Names{form}})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	port, decoded := matching("port"), matching("decoded")
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
	s, err := scheme.Builtin(name)
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
		if got, ok := CanonicalForm([]byte(body)); !ok || got != want {
			t.Errorf("%q: %q", body, got)
		}
	}
	if _, ok := CanonicalForm([]byte(strings.Repeat("&", maxFormPairs))); ok {
		t.Error("a form of too many pairs is read")
	}
}
