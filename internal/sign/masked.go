package sign

// Texts that stand in the place of a key.

import (
	"slices"
	"strings"
)

// Masked says whether a text is what stands in the place of a key: in a dashboard, in a log, or in the output of whctl.
func Masked(text string) bool {
	low := strings.ToLower(strings.TrimSpace(text))
	if low != "" && strings.Trim(low, "*•●·∗…. ") == "" {
		return true // logs of CI write ***
	}
	if inner := strings.Trim(low, "()[]<>{}"); inner != low && slices.Contains([]string{"masked", "redacted", "filtered", "hidden", "removed", "secret"}, inner) {
		return true
	}
	if slices.ContainsFunc([]string{"****", "•", "●", "…", "(masked)", "[masked]", "[redacted]", "<redacted>", "[filtered]"}, func(mask string) bool {
		return strings.Contains(low, mask)
	}) {
		return true
	}
	if strings.HasPrefix(low, "***") || strings.HasSuffix(low, "***") {
		return true // what a log of CI leaves of a longer text
	}
	// A pass phrase may hold three dots; a key that a provider made does not.
	made := slices.ContainsFunc([]string{"whk_", "whsec_", "whs_", "sk_", "rk_", "shpss_", "ghp_", "xoxb-"}, func(prefix string) bool {
		return strings.HasPrefix(low, prefix)
	})
	return made && (strings.Contains(low, "...") || strings.Contains(low, "***"))
}
