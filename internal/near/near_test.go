package near_test

import (
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/near"
)

func TestWord(t *testing.T) {
	t.Parallel()
	known := []string{"hex", "base64", "base64url", "spki-base64"}
	for word, want := range map[string]string{
		"hxe": "hex", "HEX": "hex", "base": "base64", "bse64": "base64", "base64-url": "base64", "utf8": "", "": "", strings.Repeat("x", 65): "",
	} {
		if got := near.Word(word, known); got != want {
			t.Errorf("%q: %q, not %q", word, got, want)
		}
	}
}
