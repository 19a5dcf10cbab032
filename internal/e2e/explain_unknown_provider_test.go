package e2e

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"testing"
)

// TestUnknownProvider: a request of a provider that is in no catalogue is looked into with --scheme auto, and the lines that
// are printed make a scheme of it that verifies the request and refuses a changed one.
func TestUnknownProvider(t *testing.T) {
	t.Parallel()
	const key, body, ts = "3f9c0b7a61d24e58", `{"kind":"invoice.paid","n":1.50}`, "1767225600"
	mac := func(h func() hash.Hash, k, text string) []byte {
		m := hmac.New(h, []byte(k))
		m.Write([]byte(text))
		return m.Sum(nil)
	}
	raw, err := hex.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	std := base64.StdEncoding.EncodeToString
	for name, c := range map[string]struct{ headers, wants string }{
		"body alone": {"X-Foo-Signature: " + hex.EncodeToString(mac(sha256.New, key, body)), `content: "{body}"`}, // has no time, and so is valid

		"time and colon":    {"X-Foo-Time: " + ts + "\r\nX-Foo-Sig: " + std(mac(sha256.New, key, ts+":"+body)), `content: "{timestamp}:{body}"`},
		"one header":        {"X-Foo: t=" + ts + ";s=" + hex.EncodeToString(mac(sha256.New, key, ts+"."+body)), `item: "s={sig}"`},
		"label":             {"X-Foo-Time: " + ts + "000\r\nX-Foo-Signature: hmac=" + hex.EncodeToString(mac(sha512.New, key, body+ts+"000")), "algorithm: hmac-sha512"},
		"id, sha1, hex key": {"X-Foo-Id: 77-1\r\nX-Foo-Time: 2026-01-01T00:00:00Z\r\nX-Foo-Digest-Sig: " + std(mac(sha1.New, string(raw), "77-1.2026-01-01T00:00:00Z."+body)), `key: {encoding: "hex"}`},
		"line feed":         {"X-Foo-Time: " + ts + "\r\nX-Foo-Sig: v9," + hex.EncodeToString(mac(sha256.New, key, ts+"\n"+body)), `content: "{timestamp}\n{body}"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.write("foo.key", key)
			w.write("request.http", "POST /in HTTP/1.1\r\nHost: hooks.example.com\r\nContent-Type: application/json\r\n"+c.headers+"\r\n\r\n"+body)
			code := 3 // of a time long ago
			if name == "body alone" {
				code = 0
			}
			text := w.must(code, "verify", "--request", "request.http", "--scheme", "auto", "--secret-file", "foo.key").out
			if !strings.Contains(text, "the sender's scheme is not in the catalogue") || !strings.Contains(text, strings.ReplaceAll(c.wants, `\n`, `\n`)) {
				t.Fatalf("printed is\n%s", text)
			}
			var again []string
			for _, lines := range []string{pasted(t, text), inferredLines(t, w, code)} {
				config := w.write("foo.yaml", lines+"\n")
				again = []string{"verify", "--request", "request.http", "--scheme", "my-provider", "--config", config, "--secret-file", "foo.key", "--at", ts}
				if out := w.must(0, again...).out; !strings.HasPrefix(out, "valid: scheme my-provider") {
					t.Errorf("%q with\n%s", out, lines)
				}
			}
			w.write("request.http", "POST /in HTTP/1.1\r\nHost: hooks.example.com\r\n"+c.headers+"\r\n\r\n"+strings.Replace(body, "1.50", "1.51", 1))
			w.must(3, append(again, "--no-explain")...)
			w.write("other.key", "another key altogether")
			if out := w.must(3, "verify", "--request", "request.http", "--scheme", "auto", "--secret-file", "other.key"); strings.Contains(out.out, "scheme.inferred") || strings.Contains(fmt.Sprint(out), "my-provider") {
				t.Errorf("with another key: %v", out)
			}
		})
	}
}

// pasted are the lines for the config file as a person copies them off the terminal: those below their label that are indented further.
func pasted(t *testing.T, text string) string {
	t.Helper()
	before, rest, found := strings.Cut(text, "whctl/config.yaml:\n")
	if !found {
		t.Fatalf("no lines for the config file:\n%s", text)
	}
	indent := before[strings.LastIndexByte(before, '\n')+1:]
	var out strings.Builder
	for line := range strings.Lines(rest) {
		if !strings.HasPrefix(line, indent+" ") {
			break
		}
		out.WriteString(line)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// inferredLines are the lines for the config file as JSON has them.
func inferredLines(t *testing.T, w *world, code int) string {
	t.Helper()
	r := jsonOf[struct {
		Findings []struct {
			ID      string                  `json:"id"`
			Recipes []struct{ Code string } `json:"recipes"`
		} `json:"findings"`
	}](t, w.must(code, "verify", "--request", "request.http", "--scheme", "auto", "--secret-file", "foo.key", "-o", "json"))
	if len(r.Findings) == 0 || r.Findings[0].ID != "scheme.inferred" || len(r.Findings[0].Recipes) != 1 {
		t.Fatalf("findings %+v", r.Findings)
	}
	return r.Findings[0].Recipes[0].Code
}
