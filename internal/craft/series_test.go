package craft

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

func rulesOf(t testing.TB, name string) *sign.Rules {
	t.Helper()
	s, err := scheme.Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := sign.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// TestSeriesOfSamples: every sample of every scheme becomes events with ids of their own, which a receiver reads where it reads those of
// a single one.
func TestSeriesOfSamples(t *testing.T) {
	t.Parallel()
	for _, name := range scheme.BuiltinNames() {
		rules := rulesOf(t, name)
		for _, typ := range event.SampleTypes(name) {
			build := func() (Event, error) {
				return Sample(rules, typ, event.BuildOptions{Now: time.Now(), Rand: rand.Reader})
			}
			one, err := build()
			if err != nil {
				t.Fatal(err)
			}
			s, err := NewSeries(rules, time.Now, rand.Reader, build)
			if err != nil {
				t.Fatal(err)
			}
			checkSeries(t, name+" "+typ, s, one)
		}
	}
}

func checkSeries(t *testing.T, name string, s *Series, one Event) {
	t.Helper()
	seen := map[string]bool{}
	for range 50 {
		e, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		header := map[string][]string{}
		for _, f := range e.Fields {
			header[f.Name] = append(header[f.Name], f.Value)
		}
		read := event.Extract(Spec(s.rules.Scheme()), header, e.Body)
		if inside := event.Extract(Spec(s.rules.Scheme()), nil, one.Body).ID != ""; inside && read.ID != e.ID || read.Type != "" && read.Type != one.Type {
			t.Fatalf("%s: an event %q of type %q is read as %q of type %q\n%s", name, e.ID, e.Type, read.ID, read.Type, e.Body)
		}
		if len(e.Fields) != len(one.Fields) || e.ID == "" != (one.ID == "") || event.ContentType(e.Body) != event.ContentType(one.Body) {
			t.Fatalf("%s: %+v, and a single one is %+v", name, e, one)
		}
		seen[e.ID] = true
	}
	if one.ID != "" && len(seen) != 50 {
		t.Errorf("%s: %d ids of 50 differ", name, len(seen))
	}
}

// TestSeriesOfBodies: of a body that was given only the id changes.
func TestSeriesOfBodies(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, "baanx")
	for _, c := range []struct{ body, before, after string }{
		{`{ "event_id":"5b1c6f0e-6d5c-4f0c-9a1e-2b7d8f9e0a11",  "n":1.0 }`, `{ "event_id":"`, `",  "n":1.0 }`},
		{`{"event_id":"1","n":1,"s":"1"}`, `{"event_id":"`, `","n":1,"s":"1"}`},
		{`{"event_id":17,"n":17}`, `{"event_id":`, `,"n":17}`},
		{`{"event_id":"a\"b_12345678"}`, `{"event_id":"a\"b_`, `"}`},
		{`{"no":"id"}`, `{"no":"id"}`, ""},
		{`[1, 2]`, `[1, 2]`, ""},
		{"", "", ""},
	} {
		s, err := NewSeries(rules, time.Now, rand.Reader, func() (Event, error) { return Given(rules, "body", []byte(c.body), nil) })
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			e, err := s.Next()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(e.Body, []byte(c.before)) || !bytes.HasSuffix(e.Body, []byte(c.after)) {
				t.Errorf("%s became %s", c.body, e.Body)
			}
			if read := event.Extract(Spec(rules.Scheme()), nil, e.Body).ID; read != e.ID || c.after != "" && string(e.Body) == c.body {
				t.Errorf("%s became %s, read as %q, is %q", c.body, e.Body, read, e.ID)
			}
		}
	}
}

// TestSeriesIsOfNow: time and made-up values of a sample are at most a second old.
func TestSeriesIsOfNow(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, "stripe")
	now := time.Unix(1_750_000_000, 0)
	s, err := NewSeries(rules, func() time.Time { return now }, rand.Reader, func() (Event, error) {
		return Sample(rules, "invoice.paid", event.BuildOptions{Now: now, Rand: rand.Reader})
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		e, err := s.Next()
		if err != nil || !bytes.Contains(e.Body, fmt.Appendf(nil, `"created": %d`, now.Unix())) {
			t.Errorf("at %d: %s %v", now.Unix(), e.Body, err)
		}
		now = now.Add(time.Second)
	}
}
