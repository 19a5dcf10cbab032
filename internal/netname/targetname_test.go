package netname_test

import (
	"testing"

	"github.com/whctl/whctl/internal/netname"
)

func TestCutName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]string{
		"app=3000": {"app", "3000"}, "A_b-9=http://h/?x=y": {"A_b-9", "http://h/?x=y"}, "app=": {"app", ""},
		"3000": {"", "3000"}, "3000/?a=b": {"", "3000/?a=b"}, "http://h?a=b": {"", "http://h?a=b"}, "a.b=h": {"", "a.b=h"}, "=h": {"", "=h"},
		"ä=h": {"", "ä=h"}, "a b=h": {"", "a b=h"}, "": {"", ""},
	} {
		if name, target := netname.CutName(in); name != want[0] || target != want[1] {
			t.Errorf("%q: %q, %q", in, name, target)
		}
	}
}

func TestJoinQuery(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"a=1", "b=2", "a=1&b=2"}, {"", "b", "b"}, {"a", "", "a"}, {"", "", ""}, {"a&", "b", "a&b"}, {"a=%zz", "a=%zz;+", "a=%zz&a=%zz;+"},
	} {
		if got := netname.JoinQuery(c[0], c[1]); got != c[2] {
			t.Errorf("%q and %q: %q", c[0], c[1], got)
		}
	}
}
