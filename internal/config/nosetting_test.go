package config_test

import (
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
)

// What is named in place of a setting that there is not can be typed as it stands.
func TestSettingsAreNamedWhole(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/config.yaml"
	for key, want := range map[string]string{
		"schem": "did you mean scheme?", "listen": "use one of: listen.forward, listen.targets, ", "listen.max_bdy": "did you mean listen.max_body?",
		"profiles.x": "use one of: profiles.NAME.api_url, ", "profiles.a.b.api_ulr": "did you mean profiles.a.b.api_url?", "profiles.x.zzzz": "use one of: profiles.x.api_url, ",
	} {
		err := config.Set(path, "", key, "v")
		if hint := fault.HintOf(err).String(); fault.KindOf(err) != fault.Usage || !strings.HasPrefix(hint, want) {
			t.Errorf("%s: %v, hint %q, want %q", key, err, hint, want)
		}
	}
}
