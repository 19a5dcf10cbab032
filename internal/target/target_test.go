package target_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/target"
)

func TestParseTargetKeepsTheQuery(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]target.Target{
		"3000?a=1":                      {URL: "http://localhost:3000", Name: "localhost:3000", Query: "a=1"},
		"3000/in?a=1&b=%2F":             {URL: "http://localhost:3000/in", Name: "localhost:3000/in", Path: "/in", Query: "a=1&b=%2F"},
		"x=3000":                        {URL: "http://localhost:3000", Name: "x", Named: true},
		"My_App-1=localhost:3000/in?=&": {URL: "http://localhost:3000/in", Name: "My_App-1", Named: true, Path: "/in", Query: "=&"},
		"3000/?to=http://x.test/":       {URL: "http://localhost:3000", Name: "localhost:3000", Query: "to=http://x.test/"},
		"https://h.test/p?q=a://b":      {URL: "https://h.test/p", Name: "h.test/p", Path: "/p", Query: "q=a://b"},
		"3000=localhost:1":              {URL: "http://localhost:1", Name: "3000", Named: true},
	} {
		if got, err := target.Parse(in); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", in, got, err)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"3000", "localhost:3000/x", "https://[::1]:1", "http://a?b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := target.Parse(s)
		if err == nil && !strings.HasPrefix(got.URL, "http") {
			t.Errorf("%q became %+v", s, got)
		}
	})
}

func TestParseTarget(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]target.Target{
		"3000":                     {URL: "http://localhost:3000", Name: "localhost:3000"},
		"3000/in":                  {URL: "http://localhost:3000/in", Name: "localhost:3000/in", Path: "/in"},
		"localhost:3000":           {URL: "http://localhost:3000", Name: "localhost:3000"},
		"localhost:3000/":          {URL: "http://localhost:3000", Name: "localhost:3000"},
		"localhost:3000/a%2Fb":     {URL: "http://localhost:3000/a%2Fb", Name: "localhost:3000/a%2Fb", Path: "/a%2Fb"},
		"https://[::1]:8443/hooks": {URL: "https://[::1]:8443/hooks", Name: "[::1]:8443/hooks", Path: "/hooks"},
		"http://example.test":      {URL: "http://example.test", Name: "example.test"},
	} {
		if got, err := target.Parse(in); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "0", "65536", "localhost:99999", "localhost:", "ftp://x", "http://", "http://u:p@x", "x:1#f", "\x00", "http://[::1"} {
		if got, err := target.Parse(in); err == nil || fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: got %+v, %v; want a usage fault", in, got, err)
		}
	}
}
