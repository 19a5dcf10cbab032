package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestWordsOfOtherTools types what users of other tools type, and reads what is offered.
func TestWordsOfOtherTools(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"trigger payment_intent.succeeded":     "whctl sandbox trigger payment_intent.succeeded",
		"logs tail -f":                         "whctl journal list --follow",
		"tail --filter-type card":              "whctl journal list --follow",
		"resend evt_1 --webhook-endpoint we_1": "whctl replay evt_1",
		"forward --events card":                "whctl listen --forward localhost:3000",
		"resend evt_1":                         "whctl replay evt_1",
		"forward":                              "whctl listen --forward localhost:3000",
		"init":                                 "whctl listen --sandbox --trigger all",
		"listn":                                "whctl listen",
		"journal logs":                         "whctl journal list --follow",
		"journal rm abc":                       "whctl journal prune",
		"webhooks add --url https://a.test":    "whctl webhooks create",
		"events resend x":                      "whctl events retry x",
		"http 3000":                            "whctl listen --forward 3000",
		"forward localhost:3000/a?b":           "whctl listen --forward 'localhost:3000/a?b'",
		"show":                                 "whctl journal show last",
		"webhook_endpoints list":               "whctl webhooks list",
		"config --list":                        "whctl config list",
		"-v":                                   "--version",
		"doctor":                               "whctl status",
		"listen --load-from-webhooks-api":      "--events",
		"listen --forward-to localhost:3000":   "--forward",
		"listen --fwd localhost:3000":          "--forward",
		"listen -f localhost:3000":             "--forward",
		"listen --port 3000":                   "--addr",
		"listen --url https://hooks.example":   "--public-url",
		"listen --forw localhost:3000":         "--forward",
		"listen --skip-verify":                 "--no-verify or --insecure",
		"listen --provider stripe":             "--scheme",
		"listen --print-json":                  "--output json",
		"send card.activated --to localhost:3000 -c 4": "--concurrency",
		"journal list --tail":                          "--follow",
		"verify --signing-secret x":                    "--secret-file",
		"webhooks delete x --force":                    "--yes",
		"sandbox --port 4141":                          "--addr",
		"check localhost:3000 --headers 'A: b'":        "--header",
		"sign body.json --age 10m":                     "--timestamp -10m",
		"replay last --age 10m":                        "--at -10m",
		"journal prune --age 7d":                       "--older",
	} {
		code, out, errs := runIn(t, strings.Fields(line)...)
		if code != 2 || out != "" || !strings.HasSuffix(errs, "\nhint: did you mean "+want+"?\n") {
			t.Errorf("%s: %d %s%s", line, code, out, errs)
		}
	}
}

// TestOtherWordsStandForWhatThereIs: the commands and flags that are offered exist, and no word is one of whctl's own.
func TestOtherWordsStandForWhatThereIs(t *testing.T) {
	t.Parallel()
	root := newRoot(testEnv(), nil)
	words := otherWords(t)
	n := 0
	walk(root, func(c *cobra.Command) {
		for _, word := range words {
			line := elseCommand(c.CommandPath(), word)
			if line == "" {
				continue
			}
			n++
			for _, sub := range c.Commands() {
				if sub.Name() == word || sub.HasAlias(word) {
					t.Errorf("%s %s is a command of its own", c.CommandPath(), word)
				}
			}
			if err := known(root, strings.Fields(line)[1:]); err != nil {
				t.Errorf("%s %s: %s: %s", c.CommandPath(), word, line, err)
			}
		}
	})
	if n < 100 {
		t.Errorf("only %d words were looked at", n)
	}
}

// known says whether a command line is made of commands and flags that exist.
func known(root *cobra.Command, words []string) error {
	c, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	for _, word := range rest {
		if name, is := strings.CutPrefix(word, "--"); is && name != "help" && c.Flag(name) == nil {
			return fmt.Errorf("no flag %s", word)
		}
		if c.HasSubCommands() && !strings.HasPrefix(word, "-") && c.CommandPath() != "whctl help" {
			return fmt.Errorf("no command %s", word)
		}
	}
	return nil
}

// otherWords are all words of the tables.
func otherWords(t *testing.T) (list []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("elsewords.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"([a-z-]+)": +"whctl`).FindAllStringSubmatch(string(text), -1) {
		list = append(list, m[1])
	}
	return list
}
