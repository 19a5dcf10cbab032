package jsonbytes_test

import (
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/jsonbytes"
)

func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pattern, body, want string }{
		{"a", `{"a":1}`, `1`},
		{"a", ` { "b" : [ {"a":2} ] , "a" : "x" } `, `"x"`},
		{"a", `{"a":1,"a":2}`, `1 2`},
		{"a.b", `{"a":{"b":[1,2]}}`, `[1,2]`},
		{"[*]", `[1,"b",[3]]`, `1 "b" [3]`},
		{"[*].a", `[{"a":1},{"b":2},{"a":3}]`, `1 3`},
		{"a[*]", `{"a":[1,2]}`, `1 2`},
		{"a[*][*]", `{"a":[[1],[2,3]]}`, `1 2 3`},
		{"a[1]", `{"a":[1,2,3]}`, `2`},
		{"a.1", `{"a":[1,2,3]}`, `2`},
		{"a", `{"a":"cut`, `"cut`},
		{"a", `{"a":{"b":1`, `{"b":1`},
		{"a", `[{"a":1}]`, ``},
		{"a", `{"a":1`, `1`},
		{"a", "\ufeff" + `{"a":1}`, `1`},
		{`a\.b`, `{"a.b":1}`, `1`},
		{"é", `{"\u00e9":1}`, `1`},
		{"a", `{"b" 1,"a":2}`, ``},
		{"a", `x`, ``},
		{"a", ``, ``},
	} {
		path, err := jsonbytes.ParsePattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		read := jsonbytes.Places([]byte(c.body), []jsonbytes.Path{path}, func(start, end int) { got = append(got, c.body[start:end]) })
		if strings.Join(got, " ") != c.want || read > len(c.body) {
			t.Errorf("%s of %s: %q, want %q; read %d", c.pattern, c.body, got, c.want, read)
		}
	}
	for _, text := range []string{"", "a..b", "a[*]b", "a[+]", "[", "a.[*]", strings.Repeat("[*]", 100)} {
		if _, err := jsonbytes.ParsePattern(text); err == nil {
			t.Errorf("%q is taken for a pattern", text)
		}
	}
	if _, err := jsonbytes.ParsePath("a[*]"); err == nil {
		t.Error("a path takes [*]")
	}
}

// FuzzPlaces reads texts of any form: no place is outside of the text, and of whole JSON every place is whole JSON.
func FuzzPlaces(f *testing.F) {
	for _, body := range []string{`{"a":{"b":[{"c":1}]}}`, `[[[[`, `{"a":`, `{"a":"\"`, "\ufeff[1]", `{"a":[1,]}`, `1 2 3`} {
		f.Add([]byte(body))
	}
	var patterns []jsonbytes.Path
	for _, text := range []string{"a.b[*].c", "[*][0]", "a", "b.1"} {
		path, err := jsonbytes.ParsePattern(text)
		if err != nil {
			f.Fatal(err)
		}
		patterns = append(patterns, path)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		last := 0
		read := jsonbytes.Places(body, patterns, func(start, end int) {
			if start < last || end < start || end > len(body) {
				t.Fatalf("%q: from %d to %d after %d", body, start, end, last)
			}
			last = end
		})
		if read < last || read > len(body) {
			t.Errorf("%q: read %d of %d, found up to %d", body, read, len(body), last)
		}
	})
}
