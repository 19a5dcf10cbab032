package e2e

import (
	"strings"
	"testing"
)

// TestMaskedKeys: what providers, logs and whctl show in the place of a key is refused as a key everywhere.
func TestMaskedKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body.json", `{"id":1}`)
	for _, text := range []string{
		"whk_1a2b********9f8e", "whsec_ab…yz", "whsec_abc...xyz", "sk_live_...Xy9z", "••••••••abcd", "●●●●●●●●", "***", "*****", "…", "...",
		"(masked)", "[REDACTED]", "[Filtered]", "<redacted>", "Bearer (masked)", "{hidden}", "<secret>", "shpss_1f…",
	} {
		key := w.write("masked", text)
		for _, args := range [][]string{
			{"sign", "body.json", "--secret-file", key},
			{"sign", "body.json", "--secret-file", key, "--scheme", "github"},
			{"sign", "body.json", "--secret-env", "MASKED", "--scheme", "gitlab"},
			{"verify", "body.json", "--secret-file", key, "--scheme", "auto"},
			{"send", "body.json", "--to", "127.0.0.1:1", "--secret-file", key},
			{"listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--secret-file", key},
			{"keys", "add", "hook", "--secret-file", key},
			{"login", "--token-file", key},
		} {
			one := *w
			one.env = append(append([]string{}, w.env...), "MASKED="+text)
			if r := one.run(args...); r.code != 2 || !strings.Contains(r.err, "hint: ") || !strings.Contains(r.err, "masked") && !strings.Contains(r.err, "token") {
				t.Errorf("whctl %q with %q: exit code %d: %s", args, text, r.code, r.err)
			}
		}
	}
	for _, text := range []string{
		"wait... what", "a*b*c", "p***word", "secret", "masked", "redacted-1", "hidden.treasure", "[brackets]", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "x", "....key....", "sk-...but-a-phrase",
	} {
		if r := w.run("sign", "body.json", "--secret-file", w.write("mine", text), "--scheme", "github"); r.code != 0 {
			t.Errorf("a key of the user's own, %q: exit code %d: %s", text, r.code, r.err)
		}
	}
}
