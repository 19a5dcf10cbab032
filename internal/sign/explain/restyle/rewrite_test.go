package restyle_test

// What libraries change in a body.

import (
	"testing"

	"github.com/whctl/whctl/internal/sign/explain/restyle"
)

func TestRewritings(t *testing.T) {
	t.Parallel()
	const node, python, php, golang = 0, 1, 2, 3
	for body, changed := range map[string][4]bool{
		`{"a":1,"b":"x"}`:            {python: true},
		`{"a": 1, "b": [1, 2]}`:      {node: true, php: true, golang: true},
		`{"a":10.50}`:                {true, true, true, true},
		`{"a":"b/c"}`:                {python: true, php: true},
		`{"a":"Zo\u00eb"}`:           {node: true, python: true, golang: true},
		`{"a":"<b>"}`:                {python: true, golang: true},
		`{"10":1,"9":2}`:             {node: true, python: true},
		`{"a":1,"a":2}`:              {node: true, python: true},
		"{\n  \"a\": 1\n}":           {true, true, true, true},
		`{"a":12345678901234567890}`: {node: true, python: true, php: true, golang: true},
		`{"a":1}` + "\n":             {true, true, true, true},
		`[]`:                         {},
	} {
		got := restyle.Rewritings([]byte(body))
		if len(got) < len(changed) {
			t.Fatalf("%s: %+v", body, got)
		}
		for i, want := range changed {
			if r := got[i]; r.Same == want || r.Same != (r.Was == r.Is) {
				t.Errorf("%s: %+v, changed is to be %v", body, r, want)
			}
		}
	}
	for _, body := range []string{"", "a=1&b=2", "<a/>", `"text"`, `{"a":`, "12"} {
		if got := restyle.Rewritings([]byte(body)); len(got) > 0 {
			t.Errorf("%q: %+v", body, got)
		}
	}
	r := restyle.Rewritings([]byte(`{"id":"1","amount":10.50,"currency":"EUR"}`))[node]
	if r.Library != "JSON.stringify (Node.js)" || r.Was != `ount":10.50,"currency":"` || r.Is != `ount":10.5,"currency":"E` {
		t.Errorf("%+v", r)
	}
}
