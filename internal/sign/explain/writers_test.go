package explain_test

// Bodies that other languages' own libraries read and wrote.

import (
	"testing"

	"github.com/whctl/whctl/internal/sign/explain"
)

// TestWriters holds each mistake to being the first finding, certain.
func TestWriters(t *testing.T) {
	t.Parallel()
	cases := loadMistakes(t, "testdata/writers.jsonl")
	if len(cases) < 65 {
		t.Fatalf("only %d cases", len(cases))
	}
	checkFirst(t, cases)
}

// TestFormCases does so for forms and queries that tests/diagnose/forms made.
func TestFormCases(t *testing.T) {
	t.Parallel()
	cases := loadMistakes(t, "testdata/formcases.jsonl")
	if len(cases) < 20 {
		t.Fatalf("only %d cases", len(cases))
	}
	checkFirst(t, cases)
}

func checkFirst(t *testing.T, cases []mistake) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			r, m, keys, o := c.load(t)
			v := r.Verify(m, keys, o.VerifyOptions)
			if v.OK {
				t.Fatal("the mistake verifies")
			}
			d := explain.Diagnose(t.Context(), r, m, keys, v, o)
			if len(d.Findings) == 0 || d.Findings[0].ID != c.Expect || !d.Findings[0].Certain || d.CutOff {
				t.Fatalf("want %s: %+v\n%s", c.Expect, d, m.Body)
			}
			checkWords(t, d.Findings[0])
			t.Log(d.Findings[0].Evidence)
		})
	}
}
