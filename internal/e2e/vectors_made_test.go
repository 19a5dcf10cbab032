package e2e

// whctl schemes vectors: what is printed is what whctl verify says.

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// madeVectors are the vectors of a scheme.
type madeVectors struct {
	Key     string
	Unix    int64
	Params  map[string]string
	Vectors []struct {
		ID      string
		OK      bool
		Reason  string
		Request struct {
			Method, URL string
			Headers     map[string][]string
			Body        string
			BodyBase64  string `json:"bodyBase64"`
		}
	}
}

// raw is a vector as a request over the wire.
func (v *madeVectors) raw(t *testing.T, i int) string {
	t.Helper()
	q := v.Vectors[i].Request
	body := []byte(q.Body)
	if q.BodyBase64 != "" {
		var err error
		if body, err = base64.StdEncoding.DecodeString(q.BodyBase64); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s /webhooks HTTP/1.1\r\nHost: example.com\r\n", q.Method)
	for _, name := range slices.Sorted(maps.Keys(q.Headers)) {
		for _, value := range q.Headers[name] {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return b.String()
}

// Each vector has the verdict that whctl verify gives, and together they have every reason.
func TestVectorsHoldTheirVerdicts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	reasons := map[string]bool{}
	for _, scheme := range []string{"standard-webhooks", "stripe", "pusher", "discord"} {
		v := jsonOf[madeVectors](t, w.must(0, "schemes", "vectors", scheme, "-o", "json"))
		if len(v.Vectors) < 25 {
			t.Errorf("%s: %d vectors", scheme, len(v.Vectors))
		}
		w.write("made-key", v.Key)
		for i, one := range v.Vectors {
			w.write("request.http", v.raw(t, i))
			code := map[bool]int{true: 0, false: 3}[one.OK]
			args := []string{
				"verify", "--request", w.path("request.http"), "--scheme", scheme, "--secret-file", w.path("made-key"), "--at", strconv.FormatInt(v.Unix, 10),
				"--url", one.Request.URL, "--no-explain", "-o", "json",
			}
			for name, value := range v.Params {
				args = append(args, "--param", name+"="+value)
			}
			r := w.must(code, args...)
			if got := jsonOf[object](t, r).sub("verdict").str("reason"); got != one.Reason {
				t.Errorf("%s %s: %s, and verify says %s", scheme, one.ID, one.Reason, got)
			}
			reasons[one.Reason] = true
		}
	}
	for _, reason := range []string{
		"valid", "missing_signature", "malformed_signature", "missing_timestamp", "malformed_timestamp", "missing_id", "wrong_header", "too_old", "too_new", "mismatch",
	} {
		if !reasons[reason] {
			t.Errorf("no vector is %s", reason)
		}
	}
}

// The vectors of every scheme that can be signed are there, and are the same each time.
func TestVectorsStayTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tried := schemesTried()
	type named struct{ Name, Algorithm string }
	for _, s := range jsonOf[[]named](t, w.must(0, "schemes", "list", "-o", "json")) {
		if !slices.Contains(tried, s.Name) || s.Algorithm == "none" && w.run("schemes", "vectors", s.Name, "-o", "json").code == 2 {
			continue // nothing is signed, and no handshake asked
		}
		first := w.must(0, "schemes", "vectors", s.Name, "-o", "json")
		if s.Algorithm == "ecdsa-p256-sha256" || s.Algorithm == "ed25519" || s.Algorithm == "jwt" || strings.HasPrefix(s.Algorithm, "rsa-") {
			continue // whose keys or signatures are random
		}
		if again := w.must(0, "schemes", "vectors", s.Name, "-o", "json"); again.out != first.out {
			t.Errorf("%s: the vectors differ from run to run", s.Name)
		}
	}
	now := jsonOf[madeVectors](t, w.must(0, "schemes", "vectors", "stripe", "--at", "1750000000", "-o", "json"))
	if now.Unix != 1750000000 {
		t.Errorf("they are of %d", now.Unix)
	}
	w.must(2, "schemes", "vectors", "nosuch")
}
