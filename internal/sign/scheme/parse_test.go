package scheme

// The small parsers: JSON members, times, patterns, header lines.

import (
	"strings"
	"testing"
	"time"
)

func TestLookupJSON(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000)
	for _, tc := range []struct{ body, path, want string }{
		{`{"a":{"b":"c"}}`, "a.b", "c"},
		{"\xef\xbb\xbf { \"a\" : [ 1, {\"b\":-1.50e3 } ] } ", "a[1].b", "-1.50e3"},
		{`[{"event":"x"}]`, "[0].event", "x"},
		{`[{"event":"x"}]`, "0.event", "x"},
		{`{"a.b":"c"}`, `a\.b`, "c"},
		{`{"a":1,"a":2}`, "a", "2"},
		{`{"\u0061":"\u00e9\n"}`, "a", "é\n"},
		{`{"x":` + deep + `,"a":"y"}`, "a", "y"},
		{`{"x":"}]{\"","a":true}`, "a", "true"},
		{`{"a":null}`, "a", ""},
		{`{"a":{}}`, "a", ""},
		{`{"a":"open`, "a", ""},
		{`{"a" 1}`, "a", ""},
		{`{"a":1`, "a", "1"},
		{`["x"]`, "[1]", ""},
		{`"x"`, "a", ""},
		{``, "a", ""},
	} {
		path, problem := parsePath(tc.path)
		if problem != "" {
			t.Fatal(problem)
		}
		got, ok := Lookup([]byte(tc.body), path)
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("%s in %.40q: %q, %v", tc.path, tc.body, got, ok)
		}
	}
	for _, bad := range []string{"", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[1]b", "a[1000000000]", strings.Repeat("a.", 20) + "a"} {
		if path, problem := parsePath(bad); problem == "" {
			t.Errorf("path %q is taken as %v", bad, path)
		}
	}
}

func TestClockFormats(t *testing.T) {
	t.Parallel()
	const scalr = "layout:%a %d %b %Y %H:%M:%S %Z"
	for _, tc := range []struct {
		unit, text string
		want       int64 // unix milliseconds, -1: not readable
	}{
		{"s", "1767225600", 1767225600000},
		{"s", "0", 0},
		{"s", "1767225600000", -1},
		{"s", "+1", -1},
		{"s", "", -1},
		{"s", "１", -1},
		{"ms", "1767225600123", 1767225600123},
		{"auto", "1767225600", 1767225600000},
		{"auto", "1767225600123", 1767225600123},
		{"auto", "100000000000", 100000000000000},
		{"rfc3339", "2026-01-01T00:00:00Z", 1767225600000},
		{"rfc3339", "2020-01-01T00:00:00.5-07:00", 1577862000500},
		{"rfc3339", "2020-01-01", -1},
		{scalr, "Thu 07 Sep 2017 06:30:04 UTC", 1504765804000},
		{scalr, "Thu 07 Sep 2017 06:30:04 PST", -1},
		{scalr, "Thu, 07 Sep 2017 06:30:04 UTC", -1},
		{scalr, "Thu 07 Sep 2017 06:30:04 UTC.", -1},
		{"layout:%F %T.%L %z", "2026-01-01 01:00:00.250 +0100", 1767225600250},
		{"layout:%s", "1767225600", 1767225600000},
		{"layout:%Y%j %I:%M %p", "2026001 12:00 AM", 1767225600000},
		{"layout:%A, %e %B %y %R:%S.%f 100%%", "Thursday,  1 January 26 00:00:00.000001 100%", 1767225600000},
	} {
		r, err := Parse(&Scheme{Content: "{timestamp}", Signature: SignatureSpec{Header: Names{"X"}}, Timestamp: &TimestampSpec{Header: Names{"T"}, Unit: tc.unit}})
		if err != nil {
			t.Fatal(err)
		}
		at, err := r.Clock.Parse(tc.text)
		switch {
		case tc.want < 0 && err == nil:
			t.Errorf("%s: %q is read as %v", tc.unit, tc.text, at)
		case tc.want >= 0 && (err != nil || at.UnixMilli() != tc.want):
			t.Errorf("%s: %q is read as %v (%s)", tc.unit, tc.text, at, err)
		}
		if now := time.Unix(1767225600, 0); err == nil {
			if back, err := r.Clock.Parse(r.Clock.Format(now)); err != nil || !back.Equal(now) {
				t.Errorf("%s: %v comes back as %v (%s)", tc.unit, now, back, err)
			}
		}
	}
}

func TestPattern(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, item, want string
		ok                  bool
	}{
		{"{sig}", "abc", "abc", true},
		{"v1={sig}", "v1=abc=", "abc=", true},
		{"v1={sig}", "v2=abc", "", false},
		{"v1={*}:{sig}", "v1=kid:abc", "abc", true},
		{"{*}/SHA256/{sig}", "key/1/SHA256/a/b", "a/b", true},
		{"{sig};{*}", "abc;x;y", "abc", true},
		{"<{sig}>", "<abc>", "abc", true},
		{"<{sig}>", "<abc", "", false},
		{"{{{sig}}}", "{abc}", "abc", true},
	} {
		p, bad := parsePattern(tc.pattern, "sig")
		if bad != nil {
			t.Fatal(tc.pattern, bad.problem)
		}
		if got, ok := p.Match(tc.item); got != tc.want || ok != tc.ok {
			t.Errorf("%s on %s: %q, %v", tc.pattern, tc.item, got, ok)
		}
	}
}

func TestParseHeaderLine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{"X-A: b": "X-A|b", "x-a:b:c \r\n": "x-a|b:c", "X-A:": "X-A|", "X-A:\t b\t": "X-A|b"} {
		if name, value, err := ParseHeaderLine(line); err != nil || name+"|"+value != want {
			t.Errorf("%q: %q %q %v", line, name, value, err)
		}
	}
	for _, bad := range []string{"", "secret", ": secret", "X A: secret", "X-A: sec\nret", "X-A: secret\x00"} {
		if _, _, err := ParseHeaderLine(bad); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
