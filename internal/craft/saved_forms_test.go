package craft_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/fault"
)

// What a shell hands to curl. Each is what bash -c 'printf "%s\n" …' printed for the same words.
func TestCurlBodies(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`curl u -d 'a b'`:                                        "a b",
		`curl u -d "a \"b\" \\ \n \$"`:                           `a "b" \ \n $`,
		`curl u -d $'a\'\n\x41\101\u0021\u00fc\\'`:               "a'\nAA!ü\\",
		`curl u -d a\ b`:                                         "a b",
		"curl u \\\n -d x":                                       "x",
		"curl u \\\r\n -d x":                                     "x",
		"curl u\n  -d x":                                         "x", // a chat lost the backslash
		"$ curl u -d x":                                          "x",
		"# how it was\ncurl u -d x":                              "x",
		`/usr/bin/curl -sSXPOST -dx u`:                           "x",
		`curl u -d x | jq .`:                                     "x",
		`curl u -d a=1 -d b=2`:                                   "a=1&b=2",
		`curl u --data-raw @x`:                                   "@x",
		`curl u --data-urlencode 'a=ü b'`:                        "a=%C3%BC+b",
		`curl u --data-urlencode '=a b&'`:                        "a+b%26",
		`curl u --json '{"a":' --json '1}'`:                      `{"a":1}`,
		`curl u -d 'it'"'"'s'`:                                   "it's",
		`curl u -d ''`:                                           "",
		`curl u -d "cost: 5$"`:                                   "cost: 5$",
		`curl u -o out --max-time 5 -k -d x`:                     "x",
		"curl ^\"u^\" ^\r\n -d ^\"^{^\\^\"a^\\^\":1^}^\"":        `{"a":1}`,
		"curl \"u\" ^\r\n -d \"{\\\"a\\\":\\\"C:\\\\x\\\"}\"":    `{"a":"C:\\x"}`,
		"curl \"u\" ^\n -d \"a \"\"b\"\" ^ c\"":                  `a "b" ^ c`,
		"curl ^\"u^\" -d ^\"a^\n\nb^\"":                          "a\nb",
		`printf %s 'AAH/' | base64 -d | curl u --data-binary @-`: "\x00\x01\xff",
		`curl u -d "$(printf 'a\042\012\377')"`:                  "a\"\n\xff",
	} {
		c, err := craft.ParseCurl([]byte(line))
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if string(c.Body) != want || c.Host != "u" || c.File != "" {
			t.Errorf("%s: host %q, file %q, body %q, want %q", line, c.Host, c.File, c.Body, want)
		}
	}
}

