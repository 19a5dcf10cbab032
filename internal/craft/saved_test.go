package craft_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/fault"
)

func TestParseRequest(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ raw, method, target, body string }{
		"crlf":               {"POST /a?b=%2F HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n\x00\xff\n", "POST", "/a?b=%2F", "\x00\xff\n"},
		"lf only":            {"PUT / HTTP/1.1\nHost: x\n\nbody\n", "PUT", "/", "body\n"},
		"length cuts editor": {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody\n", "POST", "/", "body"},
		"chunked":            {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\n\r\n\r\n0\r\n\r\n", "POST", "/", "abc\r\n"},
		"no body":            {"GET /x HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "/x", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, err := craft.ParseRequest([]byte(tc.raw))
			if err != nil || q.Method != tc.method || q.Target != tc.target || string(q.Body) != tc.body || q.Host != "" && q.Host != "x" {
				t.Errorf("got %+v, %v", q, err)
			}
		})
	}
	for name, raw := range map[string]string{
		"empty": "", "no blank line": "POST / HTTP/1.1\r\nHost: x\r\n", "cut off": "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nshort",
		"garbage": "\x00\x01\x02\r\n\r\n", "json": "{\"a\":1}\n\n", "bad length": "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
		"bad chunks": "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	} {
		if q, err := craft.ParseRequest([]byte(raw)); err == nil || fault.KindOf(err) != fault.Usage {
			t.Errorf("%s: got %+v, %v; want a usage fault", name, q, err)
		}
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte("POST /a HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"))
	f.Add([]byte("POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n2\r\nhi\r\n0\r\n\r\n"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		q, err := craft.ParseRequest(raw)
		if err != nil {
			if fault.KindOf(err) != fault.Usage {
				t.Errorf("%v is no usage fault", err)
			}
			return
		}
		if len(q.Header["Transfer-Encoding"]) == 0 && len(q.Body) > 0 && q.Header.Get("Content-Length") == "" &&
			!strings.Contains(strings.ToLower(string(raw)), "transfer-encoding") && !strings.HasSuffix(string(raw), string(q.Body)) {
			t.Errorf("the body %q is not the end of %q", q.Body, raw)
		}
	})
}

func TestParseRequestOfLaterVersions(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"HTTP/2", "HTTP/2.0", "HTTP/3", "HTTP/3.0"} {
		for _, end := range []string{"\r\n", "\n"} {
			raw := "POST /a?b=%2F " + version + end + "X-A: 1" + end + end + "body HTTP/2\n"
			q, err := craft.ParseRequest([]byte(raw))
			if err != nil || q.Method != http.MethodPost || q.Target != "/a?b=%2F" || q.Header.Get("X-A") != "1" || string(q.Body) != "body HTTP/2\n" {
				t.Errorf("%s: %+v, %v", version, q, err)
			}
		}
	}
	for _, line := range []string{"> POST / HTTP/2", "POST / HTTP/4", "POST / HTTP/22", "POST / http/2"} {
		if q, err := craft.ParseRequest([]byte(line + "\r\nX-A: 1\r\n\r\n")); err == nil {
			t.Errorf("%q was taken as %+v", line, q)
		}
	}
}
