package files

import (
	"bufio"
	"strings"
	"testing"
)

func TestAGroupOfOnesOwn(t *testing.T) {
	t.Parallel()
	const passwd = "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/:/bin/sh\nnews:x:9:100::/:\nbad\n"
	for name, c := range map[string]struct {
		passwd, group string
		alone         bool
	}{
		"own":            {passwd, "root:x:0:\nann:x:1000:\n", true},
		"lists oneself":  {passwd, "ann:x:1000:ann\n", true},
		"has a guest":    {passwd, "ann:x:1000:ann,bob\n", false},
		"listed twice":   {passwd, "ann:x:1000:\nmore:x:1000:bob\n", false},
		"shared":         {passwd + "eve:x:1002:1000::/:\n", "ann:x:1000:\n", false},
		"not listed":     {passwd, "bob:x:1001:\n", false},
		"of a directory": {"root:x:0:0:::\n", "ann:x:1000:\n", false},
		"empty":          {"", "", false},
		"too long":       {passwd, "ann:x:1000:" + strings.Repeat("ann,", 40000) + "bob\n", false},
	} {
		in := func(s string) *bufio.Scanner { return bufio.NewScanner(strings.NewReader(s)) }
		if got := alone(in(c.passwd), in(c.group), "1000", "1000"); got != c.alone {
			t.Errorf("%s: %v", name, got)
		}
	}
	if private(0, 4242) {
		t.Error("the group of root is said to be private to another user")
	}
}
