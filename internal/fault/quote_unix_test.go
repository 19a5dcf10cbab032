//go:build !windows

package fault_test

import (
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/fault"
)

// TestQuoteIsOneWord has a real shell read what was quoted: it is one word, and the one that went in.
func TestQuoteIsOneWord(t *testing.T) {
	t.Parallel()
	words := []string{"", "plain", "a b", "it's", `"`, `\`, `a\'b`, "$(x)", "`x`", "*", "?", "[a]", "{a,b}", "~", "~root", "#x", "!", "a;b", "a&b", "a|b", "<", ">", "(", ")", "=x", "-x", "%1", "^", "é", "a\tb"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		const letters = "'\"\\$`!#&*()[]{}<>?|;~=-. ab\té"
		var b strings.Builder
		for range 1 + random.IntN(12) {
			b.WriteRune([]rune(letters)[random.IntN(len([]rune(letters)))])
		}
		words = append(words, b.String())
	}
	for start := 0; start < len(words); start += 50 {
		some := words[start:min(start+50, len(words))]
		script := `for w in`
		for _, word := range some {
			script += " " + fault.Quote(word)
		}
		out, err := exec.CommandContext(t.Context(), "sh", "-c", script+`; do printf '%s\n' "$w"; done`).Output()
		if want := strings.Join(some, "\n") + "\n"; err != nil || string(out) != want {
			t.Fatalf("%v: got %q, want %q", err, out, want)
		}
	}
}
