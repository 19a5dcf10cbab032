package scheme_test

// Schemes that are too large.

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// TestSchemeLimits: a scheme that is made to cost time is refused, in each of its fields, before anything is made of it.
func TestSchemeLimits(t *testing.T) {
	t.Parallel()
	base := func() map[string]any {
		return map[string]any{
			"content": "{timestamp}.{body}", "signature": map[string]any{"header": "X-Sig", "separator": ",", "item": "v1={sig}"}, "timestamp": map[string]any{"item": "t={ts}"},
		}
	}
	in := func(part, field string, v any) map[string]any {
		s := base()
		if part == "" {
			s[field] = v
			return s
		}
		m, _ := s[part].(map[string]any)
		if m == nil {
			m = map[string]any{}
			s[part] = m
		}
		m[field] = v
		return s
	}
	names := func(n int) []any {
		out := make([]any, n)
		for i := range out {
			out[i] = fmt.Sprintf("X-H-%d", i)
		}
		return out
	}
	table := map[string]any{}
	for i := range 1000 {
		table[fmt.Sprintf("X-R-%d", i)] = "v"
	}
	long := strings.Repeat("x", 100_000)
	for what, s := range map[string]map[string]any{
		"10000 headers": in("", "content", strings.Repeat("{header:X-A}", 10_000)), "33 parts": in("", "content", strings.Repeat("{url}", 32)+"{body}"),
		"many members": in("", "content", strings.Repeat("{json:a}", 9)), "two forms": in("", "content", "{form}{form}"), "long literal": in("", "content", long+"{body}"),
		"escaped braces": in("", "content", strings.Repeat("{{", 10_000)+"{body}"), "title": in("", "title", long), "quirks": in("", "quirks", long), "note": in("", "note", long), "url": in("", "url", long),
		"headers": in("signature", "header", names(17)), "long header": in("signature", "header", long), "prefix": in("signature", "prefix", long), "item": in("signature", "item", "v1={sig}"+long),
		"wildcards": in("signature", "item", strings.Repeat("{*}.", 6)+"v1={sig}"), "next item": in("signature", "next_item", long+"{sig}"), "refused by": in("signature", "refused_by", table),
		"time headers": in("timestamp", "header", names(17)), "time item": in("timestamp", "item", long+"{ts}"), "layout": in("timestamp", "unit", "layout:"+strings.Repeat("%Y", 10_000)),
		"copy": in("timestamp", "copy", strings.Repeat("a.", 10_000)+"b"), "ids": in("id", "header", names(17)), "require": in("", "require", table), "key prefix": in("key", "prefix", long), "key where": in("key", "where", long), "key not": in("key", "not", table),
		"types": in("event", "type", names(17)), "url match": in("", "url_match", names(17)), "body hash": in("body_hash", "query", long),
	} {
		began := time.Now()
		_, err := scheme.Decode("big", s)
		if se, ok := errors.AsType[*scheme.Error](err); !ok || len(se.Error()) > 2000 {
			t.Errorf("%s: %.300v", what, err)
		}
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("%s took %s", what, d)
		}
	}
	for _, s := range []map[string]any{base(), in("", "content", strings.Repeat("{url}", 31)+"{body}"), in("", "content", strings.Repeat("{json:a}", 8)), in("signature", "header", names(16))} {
		if _, err := scheme.Decode("fits", s); err != nil {
			t.Error(err)
		}
	}
}