func TestCurlRequests(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`curl https://a.test/x?y=%20#z`:                                      "GET https://a.test/x?y=%20 map[]",
		`curl -I a.test`:                                                     "HEAD http://a.test/ map[]",
		`curl --url HTTPS://u:p@a.test:8/x -X PUT`:                           "PUT https://a.test:8/x map[]",
		`curl -G a.test/x?q=1 -d b=2`:                                        "GET http://a.test/x?q=1&b=2 map[]",
		`curl a.test -d b -H 'X-A: 1' -H 'x-a:2' -H 'X-E;' -H Accept:`:       "POST http://a.test/ map[Content-Type:[application/x-www-form-urlencoded] X-A:[1 2] X-E:[]]",
		`curl a.test -H 'content-type: text/plain' --json 1`:                 "POST http://a.test/ map[Content-Type:[text/plain]]",
		`curl -G a.test/x?q=1`:                                               "GET http://a.test/x?q=1 map[]",
		`curl a.test -u me:pw`:                                               "GET http://a.test/ map[Authorization:[Basic bWU6cHc=]]",
		`curl --request-target '/a|b' http://a.test/ -d x -H Content-Type:a`: "POST http://a.test/a|b map[Content-Type:[a]]",
	} {
		c, err := craft.ParseCurl([]byte(line))
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if got := fmt.Sprint(c.Method, " ", c.URL, " ", c.Header); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

func TestCurlThatIsNotRead(t *testing.T) {
	t.Parallel()
	for line, why := range map[string]string{
		"":                            "does not begin with curl",
		"wget u":                      "does not begin with curl",
		"curl":                        "names no URL",
		"curl u -d":                   "has no value",
		"curl u -d 'x":                "quote is not closed",
		`curl u -d "x`:                "quote is not closed",
		`curl u -d $'x`:               "quote is not closed",
		`curl u -d $'\q'`:             "escape that is none",
		`curl u -d "$BODY"`:           "fills in nothing",
		"curl u -d $BODY":             "fills in nothing",
		"curl u -d \"$(cat secret)\"": "fills in nothing",
		"curl u -d `id`":              "fills in nothing",
		"curl u -d \"`id`\"":          "fills in nothing",
		`curl u -d "$(printf '%d')"`:  "fills in nothing",
		"curl http://u/?a=1&b=2 -d x": "& that no quotes hold",
		"curl u -d @- <<EOF\nx\nEOF":  "< or >",
		"curl u > out":                "< or >",
		"curl u -F a=b":               "boundary",
		"curl u -K file":              "reads headers or options",
		"curl u -H @file":             "reads headers or options",
		"curl u --next v":             "several requests",
		"curl u v":                    "several requests",
		"curl u; curl v":              "several requests",
		"curl u -d @a -d @b":          "put together of files",
		"curl u --data-urlencode a@b": "put together of files",
		"curl u -H 'no colon'":        "a header of it",
		"curl u -H 'a b: c'":          "a header of it",
		"curl u -H $'a: b\\nc'":       "a header of it",
		"curl ftp://u/":               "URL is none",
		"curl 'http://u/a b'":         "URL is none",
		"curl ^\"u":                   "quote is not closed",
	} {
		c, err := craft.ParseCurl([]byte(line))
		if err == nil {
			t.Errorf("%s: %+v", line, c)
			continue
		}
		if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v; want a usage error that says %q", line, err, why)
		}
	}
}

// What is too much is refused, and soon.
func TestCurlBounds(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"curl u" + strings.Repeat(" -d", 200_000), "curl ^\"u^\"" + strings.Repeat(" -d", 200_000), "curl u -d '" + strings.Repeat("a", 33<<20) + "'",
	} {
		if c, err := craft.ParseCurl([]byte(line)); err == nil || !strings.Contains(err.Error(), "too long") {
			t.Errorf("%.20s: %v, %v", line, c, err)
		}
	}
	for _, line := range []string{strings.Repeat(" \n", 2<<20) + "curl ^\"u^\"", "curl u -" + strings.Repeat("s", 4<<20)} {
		if _, err := craft.ParseCurl([]byte(line)); err != nil {
			t.Errorf("%.20q: %v", line, err)
		}
	}
}

func TestCurlWithAFile(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"curl u -d @b.json":            "ab\xff",
		"curl u --data-binary @b.json": "a\r\n\x00b\xff",
		"curl u --json @b.json":        "a\r\n\x00b\xff",
		"curl u -T b.json":             "a\r\n\x00b\xff",
	} {
		c, err := craft.ParseCurl([]byte(line))
		if err != nil || c.File != "b.json" || len(c.Body) > 0 {
			t.Fatalf("%s: %+v, %v", line, c, err)
		}
		if q := c.WithFile([]byte("a\r\n\x00b\xff")); string(q.Body) != want {
			t.Errorf("%s: %q, want %q", line, q.Body, want)
		}
	}
}

