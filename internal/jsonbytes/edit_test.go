package jsonbytes_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/jsonbytes"
)

func parse(t *testing.T, texts ...string) []jsonbytes.Edit {
	t.Helper()
	var out []jsonbytes.Edit
	for _, text := range texts {
		set, err := jsonbytes.ParseEdit(text)
		if err != nil {
			t.Fatalf("ParseEdit(%q): %v", text, err)
		}
		out = append(out, set)
	}
	return out
}

func TestApply(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body, want string
		sets             []string
	}{
		{"nothing", ` {"a": 1} `, ` {"a": 1} `, nil},
		{"string", `{"a":1,"b":2}`, `{"a":"x y","b":2}`, []string{"a=x y"}},
		{"types", `{}`, `{"n":5,"f":1.50,"b":true,"z":null,"o":{"k":[1]},"s":"5","e":""}`, []string{"n=5", "f=1.50", "b=true", "z=null", `o={ "k": [ 1 ] }`, `s="5"`, "e="}},
		{"near types are strings", `{}`, `{"a":"05","b":"True","c":"1.","d":"{x}","e":"NaN"}`, []string{"a=05", "b=True", "c=1.", "d={x}", "e=NaN"}},
		{"only the value changes", "{\r\n \"a\" : 1e400 ,\n\t\"b\": [ 1.0, \"\\u00e9\\/\" ],\n \"c\": {\"d\" : 10000000000000000000001}\n}", "{\r\n \"a\" : 1e400 ,\n\t\"b\": [ 1.0, \"x\" ],\n \"c\": {\"d\" : 10000000000000000000001}\n}", []string{"b[1]=x"}},
		{"large number", `{"a":1}`, `{"a":123456789012345678901234567890.10}`, []string{"a=123456789012345678901234567890.10"}},
		{"made objects", `{"a":{}}`, `{"a":{"b":{"c":1}},"d":{"e":2}}`, []string{"a.b.c=1", "d.e=2"}},
		{"made in null", `{"a":null}`, `{"a":{"b":1}}`, []string{"a.b=1"}},
		{"made arrays", `{}`, `{"a":[1,2],"b":[{"c":3}]}`, []string{"a[0]=1", "a[1]=2", "b[+].c=3"}},
		{"digits make a key", `{}`, `{"a":{"0":1}}`, []string{"a.0=1"}},
		{"digits find an element", `{"a":[1,2]}`, `{"a":[1,3,4]}`, []string{"a.1=3", "a.2=4"}},
		{"append", `{"a":[ ],"b":[ 1 ]}`, `{"a":[5 ],"b":[ 1,6,7 ]}`, []string{"a[+]=5", "b[+]=6", "b[+]=7"}},
		{"insert keeps the layout", "{\n  \"a\": 1\n}", "{\n  \"a\": 1,\"b\":2\n}", []string{"b=2"}},
		{"escapes in the path", `{"a.b":1,"c=d":1,"e[0]":1,"f\\":1}`, `{"a.b":2,"c=d":3,"e[0]":4,"f\\":5}`, []string{`a\.b=2`, `c\=d=3`, `e\[0\]=4`, `f\\=5`}},
		{"escaped key in the body", `{"\u0061":1}`, `{"\u0061":2}`, []string{"a=2"}},
		{"last of two", `{"a":1,"a":2}`, `{"a":1,"a":3}`, []string{"a=3"}},
		{"equals in the value", `{}`, `{"q":"a=b=c"}`, []string{"q=a=b=c"}},
		{"no HTML escapes", `{}`, `{"h":"<a href='x'>&</a>"}`, []string{"h=<a href='x'>&</a>"}},
		{"quotes and controls", `{}`, `{"h":"\"\\\u001b\n"}`, []string{"h=\"\\\x1b\n"}},
		{"array at the root", `[{"event":"open"}]`, `[{"event":"click"},{"x":1}]`, []string{"[0].event=click", "[+].x=1"}},
		{"null at the root", `null`, `{"a":1}`, []string{"a=1"}},
		{"BOM", "\xef\xbb\xbf{\"a\":1}", "\xef\xbb\xbf{\"a\":2}", []string{"a=2"}},
		{"bytes that are no UTF-8", "{\"a\":\"\xff\",\"b\":1}", "{\"a\":\"\xff\",\"b\":2}", []string{"b=2"}},
		{"whole object", `{"a":{"b":1},"c":2}`, `{"a":7,"c":2}`, []string{"a=7"}},
	} {
		body := []byte(c.body)
		got, err := jsonbytes.Apply(body, parse(t, c.sets...))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %q of %s gave\n%s, %v, want\n%s", c.name, c.sets, c.body, got, err, c.want)
		}
		clear(got) // what is returned is the caller's own
		if string(body) != c.body {
			t.Errorf("%s: the given body became %q", c.name, body)
		}
	}
}

