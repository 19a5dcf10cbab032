package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/term"
)

func show(b []byte, o BodyOptions) string { return strings.Join(Body(term.Style{}, b, o), "\n") }

func TestBodyGolden(t *testing.T) {
	t.Parallel()
	gz := append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0}, bytes.Repeat([]byte{0xfe, 'a', 0}, 100)...)
	for name, c := range map[string]struct {
		body string
		o    BodyOptions
	}{
		"object":        {body: `{"event":"card.activated","n":1,"ok":true,"none":null,"list":[1,2,{"a":[]}],"empty":{},"nested":{"k":"v"}}`},
		"as it came":    {body: `{"a":1e400,"a":0.10000000000000000000000000001,"b":12345678901234567890123,"c":"\u00e9\/\u202e` + "\u202e" + `","a":-0}`},
		"array":         {body: " [ 1 ,\r\n\t2 ] \n"},
		"bom":           {body: "\ufeff{\"a\":1}"},
		"trailing junk": {body: `{"a":1} x`},
		"unclosed":      {body: `{"a":[1,2`},
		"bad escape":    {body: `{"a":"\q"}`},
		"raw control":   {body: "{\"a\":\"\x1b[31m\"}"},
		"trailing comma": {
			body: `[1,2,]`,
		},
		"leading zero": {body: `[01]`},
		"python repr":  {body: `{'event': 'x', 'ok': True}`},
		"bad bytes":    {body: "{\"a\":\"\xff\xfe\"}"},
		"text":         {body: "line one\n\ttabbed\r\nlast\n"},
		"sentences":    {body: "Webhook Error: no signature is the expected one\n    at verify (app.js:3:14) of node:internal/modules", o: BodyOptions{Width: 24}},
		"text wrapped": {body: strings.Repeat("0123456789", 5), o: BodyOptions{Width: 20}},
		"cut":          {body: `{"key":"` + strings.Repeat("v", 50) + `","名前":"` + strings.Repeat("名", 30) + `"}`, o: BodyOptions{Width: 30}},
		"raw":          {body: "{\"a\": 1,\n\t\"b\":2}", o: BodyOptions{Mode: BodyRaw}},
		"none":         {body: `{"a":1}`, o: BodyOptions{Mode: BodyNone}},
		"empty":        {},
		"form":         {body: "token=abc&text=a+b%20c%0A&payload=%7B%22a%22%3A1%7D&evil=%1b%5b31m&empty=", o: BodyOptions{ContentType: "application/x-www-form-urlencoded; charset=utf-8"}},
		"form that is none": {
			body: "not a form %zz", o: BodyOptions{ContentType: "application/x-www-form-urlencoded"},
		},
		"binary":         {body: string(gz), o: BodyOptions{Ref: "01jd"}},
		"binary narrow":  {body: string(gz[:40]), o: BodyOptions{Width: 50}},
		"binary raw":     {body: string(gz[:20]), o: BodyOptions{Mode: BodyRaw}},
		"folded":         {body: "[" + strings.Repeat("1,", 499) + "1]", o: BodyOptions{MaxLines: 5, Ref: "01jd"}},
		"one too many":   {body: "[1,2,3]", o: BodyOptions{MaxLines: 4}},
		"two too many":   {body: "[1,2,3,4]", o: BodyOptions{MaxLines: 4}},
		"text folded":    {body: strings.Repeat("line\n", 100), o: BodyOptions{MaxLines: 3, Ref: "01jd"}},
		"line folded":    {body: strings.Repeat("x", 1000), o: BodyOptions{MaxLines: 3, Width: 10}},
		"not all seen":   {body: `{"list":[` + strings.Repeat(`"value",`, 5000) + `1]}`, o: BodyOptions{MaxLines: 4, Ref: "01jd"}},
		"long string":    {body: `{"data":"` + strings.Repeat("x", 50000) + `"}`, o: BodyOptions{Width: 60, Ref: "01jd"}},
		"stored in part": {body: `{"a":1,"b":"tru`, o: BodyOptions{Size: 1 << 20}},
		"deep":           {body: strings.Repeat("[", 10000) + strings.Repeat("]", 10000), o: BodyOptions{MaxLines: 24, MaxBytes: -1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := show([]byte(c.body), c.o)
			checkSafe(t, got)
			golden(t, "body-"+strings.ReplaceAll(name, " ", "-"), got+"\n")
		})
	}
}

