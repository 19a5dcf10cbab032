package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign/scheme"
)

func TestOwnScheme(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user(`scheme: Mine.One
schemes:
  Mine.One:
    algorithm: hmac-sha512
    key: {encoding: base64, prefix: whsec_}
    content: "{timestamp}.{body}"
    signature:
      header: [X-Sig, X-Signature]
      prefix: "v1="
    timestamp: {header: X-Time, tolerance: off, unit: ms}
    require: {X-Version: "2"}
  other:
    content: "{body}"
    signature: {header: X-Other}
    timestamp: {header: X-Time, tolerance: 30}
`)
	project := w.project("schemes:\n  other:\n    content: \"{body}\"\n    signature: {header: X-Project}\n")
	w.trust()
	s := w.load()
	mine, err := s.LookupScheme(s.Scheme)
	if err != nil {
		t.Fatal(err)
	}
	if mine.Name != "Mine.One" || mine.Algorithm != scheme.HMACSHA512 || mine.Key.Prefix != "whsec_" || len(mine.Signature.Header) != 2 ||
		!mine.Timestamp.Tolerance.Off || mine.Timestamp.Unit != "ms" || mine.Require["X-Version"] != "2" {
		t.Errorf("%+v %+v", mine, mine.Timestamp)
	}
	other, err := s.LookupScheme("other")
	if err != nil || other.Signature.Header[0] != "X-Project" || s.Origin("schemes.other") != project+":2" {
		t.Errorf("the project's scheme does not win: %+v (%v)", other, err)
	}
	if s.Schemes["Mine.One"] != mine || len(s.Schemes) != 2 {
		t.Errorf("schemes: %v", s.Schemes)
	}
	for name, want := range map[string]string{"stripe": "stripe", "kyc": "kyc.ts-body"} {
		if got, err := s.LookupScheme(name); err != nil || got.Name != want {
			t.Errorf("%s: %v (%v)", name, got, err)
		}
	}
	_, err = s.LookupScheme("othr")
	wantUsage(t, err, `no scheme "othr"`, "did you mean other?")
	_, err = s.LookupScheme("strip")
	wantUsage(t, err, "did you mean stripe?")
	_, err = s.LookupScheme("nothing-like-it")
	wantUsage(t, err, "whctl schemes list")
	w.o.Flags.Scheme = "strip"
	_, err = w.load().LookupScheme("strip")
	wantUsage(t, err, "--scheme: ")
}

// Ten broken schemes: each error names file, line and field, and what was probably meant.
func TestBrokenSchemes(t *testing.T) {
	t.Parallel()
	const head = "schemes:\n  fine:\n    content: \"{body}\"\n    signature: {header: X-Fine}\n  mine:\n"
	for name, tc := range map[string]struct {
		text  string
		line  int // from the line after head
		parts []string
	}{
		"unknown field":     {"    content: \"{body}\"\n    signatur: {header: X}\n", 2, []string{"signatur", "did you mean signature?"}},
		"unknown inside":    {"    content: \"{body}\"\n    signature:\n      haeder: X\n", 3, []string{"haeder", "did you mean header?"}},
		"algorithm":         {"    algorithm: hmac-sha257\n    content: \"{body}\"\n    signature: {header: X}\n", 1, []string{"did you mean hmac-sha256?"}},
		"no content":        {"    signature: {header: X}\n", 0, []string{"content"}},
		"no signature":      {"    content: \"{body}\"\n", 0, []string{"signature"}},
		"placeholder":       {"    content: \"{bdy}\"\n    signature: {header: X}\n", 1, []string{"content"}},
		"unit":              {"    content: \"{timestamp}.{body}\"\n    signature: {header: X}\n    timestamp:\n      header: T\n      unit: sec\n", 5, []string{"unit"}},
		"tolerance":         {"    content: \"{timestamp}.{body}\"\n    signature: {header: X}\n    timestamp:\n      header: T\n      tolerance: never\n", 5, []string{"tolerance"}},
		"encoding":          {"    content: \"{body}\"\n    signature: {header: X}\n    key:\n      encoding: bas64\n", 4, []string{"did you mean base64?"}},
		"header type":       {"    content: \"{body}\"\n    signature:\n      header: {a: b}\n", 3, []string{"header"}},
		"content type":      {"    content: [a]\n    signature: {header: X}\n", 1, []string{"content"}},
		"not a finite one":  {"    content: \"{body}\"\n    signature: {header: X}\n    answer_timeout: .inf\n", 3, []string{"not a number"}},
		"window of no time": {"    content: \"{timestamp}.{body}\"\n    signature: {header: X}\n    timestamp: {header: T, window: futur}\n", 3, []string{"window"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			path := w.user(head + tc.text)
			line := strings.Count(head, "\n") + tc.line
			w.refused(append(tc.parts, fmt.Sprintf("%s:%d: ", path, line))...)
		})
	}
}
