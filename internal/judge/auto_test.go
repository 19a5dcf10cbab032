package judge

// Providers that are in no catalogue: what is worked out, what of it is valid, and what is told where nothing is.

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// unknown is one line of testdata/auto.jsonl, made by tests/diagnose/generate with Python.
type unknown struct {
	ID, Content, Either, Key, Finding, Looks string
	Valid                                    bool
	Now                                      int64
	Headers                                  map[string]string
	BodyBase64                               string `json:"body_base64"`
}

func loadUnknown(t *testing.T) []unknown {
	t.Helper()
	b, err := os.ReadFile("testdata/auto.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out []unknown
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		var u unknown
		if err := json.Unmarshal(lines.Bytes(), &u); err != nil {
			t.Fatal(err)
		}
		out = append(out, u)
	}
	return out
}

func (u *unknown) message(t *testing.T) *sign.Message {
	t.Helper()
	body, err := base64.StdEncoding.DecodeString(u.BodyBase64)
	if err != nil {
		t.Fatal(err)
	}
	m := &sign.Message{Method: "POST", Header: map[string][]string{"Content-Type": {"application/json"}}, Body: body}
	for k, v := range u.Headers {
		m.Header[scheme.CanonicalHeader(k)] = []string{v}
	}
	return m
}

// TestUnknownProviders: what is worked out is valid within the limits of auto, and named in any case. With another key nothing of it is.
func TestUnknownProviders(t *testing.T) {
	t.Parallel()
	rules := signtest.AllRules(t)
	all := loadUnknown(t)
	if len(all) < 40 {
		t.Fatalf("only %d requests", len(all))
	}
	for _, u := range all {
		t.Run(u.ID, func(t *testing.T) {
			t.Parallel()
			m, at := u.message(t), time.Unix(u.Now, 0)
			keys := []OpenKey{{Text: "a key of somebody else", Number: 0}, {Label: "file the.key", Text: u.Key, Number: 4}}
			j := NewAuto(rules[0], rules, keys, Options{Patience: Long(), Now: time.Now})
			jm := j.Judge(t.Context(), m, at)
			if jm.Verdict.OK != u.Valid || u.Valid && (jm.Verdict.KeyIndex != 4 || jm.Key != "file the.key" || !jm.Guess.Inferred) {
				t.Fatalf("%+v, key %q", jm.Verdict, jm.Key)
			}
			d := explainIt(t, j, m, at)
			if !u.finds(d.Findings) {
				t.Errorf("findings %+v", d.Findings)
			}
			other := NewAuto(rules[0], rules, keys[:1], Options{Patience: Long(), Now: time.Now})
			if jm := other.Judge(t.Context(), m, at); jm.Verdict.OK {
				t.Errorf("with another key: %+v", jm.Verdict)
			}
			if d := explainIt(t, other, m, at); len(d.Findings) != 1 || d.Findings[0].Certain || d.Findings[0].ID != "auto.tried" {
				t.Errorf("with another key: %+v", d.Findings)
			}
		})
	}
}

func explainIt(t *testing.T, j *Judge, m *sign.Message, at time.Time) explain.Diagnosis {
	t.Helper()
	d := Explain(t.Context(), j.Judge(t.Context(), m, at), explain.OffSocket())
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range m.Header {
		if v := values[0]; len(v) > 20 && strings.Contains(string(b), v) && name != "Content-Type" {
			t.Errorf("the value of %s is told", name)
		}
	}
	return d
}

// finds says whether the findings are those of a request.
func (u *unknown) finds(findings []explain.Finding) bool {
	for _, f := range findings {
		if f.ID != u.Finding && (!strings.HasSuffix(u.Finding, ".") || !strings.HasPrefix(f.ID, u.Finding)) {
			continue
		}
		if u.Looks != "" {
			return strings.Contains(f.Evidence, u.Looks) && strings.HasPrefix(f.Title, "tried ") || strings.Contains(f.Title, "no header holds")
		}
		text := f.Evidence + f.Recipes[0].Code
		return strings.Contains(text, "of "+u.Content+", ") || u.Either != "" && strings.Contains(text, "of "+u.Either+", ") || u.Content == ""
	}
	return false
}
