package explain_test

// URLs that are not whole, and URLs that are not to be copied.

import (
	"bytes"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// TestDiagnoseTarget: a URL that was given without its path or query is completed by what arrived, and named whole.
func TestDiagnoseTarget(t *testing.T) {
	t.Parallel()
	const origin, path, query = "https://hooks.example.com", "/in/twilio", "?x=1"
	r := signtest.Rules(t, "twilio")
	keys := signtest.Keys(t, r, "abcdefghijklmnop")
	for _, tc := range []struct{ signed, given, target, id, fix string }{
		{origin + path + query, origin, path + query, "text.url.path.recorded", "--url 'https://hooks.example.com/in/twilio?x=1'"},
		{origin + path + query, origin + "/", path + query, "text.url.path.recorded", "--public-url https://hooks.example.com "},
		{origin + path, origin, path + query, "text.url.path.recorded", "--url https://hooks.example.com/in/twilio)"},
		{origin + path + query, origin + path, path + query, "text.url.query.recorded", "--url 'https://hooks.example.com/in/twilio?x=1'"},
		{origin + path, origin + path + query, path + query, "text.url.query", "--url https://hooks.example.com/in/twilio;"},
	} {
		s, err := r.Sign(sign.SignRequest{Time: signtest.Clock(), URL: tc.signed, Body: strings.NewReader(signtest.FormBody)}, keys)
		if err != nil {
			t.Fatal(err)
		}
		m := &sign.Message{URL: tc.given, Target: tc.target, Header: map[string][]string{"X-Twilio-Signature": {s.Signature}}, Body: []byte(signtest.FormBody)}
		o := explain.Options{VerifyOptions: sign.VerifyOptions{Now: signtest.Clock()}}
		d := explain.Diagnose(t.Context(), r, m, keys, r.Verify(m, keys, o.VerifyOptions), o)
		if len(d.Findings) == 0 || d.Findings[0].ID != tc.id || !strings.Contains(d.Findings[0].Fix, tc.fix) {
			t.Errorf("%s for %s: %+v", tc.given, tc.signed, d)
		}
	}
}

// TestDiagnoseUnsafeURL: what a shell or a terminal would act on, or what may be a password, stands in no command.
func TestDiagnoseUnsafeURL(t *testing.T) {
	t.Parallel()
	r := signtest.Rules(t, "twilio")
	keys := signtest.Keys(t, r, "abcdefghijklmnop")
	for _, u := range []string{"://h.example/'$(x)'", "://h.example/\x1b[2J", "://user:hunter2@h.example/", "://h.example/" + strings.Repeat("a", 300)} {
		s, err := r.Sign(sign.SignRequest{Time: signtest.Clock(), URL: "https" + u, Body: strings.NewReader(signtest.FormBody)}, keys)
		if err != nil {
			t.Fatal(err)
		}
		m := &sign.Message{URL: "http" + u, Header: map[string][]string{"X-Twilio-Signature": {s.Signature}}, Body: []byte(signtest.FormBody)}
		o := explain.Options{VerifyOptions: sign.VerifyOptions{Now: signtest.Clock()}}
		d := explain.Diagnose(t.Context(), r, m, keys, r.Verify(m, keys, o.VerifyOptions), o)
		if len(d.Findings) == 0 || d.Findings[0].ID != "text.url.https" || strings.Contains(d.Findings[0].Fix, "h.example") || strings.Contains(d.Findings[0].Fix, "hunter2") {
			t.Errorf("%q: %+v", u, d)
		}
		m.Header["X-Twilio-Signature"] = []string{strings.Repeat("A", 27) + "="}
		if d := explain.Diagnose(t.Context(), r, m, keys, r.Verify(m, keys, o.VerifyOptions), o); strings.Contains(d.Next.String(), "h.example") || !strings.HasPrefix(d.Next.String(), "check the URL first") {
			t.Errorf("%q: %s", u, d.Next)
		}
	}
}

// TestDiagnoseThorough: what is cut off of a body of some size is tried to the end when somebody waits for it; of a large one more
// is tried, and it is said how far that went.
func TestDiagnoseThorough(t *testing.T) {
	t.Parallel()
	r, m, keys, v, o := hopeless(t, 24<<10)
	short := explain.Diagnose(t.Context(), r, m, keys, v, o)
	o.Thorough = true
	long := explain.Diagnose(t.Context(), r, m, keys, v, o)
	if !short.CutOff || long.CutOff || long.Tried <= short.Tried || strings.Contains(short.Next.String(), "smaller") {
		t.Errorf("%d tried, then %d: %+v", short.Tried, long.Tried, short)
	}
	for _, want := range []string{"the search ended early (every single mistake was tried", "check that the key is"} {
		if !strings.Contains(short.Next.String(), want) {
			t.Errorf("%q lacks %q", short.Next, want)
		}
	}
	m.Body = bytes.Repeat(m.Body, 4)
	if d := explain.Diagnose(t.Context(), r, m, keys, v, explain.Options{VerifyOptions: sign.VerifyOptions{Now: o.Now}}); !d.CutOff || !strings.Contains(d.Next.String(), "ended early (") {
		t.Errorf("%+v", d)
	}
}
