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
		"hxe": "hex", "HEX": "hex", "base": "base64", "bse64": "base64", "base64-url": "base64url", "utf8": "", "": "", strings.Repeat("x", 65): "",
	} {
		if got := near.Word(word, known); got != want {
			t.Errorf("%q: %q, not %q", word, got, want)
		}
	}
	for word, want := range map[string]string{"a": "", "": "", "X": "x", "xy": "x"} {
		if got := near.Word(word, []string{"x"}); got != want {
			t.Errorf("among one letter, %q: %q, not %q", word, got, want)
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

func TestWordThatBegins(t *testing.T) {
	t.Parallel()
	known := []string{"for", "forward", "format", "limit", "listen", "login", "logout"}
	for word, want := range map[string]string{
		"forward-to": "forward", "forw": "forward", "form": "format", "formats": "format", "lim": "limit", "log": "login", "forward-connect-to-it": "forward", "fo": "for", "list": "listen", "forwrd": "forward", "logging-of-all": "",
	} {
		if got := near.Word(word, known); got != want {
			t.Errorf("%q: %q, not %q", word, got, want)
		}
	}
}
