package sign_test

// Signatures that leave out the body.

import (
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// TestUncoveredBodyIsToldOf: a verdict says where nothing of the body is signed, and nowhere else.
func TestUncoveredBodyIsToldOf(t *testing.T) {
	t.Parallel()
	told := []string{"google-pubsub", "mercadopago", "plivo"} // Plivo signs forms, and a body of these cases is JSON
	for _, name := range scheme.BuiltinNames() {
		r := signtest.Rules(t, name)
		if r.Scheme().Algorithm == scheme.None {
			continue
		}
		c := signtest.NewCase(t, name, 1)
		v := c.Verify(&c.Message)
		if got := strings.Contains(v.Warning, "does not cover the body"); !v.OK || got != slices.Contains(told, name) {
			t.Errorf("%s: %t %s, %q", name, v.OK, v.Detail, v.Warning)
		}
		c.Message.Body = nil
		if v := c.Verify(&c.Message); name == "mercadopago" && (!v.OK || v.Warning != "") {
			t.Errorf("without a body: %t, %q", v.OK, v.Warning)
		}
	}
}
