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

func TestSlipAndPart(t *testing.T) {
	t.Parallel()
	known := []string{"invoice.paid", "invoice.failed", "card.cleared"}
	for word, want := range map[string][2]string{
		"invoice.payd": {"invoice.paid", ""}, "cleared": {"", "card.cleared"}, "INVOICE.FAILED": {"invoice.failed", ""}, "pa": {"", ""}, "": {"", ""},
	} {
		if got := [2]string{near.Slip(word, known), near.Part(word, known)}; got != want {
			t.Errorf("%q: %q, not %q", word, got, want)
		}
	}
}
