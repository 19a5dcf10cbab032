package cli

import (
	"slices"
	"strings"
	"testing"
)

// What a shell is offered: the words before, the one that is typed, and what must be among the answers. "!" before a word
// says that it must not.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"lis|":                     "listen",
		"|":                        "listen help !no-help",
		"-o |":                     "text json yaml",
		"--profile |":              "baanx sandbox",
		"listen --scheme str|":     "stripe !github",
		"listen --body |":          "pretty raw none",
		"listen --trigger card.|":  "card.activated !all",
		"send card.|":              "card.activated !all",
		"send --scheme stripe |":   "!card.activated",
		"send x --tamper |":        "body signature key",
		"send x --expect |":        "2xx 4xx refused",
		"sandbox trigger |":        "card.activated all",
		"schemes show sla|":        "slack !stripe",
		"events list --status f|":  "failed !pending",
		"journal list --verdict m": "mismatch missing_id",
		"profile use |":            "baanx sandbox",
		"config get api|":          "api_url",
		"help ex|":                 "exit-codes",
		"help lis|":                "listen",
		"completion |":             "bash zsh fish powershell",
	} {
		args := append([]string{"__complete"}, strings.Fields(strings.TrimSuffix(line, "|"))...)
		if line == "|" || strings.HasSuffix(line, " |") {
			args = append(args, "")
		}
		code, out, _ := runIn(t, args...)
		var offered []string
		for l := range strings.Lines(out) {
			word, _, _ := strings.Cut(strings.TrimSpace(l), "\t")
			offered = append(offered, word)
		}
		for w := range strings.FieldsSeq(want) {
			unwanted, not := strings.CutPrefix(w, "!")
			if code != 0 || slices.Contains(offered, unwanted) == not {
				t.Errorf("%s: %s: exit code %d, offered %v", line, w, code, offered)
			}
		}
	}
}
