package fault_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/fault"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for want, w := range map[string]fault.Words{
		"whctl webhooks get abc":                           fault.Command("whctl webhooks get", "abc"),
		"whctl webhooks get 'a b'":                         fault.Command("whctl webhooks get", "a b"),
		"whctl webhooks get -- -x":                         fault.Command("whctl webhooks get", "-x"),
		"whctl webhooks logs --failed -- --yes":            fault.Command("whctl webhooks logs", "--yes").Switch("--failed"),
		"whctl webhooks logs a --failed":                   fault.Command("whctl webhooks logs", "a").Switch("--failed"),
		"whctl keys add n --webhook-id=-x --secret-file f": fault.Command("whctl keys add", "n").Flag("--webhook-id", "-x").Flag("--secret-file", "f"),
		"mv a '' b":             fault.Command("mv", "a", "", "b"),
		"a, 'b c', d":           fault.List([]string{"a", "b c", "d"}),
		"-x":                    fault.Word("-x"),
		"12":                    fault.Number(12),
		"'a'$'\\x1b''[2J'":      fault.Word("a\x1b[2J"),
		"'a'$'\\x0a''b'":        fault.Word("a\nb"),
		"$'\\xe2\\x80\\xae''x'": fault.Word("\u202ex"),
		"$'\\xff''a'":           fault.Word("\xffa"),
	} {
		if got := w.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestHint(t *testing.T) {
	t.Parallel()
	base := errors.New("base")
	err := fault.Hint(base, "do %s, then %s", fault.Word("a%sb"), fault.Command("whctl why", "$x"))
	if got, want := fault.HintOf(err).String(), "do a%sb, then whctl why '$x'"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := fault.WithStep(err, fault.Step{}); !errors.Is(got, base) || fault.HintOf(got) != fault.HintOf(err) {
		t.Errorf("an empty step changes the hint to %q", fault.HintOf(got))
	}
	if fault.Hint(nil, "x") != nil || fault.WithStep(nil, fault.NextStep("x")) != nil {
		t.Error("a hint makes an error of none")
	}
}

// TestQuotedInMessages: messages are copied like hints.
func TestQuotedInMessages(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"staging": `no webhook "staging"`, "my hook": `no webhook "my hook"`, "$(x)": `no webhook '$(x)'`, "`x`": "no webhook '`x`'", `a"b`: `no webhook 'a"b'`, "a\nb": `no webhook 'a'$'\x0a''b'`,
	} {
		if got := fault.New(fault.Refused, "no webhook %q", in).Error(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := fault.New(fault.Usage, "%s has %d of %5.1f %v", "a", 2, 3.0, []string{"x"}).Error(); got != "a has 2 of   3.0 [x]" {
		t.Errorf("other verbs: %q", got)
	}
	cause := errors.New("why")
	if err := fault.New(fault.Usage, "no: %w", cause); !errors.Is(err, cause) || err.Error() != "no: why" || strings.Contains(err.Error(), "%") {
		t.Errorf("a cause: %v", err)
	}
}
