package cmdkit_test

import (
	"testing"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
)

func TestRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"10/s": 100 * time.Millisecond, "4": 250 * time.Millisecond, "30/m": 2 * time.Second, "0.5/s": 2 * time.Second, "36/h": 100 * time.Second,
	} {
		var r cmdkit.Rate
		if err := r.Set(text); err != nil || r.Step != want {
			t.Errorf("%s: %s, %v, want %s", text, r.Step, err, want)
		}
	}
	for _, text := range []string{"", "x", "0/s", "-1/s", "NaN/s", "Inf", "1/d", "1e-9/s"} {
		var r cmdkit.Rate
		if err := r.Set(text); fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: %v", text, err)
		}
	}
}