func TestSetStringStaysAString(t *testing.T) {
	t.Parallel()
	for path, value := range map[string]string{"a": "5", "b": "null", "c=d": `{"x":1}`} {
		set, err := jsonbytes.SetString(path, value)
		if err != nil || set.Path != path {
			t.Fatalf("SetString(%q): %q, %v", path, set.Path, err)
		}
		got, err := jsonbytes.Apply([]byte(`{}`), []jsonbytes.Edit{set})
		if err != nil {
			t.Fatal(err)
		}
		var back map[string]string
		if err := json.Unmarshal(got, &back); err != nil || back[path] != value {
			t.Errorf("%q=%q gave %s", path, value, got)
		}
	}
}

func TestParseEditErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]jsonbytes.Error{
		"":            {Problem: "no = between path and value"},
		"abc":         {Path: "abc", Problem: "no = between path and value"},
		`a\=b`:        {Path: `a\=b`, Problem: "no = between path and value"},
		"=x":          {Problem: "the path is empty"},
		".a=1":        {Path: ".", Problem: "a key is empty"},
		"a..b=1":      {Path: "a..", Problem: "a key is empty"},
		"a.=1":        {Path: "a.", Problem: "the key after the last dot is missing"},
		"a.[0]=1":     {Path: "a.[", Problem: "an index follows its array without a dot"},
		"a[0=1":       {Path: "a[0", Problem: "[ without ]"},
		"a]=1":        {Path: "a]", Problem: `] without [; as part of a key it is written \]`},
		"a[]=1":       {Path: "a[]", Problem: "an index is a number such as [0], or [+] for one more element"},
		"a[-1].b=1":   {Path: "a[-1]", Problem: "an index is a number such as [0], or [+] for one more element"},
		"a[1e9]=1":    {Path: "a[1e9]", Problem: "an index is a number such as [0], or [+] for one more element"},
		"a[0]b=1":     {Path: "a[0]", Problem: "a dot or [ must follow ]"},
		`a\x=1`:       {Path: `a\`, Problem: "a backslash stands only before . = [ ] and another backslash"},
		"\xffa=1":     {Path: "\xffa", Problem: "the path is not UTF-8"},
		"a=\xff":      {Path: "a", Problem: "the value is not UTF-8"},
		"a=\"x\xff\"": {Path: "a", Problem: "the value is not UTF-8"},
	} {
		_, err := jsonbytes.ParseEdit(text)
		var got *jsonbytes.Error
		if !errors.As(err, &got) || *got != want {
			t.Errorf("ParseEdit(%q) gave %+v, want %+v", text, got, want)
		}
	}
	_, err := jsonbytes.ParseEdit(strings.Repeat("a.", 70) + "a=1")
	if err == nil || !strings.Contains(err.Error(), "64 levels") {
		t.Errorf("71 levels gave %v", err)
	}
}

func TestApplyErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, set, path, problem string }{
		{"", "a=1", "", "not JSON"},
		{"{", "a=1", "", "not JSON"},
		{"{} {}", "a=1", "", "not JSON"},
		{`{"a":"x"}`, "a.b.c=1", "a.b", "a string has no parts"},
		{`{"a":-1}`, "a[0]=1", "a[0]", "a number has no parts"},
		{`{"a":false}`, "a.b=1", "a.b", "a boolean has no parts"},
		{`7`, "b=1", "b", "a number has no parts"},
		{`{"a":{}}`, "a[0]=1", "a[0]", "there is an object and not an array"},
		{`{"a":{}}`, "a[+]=1", "a[+]", "there is an object and not an array"},
		{`{"a":[]}`, "a.b=1", "a.b", "its elements are written [0]"},
		{`{"a":[1,2]}`, "a[3].b=1", "a[3]", "the array has 2 elements"},
		{`{"a":[1,2]}`, "a.999999999=1", "a.999999999", "the array has 2 elements"},
		{`{}`, "a[999999999]=1", "a[999999999]", "there is no array yet"},
		{`{}`, "a.b[1].c=1", "a.b[1]", "there is no array yet"},
		{`{"a":null}`, "a[1]=1", "a[1]", "there is no array yet"},
		{`{}`, "a=" + strings.Repeat("[", 10000) + strings.Repeat("]", 10000), "", "nested too deeply"},
	} {
		_, err := jsonbytes.Apply([]byte(c.body), parse(t, c.set))
		var got *jsonbytes.Error
		if !errors.As(err, &got) || got.Path != c.path || !strings.Contains(got.Problem, c.problem) {
			t.Errorf("%.20s on %s gave %+v, want %q: …%s…", c.set, c.body, got, c.path, c.problem)
		}
	}
	if _, err := jsonbytes.Apply([]byte(`{}`), make([]jsonbytes.Edit, 1)); err == nil {
		t.Error("an edit that was never made is applied")
	}
}

func TestErrorIsSafeToShow(t *testing.T) {
	t.Parallel()
	_, err := jsonbytes.ParseEdit("\x1b]8;;evil\x07\u202e" + strings.Repeat("x", 1<<16))
	if text := err.Error(); len(text) > 300 || strings.ContainsAny(text, "\x1b\x07\u202e") {
		t.Errorf("%q", text)
	}
}

func FuzzEdit(f *testing.F) {
	for _, seed := range []struct{ body, set string }{
		{`{"a":[1,{"b":null}],"a":{"c":"\u00e9"}}`, "a.c=5"},
		{" [ { } , 1.0e5 ] ", `[0].x\.y={"k": 1}`},
		{"\xef\xbb\xbf{\"\xff\":1}", "a[+][+].b=\"x\""},
		{`null`, `\[a\]\\.0=`},
		{`{"0":[]}`, "0.0=x=y"},
	} {
		f.Add([]byte(seed.body), seed.set)
	}
	f.Fuzz(func(t *testing.T, body []byte, text string) {
		set, err := jsonbytes.ParseEdit(text)
		if err != nil {
			readable(t, err)
			return
		}
		out, err := jsonbytes.Apply(body, []jsonbytes.Edit{set})
		if err != nil {
			readable(t, err)
			return
		}
		trimmed := strings.TrimPrefix(string(out), "\xef\xbb\xbf")
		if !json.Valid([]byte(trimmed)) {
			t.Fatalf("%q on %q gave %q", text, body, out)
		}
		if len(out) > len(body)+7*len(text)+16 {
			t.Errorf("%d bytes grew to %d by %q", len(body), len(out), text)
		}
		if strings.Contains(set.Path, "[+]") {
			return
		}
		again, err := jsonbytes.Apply(out, []jsonbytes.Edit{set})
		if err != nil || string(again) != string(out) {
			t.Errorf("%q twice gave %q, then %q, %v", text, out, again, err)
		}
		reads(t, set.Path, out)
	})
}

// reads checks that Find finds at a path what was just set there.
func reads(t *testing.T, text string, body []byte) {
	t.Helper()
	const mark = "whctl-was-here"
	set, err := jsonbytes.SetString(text, mark)
	if err != nil {
		return // an unescaped = ends the path only in ParseSet
	}
	out, err := jsonbytes.Apply(body, []jsonbytes.Edit{set})
	if err != nil {
		t.Errorf("%q can be set once and not again: %v", text, err)
		return
	}
	path, err := jsonbytes.ParsePath(text)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := jsonbytes.Find(out, path)[0].Text(len(mark)); got != mark {
		t.Errorf("%q of %q reads as %q", text, out, got)
	}
}

func readable(t *testing.T, err error) {
	t.Helper()
	var problem *jsonbytes.Error
	if !errors.As(err, &problem) || problem.Problem == "" || !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\x1b\n\r") {
		t.Errorf("%q", err)
	}
}
