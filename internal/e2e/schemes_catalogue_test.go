package e2e

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/craft"
	samples "github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// catalogueKey makes a key in the form that a scheme hands out: what signs, and what verifies.
func catalogueKey(t *testing.T, s *scheme.Scheme) (signing, verifying string) {
	t.Helper()
	if s.KeyAlgorithm().Public() && s.Key.Encoding == scheme.PEM {
		return pemPair(t, s)
	}
	encode := base64.StdEncoding.EncodeToString
	if s.Key.Encoding == "hex" {
		encode = hex.EncodeToString
	}
	switch s.KeyAlgorithm() {
	case scheme.Ed25519:
		public, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return encode(private.Seed()), s.Key.Prefix + encode(public)
	case scheme.ECDSAP256:
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		private, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		return encode(private), s.Key.Prefix + encode(public)
	case scheme.RSASHA1, scheme.RSASHA256, scheme.RSASHA512:
		return pemPair(t, s)
	default:
	}
	key := "catalogue key of " + s.Name
	if s.Key.Encoding != "" && s.Key.Encoding != "utf8" {
		key = s.Key.Prefix + encode([]byte("catalogue key of thirty-two bytes")[:32])
	}
	return key, key
}

// pemPair makes a pair as whctl does: RSA keys, and those that a scheme hands out as PEM.
func pemPair(t *testing.T, s *scheme.Scheme) (signing, verifying string) {
	t.Helper()
	public, private, err := craft.NewKeyText(s, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return private, public
}

// ownName is under what name a test's config file has a built-in scheme.
func ownName(name string) string { return "copy-of-" + name }

// schemesTried are the built-in schemes, and under the race detector one in eight: they take the same ways through the program.
func schemesTried() []string {
	all := scheme.BuiltinNames()
	if !racing {
		return all
	}
	var some []string
	for i := 0; i < len(all); i += 8 {
		some = append(some, all[i])
	}
	return some
}

// copied makes a config file in which built-in schemes stand under another name, from what schemes show prints.
func copied(t *testing.T, w *world, names ...string) string {
	t.Helper()
	var file strings.Builder
	file.WriteString("schemes:\n")
	for _, name := range names {
		fmt.Fprintf(&file, "  %s:\n", ownName(name))
		for line := range strings.Lines(w.must(0, "schemes", "show", name, "-o", "yaml").out) {
			file.WriteString("    " + line)
		}
	}
	return w.write("copies.yaml", file.String())
}

// TestCatalogueRoundTrip copies every scheme into a config file and sends with the copy to a listener of the original
// what the scheme's sample or a made-up event gives: the two are the same scheme, and every scheme can sign what it verifies.
func TestCatalogueRoundTrip(t *testing.T) {
	t.Parallel()
	w, tried := newWorld(t), schemesTried()
	if all := jsonOf[[]object](t, w.must(0, "schemes", "list", "-o", "json", "--config", copied(t, w, tried...))); len(all) < 2*len(tried) {
		t.Errorf("%d schemes with copies of %d", len(all), len(tried))
	}
	for _, name := range tried {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			roundTrip(t, name)
		})
	}
}

func roundTrip(t *testing.T, name string) {
	t.Helper()
	w := newWorld(t)
	config := copied(t, w, name)
	again := w.must(0, "schemes", "show", ownName(name), "--config", config, "-o", "yaml").out
	if first := w.must(0, "schemes", "show", name, "-o", "yaml").out; again != first {
		t.Errorf("the copy is\n%s\nthe scheme is\n%s", again, first)
	}
	text := w.must(0, "schemes", "show", name)
	if !strings.Contains(text.out, name) || text.err != "" {
		t.Errorf("show: %q %q", text.out, text.err)
	}
	r := signtest.Rules(t, name)
	signing, verifying := catalogueKey(t, r.Scheme())
	w.write("signing", signing)
	w.write("verifying", verifying)
	var params []string
	for _, p := range r.Needs().Params {
		params = append(params, "--param", p+"=app-1")
	}
	typ := "test.event"
	if types := samples.SampleTypes(name); len(types) > 0 && !strings.Contains(types[0], "/") { // for the copy that is a file
		typ = types[0]
	}
	l := w.listen(append([]string{"--scheme", name, "--secret-file", w.path("verifying"), "--no-input"}, params...)...)
	args := append([]string{"send", typ, "--to", "http://" + l.addr + "/hooks?a=1", "--secret-file", "signing", "--config", config}, params...)
	w.must(0, append(args, "--scheme", ownName(name), "--no-input")...)
	d := l.await("delivery")
	if v := d.sub("verdict"); v.str("reason") != "valid" || v.str("scheme") != name {
		t.Errorf("verdict %v of %v", v, d)
	}
	s := r.Scheme().Event
	if len(s.Type) > 0 && d.str("eventType") != typ || len(s.ID) > 0 && d.str("eventId") == "" {
		t.Errorf("type %q, id %q, sent was %s", d.str("eventType"), d.str("eventId"), typ)
	}
	l.stop()
}

