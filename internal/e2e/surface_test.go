package e2e

import (
	"strings"
	"testing"
)

// TestPlatformSurface holds the names and flags of the management commands. They are a promise to scripts: more may come, none
// goes.
func TestPlatformSurface(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for command, flags := range map[string]string{
		"webhooks create":  "name url events active metadata metadata-json key-file key-only no-save",
		"webhooks list":    "follow",
		"webhooks get":     "",
		"webhooks update":  "name url events add-event remove-event metadata remove-metadata",
		"webhooks enable":  "",
		"webhooks disable": "",
		"webhooks delete":  "yes",
		"webhooks rotate":  "yes wait key-file key-only no-save",
		"webhooks logs":    "limit failed follow",
		"events list":      "status type limit since webhook follow",
		"events stats":     "since",
		"events get":       "",
		"events logs":      "follow",
		"events retry":     "webhook all-failed yes wait",
		"keys list":        "",
		"keys show":        "reveal",
		"keys add":         "secret-file",
		"keys remove":      "",
		"api":              "input platform",
		"status":           "",
		"login":            "token-file",
		"logout":           "",
		"whoami":           "",
		"config list":      "show-origin",
		"config get":       "",
		"config set":       "",
		"config unset":     "",
		"config path":      "",
		"profile list":     "",
		"profile use":      "",
		"profile create":   "",
		"profile delete":   "",
		"sandbox":          "addr data scheme fixtures chaos seed",
		"sandbox trigger":  "set count",
		"sandbox advance":  "",
		"sandbox status":   "",
		"sandbox reset":    "",
	} {
		help := w.must(0, append(strings.Fields(command), "--help")...).out
		_, own, _ := strings.Cut(help, "\nflags\n")
		own, shared, _ := strings.Cut(own, "Every command also takes")
		for flag := range strings.FieldsSeq(flags) {
			if !strings.Contains(own, "--"+flag+" ") && !strings.Contains(own, "--"+flag+"\n") {
				t.Errorf("whctl %s has no --%s:\n%s", command, flag, own)
			}
		}
		for flag := range strings.FieldsSeq("profile api-url output jq color quiet debug no-input config") {
			if !strings.Contains(shared, "--"+flag) {
				t.Errorf("whctl %s does not take --%s", command, flag)
			}
		}
	}
	// what the words of some flags mean
	for _, line := range []string{
		"keys add x --secret-file key",
		"webhooks create --help",
		"webhooks list -h",
		"config list --show-origin -q",
		"config list --no-input --color never",
	} {
		w.must(0, strings.Fields(line)...)
	}
}
