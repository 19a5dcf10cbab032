package e2e

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	samples "github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// TestEverySampleFitsItsScheme builds every sample of every scheme in the catalogue: it is signed and verifies, its type, id
// and time stand where the scheme says, and each build is another event.
func TestEverySampleFitsItsScheme(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, name := range scheme.BuiltinNames() {
		r := signtest.Rules(t, name)
		for _, sample := range samples.SampleNames(name) {
			for _, family := range samples.FindType(samples.TypeOf(name, sample)) { // Slack's forms are found in none
				used[family] = used[family] || strings.HasPrefix(name, family)
			}
			t.Run(name+" "+sample, func(t *testing.T) {
				t.Parallel()
				fits(t, r, sample)
			})
		}
	}
	for _, family := range samples.SampleSchemes() {
		if !used[family] {
			t.Errorf("the samples of %s belong to no scheme", family)
		}
	}
}

func fits(t *testing.T, r *sign.Rules, name string) {
	t.Helper()
	typ := samples.TypeOf(r.Scheme().Name, name)
	now := time.Date(2026, 3, 4, 12, 30, 15, 123456000, time.UTC)
	scheme := r.Scheme()
	spec := samples.Spec{Type: scheme.Event.Type, ID: scheme.Event.ID, Time: scheme.Event.Time}
	s := sampleOf(t, scheme.Name, spec, name, now, 1)
	if again := sampleOf(t, scheme.Name, spec, name, now, 2); again.ID == s.ID && s.ID != "" && !handshake(typ) {
		t.Errorf("two builds have the same id: %s", s.Body)
	}
	if s.Type != typ {
		t.Errorf("the type is %q", s.Type)
	}
	header := map[string][]string{}
	for _, f := range s.Fields {
		header[http.CanonicalHeaderKey(f.Name)] = []string{f.Value}
	}
	if !parses(s.Body, header, strings.HasSuffix(name, "/"+samples.Tricky)) || bytes.Contains(s.Body, []byte("{{")) {
		t.Errorf("headers %v, body %s", header, s.Body)
	}
	header["Webhook-Id"], header["Svix-Id"] = []string{s.ID}, []string{s.ID} // signing adds these
	info := samples.Extract(spec, header, s.Body)
	form := slices.Equal(header["Content-Type"], []string{formType})
	if len(spec.Type) > 0 && info.Type != typ && !form || info.ID != s.ID && len(spec.ID) > 0 {
		t.Errorf("type %q, id %q are read, %q, %q were made: %s", info.Type, info.ID, s.Type, s.ID, s.Body)
	}
	at := []string{"2026-03-04T12:30:15.123Z", "2026-03-04T12:30:15Z", "1772627415", "1772627415123", "1772627415.123456"}
	if info.Time != "" && !slices.Contains(at, info.Time) {
		t.Errorf("time %q is not the clock's: %s", info.Time, s.Body)
	}
	verifies(t, r, s, header, now)
}

// handshake says whether an event is the same each time.
func handshake(typ string) bool { return slices.Contains([]string{"url_verification", "ping"}, typ) }

func sampleOf(t *testing.T, scheme string, spec samples.Spec, typ string, now time.Time, seed byte) samples.Sample {
	t.Helper()
	s, err := samples.Build(scheme, spec, typ, samples.BuildOptions{Now: now, Rand: rand.NewChaCha8([32]byte{seed})})
	if err != nil {
		t.Fatal(err)
	}
	r := signtest.Rules(t, scheme)
	if s.Body, err = samples.Complete(s.Body, r.Needs().Members, rand.NewChaCha8([32]byte{seed})); err != nil {
		t.Fatal(err)
	}
	return s
}

const formType = "application/x-www-form-urlencoded"

// parses says whether a body is what its Content-Type says, JSON laid out as the provider does; a tricky one is laid out otherwise.
func parses(body []byte, header map[string][]string, tricky bool) bool {
	if slices.Equal(header["Content-Type"], []string{formType}) {
		form, err := url.ParseQuery(string(body))
		return err == nil && len(form) > 0
	}
	if tricky {
		return json.Valid(body) && rewritten(body)
	}
	var compact, indented bytes.Buffer
	if json.Compact(&compact, body) != nil || json.Indent(&indented, compact.Bytes(), "", "  ") != nil {
		return false
	}
	text := strings.TrimSuffix(string(body), "\r\n")
	return compact.String() == text || indented.String() == text
}

// rewritten says whether no JSON writer that has read the body brings its bytes back.
func rewritten(body []byte) bool {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return false
	}
	compact, err := json.Marshal(v)
	indented, err2 := json.MarshalIndent(v, "", "  ")
	for _, part := range []string{"10.50", "ü", `\u00e9`, `\ud83c`, `\/`} {
		if !bytes.Contains(body, []byte(part)) {
			return false
		}
	}
	return err == nil && err2 == nil && !bytes.Equal(compact, body) && !bytes.Equal(indented, body)
}

func verifies(t *testing.T, r *sign.Rules, s samples.Sample, header map[string][]string, now time.Time) {
	t.Helper()
	signing, verifying := catalogueKey(t, r.Scheme())
	sk, err := r.SigningKey(signing)
	if err != nil {
		t.Fatal(err)
	}
	vk, err := r.Key(verifying)
	if err != nil {
		t.Fatal(err)
	}
	params := map[string]string{}
	for _, p := range r.Needs().Params {
		params[p] = "app-1"
	}
	q := sign.SignRequest{Time: now, ID: s.ID, Method: "POST", URL: "https://example.com/hook", Header: header, Body: bytes.NewReader(s.Body), Params: params}
	signed, err := r.Sign(q, []sign.Key{sk})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range signed.Fields {
		header[http.CanonicalHeaderKey(f.Name)] = []string{f.Value}
	}
	body := s.Body
	for _, m := range signed.Body {
		set, err := jsonbytes.SetString(m.Name, m.Value)
		if err != nil {
			t.Fatal(err)
		}
		if body, err = jsonbytes.Apply(body, []jsonbytes.Edit{set}); err != nil {
			t.Fatal(err)
		}
	}
	address := "https://example.com/hook"
	if signed.URL != "" {
		address = signed.URL
	}
	m := &sign.Message{Method: "POST", URL: address, Header: header, Body: body, Params: params}
	if v := r.Verify(m, []sign.Key{vk}, sign.VerifyOptions{Now: now}); !v.OK {
		t.Errorf("verdict %+v of %s", v, body)
	}
}
