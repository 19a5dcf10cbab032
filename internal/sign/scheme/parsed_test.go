package scheme

// Headers with tokens, against the catalogue.

import (
	"slices"
	"testing"
)

func TestTokenHeadersAreThoseOfTheCatalogue(t *testing.T) {
	t.Parallel()
	var want []string
	for _, name := range BuiltinNames() {
		s, err := Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, r.SecretHeaders()...)
	}
	slices.Sort(want)
	if want = slices.Compact(want); !slices.Equal(want, TokenHeaders()) {
		t.Errorf("the catalogue has %q, the list %q", want, TokenHeaders())
	}
}