// The events are AWS's samples (github.com/aws/aws-lambda-go, events/testdata) cut down to what counts, and those of Netlify and Vercel.
func TestSavedForms(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"apigw-v1.json":     `function_event text POST https://gy415nuibc.execute-api.us-east-1.amazonaws.com/hello/world?name=me map[Accept:[*/*] Content-Type:[application/json] Headername:[one two]] "{\r\n\t\"a\": 1\r\n}"`,
		"apigw-v2.json":     `function_event  POST https://id.execute-api.us-east-1.amazonaws.com/my/path?parameter1=value1&parameter1=value2 map[Header1:[value1,value2]] "Hello from Lambda"`,
		"alb.json":          `function_event  GET http://lambda-test-alb-1234567.us-east-1.elb.amazonaws.com/?key=a%20b map[X-Forwarded-Proto:[http] X-Myheader:[123]] ""`,
		"netlify.json":      `function_event text POST https://site.netlify.app/.netlify/functions/hook?x=1 map[X-A:[1]] "{}"`,
		"vercel.json":       `function_event  POST https://site.vercel.app/api/hook map[X-A:[1]] "{}"`,
		"entry.json":        `har text POST https://a.test/in map[X-A:[1]] "{}"`,
		"chrome-fetch.txt":  `fetch text POST https://a.test/in map[Content-Type:[application/json] X-A:[1]] "{\"a\":\"it's\"}"`,
		"firefox-fetch.txt": `fetch  GET https://a.test/in map[Accept:[*/*]] ""`,
		"panel.txt":         `developer_tools text POST https://a.test/in?x map[X-A:[1] X-Empty:[]] "{}\n"`,
		"panel-below.txt":   `developer_tools  POST https://a.test/in map[X-A:[1] X-B:[a:b]] ""`,
		"postman.txt":       `http  POST  map[Content-Length:[7] Content-Type:[application/json]] "{\"a\":1}"`,
		"command.txt":       `curl  POST https://a.test/in map[Content-Type:[application/x-www-form-urlencoded] X-A:[1]] "x"`,
	} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		all, many, err := craft.ReadSaved(raw)
		if err != nil || many || len(all) != 1 {
			t.Errorf("%s: %d requests, %v", name, len(all), err)
			continue
		}
		q := all[0]
		if got := fmt.Sprintf("%s %s %s %s %v %q", q.Form, q.Doubt, q.Method, q.URL, q.Header, q.Body); got != want {
			t.Errorf("%s:\n%s, want\n%s", name, got, want)
		}
	}
}

func TestHARs(t *testing.T) {
	t.Parallel()
	entry := func(rest string) string {
		return `{"request":{"method":"POST","url":"https://a.test/","headers":[]` + rest + `}}`
	}
	all, many, err := craft.ReadSaved([]byte(`{"log":{"entries":[` + strings.Join([]string{
		entry(`,"postData":{"text":"AAE=","encoding":"base64"}`), entry(`,"postData":{"text":"AP8=","_encoding":"base64"}`),
		entry(`,"postData":{"text":"ü"},"bodySize":1`), entry(`,"postData":{"text":"ü"},"bodySize":2`), entry(`,"bodySize":-1`), `{}`, entry(`,"bodySize":9`),
	}, ",") + `]}}`))
	if err != nil || !many {
		t.Fatal(many, err)
	}
	got := ""
	for _, q := range all {
		got += fmt.Sprintf("%q %s %v,", q.Body, q.Doubt, q.Err)
	}
	if want := `"\x00\x01"  <nil>,"\x00\xff"  <nil>,"ü" size <nil>,"ü" text <nil>,""  <nil>,` +
		`""  cannot read the request: it names no method,""  cannot read the request: it has a body, and the HAR does not hold it,`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for raw, why := range map[string]string{
		`{"log":{"entries":[]}}`: "holds no requests",
		`{"log":{"entries":[` + strings.Repeat("{},", 10_000) + `{}]}}`: "more than 10000",
		entry(`,"bodySize":9`):                                                      "does not hold it",
		entry(`,"postData":{"params":[{"name":"a"}]}`):                              "fields of its form",
		entry(`,"postData":{"text":"!","encoding":"base64"}`):                       "not whole base64",
		`{"request":{"url":"https://a/"}}`:                                          "names no method",
		`{"request":{"method":"POST","url":"blob:x"}}`:                              "URL is none",
		`{"request":{"method":"POST","url":"http://a","headers":[{"name":"a b"}]}}`: "a header of it",
	} {
		if all, _, err := craft.ReadSaved([]byte(raw)); err == nil || fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), why) {
			t.Errorf("%.80s: %v, %v; want %q", raw, all, err, why)
		}
	}
}