// TestCatalogueList: the list holds every scheme in each of its forms, can be searched, and fits any terminal.
func TestCatalogueList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	names := slices.Sorted(slices.Values(slices.Concat(scheme.BuiltinNames(), scheme.UnsignedNames())))
	listed := jsonOf[[]object](t, w.must(0, "schemes", "list", "-o", "json"))
	var got []string
	for _, s := range listed {
		got = append(got, s.str("name"))
		for _, field := range []string{"title", "url", "algorithm"} {
			if s.str(field) == "" {
				t.Errorf("%s has no %s", s.str("name"), field)
			}
		}
		for _, field := range []string{"header", "content", "quirks", "names", "own"} {
			if _, has := s[field]; !has {
				t.Errorf("%s has no member %s", s.str("name"), field)
			}
		}
	}
	if !slices.Equal(got, names) {
		t.Errorf("listed are %v", got)
	}
	for _, filter := range []string{"gitlab", "GITLAB", "x-gitlab-tok"} {
		if r := w.must(0, "schemes", "list", filter); !strings.Contains(r.out, "gitlab") || strings.Count(r.out, "\n") > 3 {
			t.Errorf("%s: %q", filter, r.out)
		}
	}
	if r := w.must(0, "schemes", "list", "nothing-like-it"); r.out != "" || !strings.Contains(r.err, "no scheme matches") {
		t.Errorf("%q %q", r.out, r.err)
	}
	if r := w.must(0, "schemes", "list", "nothing-like-it", "-o", "json"); r.out != "[]\n" {
		t.Errorf("%q", r.out)
	}
	if r := w.must(2, "schemes", "show", "githb"); !strings.Contains(r.err, "did you mean github?") {
		t.Errorf("%q", r.err)
	}
}

// TestCatalogueSearch: what people type names the provider first; letters inside a word are no match where a word begins with them.
func TestCatalogueSearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for filter, first := range map[string]string{
		"fb": "meta", "ig": "meta", "whatsapp": "meta", "aws": "sns", "tg": "telegram", "x": "twitter", "o365": "microsoft-graph", "msgraph": "microsoft-graph",
		"lemonsqueezy": "lemonsqueezy", "lemon squeezy": "lemonsqueezy", "svix": "svix", "shop": "shopify", "qbo": "intuit", "gitlab": "gitlab", "x-gitlab-tok": "gitlab",
	} {
		found := jsonOf[[]object](t, w.must(0, "schemes", "list", filter, "-o", "json"))
		if got := append(found, object{"name": ""})[0].str("name"); got != first {
			t.Errorf("%s finds %q first, want %q", filter, got, first)
		}
	}
	if found := jsonOf[[]object](t, w.must(0, "schemes", "list", "ig", "-o", "json")); len(found) != 1 {
		t.Errorf("ig finds %d schemes", len(found))
	}
}

// TestCatalogueSandbox lets the platform sign as other providers do, with a key of its own making.
func TestCatalogueSandbox(t *testing.T) {
	t.Parallel()
	for scheme, typ := range map[string]string{
		"stripe": "all", "github": "all", "slack": "all", "standard-webhooks": "all", "standard-webhooks.ed25519": "invoice.paid",
		"discord": "test.event", "sendgrid": "all", "twilio": "all", "square": "payment.created", "hubspot.v3": "all",
		"gitlab": "push", "mailgun": "delivered", "shopify": "orders/create", "mollie": "another.type", "pusher": "all", "box": "FILE.UPLOADED", "hookdeck": "test.event",
	} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			want := 1
			if typ == "all" {
				want = len(samples.SampleTypes(scheme))
			}
			l := w.listen("--sandbox", "--scheme", scheme, "--trigger", typ, "--exit-after", fmt.Sprint(want), "--handshake", "off") // a handshake does not count
			if code := l.wait(); code != 0 {
				t.Errorf("exit code %d: %s", code, l.errs)
			}
			got := l.rest("delivery")
			if len(got) != want {
				t.Fatalf("%d deliveries, want %d", len(got), want)
			}
			for _, d := range got {
				if v := d.sub("verdict"); v.str("reason") != "valid" || v.str("scheme") != scheme {
					t.Errorf("verdict %v", v)
				}
			}
		})
	}
}

// TestCatalogueSandboxRefuses: what the platform could not raise or sign is refused before anything is opened.
func TestCatalogueSandboxRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, bad := range [][]string{
		{"auto", "all", "must be named"},
		{"hookdeck", "all", "has no sample events", "--trigger test.event"},
		{"stripe", "charge.refundd", "no sample of event type", "did you mean charge.refunded?"},
		{"baanx", "invoice.pad", "no sample of event type", "card.activated"},
		{"baanx", "invoice.paid", "no sample of event type", "add --scheme standard-webhooks"},
		{"baanx", "kyc.status.changed/faild", "did you mean kyc.status.changed/failed?"},
		{"nosuch", "all", "there is no scheme"},
	} {
		r := w.must(2, "listen", "--addr", "127.0.0.1:0", "--sandbox", "--scheme", bad[0], "--trigger", bad[1])
		for _, part := range bad[2:] {
			if !strings.Contains(r.err, part) || r.out != "" {
				t.Errorf("%v: %q, %q", bad, r.out, r.err)
			}
		}
	}
}

// TestCatalogueWhere looks for the place of the key where a provider's own pages tell it: in what is shown of the scheme, and in its JSON.
func TestCatalogueWhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, place := range map[string]string{
		"coinify": "Shared Secret", "convoy.advanced.sha512.base64": "secret of the endpoint", "doppler": "signing secret", "fathom": "API Access",
		"fireblocks": "on its page", "netlify": "JWS secret token", "outpost": "signing key", "persona": "section Webhooks",
	} {
		if shown := w.must(0, "schemes", "show", name); !strings.Contains(strings.Join(strings.Fields(shown.out), " "), place) {
			t.Errorf("%s: no %q:\n%s", name, place, shown.out)
		}
		if where := w.must(0, "schemes", "show", name, "-o", "json", "--jq", ".key.where"); !strings.Contains(where.out, place) {
			t.Errorf("%s: %q", name, where.out)
		}
	}
}
