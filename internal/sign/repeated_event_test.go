package sign_test

// Headers that name the event and came twice.

import (
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// TestRepeatedEventHeaders doubles the headers that name the event, which most signatures do not cover: a target may read
// another event than the one that was shown.
func TestRepeatedEventHeaders(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, name := range scheme.BuiltinNames() {
		c := signtest.NewCase(t, name, 1)
		for _, h := range eventHeaders(c.Rules.Scheme()) {
			tried++
			value := "x"
			if own := c.Message.Header[h]; len(own) > 0 { // the signature covers it
				value = own[0]
			}
			once := c.With(func(m *sign.Message) { m.Header[h] = []string{value} })
			if got := c.Verify(once); !got.OK {
				t.Errorf("%s, one %s: %+v", name, h, got)
			}
			twice := c.With(func(m *sign.Message) { m.Header[h] = []string{value, "other"} })
			if got := c.Verify(twice); got.Reason != sign.MalformedSignature || !strings.Contains(got.Detail.String(), h) {
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
			names = append(names, scheme.CanonicalHeader(name))
		}
	}
	return names
}
