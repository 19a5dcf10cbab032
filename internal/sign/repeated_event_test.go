package sign_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// TestRepeatedEventHeaders doubles the headers that name the event, which most signatures do not cover: a target may read
// another event than the one that was shown.
func TestRepeatedEventHeaders(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, name := range scheme.BuiltinNames() {
		c := makeCase(t, name, 1)
		for _, h := range eventHeaders(c.rules.Scheme()) {
			tried++
			value := "x"
			if own := c.msg.Header[h]; len(own) > 0 { // the signature covers it
				value = own[0]
			}
			once := c.with(func(m *sign.Message) { m.Header[h] = []string{value} })
			if got := c.verify(once); !got.OK {
				t.Errorf("%s, one %s: %+v", name, h, got)
			}
			twice := c.with(func(m *sign.Message) { m.Header[h] = []string{value, "other"} })
			if got := c.verify(twice); got.Reason != sign.MalformedSignature || !strings.Contains(got.Detail.String(), h) {
				t.Errorf("%s, two %s: %+v", name, h, got)
			}
		}
	}
	if tried < 20 {
		t.Errorf("%d headers tried", tried)
	}
}

// eventHeaders are the headers in which a scheme's providers say which event it is.
func eventHeaders(s *scheme.Scheme) []string {
	var names []string
	for _, path := range slices.Concat(s.Event.Type, s.Event.ID, s.Event.Time) {
		if name, is := strings.CutPrefix(path, "header:"); is {
			names = append(names, canonicalName(name))
		}
	}
	return names
}
