package event

import (
	"crypto/rand"
	"regexp"
	"testing"
)

func TestIDForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ first, second, form string }{
		{"5b1c6f0e-6d5c-4f0c-9a1e-2b7d8f9e0a11", "", `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`},
		{"5B1C6F0E-6D5C-4F0C-9A1E-2B7D8F9E0A11", "", `^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$`},
		{"EVQWERTYUIOPAS", "EVASDFGHJKLXYZ", `^EV[A-Z]{12}$`},
		{"evt_a8f3k2m19q0xzz41", "evt_b8f3k2m19q0xzz42", `^evt_[a-z][0-9][a-f][0-9][a-z][0-9][a-z][0-9]{2}[a-z][0-9][a-z]{3}[0-9]{2}$`},
		{"evt_a8f3k2m19q0xzz41", "evt_a8f3k2m19q0xzz41", `^evt_[a-f][0-9][a-f][0-9][a-z][0-9][a-z][0-9]{2}[a-z][0-9][a-z]{3}[0-9]{2}$`},
		{"order-17", "order-17", `^order-[0-9]{2}[0-9a-f]{10}$`},
		{"1234567890", "9876543210", `^[1-9][0-9]{9}$`},
		{"7", "7", `^[1-9][0-9]{14}$`},
		{"é", "é", `^é[0-9a-f]{12}$`},
		{`a"b_1`, `a"b_1`, `^a"b_[0-9][0-9a-f]{11}$`},
	} {
		f := FormOfID(c.first, c.second)
		seen := map[string]bool{}
		for range 1000 {
			id, err := f.New(rand.Reader)
			if err != nil || !regexp.MustCompile(c.form).MatchString(id) {
				t.Fatalf("%q: made %q, %v", c.first, id, err)
			}
			seen[id] = true
		}
		if len(seen) < 999 {
			t.Errorf("%q: %d ids of 1000 differ", c.first, len(seen))
		}
	}
}
