package e2e

// docs/commands.md, the reference of all commands, is made of the goldens of their help.

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const referenceHead = `# Commands

Every command and flag, as ` + "`--help`" + ` has it. ` + "`make reference`" + ` writes this page from the program, and ` + "`make man`" + ` manual pages. Topics that are
no command: ` + "`whctl help environment`, `whctl help exit-codes`, `whctl help json`, `whctl help schemes`" + `.

| command | what it does |
|---|---|
`

// matchReference compares the page with what the help texts in files make of it. They are in the order of the page, whctl's own first.
func matchReference(t *testing.T, files []string) {
	t.Helper()
	var contents, texts strings.Builder
	short := map[string]string{"whctl": "Work with webhooks"}
	row := regexp.MustCompile(`(?m)^  ([a-z][a-z-]*) {2,}([A-Z].*)$`)
	for _, file := range files {
		help, err := os.ReadFile(filepath.Join("testdata", "golden", "help", file))
		if err != nil {
			t.Fatal(err)
		}
		command := strings.ReplaceAll(strings.TrimSuffix(file, ".txt"), "_", " ")
		for _, sub := range row.FindAllStringSubmatch(string(help), -1) {
			short[command+" "+sub[1]] = sub[2]
		}
		if short[command] == "" {
			t.Errorf("no help lists %s", command)
		}
		contents.WriteString("| [" + command + "](#" + strings.ReplaceAll(command, " ", "-") + ") | " + strings.ReplaceAll(short[command], "|", `\|`) + " |\n")
		texts.WriteString("\n## " + command + "\n\n```text\n" + string(help) + "```\n")
	}
	matchGolden(t, filepath.Join("..", "..", "..", "..", "docs", "commands.md"), referenceHead+contents.String()+texts.String())
}
