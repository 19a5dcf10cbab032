package explain_test

// Forms that other languages' own libraries parsed and wrote anew, as forms and as JSON.

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// written is a form as the library of another language wrote it: testdata/forms.jsonl, made by tests/diagnose/forms/generate.
type written struct {
	Writer string // "" is the form as it was given to all of them
	Form   int
	Text   string
}

func (w *written) json() bool { return strings.HasPrefix(w.Text, "{") }

// loadForms gives the texts of each form, one for each that is distinct, and who wrote each.
func loadForms(t *testing.T) (texts [][]written, writers map[string][]string) {
	t.Helper()
	b, err := os.ReadFile("testdata/forms.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	writers = map[string][]string{}
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		var w written
		if err := json.Unmarshal(lines.Bytes(), &w); err != nil {
			t.Fatal(err)
		}
		for len(texts) <= w.Form {
			texts = append(texts, nil)
		}
		if writers[w.Text] == nil {
			texts[w.Form] = append(texts[w.Form], w)
		}
		writers[w.Text] = append(writers[w.Text], w.Writer)
	}
	return texts, writers
}

// TestForms: a form that was signed as one library wrote it, and is here as another did, is explained as that, names a library
// that writes it so, and the place of the first difference.
func TestForms(t *testing.T) {
	t.Parallel()
	texts, writers := loadForms(t)
	pairs := 0
	for form, list := range texts {
		raw := &list[0]
		for i := range list {
			for j := range list {
				here, signed := &list[i], &list[j]
				simple := form < 3 && !signed.json()
				if i == j || i != 0 && (lossy(t, raw, here) || j != 0 && !simple) {
					continue
				}
				pairs++
				t.Run(fmt.Sprintf("%d/%s/%s", form, here.Writer, signed.Writer), func(t *testing.T) {
					t.Parallel()
					checkForm(t, here, signed, writers)
				})
			}
		}
	}
	if pairs < 300 {
		t.Errorf("only %d pairs", pairs)
	}
}

// lossy says whether something of the form is not in a text: it was there twice, or its name was changed.
func lossy(t *testing.T, raw, here *written) bool {
	t.Helper()
	values, err := url.ParseQuery(raw.Text)
	if err != nil {
		t.Fatal(err)
	}
	text, err := url.QueryUnescape(here.Text)
	if here.json() {
		var v any
		err = json.Unmarshal([]byte(here.Text), &v)
		text = fmt.Sprint(v)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range values {
		name, _, _ = strings.Cut(name, "[")
		for _, part := range append(list, name) {
			if !strings.Contains(text, part) {
				return true
			}
		}
	}
	return false
}

func checkForm(t *testing.T, here, signed *written, writers map[string][]string) {
	t.Helper()
	d := diagnoseForm(t, here.Text, signed.Text)
	if len(d.Findings) != 1 || !d.Findings[0].Certain || !strings.HasPrefix(d.Findings[0].ID, "body.form.") {
		t.Fatalf("here %s\nsigned %s: %+v", here.Text, signed.Text, d)
	}
	f := d.Findings[0]
	checkWords(t, f)
	if strings.Contains(f.Title, ", here as ") && !names(f.Title, writers[here.Text]) {
		t.Errorf("%q names none of %q", f.Title, writers[here.Text])
	}
	if strings.Contains(f.Evidence, " write") && !names(f.Evidence, writers[signed.Text]) {
		t.Errorf("%q names none of %q", f.Evidence, writers[signed.Text])
	}
	if here.json() || signed.json() {
		return
	}
	at := regexp.MustCompile(`first difference at byte (\d+)`).FindStringSubmatch(f.Evidence)
	if at == nil {
		t.Fatalf("%q has no place", f.Evidence)
	}
	n, err := strconv.Atoi(at[1])
	if err != nil || here.Text[:n-1] != signed.Text[:n-1] || here.Text[n-1:min(n+2, len(here.Text))] == signed.Text[n-1:min(n+2, len(signed.Text))] {
		t.Errorf("%q: %q and %q", f.Evidence, here.Text, signed.Text)
	}
}

// names says whether a text names one of some writers, or says that there are more than it names.
func names(text string, writers []string) bool {
	if strings.Contains(text, " and others write") {
		return true
	}
	for _, w := range writers {
		if w != "" && strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// diagnoseForm explains a body that is here, with the signature of another one.
func diagnoseForm(t *testing.T, here, signed string) explain.Diagnosis {
	t.Helper()
	r := signtest.Rules(t, "slack")
	keys := signtest.Keys(t, r, signtest.ExampleKey)
	s, err := r.Sign(sign.SignRequest{Time: signtest.Clock(), Body: strings.NewReader(signed)}, keys)
	if err != nil {
		t.Fatal(err)
	}
	m := &sign.Message{Method: "POST", Body: []byte(here), Header: map[string][]string{
		"X-Slack-Request-Timestamp": {s.Timestamp}, "X-Slack-Signature": {s.Signature}, "Content-Type": {"application/x-www-form-urlencoded"},
	}}
	o := explain.Options{VerifyOptions: sign.VerifyOptions{Now: signtest.Clock()}}
	return explain.Diagnose(t.Context(), r, m, keys, r.Verify(m, keys, o.VerifyOptions), o)
}
