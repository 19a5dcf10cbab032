package scheme

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const formType = `multipart/form-data; boundary="B b"`

// wholeForm writes parts, each its headers and its text, as RFC 7578 has them.
func wholeForm(parts ...[2]string) string {
	var out strings.Builder
	for _, p := range parts {
		out.WriteString("--B b\r\n" + p[0] + "\r\n\r\n" + p[1] + "\r\n")
	}
	return out.String() + "--B b--\r\n"
}

func onePart(name, value string) [2]string {
	return [2]string{`Content-Disposition: form-data; name="` + name + `"`, value}
}

// TestPartValues: fields of multipart forms are read as receivers read them, and nothing of a form that programs read in different ways.
func TestPartValues(t *testing.T) {
	t.Parallel()
	file := func(name, filename string) [2]string {
		return [2]string{onePart(name, "")[0] + `; filename="` + filename + "\"\r\nContent-Type: text/plain", "of a file"}
	}
	token := onePart("token", "1")
	inside := func(text string) string { return wholeForm(onePart("a", "x\r\n"+text+"\r\ny"), token) }
	many := slices.Repeat([][2]string{onePart("x", "1")}, maxParts)
	for name, c := range map[string]struct {
		kind, body string
		want       []string
	}{
		"a field":                     {formType, wholeForm(onePart("a", "1"), onePart("token", "t k")), []string{"t k"}},
		"lines and a lookalike":       {formType, wholeForm(onePart("token", "t\r\n--B c\r\n")), []string{"t\r\n--B c\r\n"}},
		"twice":                       {formType, wholeForm(onePart("token", "1"), onePart("token", "2")), []string{"1", "2"}},
		"a file is no field":          {formType, wholeForm(file("a", "a"), token), []string{"1"}},
		"a file, and no name of it":   {formType, wholeForm(file("a", ""), token), []string{"1"}},
		"a file alone":                {formType, wholeForm(file("token", "a")), nil},
		"a file by its name":          {formType, wholeForm(file("token", "a"), token), nil},
		"an unnamed file by its name": {formType, wholeForm(token, file("token", "")), nil},
		"another boundary goes on":    {formType, inside("--B bc"), nil},
		"an end in a part":            {formType, inside("--B b-"), nil},
		"blanks behind a boundary":    {formType, strings.Replace(wholeForm(onePart("a", "1"), token), "\r\n--B b\r\n", "\r\n--B b \r\n", 1), nil},
		"a boundary behind a CR":      {formType, wholeForm(onePart("a", "x\r--B b\r"), token), nil},
		"a boundary within a line":    {formType, wholeForm(onePart("a", "x --B b"), token), []string{"1"}},
		"more behind the end":         {formType, wholeForm(token) + "--B b\r\n" + onePart("token", "")[0] + "\r\n\r\n2\r\n--B b--\r\n", nil},
		"text behind the end":         {formType, wholeForm(token) + "an epilogue", []string{"1"}},
		"a form before the form":      {formType, "--B b-- \r\n" + wholeForm(token), nil},
		"two boundaries":              {formType + "; boundary=C", wholeForm(token), nil},
		"a coded boundary":            {"multipart/form-data; boundary*=utf-8''B%20b", wholeForm(token), nil},
		"a boundary in pieces":        {`multipart/form-data; boundary*0="B "; boundary*1=b`, wholeForm(token), nil},
		"two kinds in one":            {"application/x-www-form-urlencoded, " + formType, "token=1", nil},
		"another multipart kind":      {"multipart/mixed; boundary=x", "token=1", nil},
		"empty":                       {formType, wholeForm(onePart("token", "")), []string{""}},
		"another case of the name":    {formType, wholeForm(onePart("Token", "1")), nil},
		"no end":                      {formType, strings.TrimSuffix(wholeForm(onePart("token", "1")), "--B b--\r\n"), nil},
		"cut off":                     {formType, wholeForm(onePart("token", "1"))[:40], nil},
		"another boundary":            {strings.Replace(formType, "B b", "C", 1), wholeForm(onePart("token", "1")), nil},
		"a form inside of a part":     {strings.Replace(formType, "B b", "C", 1), "--C\r\n" + onePart("x", "")[0] + "\r\n\r\n" + wholeForm(onePart("token", "1")) + "--C--\r\n", nil},
		"a coded name":                {formType, wholeForm([2]string{"Content-Disposition: form-data; name*=utf-8''token", "1"}), nil},
		"a coded value":               {formType, wholeForm([2]string{onePart("token", "")[0] + "\r\nContent-Transfer-Encoding: base64", "MQ=="}), nil},
		"two names in one":            {formType, wholeForm(onePart("token", "1"), [2]string{`Content-Disposition: form-data; name="zz"; name="token"`, "2"}), nil},
		"a disposition without end":   {formType, wholeForm(onePart("token", "1"), [2]string{`Content-Disposition: form-data; name="token`, "2"}), nil},
		"another disposition":         {formType, wholeForm(onePart("token", "1"), [2]string{`Content-Disposition: attachment; name="token"`, "2"}), nil},
		"two dispositions":            {formType, wholeForm([2]string{onePart("token", "")[0] + "\r\n" + onePart("x", "")[0], "1"}), nil},
		"pairs are no parts":          {formType, "token=1", nil},
		"as many parts as are read":   {formType, wholeForm(append(many[1:], onePart("token", "1"))...), nil},
		"a value that is too long":    {formType, wholeForm(onePart("token", strings.Repeat("x", maxJSONValue+1))), nil},
		"parts are no pairs":          {"application/x-www-form-urlencoded", wholeForm(onePart("token", "1")), nil},
		"no boundary, no fields":      {"multipart/form-data", "token=1", nil},
	} {
		got := FormValues(map[string][]string{"Content-Type": {c.kind}}, []byte(c.body), "token")
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if _, ok := Boundary(map[string][]string{"Content-Type": {formType, formType}}); ok {
		t.Error("a Content-Type that comes twice counts")
	}
}

// TestWithPart: a field is set in its place or at the end, once, and the others stay.
func TestWithPart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, want string }{
		"in its place": {wholeForm(onePart("a", "1"), onePart("token", "old"), onePart("b", "2")), wholeForm(onePart("a", "1"), onePart("token", "new"), onePart("b", "2"))},
		"at the end":   {wholeForm(onePart("a", "1")), wholeForm(onePart("a", "1"), onePart("token", "new"))},
		"once":         {wholeForm(onePart("token", "1"), onePart("token", "2")), wholeForm(onePart("token", "new"))},
	} {
		got, err := WithPart([]byte(c.body), "B b", "token", "new")
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\n%q, want\n%q", name, err, got, c.want)
		}
	}
	if _, err := WithPart([]byte("token=1"), "B b", "token", "new"); err == nil {
		t.Error("pairs were taken for a multipart form")
	}
}

