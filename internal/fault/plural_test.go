package fault_test

import (
	"testing"

	"github.com/whctl/whctl/internal/fault"
)

func TestPlural(t *testing.T) {
	t.Parallel()
	for want, n := range map[string]int{"1 delivery": 1, "0 deliveries": 0, "2 deliveries": 2} {
		if got := fault.Plural(n, "delivery"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := fault.Plural(2, "day") + fault.Plural(2, "event"); got != "2 days2 events" {
		t.Errorf("%q", got)
	}
}
