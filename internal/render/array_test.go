package render_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// An array that is written as it comes reads like one that is written at once.
func TestArrayIsWhatItWouldBeAtOnce(t *testing.T) {
	t.Parallel()
	outputs := []render.Output{{Format: "json"}, {Format: "yaml"}}
	for _, jq := range []string{
		".", "length", ".[]", ".[]?", ".[].id", ".[] | .text", ".[] | .id, .text", ".[] | select(.id > 1) | .tags | length", ".[].tags[]",
		".[] | .tags | .[]", ".[0]", ".[1:]", "map(.id)", ".[].id, length", ".[] as $x | $x.id", "[.[].id] | add", "def f: .id; .[] | f", "(.[] | .id)",
		".[] // 1", ".[].id + 1", "first(.[])", "[limit(1; .[])]",
	} {
		outputs = append(outputs, render.Output{JQ: jq})
	}
	for n := range 4 {
		all := []member{}
		for i := range n {
			all = append(all, member{i, fmt.Sprint("<é\u202e> ", i), []string{"a", "b"}[:i%3]})
		}
		for _, o := range outputs {
			var want bytes.Buffer
			if err := o.Value(&term.IO{Out: &want}, all, nil); err != nil {
				t.Fatalf("%+v: %v", o, err)
			}
			if got := oneByOne(t, o, all); got != want.String() {
				t.Errorf("%+v of %d:\n got %q\nwant %q", o, n, got, want.String())
			}
		}
	}
	for _, jq := range []string{".[", ".[] | nosuch"} {
		if _, err := (render.Output{JQ: jq}).Array(&term.IO{}); err == nil {
			t.Errorf("%s is taken", jq)
		}
	}
}

type member struct {
	ID   int      `json:"id"`
	Text string   `json:"text"`
	Tags []string `json:"tags"`
}

func oneByOne(t *testing.T, o render.Output, all []member) string {
	t.Helper()
	var got bytes.Buffer
	a, err := o.Array(&term.IO{Out: &got})
	if err != nil {
		t.Fatalf("%+v: %v", o, err)
	}
	for _, m := range all {
		if err := a.Add(m); err != nil {
			t.Fatalf("%+v: %v", o, err)
		}
	}
	if err := a.Close(); err != nil || a.Len() != len(all) {
		t.Errorf("%+v: %d, %v", o, a.Len(), err)
	}
	return got.String()
}
