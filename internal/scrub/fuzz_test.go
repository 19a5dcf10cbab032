package scrub_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/scrub"
)

// FuzzDelivery scrubs bodies of any form, whole and cut off: JSON stays JSON, the same body becomes the same, and no address of the body
// is left that stands apart.
func FuzzDelivery(f *testing.F) {
	for _, values := range planted() {
		for _, text := range values {
			f.Add([]byte(text), false)
			f.Add([]byte(text[:len(text)/2]), true)
		}
	}
	for _, text := range []string{"\x1f\x8b", `{"a":{"b":[{"c":"x"}]}}`, `payload={"a":1}&x=%7B%22a%22`, `"\u00"`, `\\\\u0034`, `{"u":"a={\"holder\":{\"x\":1}}"}`, `{"u":"x=[[1]]"}`, `{"u":"p=%7B%22holder%22%3A%5B1%5D%7D"}`, "eyJhIjoiamFuZUBleGFtcGxlLmNvbSJ9", "%%%", "=={}=[["} {
		f.Add([]byte(text), false)
	}
	s, err := scrub.New("--scrub", []string{"all", "json:a.b[*].c", "json:holder"}, []byte("a key of tests"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, cut bool) {
		d := record.Delivery{Body: body, Size: int64(len(body))}
		if cut {
			d.Size++
		}
		first, own := s.Delivery(d)
		again, _ := s.Delivery(d)
		if !bytes.Equal(first.Body, again.Body) || first.Scrubbed != again.Scrubbed {
			t.Errorf("%q became %q and then %q", body, first.Body, again.Body)
		}
		if first.Truncated() != cut {
			t.Errorf("%q: cut off %v, and then %v", body, cut, first.Truncated())
		}
		if json.Valid(body) && !json.Valid(first.Body) {
			t.Errorf("%q is no JSON any more: %q", body, first.Body)
		}
		own.Attempt(record.Attempt{Body: body, Error: string(body)})
		const planted = "jane@example.com"
		if with := append(bytes.Clone(body), "\n"+planted+"\n"...); bytes.Contains([]byte(s.Text(string(with))), []byte("\n"+planted)) {
			t.Errorf("%s stays in %q", planted, s.Text(string(with)))
		}
	})
}