func TestSavedFormsThatAreNone(t *testing.T) {
	t.Parallel()
	for raw, why := range map[string]string{
		"":                                "no blank line",
		"{}":                              "neither a HAR nor",
		"[]":                              "should not",
		`{"a":1`:                          "cut off at byte 6",
		`{"log":5}`:                       "number where it should not",
		strings.Repeat("[", 20_000):       "broken or cut off",
		strings.Repeat(`{"log":`, 20_000): "broken or cut off",
		`{"httpMethod":"POST","headers":{},"body":{"a":1}}`:                    "was parsed",
		`{"httpMethod":"POST","headers":{},"body":"!","isBase64Encoded":true}`: "not whole base64",
		`{"httpMethod":"POST","headers":{"a":{}}}`:                             "not an object of texts",
		`{"httpMethod":"POST","headers":[]}`:                                   "not an object of texts",
		`{"httpMethod":"POST","headers":{},"path":5}`:                          "path is not a text",
		`{"httpMethod":"POST","headers":{"a":"b\nc: d"}}`:                      "a header of it",
		`{"httpMethod":"POST","headers":{"host":"a b"}}`:                       "URL is none",
		`{"Action":"Invoke","body":"{}"}`:                                      "was parsed",
		`{"Action":"Invoke","body":"{\"Action\":\"Invoke\"}"}`:                 "was parsed",
		`fetch("https://a/"`:                                                   "not one call of fetch",
		`fetch(url, {})`:                                                       "not one call of fetch",
		`fetch("https://a/", {"body": 5});`:                                    "not one call of fetch",
		`fetch("https://a/", {}); fetch("b")`:                                  "not one call of fetch",
		":method: POST\nnothing":                                               "no name and colon",
		"curl u -d @/etc/passwd":                                               "has its body in",
		"\x7fELF\x00\x00\n\n":                                                  "malformed",
	} {
		all, _, err := craft.ReadSaved([]byte(raw))
		if err == nil || fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), why) {
			t.Errorf("%.80s: %v, %v; want %q", raw, all, err, why)
		}
	}
}

func TestHeadersJSON(t *testing.T) {
	t.Parallel()
	h, err := craft.HeadersJSON([]byte(`{"x-a": "1", "X-B": ["2","3"], "Content-Length": 12, "none": null, ":method": "POST"}`))
	if got := fmt.Sprint(h); err != nil || got != "map[Content-Length:[12] X-A:[1] X-B:[2 3]]" {
		t.Error(got, err)
	}
	for _, raw := range []string{"", "[]", "{}", "null", `{"a":{}}`, `{"a":[[]]}`, `{"a b":"c"}`, `{"a":"b`, `{"a":"b\u0000"}`, "{} {}", `"x"`} {
		if h, err := craft.HeadersJSON([]byte(raw)); err == nil || fault.KindOf(err) != fault.Usage {
			t.Errorf("%s: %v, %v", raw, h, err)
		}
	}
}

func FuzzParseCurl(f *testing.F) {
	for _, line := range []string{
		"curl u -d 'a'", `curl ^"u^" -d ^"x^\^"^"`, `curl u -d $'\u0021\x41\7'`, `curl u -d "$(printf '\042')"`, "printf %s AA== | base64 -d | curl u -d @-",
		"curl -G u -d a --data-urlencode b=c", "curl u \\\n-H 'a: b'", "curl u\n-T x", "a&b|c;d\ncurl",
	} {
		f.Add([]byte(line), []byte("x"))
	}
	f.Fuzz(func(t *testing.T, text, file []byte) {
		c, err := craft.ParseCurl(text)
		if err != nil {
			if fault.KindOf(err) != fault.Usage {
				t.Errorf("%v", err)
			}
			return
		}
		if c.Host == "" || c.Target == "" || c.Method == "" && len(text) == 0 {
			t.Errorf("%+v", c)
		}
		if c.File != "" {
			c.WithFile(file)
		}
	})
}

func FuzzReadSaved(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"log":{"entries":[{"request":{"method":"POST","url":"https://a/","headers":[],"postData":{"text":"x"}}}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		all, _, err := craft.ReadSaved(raw)
		if err == nil && len(all) == 0 {
			t.Error("neither a request nor an error")
		}
		if err != nil && fault.KindOf(err) != fault.Usage {
			t.Errorf("%v", err)
		}
	})
}

func FuzzHeadersJSON(f *testing.F) {
	f.Add([]byte(`{"a":"b","c":["d",5,null]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := craft.HeadersJSON(raw)
		if err == nil && !json.Valid(raw) {
			t.Errorf("%v of what is not JSON", h)
		}
	})
}
