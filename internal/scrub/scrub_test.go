package scrub_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/scrub"
)

func scrubber(t *testing.T, rules ...string) *scrub.Scrubber {
	t.Helper()
	s, err := scrub.New("--scrub", rules, []byte("a key of tests"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// planted are values that must go, each with the ways in which it may stand in a text.
func planted() map[string][]string {
	return map[string][]string{
		"4111111111111111":                         {`{"card":"4111111111111111"}`, `{"card":4111111111111111}`, `{"card":-4111111111111111,"b":1}`, `pan=4111111111111111&x=1`, `evt_4111111111111111`, `card 4111111111111111.`, `{"4111111111111111":1}`, `"2026-11-27 4111111111111111 123"`},
		"4111 1111 1111 1111":                      {`{"card":"4111 1111 1111 1111"}`, `on 2026-01-02 4111 1111 1111 1111 12/27`, `4111 1111 1111 1111 123`, `cards 4111 1111 1111 1111 5500 0000 0000 0004`},
		"4111-1111-1111-1111":                      {`"4111-1111-1111-1111"`},
		"378282246310005":                          {`{"n":378282246310005}`, `378282246310005`},
		"3782 822463 10005":                        {`amex 3782 822463 10005`},
		"6011000990139424":                         {`6011000990139424`},
		"jane@example.com":                         {`{"email":"jane@example.com"}`, `email=jane@example.com&x`, `<jane@example.com>`, `mailto:jane@example.com`, `"Jane" jane@example.com, x`, `{"a":"x\njane@example.com"}`},
		"jane.doe+tag@mail.example.co.uk":          {`{"e":"jane.doe+tag@mail.example.co.uk"}`},
		"mF_9.B5f-4.1JqM":                          {`Bearer mF_9.B5f-4.1JqM`, `"authorization":"bearer mF_9.B5f-4.1JqM"`, `access_token=mF_9.B5f-4.1JqM&x=1`, `{"access_token":"mF_9.B5f-4.1JqM"}`},
		"ghp_16C7e42F292c6912E7710c838347Ae178B4a": {`{"t":"ghp_16C7e42F292c6912E7710c838347Ae178B4a"}`},
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N": {`jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N!`},
	}
}

func TestTextHidesWhatIsPlanted(t *testing.T) {
	t.Parallel()
	s := scrubber(t, "all")
	for value, texts := range planted() {
		for _, text := range texts {
			got := s.Text(text)
			if strings.Contains(got, value) {
				t.Errorf("%q stays in %q", value, got)
			}
			if json.Valid([]byte(text)) && !json.Valid([]byte(got)) {
				t.Errorf("%q is no JSON any more: %q", text, got)
			}
			if again := s.Text(text); again != got {
				t.Errorf("%q is now %q and then %q", text, got, again)
			}
		}
	}
}

// TestEscapesHideNothing writes values as JSON, URLs and base64 may.
func TestEscapesHideNothing(t *testing.T) {
	t.Parallel()
	s := scrubber(t, "all")
	want := s.Text("jane@example.com")
	for _, text := range []string{
		`"jane\u0040example.com"`, `"\u006Aane@example.com"`, `jane%40example.com`, `{"u":"https://x/?e=jane%40example.com"}`, `"{\"e\":\"jane\\u0040example.com\"}"`,
		`payload=%7B%22e%22%3A%22jane%40example.com%22%7D`, `jane%2540example.com`,
	} {
		got := s.Text(text)
		if !strings.Contains(got, want) || json.Valid([]byte(text)) && !json.Valid([]byte(got)) {
			t.Errorf("%q became %q, want it with %q", text, got, want)
		}
	}
	card := s.Text("4111111111111111")
	for _, text := range []string{`"\u0034111111111111111"`, `%34111111111111111`, `"4111\u0020111111111111"`} {
		if got := s.Text(text); strings.Contains(got, "111111111") {
			t.Errorf("%q became %q (%s)", text, got, card)
		}
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		text := encoding.EncodeToString([]byte(`{"email":"jane@example.com","n":1}`))
		got, err := encoding.DecodeString(strings.Trim(s.Text(`"`+text+`"`), `"`))
		if err != nil || string(got) != `{"email":"`+want+`","n":1}` {
			t.Errorf("%q became %q (%v)", text, got, err)
		}
	}
}

// TestTextLeaves are values that only look like what goes.
func TestTextLeaves(t *testing.T) {
	t.Parallel()
	s := scrubber(t, "all")
	for _, text := range []string{
		`{"at":1750000000000}`, `{"ns":1750000000000000003}`, `4111111111111112`, `{"x":51.4111111111111111}`, `0000000000000000`, `root@localhost`, `@handle`, `a @ b.com`,
		`"11111111-1111-4111-8111-111111111111"`, `9f86d0818844111111111111111a2feaa0c55ad015a3bf4f1b2b0b822cd15d`, `bearer tokens`, `Basic Authentication`, `{"bearer":"true"}`,
		`+1 415 555 0100`, `2026-03-04T09:15:00.000Z`, `card.activated`, `evt_1NG8Du2eZvKYlo2CUI79vXWy`, `v1.2.3@sha`,
	} {
		if got := s.Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	for _, rule := range []string{"cards", "email", "bearer"} {
		one := scrubber(t, rule)
		for other, text := range map[string]string{"cards": "4111111111111111", "email": "jane@example.com", "bearer": "Bearer mF_9.B5f-4.1JqM"} {
			if changed := one.Text(text) != text; changed != (rule == other) {
				t.Errorf("%s changes %q: %v", rule, text, changed)
			}
		}
	}
}

func TestReplacementsAreStable(t *testing.T) {
	t.Parallel()
	s := scrubber(t, "all", "json:a")
	other, err := scrub.New("--scrub", []string{"all", "json:a"}, []byte("another key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"4111111111111111", "jane@example.com", "Bearer mF_9.B5f-4.1JqM", `{"a":"x"}`, `{"a":17}`} {
		once := s.Text(text)
		if once == text || once == other.Text(text) {
			t.Errorf("%q became %q, with another key %q", text, once, other.Text(text))
		}
		if twice := s.Text(once); twice != once && text != `{"a":17}` { // a number does not tell that it is a replacement
			t.Errorf("%q became %q and then %q", text, once, twice)
		}
	}
	if a, b := s.Text("Jane@Example.com"), s.Text("jane@example.com"); a != b {
		t.Errorf("capitals make another address: %q and %q", a, b)
	}
	if a, b := s.Text("4111 1111-1111 1111"), s.Text("4111111111111111"); strings.NewReplacer(" ", "", "-", "").Replace(a) != b || a[4] != ' ' || a[9] != '-' {
		t.Errorf("blanks make another card number: %q and %q", a, b)
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, text, gone, kept string }{
		{"json:customer.name", `{"customer":{"name":"Jane Doe","id":7}}`, "Jane", `"id":7`},
		{"json:items[*].pin", `{"items":[{"pin":1234,"n":1},{"pin":5678,"n":2}]}`, "1234 5678", `"n":2`},
		{"json:[*].a", `[{"a":"xyzzy"},{"b":1}]`, "xyzzy", `{"b":1}`},
		{"json:items[1]", `{"items":["aaaa","bbbb","cccc"]}`, "bbbb", `"cccc"`},
		{"json:a", `{"a":{"deep":["secret"]},"b":true}`, "secret", `"b":true`},
		{"json:holder", `{"u":"a={\"holder\":{\"x\":\"deep\"}}"}`, "deep", `{"u":"a={`},
		{"json:holder", `{"u":"p=%7B%22holder%22%3A%5B%22deep%22%5D%7D"}`, "deep", `{"u":"p=%7B`},
		{"json:a", `{"a":true}`, "true", "null"},
		{"json:a", `{"a":null}`, "-", `{"a":null}`},
		{"json:a", `{"a":"one","a":"two"}`, "one two", `"a"`},
		{"json:a", `{"a":"twotwo"} {"a":"oneone"}`, "oneone twotwo", `"a"`},
		{"json:a", `{"b":1,"a":"it is cut o`, "cut", `"b":1`},
		{"json:a", `payload={"a":"formed","b":1}&x=2`, "formed", `"b":1}&x=2`},
		{"json:a", `payload=%7B%22a%22%3A%22formed%22%7D`, "formed", "payload=%7B"},
		{"json:a", `{"a":"esc\u0061ped"}`, "ped", `{"a":"scrubbed-`},
		{"json:$.a", `{"a":"dollar"}`, "dollar", `{"a":`},
	} {
		got := scrubber(t, c.rule).Text(c.text)
		for gone := range strings.FieldsSeq(c.gone) {
			if strings.Contains(got, gone) && gone != "-" {
				t.Errorf("%s: %q stays in %q", c.rule, gone, got)
			}
		}
		if !strings.Contains(got, c.kept) || json.Valid([]byte(c.text)) && !json.Valid([]byte(got)) {
			t.Errorf("%s: %q became %q", c.rule, c.text, got)
		}
	}
}

func TestRulesAreChecked(t *testing.T) {
	t.Parallel()
	for _, rule := range []string{"", "card", "json:", "json:a..b", "json:a[+]", "json:a[*]b", "json:a[x]"} {
		if _, err := scrub.New("--scrub", []string{rule}, nil); err == nil {
			t.Errorf("%q is taken for a rule", rule)
		}
	}
}

// TestDelivery plants values in every field that a sender fills.
func TestDelivery(t *testing.T) {
	t.Parallel()
	s := scrubber(t, "all", "json:customer")
	body := []byte(`{"id":"evt_4111111111111111","type":"a.jane@example.com","customer":"Jane Doe"}`)
	d, own := s.Delivery(record.Delivery{
		EventID: "evt_4111111111111111", EventType: "a.jane@example.com", Method: "POST", Path: "/h?e=jane%40example.com&c=4111+1111+1111+1111&n=Jane%20Doe",
		Host: "jane@example.com", Header: http.Header{"X-Card": {"4111111111111111", "Jane Doe"}, "X-Jane@example.com": {"1"}}, Body: body, Size: int64(len(body)), BodySHA256: "of the body",
	})
	a := own.Attempt(record.Attempt{Header: http.Header{"X-Name": {"Jane Doe"}}, Body: []byte("no Jane Doe jane@example.com"), BodySize: 28, Error: "Jane Doe"})
	all, err := json.Marshal([]any{d, string(d.Body), a, string(a.Body)})
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"4111", "jane", "Jane", "Doe"} {
		if bytes.Contains(all, []byte(value)) {
			t.Errorf("%s stays in %s", value, all)
		}
	}
	if d.Scrubbed < 9 || d.Size != int64(len(d.Body)) || d.Truncated() || d.BodySHA256 == "of the body" {
		t.Errorf("%d places, %d of %d bytes, hash %s", d.Scrubbed, len(d.Body), d.Size, d.BodySHA256)
	}
}

// TestBodiesThatCannotBeRead leaves nothing of what is compressed, and nothing of a value that the end cut in two.
func TestBodiesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := scrubber(t, "all")
	for _, body := range []string{"\x1f\x8b\x08abc", "\xff\xfe4\x001\x001\x00", "4\x001\x001\x001\x00"} {
		d, _ := s.Delivery(record.Delivery{Body: []byte(body), Size: int64(len(body))})
		if d.Scrubbed != 1 || bytes.Contains(d.Body, []byte(body)) {
			t.Errorf("%q became %q", body, d.Body)
		}
	}
	packed, _ := s.Delivery(record.Delivery{Header: http.Header{"Content-Encoding": {"br"}}, Body: []byte("abc"), Size: 3})
	if string(packed.Body) == "abc" {
		t.Error("a body with a content coding stays")
	}
	for _, body := range []string{"x 4111 1111 1", "x 4111111111", "x jane@exam", `{"a":"4111-1111`} {
		d, _ := s.Delivery(record.Delivery{Body: []byte(body), Size: 1000})
		if d.Scrubbed != 1 || !d.Truncated() {
			t.Errorf("the beginning %q became %q, cut off: %v", body, d.Body, d.Truncated())
		}
	}
}

// TestCost gives bodies of 1 MiB that could take long.
func TestCost(t *testing.T) {
	t.Parallel()
	const size, most = 1 << 20, time.Minute // on a busy machine; what looks at the rest of the text from each of its bytes takes many
	s := scrubber(t, "all", "json:a.b[*].c")
	for _, unit := range []string{"1 ", "4 ", "41 ", "4111111111111111 ", "9", "@", "a@b.cc ", "a", "bearer ", "access_token=", "={}", "={\"a\":1}", `\u0034`, `\\`, "%25", "=", `={"a":`, "[", `{"a":{"b":[`, "ghp_", "eyJ.", "A+/"} {
		started := time.Now()
		s.Text(strings.Repeat(unit, size/len(unit)))
		if took := time.Since(started); took > most {
			t.Errorf("%q again and again takes %s", unit, took)
		}
	}
}
