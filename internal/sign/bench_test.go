package sign_test

// What signing and verifying cost.

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

func benchCase(b *testing.B, scheme string, size int) (*sign.Rules, *sign.Message, []sign.Key, sign.VerifyOptions) {
	b.Helper()
	r := signtest.Rules(b, scheme)
	keys := signtest.Keys(b, r, signtest.ExampleKey)
	at := time.Unix(1750000000, 0)
	m, _ := signtest.Sign(b, r, sign.SignRequest{Time: at, ID: "msg_1", Body: strings.NewReader(strings.Repeat("x", size))}, keys...)
	return r, m, keys, sign.VerifyOptions{Now: at}
}

// BenchmarkBareHMAC is the yardstick: the plain formula with a new hash for each message.
func BenchmarkBareHMAC(b *testing.B) {
	body, ts := bytes.Repeat([]byte("x"), 1024), []byte("1750000000.")
	want := make([]byte, sha256.Size)
	b.ReportAllocs()
	for b.Loop() {
		h := hmac.New(sha256.New, []byte(signtest.ExampleKey))
		h.Write(ts)
		h.Write(body)
		hmac.Equal(h.Sum(nil), want)
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, scheme := range []string{"baanx", "stripe", "github", "slack"} {
		for _, size := range []int{1 << 10, 1 << 20} {
			b.Run(fmt.Sprintf("%s/%d", scheme, size), func(b *testing.B) {
				r, m, keys, o := benchCase(b, scheme, size)
				b.ReportAllocs()
				for b.Loop() {
					if v := r.Verify(m, keys, o); !v.OK {
						b.Fatal(v.Reason)
					}
				}
			})
		}
	}
}

func BenchmarkSign(b *testing.B) {
	r := signtest.Rules(b, "baanx")
	keys := signtest.Keys(b, r, signtest.ExampleKey)
	body := bytes.Repeat([]byte("x"), 1024)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Sign(sign.SignRequest{Time: time.Unix(1750000000, 0), Body: bytes.NewReader(body)}, keys); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBuiltin(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		s, err := scheme.Builtin("baanx")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := sign.Compile(s); err != nil {
			b.Fatal(err)
		}
	}
}

// TestVerifyAllocations holds Verify to allocating the same for any size of body.
func TestVerifyAllocations(t *testing.T) { //nolint:paralleltest // it counts what is allocated
	for _, name := range scheme.BuiltinNames() {
		c := signtest.NewCase(t, name, 1)
		if c.Rules.Scheme().Algorithm == scheme.Ed25519 || c.Rules.Uses[scheme.PieceForm] || c.Rules.Uses[scheme.PieceSorted] {
			continue // these need the body in one piece, and keep a buffer for it
		}
		big := c.With(func(m *sign.Message) {
			if c.Rules.Scheme().Signature.JSON != "" {
				m.Body = append(m.Body, bytes.Repeat([]byte(" "), 1<<20)...)
			} else {
				m.Body = bytes.Repeat([]byte("x"), 1<<20)
			}
		})
		const runs = 5
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			c.Verify(big)
		}
		runtime.ReadMemStats(&after)
		if each := (after.TotalAlloc - before.TotalAlloc) / runs; each > 32<<10 {
			t.Errorf("%s: verifying 1 MiB allocates %d bytes", name, each)
		}
	}
}

func TestSignMatchesFormula(t *testing.T) {
	t.Parallel()
	r := signtest.Rules(t, "github")
	got, err := r.Sign(sign.SignRequest{Body: io.LimitReader(bytes.NewReader([]byte("hello")), 5)}, signtest.Keys(t, r, "k"))
	h := hmac.New(sha256.New, []byte("k"))
	h.Write([]byte("hello"))
	if err != nil || got.Signature != "sha256="+hex.EncodeToString(h.Sum(nil)) || len(got.Fields) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}
