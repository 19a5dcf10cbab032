package explain_test

// Rules that are worked out.

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
)

// FuzzInfer: whatever the headers hold, what is found verifies, can be read back from the lines that are printed, and neither
// key nor signature stands in them.
func FuzzInfer(f *testing.F) {
	const key = "a-key-of-some-length-0123"
	f.Add("X-Sig", "SIG", "X-Time", "1767225600", []byte(`{"a":1}`), "1767225600.")
	f.Add("X-Sig", "t=1767225600,v1=SIG", "X-Id", "7", []byte("a"), "1767225600.")
	f.Add("X-Sig", "{*}{=SIG", "X-Sig", "v1,SIG v2,SIG", []byte{0xff}, "")
	f.Fuzz(func(t *testing.T, h1, v1, h2, v2 string, body []byte, before string) {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(before))
		mac.Write(body)
		sig := hex.EncodeToString(mac.Sum(nil))
		put := strings.NewReplacer("SIG", sig)
		header := http.Header{} // with names in the form that a Message has them in
		header.Add(h1, put.Replace(v1))
		header.Add(h2, put.Replace(v2))
		m := &sign.Message{Method: "POST", URL: "https://hooks.example.com/in?a=1", Header: header, Body: body}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		found := explain.Infer(ctx, m, []string{"another key", key})
		s := found.Scheme
		if s == nil {
			return
		}
		r, err := sign.Compile(s)
		if err != nil || found.Key != 1 {
			t.Fatalf("key %d, %v", found.Key, err)
		}
		k, err := r.Key(key)
		if err != nil {
			t.Fatal(err)
		}
		if v := r.Verify(m, []sign.Key{k}, sign.VerifyOptions{IgnoreTime: true}); !v.OK {
			t.Errorf("%+v does not verify: %+v", s, v)
		}
		finding := found.Finding()
		for _, text := range []string{finding.Title, finding.Evidence, finding.Fix, finding.Recipes[0].Code} {
			if strings.Contains(text, key) || strings.Contains(text, sig) {
				t.Errorf("a secret stands in %q", text)
			}
		}
	})
}

// TestInferOnABusyMachine: rules are worked out although the time is over from the beginning, but not for somebody who has gone.
func TestInferOnABusyMachine(t *testing.T) {
	t.Parallel()
	const key = "a-key-of-some-length-0123"
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte("1767225600:{}"))
	header := http.Header{"X-Sig": {"t=1767225600,s=" + hex.EncodeToString(mac.Sum(nil))}}
	m := &sign.Message{Method: "POST", URL: "https://hooks.example.com/", Header: header, Body: []byte("{}")}
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	if found := explain.Infer(late, m, []string{key}); found.Scheme == nil || found.CutOff {
		t.Errorf("late: %+v", found)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if found := explain.Infer(gone, m, []string{key}); found.Scheme != nil || !found.CutOff {
		t.Errorf("given up: %+v", found)
	}
}

// TestInferBounds: headers that fit a thousand ways end the search in time.
func TestInferBounds(t *testing.T) {
	t.Parallel()
	header := map[string][]string{}
	for i := range 60 {
		n := string(rune('A'+i%26)) + strings.Repeat("x", i)
		header["Sig-"+n] = []string{strings.Repeat("0f", 32)}
		header["Time-"+n] = []string{"1767225600"}
		header["Id-"+n] = []string{"1"}
	}
	m := &sign.Message{Method: "POST", URL: "https://hooks.example.com/", Header: header, Body: make([]byte, 1<<20)}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	if found := explain.Infer(ctx, m, []string{"k1k1k1k1k1k1k1k1"}); found.Scheme != nil || !found.CutOff {
		t.Errorf("found %+v, cut off: %v", found.Scheme, found.CutOff)
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("it took %s", d)
	}
}
