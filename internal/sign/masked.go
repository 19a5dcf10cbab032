package sign

import (
	"slices"
	"strings"
)

// Masked says whether a key text is what is shown in the place of a key: by providers after the first time, by logs, and by
// whctl itself.
func Masked(text string) bool {
	low := strings.ToLower(strings.TrimSpace(text))
	if low != "" && strings.Trim(low, "*•●·∗…. ") == "" {
		return true // *** is what logs of CI write
	}
	if inner := strings.Trim(low, "()[]<>{}"); inner != low && slices.Contains([]string{"masked", "redacted", "filtered", "hidden", "removed", "secret"}, inner) {
		return true
	}
	if slices.ContainsFunc([]string{"****", "•", "●", "…", "(masked)", "[masked]", "[redacted]", "<redacted>", "[filtered]"}, func(mask string) bool {
		return strings.Contains(low, mask)
	}) {
		return true
	}
	// Three dots may stand in a pass phrase, and in no key that a provider made.
	made := slices.ContainsFunc([]string{"whk_", "whsec_", "whs_", "sk_", "rk_", "shpss_", "ghp_", "xoxb-"}, func(prefix string) bool {
		return strings.HasPrefix(low, prefix)
	})
	return made && strings.Contains(low, "...")
}
