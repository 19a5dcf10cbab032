package jsonbytes_test

import (
	"testing"

	"github.com/whctl/whctl/internal/jsonbytes"
)

func TestTwice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pattern, body, want string }{
		{"a", `{"a":1,"b":1,"b":2}`, ""},
		{"a", `{"a":1,"a":2}`, "a"},
		{"a", `{"a":1,"A":2}`, "a"},
		{"kind", `{"kind":1,"\u212aind":2}`, "kind"},
		{"a", `{"a":1,"\u0041":2}`, "a"},
		{"a", `{"a":null,"a":[1]}`, "a"},
		{"a.b", `{"a":{"b":1},"c":{"b":2}}`, ""},
		{"a.b", `{"a":{"b":1},"A":7}`, "a"},
		{"a.b", `{"a":{"b":1,"B":{}}}`, "a.b"},
		{"a[*]", `{"a":[1,1],"a":{"0":1}}`, "a"},
		{"a[*].b", `{"a":[{"b":1},{"b":2}]}`, ""},
		{"a[*].b", `{"a":[{"b":1},{"b":2,"b":3}]}`, "a.*.b"},
		{"[*].a", `[{"a":1},{"a":1,"A":1}]`, "*.a"},
		{"a", "\ufeff" + `{"a":1,"a":2}`, "a"},
		{"a", `{"a":{"x":1,"x":2}}`, ""},
		{"a", `{"a":1 "a":2}`, ""},
		{"a", `{"a":1,"`, ""},
		{"a", `a=1&a=2`, ""},
		{"a", ``, ""},
	} {
		path, err := jsonbytes.ParsePattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := jsonbytes.Twice([]byte(c.body), []jsonbytes.Path{path}); got != c.want {
			t.Errorf("%s of %s: %q, want %q", c.pattern, c.body, got, c.want)
		}
	}
}

// TestOtherCase: what is signed may be absent, and must not come in by another name that programs take for it.
func TestOtherCase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pattern, body, want string }{
		{"a", `{"a":1,"b":1}`, ""},
		{"a", `{"A":1}`, "a"},
		{"kind", `{"\u212aind":2}`, "kind"},
		{"a", `{"\u0041":1}`, "a"},
		{"a", `{"\u0061":1}`, ""},
		{"a.b", `{"c":{"B":1},"a":{"b":2}}`, ""},
		{"a.b", `{"a":{"B":1}}`, "a.b"},
		{"a.b", `{"A":{"b":1}}`, "a"},
		{"a[*].b", `{"a":[{"b":1},{"B":2}]}`, "a.*.b"},
		{"a", `{"b":{"A":1}}`, ""},
		{"a", `A=1`, ""},
	} {
		path, err := jsonbytes.ParsePattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := jsonbytes.OtherCase([]byte(c.body), []jsonbytes.Path{path}); got != c.want {
			t.Errorf("%s of %s: %q, want %q", c.pattern, c.body, got, c.want)
		}
	}
}