// TestHostileParts: a form that is made to cost takes little more room than it is long.
func TestHostileParts(t *testing.T) { //nolint:paralleltest // it counts what is allocated
	const size = 1 << 20
	header := map[string][]string{"Content-Type": {formType}}
	for name, body := range map[string]string{
		"one long header":       "--B b\r\nA: " + strings.Repeat("x", size),
		"many headers":          "--B b\r\n" + strings.Repeat("A: b\r\n", size/6),
		"many parts":            strings.Repeat("--B b\r\n"+onePart("x", "")[0]+"\r\n\r\n\r\n", size/60),
		"nothing but delimiter": strings.Repeat("--B b\r\n", size/7),
		"line breaks":           "--B b\r\n\r\n" + strings.Repeat("\r\n--B ", size/6),
		"a long name":           wholeForm(onePart(strings.Repeat("x", size), "1")),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if got := FormValues(header, []byte(body), "token"); got != nil {
			t.Errorf("%s: %q", name, got)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 16*size {
			t.Errorf("%s: %d bytes were allocated for %d", name, n, len(body))
		}
	}
}

func FuzzPartValues(f *testing.F) {
	f.Add(formType, wholeForm(onePart("token", "1"), onePart("a", "b")))
	f.Add("multipart/form-data; boundary=x", "--x\nContent-Disposition: form-data; name=token\n\n1\n--x--")
	f.Fuzz(func(t *testing.T, kind, body string) {
		header := map[string][]string{"Content-Type": {kind}}
		for _, v := range FormValues(header, []byte(body), "token") {
			if len(v) > maxJSONValue {
				t.Errorf("%d bytes", len(v))
			}
		}
		boundary, ok := Boundary(header)
		if !ok {
			return
		}
		set, err := WithPart([]byte(body), boundary, "token", "a new one")
		if got := fmt.Sprint(FormValues(header, set, "token")); err == nil && got != "[a new one]" {
			t.Errorf("it was set, and it is %s in %q", got, set)
		}
	})
}
