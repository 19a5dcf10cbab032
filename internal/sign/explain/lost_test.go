package explain_test

// Bodies whose bytes are lost.

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// lostBody is one line of testdata/lost.jsonl, made by tests/diagnose/generate with Node.js and Python.
type lostBody struct {
	ID, Scheme, Key, Finding, Next string
	Now                            int64
	Headers                        map[string]string
	Body                           []byte `json:"body_base64"`
}

// TestLost: where nothing can match any more, what may have happened is said as what it is: not certain, and after the key.
func TestLost(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/lost.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); tried++ {
		var c lostBody
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		r := signtest.Rules(t, c.Scheme)
		m := &sign.Message{Body: c.Body, Header: map[string][]string{}}
		for k, v := range c.Headers {
			m.Header[k] = []string{v}
		}
		keys, o := signtest.Keys(t, r, c.Key), explain.Options{VerifyOptions: sign.VerifyOptions{Now: time.Unix(c.Now, 0)}, Source: explain.Saved(explain.AllRecipes())}
		d := explain.Diagnose(t.Context(), r, m, keys, r.Verify(m, keys, o.VerifyOptions), o)
		if !strings.HasPrefix(d.Next.String(), "check that the key is this webhook's current one") || !strings.Contains(d.Next.String(), c.Next) || d.CutOff {
			t.Errorf("%s: next is %q, want %q", c.ID, d.Next, c.Next)
		}
		found := ""
		for _, f := range d.Findings {
			checkWords(t, f)
			found += f.ID
			if f.Certain || len(f.Recipes) < 5 {
				t.Errorf("%s: %+v", c.ID, f)
			}
		}
		if found != c.Finding {
			t.Errorf("%s: found %q, want %q", c.ID, found, c.Finding)
		}
	}
	if tried < 12 {
		t.Fatalf("only %d bodies", tried)
	}
}