// What is shown as JSON is the JSON that came: same tokens, white space aside.
func TestBodyShowsTheTokensThatCame(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"a":1.0,"b":[1E5,-0,{"c":"\u0041\n"}],"a":2,"":{}}`, `[[],{},[[[]]],"é",true,false,null]`,
	} {
		var want bytes.Buffer
		if err := json.Compact(&want, []byte(body)); err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := json.Compact(&got, []byte(show([]byte(body), BodyOptions{}))); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("%s became %s", want.String(), got.String())
		}
	}
}

// A string that is wider than the page is broken between its words, and its lines together are the string.
func TestLongStringsAreBrokenBetweenWords(t *testing.T) {
	t.Parallel()
	const text = `"the signature of the request does not hold,  so nothing was handed on; Привет мир и все те кто слушает"`
	for width := 24; width < 120; width++ {
		lines := strings.Split(show([]byte(`{"message":`+text+`,"n":1}`), BodyOptions{Width: width}), "\n")
		var joined strings.Builder
		for _, line := range lines {
			line = strings.TrimPrefix(strings.TrimPrefix(line, "  "), "  ")
			if broken := strings.TrimLeft(line, " ") == line && strings.HasSuffix(line, " "); line[0] != '"' && line[0] != '{' && line[0] != '}' && !broken && !strings.HasSuffix(line, ",") {
				t.Errorf("width %d: %q ends within a word", width, line)
			}
			joined.WriteString(line)
		}
		if got := joined.String(); !strings.Contains(got, text) {
			t.Errorf("width %d: %s", width, got)
		}
	}
}

func TestBodyColours(t *testing.T) {
	t.Parallel()
	io, _, _ := term.Buffer()
	if err := io.SetColor(term.ColorAlways); err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"k":"s","n":-1.5e3,"t":true,"long":"` + strings.Repeat("名", 100) + `"}`)
	for _, width := range []int{0, 10, 40} {
		colored := strings.Join(Body(io.Style(), body, BodyOptions{Width: width}), "\n")
		if plain := show(body, BodyOptions{Width: width}); uncolor(colored) != plain {
			t.Errorf("width %d: %q without colours is not %q", width, colored, plain)
		}
		for i, line := range Body(io.Style(), body, BodyOptions{Width: width}) {
			if opened, closed := strings.Count(line, "\x1b["), strings.Count(line, "\x1b[0m"); opened != 2*closed {
				t.Errorf("width %d, line %d: %d codes, %d of them resets: %q", width, i, opened, closed, line)
			}
		}
	}
	for _, want := range []string{"\x1b[34m\"k\"\x1b[0m: \x1b[32m\"s\"\x1b[0m,", "\x1b[33m-1.5e3\x1b[0m", "\x1b[35mtrue\x1b[0m"} {
		if got := strings.Join(Body(io.Style(), body, BodyOptions{}), "\n"); !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

func TestNumbersAreJSONs(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"0", "-0", "1", "10", "1.5", "-1.5e10", "1E+5", "1e-05", "0.0", "", "-", "01", "1.", ".5", "1e", "1e+", "1e+-5", "+1", "0x1", "1_0", "NaN", "--1", "1.2.3"} {
		for _, size := range []int64{0, 1 << 20} { // whole, and as the beginning of more
			body := []byte("[" + s + ",2]")
			got, want := len(Body(term.Style{}, body, BodyOptions{Size: size})) > 2, json.Valid([]byte(s))
			if got != want {
				t.Errorf("%s as JSON: %v, encoding/json says %v", body, got, want)
			}
		}
	}
}

func FuzzBody(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,2,{"b":"c"}]}`, `[1,2,]`, "{\"a\":\"\x1b]8;;x\x07\"}", "\ufeff[]", "a=b&c=%1b", "\x00\x01\x02", "line\nline\r\n", `{"a":"\ud800"}`,
		strings.Repeat("[", 300), "\u202e\u2066", "{\"\xff\":1e999}", "[\"名前👍\"]",
	} {
		f.Add([]byte(s), 20, 5, 64, true)
		f.Add([]byte(s), 0, 0, 0, false)
	}
	f.Fuzz(func(t *testing.T, b []byte, width, maxLines, maxBytes int, form bool) {
		o := BodyOptions{Width: width % 200, MaxLines: maxLines % 100, MaxBytes: maxBytes % 4096, Ref: "01jd"}
		if form {
			o.ContentType = "application/x-www-form-urlencoded"
		}
		for _, mode := range []string{BodyPretty, BodyRaw} {
			o.Mode = mode
			lines := Body(term.Style{}, b, o)
			checkLines(t, b, o, lines)
			if mode == BodyPretty && o.MaxLines < 0 && o.MaxBytes < 0 && o.Width <= 0 {
				sameTokens(t, b, lines)
			}
		}
	})
}

// checkLines checks what holds for every body.
func checkLines(t *testing.T, b []byte, o BodyOptions, lines []string) {
	t.Helper()
	limit := o.MaxLines
	if limit == 0 {
		limit = usualLines
	}
	if limit > 0 && len(lines) > max(limit+1, 17) {
		t.Fatalf("%d lines, asked for %d", len(lines), limit)
	}
	total := 0
	for _, line := range lines {
		total += len(line)
		if strings.Contains(line, "\n") {
			t.Fatalf("newline in %q", line)
		}
		checkSafe(t, line)
		if w := term.Width(line); o.Width > 1 && w > o.Width {
			t.Fatalf("%d columns of %d: %q", w, o.Width, line)
		}
	}
	if most := 12*len(b) + 64*len(lines) + 256; total > most {
		t.Fatalf("%d bytes became %d", len(b), total)
	}
}

// sameTokens checks pretty-printing against encoding/json, for plain input that both take.
func sameTokens(t *testing.T, b []byte, lines []string) {
	t.Helper()
	trimmed := bytes.TrimLeft(b, " \t\r\n")
	if len(trimmed) == 0 || trimmed[0] != '{' && trimmed[0] != '[' || !json.Valid(b) || term.Clean(string(trimmed)) != strings.TrimRight(string(trimmed), " ") {
		return
	}
	var want, got bytes.Buffer
	if err := json.Compact(&want, b); err != nil {
		t.Fatal(err)
	}
	if err := json.Compact(&got, []byte(strings.Join(lines, "\n"))); err != nil {
		t.Fatalf("%q is shown as %q: %v", b, lines, err)
	}
	if got.String() != want.String() {
		t.Fatalf("%q is shown as %q", b, lines)
	}
}

func BenchmarkBody(b *testing.B) {
	var body bytes.Buffer
	body.WriteString(`{"items":[`)
	for i := range 50_000 {
		fmt.Fprintf(&body, `{"id":%d,"name":"a name","ok":true},`, i)
	}
	body.WriteString(`null]}`)
	for name, o := range map[string]BodyOptions{"usual": {Width: 100}, "all looked at": {Width: 100, MaxBytes: -1}} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(body.Len()))
			b.ReportAllocs()
			for b.Loop() {
				_ = Body(term.Style{}, body.Bytes(), o)
			}
		})
	}
}
