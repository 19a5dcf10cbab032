package sign_test

// Headers that came twice, and lists that are not written as libraries read them.

import (
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// TestRepeatedHeaders doubles each header that a scheme reads, in every scheme: with the same value, with another, in two lines
// and in one. Only Mollie may repeat its signature.
func TestRepeatedHeaders(t *testing.T) { //nolint:gocognit // one table over all schemes
	t.Parallel()
	doubled := 0
	for _, name := range scheme.BuiltinNames() {
		c := signtest.NewCase(t, name, 1)
		for _, f := range c.Signed.Fields {
			h := scheme.CanonicalHeader(f.Name)
			isSignature := slices.Contains(c.Rules.SignatureHeaders(), h)
			for what, values := range map[string][]string{
				"same": {f.Value, f.Value}, "other first": {"x", f.Value}, "other last": {f.Value, "x"}, "empty first": {"", f.Value}, "empty last": {f.Value, ""},
			} {
				m := c.With(func(m *sign.Message) { m.Header[h] = values })
				doubled++
				got := c.Verify(m)
				if name == "mollie" && isSignature {
					if !got.OK {
						t.Errorf("mollie, %s: %+v", what, got)
					}
					continue
				}
				if got.Reason != sign.MalformedSignature || !strings.Contains(got.Detail.String(), "header "+h+" came twice") {
					t.Errorf("%s, %s %s: %+v", name, h, what, got)
				}
				d := explain.Diagnose(t.Context(), c.Rules, m, c.Keys, got, explain.Options{VerifyOptions: sign.VerifyOptions{Now: signtest.Clock()}})
				if len(d.Findings) == 0 || d.Findings[0].ID != "header.twice" || what == "same" && !d.Findings[0].Certain {
					t.Errorf("%s, %s %s: findings %+v", name, h, what, d.Findings)
				}
			}
			// Names that are written in two ways are one header.
			m := c.With(func(m *sign.Message) { m.Header[strings.ToLower(h)] = []string{f.Value} })
			if got := c.Verify(m); got.Reason != sign.MalformedSignature && name != "mollie" && h != strings.ToLower(h) {
				t.Errorf("%s, %s in two cases: %+v", name, h, got)
			}
		}
		if c.Rules.Scheme().Signature.JSON != "" || name == "mollie" {
			continue
		}
		h := c.Rules.SignatureHeaders()[0]
		value := c.Message.Header[h][0]
		for what, joined := range map[string]string{"Node": value + ", " + value, "WSGI": value + "," + value, "three": value + ", " + value + ", " + value} {
			m := c.With(func(m *sign.Message) { m.Header[h] = []string{joined} })
			got := c.Verify(m)
			if list := strings.HasPrefix(c.Rules.Scheme().Signature.Separator, ",") && c.Rules.Scheme().Timestamp == nil; list && what == "WSGI" {
				continue // a list of two signatures
			}
			if got.Reason != sign.MalformedSignature || !strings.Contains(got.Detail.String(), "came twice") {
				t.Errorf("%s, joined as %s does: %+v", name, what, got)
			}
			d := explain.Diagnose(t.Context(), c.Rules, m, c.Keys, got, explain.Options{VerifyOptions: sign.VerifyOptions{Now: signtest.Clock()}})
			if len(d.Findings) == 0 || d.Findings[0].ID != "header.twice" || !d.Findings[0].Certain || strings.Contains(d.Findings[0].Fix, "the code that signs") {
				t.Errorf("%s, joined as %s does: findings %+v", name, what, d.Findings)
			}
		}
	}
	if doubled < 500 {
		t.Errorf("only %d headers were doubled", doubled)
	}
}

// TestShadowedHeader: a header whose name has underscores is not the scheme's header.
func TestShadowedHeader(t *testing.T) {
	t.Parallel()
	for _, name := range scheme.BuiltinNames() {
		c := signtest.NewCase(t, name, 1)
		for _, h := range c.Rules.SignatureHeaders() {
			shadow := strings.ReplaceAll(h, "-", "_")
			if shadow == h {
				continue
			}
			alone := c.With(func(m *sign.Message) {
				m.Header[shadow] = c.Message.Header[c.Rules.SignatureHeaders()[0]]
				for _, h := range c.Rules.SignatureHeaders() {
					delete(m.Header, h)
				}
			})
			if got := c.Verify(alone); got.OK {
				t.Errorf("%s is verified by %s", name, shadow)
			}
		}
	}
}

// TestStrictLists: what the providers' libraries do not drop from a list is not dropped here.
func TestStrictLists(t *testing.T) {
	t.Parallel()
	lists := 0
	for _, name := range scheme.BuiltinNames() {
		c := signtest.NewCase(t, name, 1)
		s := c.Rules.Scheme()
		sep := strings.TrimSuffix(s.Signature.Separator, " ")
		if sep == "" {
			continue
		}
		lists++
		h := c.Rules.SignatureHeaders()[0]
		good := c.Message.Header[h][0]
		for what, value := range map[string]string{
			"blank after": strings.ReplaceAll(good, s.Signature.Separator, s.Signature.Separator+" "), "blank before": strings.ReplaceAll(good, sep, " "+sep),
			"tab": strings.ReplaceAll(good, sep, sep+"\t"), "at the end": good + sep, "at the beginning": sep + good, "two": strings.ReplaceAll(good, sep, sep+sep),
			"no =": good + s.Signature.Separator + "foo", "blank and item": good + sep + "  foo=bar",
		} {
			got := c.Verify(c.With(func(m *sign.Message) { m.Header[h] = []string{value} }))
			if value == good || s.Signature.Item == "{sig}" && what == "no =" {
				continue // one signature in a list of bare ones, of which those that are none are skipped
			}
			if got.Reason != sign.MalformedSignature {
				t.Errorf("%s, %s: %q: %+v", name, what, value, got)
			}
		}
		if strings.Contains(s.Signature.Item, "=") {
			other := c.With(func(m *sign.Message) { m.Header[h] = []string{good + s.Signature.Separator + "zz=1"} })
			if got := c.Verify(other); !got.OK {
				t.Errorf("%s: an item of another name: %+v", name, got)
			}
		}
	}
	if lists < 15 {
		t.Errorf("only %d schemes have lists", lists)
	}
}

// TestRefusedBySome: what is taken here and refused by a provider's library says so.
func TestRefusedBySome(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ scheme, what, want string }{
		{"workos", "no blank", "workos-ruby"},
		{"workos", "time last", "@workos-inc/node"},
		{"workos", "second key", "@workos-inc/node"},
		{"elevenlabs", "second key", "@elevenlabs/elevenlabs-js"},
		{"paddle", "first key", "@paddle/paddle-node-sdk"},
		{"xhub.sha256", "second key", "x-hub-signature"},
		{"workos", "as it is", ""},
		{"stripe", "second key", ""},
		{"paddle", "second key", ""},
	} {
		c := signtest.NewCase(t, tc.scheme, 2)
		keys := c.Keys
		h := c.Rules.SignatureHeaders()[0]
		items := strings.Split(c.Message.Header[h][0], c.Rules.Scheme().Signature.Separator)
		sep := c.Rules.Scheme().Signature.Separator
		switch tc.what {
		case "no blank":
			items, sep = items[:2], strings.TrimSuffix(sep, " ")
		case "as it is":
			items = items[:2]
		case "time last":
			items = []string{items[1], items[0]}
		case "second key":
			keys = keys[1:]
		case "first key":
			keys = keys[:1]
		}
		m := c.With(func(m *sign.Message) { m.Header[h] = []string{strings.Join(items, sep)} })
		got := c.Rules.Verify(m, keys, sign.VerifyOptions{Now: signtest.Clock()})
		if !got.OK || (got.Warning == "") != (tc.want == "") || !strings.Contains(got.Warning, tc.want) || tc.want != "" && !strings.HasPrefix(got.Warning, "accepted here, refused by ") {
			t.Errorf("%s, %s: %+v", tc.scheme, tc.what, got)
		}
	}
}
