package broker

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/target"
)

// What was written into a message is read out of it, for NATS and for Kafka.
func TestReadingIsWriting(t *testing.T) {
	t.Parallel()
	d := delivery("github", "a", "evt_1")
	d.Method, d.Path, d.Host, d.PublicURL = "PUT", "/a%2Fb?c=%20&d", "hooks.example:443", "https://hooks.example/base"
	d.Header = http.Header{"X-Sig": {"a", "b"}, "X_odd": {"\tü"}, "Content-Type": {"text/plain"}}
	for _, b := range []binding{natsBinding(), kafkaBinding()} {
		header := b.header(target.Message{Delivery: d})
		addHops(header, http.Header{hopHeader: {"mark"}})
		m, whole := received(header, []byte("x"), d.ReceivedAt.Add(time.Hour))
		want := maps.Clone(d.Header)
		want[hopHeader] = []string{"mark"}
		if !whole || m.Method != d.Method || m.Path != d.Path || m.Host != d.Host || m.PublicURL != d.PublicURL || string(m.Body) != "x" || !m.CheckedAt.Equal(d.ReceivedAt) ||
			!maps.EqualFunc(m.Header, want, slices.Equal[[]string]) {
			t.Errorf("%+v", m)
		}
	}
}

// No message makes a request that a sender could not.
func TestReadingIsBounded(t *testing.T) {
	t.Parallel()
	taken := time.Unix(1e9, 0)
	many := map[string][]string{"wh-h-x": slices.Repeat([]string{"a"}, mostHeaders+1)}
	large := map[string][]string{"wh-h-x": {strings.Repeat("a", mostHeaderBytes)}}
	for _, header := range []map[string][]string{many, large} {
		if m, whole := received(header, nil, taken); whole || len(m.Header) > 0 {
			t.Errorf("%d headers, whole %v", len(m.Header), whole)
		}
	}
	m, whole := received(map[string][]string{
		"wh-h-a b": {"1"}, "wh-h-": {"1"}, "wh-h-x": {"a\r\nb"}, "wh-h-y": {"\x00"}, "wh-h-host": {"1"}, "wh-h-Content-Length": {"1"}, "wh-h-te": {"1"}, "wh-h-expect": {"1"},
		"wh-method": {"A B"}, "wh-path": {"/a b"}, "wh-host": {"a\r\nb"}, "wh-public-url": {"https://u:p@x"}, "wh-received": {"2999-01-01T00:00:00.000Z"}, "other": {"1"},
	}, nil, taken)
	if !whole || len(m.Header) > 0 || m.Method != http.MethodPost || m.Path != "/" || m.Host != "" || m.PublicURL != "" || !m.CheckedAt.Equal(taken) {
		t.Errorf("%+v", m)
	}
	m, _ = received(map[string][]string{"x-sig": {"1"}, "Nats-Msg-Id": {"1"}, "Connection": {"close"}}, nil, taken)
	if len(m.Header) != 1 || m.Header.Get("X-Sig") != "1" {
		t.Errorf("of others: %v", m.Header)
	}
}

// FuzzReceived looks for a message that makes what no request may hold.
func FuzzReceived(f *testing.F) {
	for _, seed := range []string{"wh-path\n/a", "wh-h-x\nv", "wh-method\nPUT", "wh-host\nh", "x\nv", "wh-public-url\nhttps://x"} {
		name, value, _ := strings.Cut(seed, "\n")
		f.Add(name, value, "wh-received", "2001-01-01T00:00:00.000Z")
	}
	f.Fuzz(func(t *testing.T, name, value, other, text string) {
		taken := time.Unix(1e9, 0)
		m, _ := received(map[string][]string{name: {value}, other: {text}}, nil, taken)
		if strings.ContainsAny(m.Path+m.Method+m.Host+m.PublicURL, "\r\n\x00 ") || m.Path == "" || m.Method == "" || m.CheckedAt.After(taken) {
			t.Errorf("%+v", m)
		}
		for name, values := range m.Header {
			if !isToken(name) || strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") {
				t.Errorf("%q: %q", name, values)
			}
		}
	})
}
