package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestVectorsSign has the real binary sign what each valid vector with a single key holds: it makes what the provider made.
func TestVectorsSign(t *testing.T) {
	t.Parallel()
	compared := 0
	for _, v := range vectors(t) {
		r := builtinRules(t, v.Scheme)
		if v.Expect != "valid" || len(v.Secrets) > 1 || v.Unsigned || v.Choice != "" || v.SigningKey == "" && strings.Contains("ed25519 ecdsa-p256-sha256", string(r.Scheme().Algorithm)) {
			continue // the provider keeps its private key
		}
		compared++
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			verdict := jsonOf[object](t, w.run(v.args(t, w)...)).sub("verdict")
			args := v.signing(w, verdict)
			v.compare(t, jsonOf[object](t, w.must(0, args...)))
		})
	}
	if compared < 60 {
		t.Errorf("only %d compared", compared)
	}
}

// signing is the command line that signs what a case holds.
func (v *vector) signing(w *world, verdict object) []string {
	w.t.Helper()
	args := []string{"sign", w.path("body"), "--scheme", v.Scheme, "--secret-file", w.path("signing"), "--format", "json"}
	if v.SigningKey != "" {
		w.write("signing", v.SigningKey)
	} else {
		w.write("signing", v.Secret)
	}
	if at := verdict.str("signedAt"); at != "" && v.Scheme != "box" { // whose time is sent with an offset: its header says it
		args = append(args, "--timestamp", at)
	}
	if id := verdict.str("id"); id != "" {
		args = append(args, "--id", id)
	}
	if v.URL != "" {
		args = append(args, "--to", v.URL)
	}
	if v.ID == "twilio/port-tolerated" { // signed without the port, and accepted with it
		args = append(args, "--to", strings.Replace(v.URL, ":1234", "", 1))
	}
	if v.Method != "" {
		args = append(args, "--method", v.Method)
	}
	for name, value := range v.Params {
		args = append(args, "--param", name+"="+value)
	}
	for name, value := range v.Headers {
		args = append(args, "-H", name+": "+value)
	}
	return args
}

// compare holds the headers that were made against those that the provider sent, which may hold more versions or keys.
func (v *vector) compare(t *testing.T, made object) {
	t.Helper()
	theirs := map[string]string{}
	for name, value := range v.Headers {
		theirs[strings.ToLower(name)] = value
	}
	prefix := builtinRules(t, v.Scheme).Scheme().Signature.Prefix
	items := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(strings.TrimPrefix(s, prefix)), func(c rune) bool { return strings.ContainsRune(" ,;", c) })
	}
	for name, value := range made.sub("headers") {
		sent := theirs[strings.ToLower(name)]
		if sent == "" && strings.HasPrefix(name, "svix-") || v.ID == "openai/timestamp-text-leading-zero" {
			continue
		}
		for _, item := range items(fmt.Sprint(value)) {
			if !slices.Contains(items(sent), item) {
				t.Errorf("header %s is %q, the provider sent %q", name, value, sent)
			}
		}
	}
	if len(made.sub("body")) > 0 && !strings.Contains(v.Body, `"`+made.str("signature")+`"`) {
		t.Errorf("the body does not hold the signature %s", made.str("signature"))
	}
}
