package scrub_test

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/whctl/whctl/internal/record"
)

// BenchmarkDelivery scrubs a delivery of 1 KiB with an address and a card number.
func BenchmarkDelivery(b *testing.B) {
	t := &testing.T{}
	s := scrubber(t, "all", "json:customer.name")
	body := append([]byte(`{"customer":{"name":"Jane Doe","email":"jane@example.com"},"card":"4111111111111111","text":"`), bytes.Repeat([]byte("some words "), 85)...)
	body = append(body, `"}`...)
	d := record.Delivery{Path: "/hooks", Method: "POST", EventType: "card.activated", EventID: "e1", Size: int64(len(body)), Body: body, Header: http.Header{
		"Content-Type": {"application/json"}, "X-Signature": {"5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd"}, "X-Timestamp": {"1772615700"}, "User-Agent": {"test"},
	}}
	for b.Loop() {
		s.Delivery(d)
	}
}
