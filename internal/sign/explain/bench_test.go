package explain_test

// What a search costs that finds nothing.

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// sampleJSON is a JSON document of about size bytes with all that a re-serialisation can change.
func sampleJSON(tb testing.TB, size int) []byte {
	tb.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	type item struct {
		ID    string         `json:"id"`
		Note  string         `json:"note"`
		Price float64        `json:"price"`
		Tags  []string       `json:"tags"`
		More  map[string]any `json:"more"`
	}
	var items []item
	for n := 0; n < size; {
		it := item{
			ID: fmt.Sprintf("evt_%08x", rng.Uint32()), Note: "Zoë – 10 € <b>/path\\x</b> & more", Price: float64(rng.IntN(10000)) / 100,
			Tags: []string{"a", "b/c"}, More: map[string]any{"z": 1, "a": nil, "m": rng.IntN(1000)},
		}
		b, err := json.Marshal(it)
		if err != nil {
			tb.Fatal(err)
		}
		n += len(b)
		items = append(items, it)
	}
	b, err := json.MarshalIndent(map[string]any{"items": items, "total": 1.50}, "", "  ")
	if err != nil {
		tb.Fatal(err)
	}
	return slices.Clip(b)
}

func hopeless(tb testing.TB, size int) (*sign.Rules, *sign.Message, []sign.Key, sign.Verdict, explain.Options) {
	tb.Helper()
	r := signtest.Rules(tb, "baanx")
	keys := signtest.Keys(tb, r, signtest.ExampleKey)
	body := sampleJSON(tb, size)
	m := &sign.Message{
		Header: map[string][]string{
			"X-Timestamp": {"1750000000"}, "X-Signature": {strings.Repeat("0f3a", 16)}, "Content-Type": {"application/json"},
			"User-Agent": {"sender/1.0"}, "Date": {"Sun, 15 Jun 2025 15:06:40 GMT"}, "X-Request-Id": {"51d2e8b6-a0c9-4e37-b1f4-7d893c6a52e0"},
		},
		Body: body,
	}
	o := explain.Options{VerifyOptions: sign.VerifyOptions{Now: time.Unix(1750000000, 0)}}
	return r, m, keys, r.Verify(m, keys, o.VerifyOptions), o
}

// BenchmarkDiagnose is a diagnosis that finds nothing, which is the dearest.
func BenchmarkDiagnose(b *testing.B) {
	for _, size := range []int{1 << 10, 5 << 10, 3 << 20} {
		r, m, keys, v, o := hopeless(b, size)
		b.Run(fmt.Sprintf("body=%d", len(m.Body)), func(b *testing.B) {
			b.ReportAllocs()
			var d explain.Diagnosis
			for b.Loop() {
				d = explain.Diagnose(b.Context(), r, m, keys, v, o)
			}
			b.ReportMetric(float64(d.Tried), "tried")
			if d.CutOff != (len(m.Body) > 1<<20) {
				b.Errorf("cut off: %v", d.CutOff)
			}
		})
	}
}

// BenchmarkDiagnoseForm is the same for forms: a command of Slack's, a form of few bytes, and a large one.
func BenchmarkDiagnoseForm(b *testing.B) {
	command := "token=xyzz&team_id=T0001&channel_name=test&user_name=Steve&command=%2Fweather&text=94070+%28now%29&response_url=https%3A%2F%2Fhooks.slack.example%2Fcommands%2F1&trigger_id=13345224609.73"
	for _, form := range []string{command, "b=2&a=1&b=3&c=", strings.Repeat("item%5Btags%5D%5B%5D=x+y*&", 5000) + "z=1"} {
		r, m, keys, _, o := hopeless(b, 0)
		m.Body, m.Header["Content-Type"] = []byte(form), []string{"application/x-www-form-urlencoded"}
		v := r.Verify(m, keys, o.VerifyOptions)
		b.Run(fmt.Sprintf("body=%d", len(form)), func(b *testing.B) {
			b.ReportAllocs()
			var d explain.Diagnosis
			for b.Loop() {
				d = explain.Diagnose(b.Context(), r, m, keys, v, o)
			}
			b.ReportMetric(float64(d.Tried), "tried")
		})
	}
}
