package listen_test

import (
	"testing"

	"github.com/whctl/whctl/internal/listen"
)

func TestParseTargetKeepsTheQuery(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]listen.Target{
		"3000?a=1":                      {URL: "http://localhost:3000", Name: "localhost:3000", Query: "a=1"},
		"3000/in?a=1&b=%2F":             {URL: "http://localhost:3000/in", Name: "localhost:3000/in", Path: "/in", Query: "a=1&b=%2F"},
		"x=3000":                        {URL: "http://localhost:3000", Name: "x", Named: true},
		"My_App-1=localhost:3000/in?=&": {URL: "http://localhost:3000/in", Name: "My_App-1", Named: true, Path: "/in", Query: "=&"},
		"3000/?to=http://x.test/":       {URL: "http://localhost:3000", Name: "localhost:3000", Query: "to=http://x.test/"},
		"https://h.test/p?q=a://b":      {URL: "https://h.test/p", Name: "h.test/p", Path: "/p", Query: "q=a://b"},
		"3000=localhost:1":              {URL: "http://localhost:1", Name: "3000", Named: true},
	} {
		if got, err := listen.ParseTarget(in); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", in, got, err)
		}
	}
}
