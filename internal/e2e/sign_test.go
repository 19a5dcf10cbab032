package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// documented are the bodies and digests of the platform's test vectors, for testKey at 1750000000.
func documented() []struct{ name, body, digest string } {
	return []struct{ name, body, digest string }{
		{
			"event", `{"api_version":"v1","event_id":"51d2e8b6-a0c9-4e37-b1f4-7d893c6a52e0","event_category":"kyc","event_type":"kyc.status.changed","user_id":"07c5f1a9-b83e-4d62-9e10-c4a7d25f8b3e","user_external_id":"cust-4417","event_object_id":"07c5f1a9-b83e-4d62-9e10-c4a7d25f8b3e","event_object_status":"completed","event_object_changes":{"status":["pending","completed"]},"event_object":{"status":"completed","failure_code":null,"failure_reason":null},"occurred_at":"2025-06-15T15:06:39.214Z"}`,
			"14b78689196a5d58b25024626f2211f42812e2eaaacca73b75ce212009bac295",
		},
		{"not ASCII", `{"note":"Zoë – 10 €"}`, "97e2522f7480bbac054233b5c9b1f22274535b1fd12c2ae41af4ac2212b3c8c7"},
		{"empty", "", "d77eb36d3b4adb4e532f09f40c3548600adc065c62a78b2772b9ce3d57c8bb11"},
		{"white space", "{ \"a\": 1,\n  \"b\": [ ] }", "cc9093b991469bc31b81ca034c8a474d1a6a1d6392b16554ee05b8bac659439b"},
	}
}

func TestSignGivesTheDocumentedDigests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range documented() {
		file := w.write("body", c.body)
		want := "X-Timestamp: 1750000000\nX-Signature: " + c.digest + "\n"
		if r := w.must(0, "sign", file, "--timestamp", "1750000000", "--secret-file", "key"); r.out != want || r.err != "" {
			t.Errorf("%s: got %q and %q, want %q", c.name, r.out, r.err, want)
		}
		if r := w.runIn(c.body, "sign", "-", "--timestamp", "1750000000", "--secret-file", "key"); r.out != want {
			t.Errorf("%s from standard input: got %q, want %q", c.name, r.out, want)
		}
		header := []string{"-H", "X-Timestamp: 1750000000", "-H", "X-Signature: " + c.digest}
		for at, code := range map[string]int{"1750000300": 0, "1750000301": 3, "1749999700": 0, "1749999699": 3} {
			args := append([]string{"verify", file, "--secret-file", "key", "--at", at}, header...)
			if r := w.run(args...); r.code != code {
				t.Errorf("%s at %s: exit code %d, want %d: %s", c.name, at, r.code, code, r.out)
			}
		}
	}
	recompacted := w.write("body", `{"a":1,"b":[]}`)
	w.must(3, "verify", recompacted, "--secret-file", "key", "--at", "1750000000", "-H", "X-Timestamp: 1750000000",
		"-H", "X-Signature: "+documented()[3].digest)
	withoutTime := w.write("body", documented()[0].body)
	w.must(3, "verify", withoutTime, "--secret-file", "key", "--at", "1750000000", "-H", "X-Timestamp: 1750000000",
		"-H", "X-Signature: 419340f30772923d697e8c219565c1044888c959a8abf566bdf64b2d93b3a3c2")
}

// TestSignEqualsOpenSSL signs 1 MiB of random bytes and compares with HMAC computed elsewhere: by the standard library,
// and by openssl where it is installed.
func TestSignEqualsOpenSSL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := make([]byte, 1<<20)
	_, _ = rand.Read(body)
	file := w.write("body.bin", string(body))
	got := strings.TrimSpace(w.must(0, "sign", file, "--timestamp", "1750000000", "--secret-file", "key", "--format", "value").out)
	if want := hmacHex(testKey, []byte("1750000000."), body); got != want {
		t.Errorf("sign gives %s, HMAC is %s", got, want)
	}
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Log("openssl is not installed: compared with crypto/hmac alone")
		return
	}
	cmd := exec.CommandContext(t.Context(), openssl, "dgst", "-sha256", "-hmac", testKey, "-r")
	cmd.Stdin = io.MultiReader(strings.NewReader("1750000000."), bytes.NewReader(body))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want, _, _ := strings.Cut(string(out), " ")
	if _, err := hex.DecodeString(want); err != nil || want != got {
		t.Errorf("sign gives %s, openssl %s", got, out)
	}
}

// TestSignedHeadersAreTakenFromAPipe sends what sign prints as curl -H @- would, line by line as it stands, and with
// curl itself where it is installed.
func TestSignedHeadersAreTakenFromAPipe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen()
	for _, c := range documented() {
		file := w.write("body", c.body)
		lines := w.must(0, "sign", file, "--secret-file", "key").out
		m := exchange(t, l.addr, request("POST", "/hooks", strings.ReplaceAll(lines, "\n", "\r\n"), []byte(c.body)))
		if m.status != 200 {
			t.Errorf("%s: answered %s", c.name, m.start)
		}
		if d := l.await("delivery"); d.sub("verdict").str("reason") != "valid" || d.str("body") != c.body {
			t.Errorf("%s: %v", c.name, d)
		}
		curl, err := exec.LookPath("curl")
		if err != nil {
			continue
		}
		cmd := exec.CommandContext(t.Context(), curl, "--noproxy", "*", "-sS", "-o", w.path("out"), "-H", "@-", "--data-binary", "@"+file, "http://"+l.addr+"/hooks")
		cmd.Stdin, cmd.Dir = strings.NewReader(lines), w.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: curl: %v %s", c.name, err, out)
		}
		if d := l.await("delivery"); d.sub("verdict").str("reason") != "valid" || d.str("body") != c.body {
			t.Errorf("%s by curl: %v", c.name, d)
		}
	}
	l.stop()
}
