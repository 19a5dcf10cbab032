package restyle_test

// Forms from strangers.

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"testing"

	"github.com/whctl/whctl/internal/sign/explain/restyle"
)

// FuzzForms writes forms in every way. Written anew a form has the fields that it had, and written as JSON it is JSON.
func FuzzForms(f *testing.F) {
	for _, seed := range []string{
		"token=xyzz&text=make+it+*bold*+(now)+~ok!+it's", "a=1&a=2&b[]=x&b[]=y&c[d][0]=z", "=&a&b=&&c=%zz%", "a.b=1&a%20b=2&a+b=3", "p=%7B%22a%22%3A1%7D", "z=1&y=2&x=3&w=4&v=5",
		`{"a":"1","b":["2"],"c":{"d":null}}`, "a=\xff%ff\x00", "[=]&a[=1&a]=2&a[][]=3",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 2<<10 {
			return
		}
		if text, ok := restyle.Parse(b); ok {
			for _, form := range text.Forms() {
				for range form.Writings() {
					continue
				}
			}
		}
		if form, ok := restyle.ParseForm(b); ok {
			checkForm(t, b, form)
		}
	})
}

func checkForm(t *testing.T, b []byte, form *restyle.Form) {
	t.Helper()
	fields, readable := parse(b)
	for w := range form.Writings() {
		written, ok := parse(w.Text)
		if readable && w.Altered == restyle.Anew && (!ok || !maps.EqualFunc(fields, written, slices.Equal)) {
			t.Errorf("%q: %q", b, w.Text)
		}
		restyle.Differ(b, w.Text)
	}
	for w := range form.JSON() {
		if !json.Valid(w.Text) {
			t.Errorf("%q: %q", b, w.Text)
		}
	}
	for range form.FieldTexts() {
		continue
	}
	if _, ok := form.Without(form); ok || len(form.Sorters()) > len(form.Authors()) && len(form.Authors()) > 0 {
		t.Errorf("%q: %v, %v", b, form.Sorters(), form.Authors())
	}
}

// parse reads a form by other code; false when that finds fault with it.
func parse(b []byte) (url.Values, bool) {
	v, err := url.ParseQuery(string(b))
	return v, err == nil
}
