package e2e

import (
	"strings"
	"testing"
)

// TestOddHeaderNamesAreNotTold: HTTP allows backquotes and dollar signs in header names, and the sender chooses them. No advice
// that people may paste holds such a name.
func TestOddHeaderNamesAreNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body.json", `{"a":1}`)
	signature := strings.TrimSpace(w.must(0, "sign", "body.json", "--secret-file", "key", "--timestamp", "1750000000", "--format", "value").out)
	for _, odd := range []string{"X-Signature`reboot`", "X-$IFS", "X-Sig!!", "X'Signature", "X-Signature|sh", "X-Signature&", "#X-Signature", "X-~Signature"} {
		for _, scheme := range []string{"baanx", "github", "gitlab", "auto"} {
			for _, args := range [][]string{
				{"-H", odd + ": " + signature, "-H", "X-Timestamp: 1750000000"},
				{"-H", "X-Signature: " + signature, "-H", odd + ": 1750000000"},
				{"-H", odd + ": sha256=" + signature},
				{"-H", odd + ": " + testKey},
			} {
				r := w.run(append([]string{"verify", "body.json", "--secret-file", "key", "--scheme", scheme, "--at", "1750000000"}, args...)...)
				if r.code != 3 && (scheme != "auto" || r.code != 0) { // auto may work out the rules
					t.Errorf("%s, %s: exit code %d: %s", odd, scheme, r.code, r.err)
				}
				if told := toldToDo(r.out+r.err, odd); told != "" {
					t.Errorf("%s, %s: %s", odd, scheme, told)
				}
			}
		}
	}
}

// toldToDo is the first line of advice that holds a text, or "".
func toldToDo(output, text string) string {
	for line := range strings.SplitSeq(output, "\n") {
		line = strings.TrimSpace(line)
		advice := strings.HasPrefix(line, "fix: ") || strings.HasPrefix(line, "next: ") || strings.HasPrefix(line, "hint: ")
		if advice && strings.Contains(line, text) {
			return line
		}
	}
	return ""
}
